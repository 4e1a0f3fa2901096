"""Fixtures every test may use: a fresh portal, a checking client, a clock under control."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from hypothesis import settings as hypothesis_settings
from starlette.applications import Starlette

from portal import clock
from portal.app import create_app
from portal.compte import passwords
from portal.db import crypto, database
from portal.demonstration import dossiers
from portal.settings import Settings, load
from portal.web import render
from tests.support import bases
from tests.support.client import Client
from tests.support.connexions import trusting
from tests.support.gabarits import Compiled
from tests.support.journaux import POST, WALL, listen

# The same examples on every machine, and no test that fails because a machine is slow.
hypothesis_settings.register_profile("house", deadline=None, derandomize=True, database=None)
hypothesis_settings.load_profile("house")

ORIGIN = "https://portail.test"
MIDDAY = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def settings_in(folder: Path) -> Settings:
    # Port 9 discards: no test finds an e-CPS provider that it did not bring itself. No clock of the portal's own ticks
    # in the middle of a slow test either.
    return load({}, data=folder, demonstration=True, origin=ORIGIN, ecps_port=9, clocks_pause=0, **bases.where(folder))


def _told(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Commands that a test runs with ``PORTAL_DATA`` find the same database."""
    if bases.ON_POSTGRESQL:
        monkeypatch.setenv("PORTAL_DATABASE", settings.database)
    return settings


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the few tests that are about the other database's own ways, and on PostgreSQL those of no database."""
    left_out = [item for item in items if _is_left_out(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not _is_left_out(item)]


def _is_left_out(item: pytest.Item) -> bool:
    """A database stands in a folder: a test that asks for none says the same on PostgreSQL as on SQLite."""
    if not bases.ON_POSTGRESQL:
        return item.get_closest_marker("postgresql") is not None
    asked = getattr(item, "fixturenames", ())
    folderless = {"tmp_path", "tmp_path_factory"}.isdisjoint(asked) and not item.get_closest_marker("postgresql")
    return folderless or item.get_closest_marker("sqlite") is not None


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """What a test made on the database server goes with it."""
    folder = getattr(item, "funcargs", {}).get("tmp_path")
    if folder:
        bases.forget(folder)


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Passwords are hashed for almost nothing; test_compte_motsdepasse looks at what a guess really costs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> Iterator[None]:
    """Each test's portal finds the templates that an earlier one compiled."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(render, "Environment", partial(render.Environment, bytecode_cache=Compiled()))
        yield


@pytest.fixture(scope="session", autouse=True)
def _ears() -> Iterator[None]:
    """Every logger is heard, at DEBUG, from the first test to the last."""
    leave = listen()
    yield
    leave()


@pytest.fixture(autouse=True)
def _discreet_logs() -> Iterator[None]:
    """No test makes the portal log a name, a number, a secret or a medical word, or mail a patient's (D6)."""
    WALL.begin()
    yield
    if found := WALL.found() + POST.found():
        pytest.fail("\n".join(found), pytrace=False)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose database has every table: copied by each test, faster than migrating each time."""
    settings = settings_in(tmp_path_factory.mktemp("migrated"))
    database.open_database(settings)
    database.migrate()
    database.close()
    return settings.data


@pytest.fixture
def settings(tmp_path: Path, migrated: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A demonstration's settings, in a data folder of this test's own."""
    bases.fresh(migrated, tmp_path)
    return _told(settings_in(tmp_path), monkeypatch)


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Path:
    """A data folder with the demonstration's dossiers: made once, copied by each test that wants them."""
    folder = tmp_path_factory.mktemp("furnished")
    bases.copy(migrated, folder)
    settings = settings_in(folder)
    crypto.load_keys(settings)
    database.open_database(settings)
    database.connect()
    dossiers.ensure()
    database.close()
    return folder


@pytest.fixture
def furnished_settings(tmp_path: Path, furnished: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of a data folder that holds the demonstration's dossiers."""
    bases.copy(furnished, tmp_path)
    return _told(settings_in(tmp_path), monkeypatch)


@pytest.fixture
def tables(settings: Settings) -> Iterator[Settings]:
    """Keys and an open database, for tests of queries and commands without pages."""
    crypto.load_keys(settings)
    database.open_database(settings)
    database.connect()
    yield settings
    database.close()


@pytest.fixture
def app(settings: Settings) -> Starlette:
    return create_app(settings)


@pytest.fixture
def opened_app(settings: Settings) -> Iterator[Starlette]:
    """A portal into whose database the test may look."""
    portal = create_app(settings)
    database.connect()
    yield portal
    database.close()


@pytest.fixture
def trusting_app(settings: Settings) -> Iterator[Starlette]:
    """A portal that accepts the demonstration's cards; the test may look into its database."""
    yield trusting(settings)
    database.close()


@pytest.fixture
def client(app: Starlette) -> Iterator[Client]:
    """A visitor with a browser that checks each page it is given."""
    with Client(app) as visitor:
        yield visitor


@pytest.fixture
def another_client(app: Starlette) -> Iterator[Client]:
    """A second visitor of the same portal."""
    with Client(app) as visitor:
        yield visitor


@pytest.fixture
def midday() -> Iterator[datetime]:
    """The clock stopped on 22 November 2026 at noon UTC."""
    with clock.freeze(MIDDAY):
        yield MIDDAY
