"""A database of the version before is brought up to date, and all it held is still there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playhouse.migrations import Runner
from starlette.applications import Starlette

from portal.app import create_app
from portal.db import audit, crypto, database, rescellement
from portal.db.base import db, rows
from portal.dossiers.rules import MODULES
from portal.settings import Settings
from tests.conftest import settings_in
from tests.support import anciennes
from tests.support.client import Client

NAMES = sorted(path.stem for path in database.MIGRATIONS.glob("0*.py"))
COUNTED = ("compte", "dossier", "lien", "volet", "demande", "pas", "etablissement", "usager", "avis", "trace")

pytestmark = pytest.mark.sqlite


@pytest.fixture
def former(tmp_path: Path) -> Settings:
    """Settings of a data folder that a version of migration 0029 left."""
    anciennes.restore(tmp_path)
    return settings_in(tmp_path)


@pytest.fixture
def upgraded(former: Settings) -> Iterator[Starlette]:
    """Today's portal, started on it."""
    app = create_app(former)
    database.connect()
    yield app
    database.close()


def count() -> dict[str, int]:
    return {table: rows(f"SELECT count(*) FROM {table}")[0][0] for table in COUNTED}


@pytest.mark.proves("R6")
def test_nothing_is_lost_on_the_way(former: Settings) -> None:
    database.open_database(former)
    crypto.load_keys(former)
    database.connect()
    before, late = count(), database.pending()
    assert late and late[0] > "0029" and before["volet"] > 20
    assert database.migrate() == late and database.pending() == []
    assert count() == before
    assert database.migrate() == []
    database.close()


@pytest.mark.proves("R6")
def test_audit_and_sealed_values_still_read(upgraded: Starlette) -> None:
    assert audit.broken_link() is None
    for done in rescellement.rekey():
        assert done.broken == (), done
    assert [(str(one), bad) for one, _total, bad in rescellement.proof() if bad] == []
    assert rows("PRAGMA integrity_check") == [("ok",)] and rows("PRAGMA foreign_key_check") == []


@pytest.mark.proves("R6")
def test_its_pages_show_what_was_written(upgraded: Starlette) -> None:
    [(rpps, compte_id, module, numero, nom)] = rows(
        "SELECT l.rpps, c.id, d.module, d.numero, d.nom_naissance FROM lien l JOIN compte c ON c.rpps = l.rpps "
        "JOIN dossier d ON d.id = l.dossier_id JOIN volet v ON v.dossier_id = d.id "
        "WHERE l.etat = 'accepte' AND v.code LIKE '%medical%' ORDER BY d.id LIMIT 1")
    with Client(upgraded) as physician:
        physician.login(rpps, compte_id=compte_id)
        assert nom in physician.get(f"/dossiers/{MODULES[module].slug}/{numero}").text
        volet = physician.get(f"/dossiers/{MODULES[module].slug}/{numero}/volets/medical")
    assert any(field.get_text(strip=True) for field in volet.soup.select("textarea, dd"))


@pytest.fixture(scope="module")
def each_version(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database of each version there has been, made one migration after the other."""
    folder = tmp_path_factory.mktemp("versions")
    settings = settings_in(folder)
    crypto.load_keys(settings)
    database.open_database(settings)
    database.connect()
    runner = Runner(db.obj, directory=str(database.MIGRATIONS))
    for name in NAMES:
        runner.up(target=name)
        rows("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(folder / "portail.sqlite", folder / f"{name}.sqlite")
    database.close()
    return folder


def schema() -> list[tuple[str, str]]:
    """Tables and indexes, their blanks apart: what a migration leaves may be laid out otherwise."""
    return sorted((name, " ".join(sql.split())) for name, sql in rows(
        "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))


@pytest.mark.proves("R6")
@pytest.mark.parametrize("name", NAMES)
def test_every_version_there_has_been_is_brought_up_to_date(each_version: Path, tmp_path: Path, name: str) -> None:
    expected = _schema_of(each_version / f"{NAMES[-1]}.sqlite", tmp_path / "today", [])
    assert _schema_of(each_version / f"{name}.sqlite", tmp_path / "then", NAMES[NAMES.index(name) + 1:]) == expected


def _schema_of(base: Path, folder: Path, pending: list[str]) -> list[tuple[str, str]]:
    folder.mkdir()
    shutil.copy(base, folder / "portail.sqlite")
    settings = settings_in(folder)
    database.open_database(settings)
    crypto.load_keys(settings)
    database.connect()
    try:
        assert database.pending() == pending
        database.migrate()
        return schema()
    finally:
        database.close()
