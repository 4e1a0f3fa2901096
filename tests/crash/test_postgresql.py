"""R1, R5, R6 on PostgreSQL: the portal or the server killed by kill -9, a backup under load, migrations killed."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from portal.db.base import rows
from portal.settings import Settings
from tests.crash.test_migrations import killed_in_each, migrate
from tests.crash.test_sauvegarde_en_charge import so_far
from tests.support import postgres
from tests.support.pannes import comptes, monde
from tests.support.pannes.monde import MARK
from tests.support.pannes.portail import command, free_port, running
from tests.support.pannes.rapport import Rapport
from tests.support.pannes.tempete import FIELD, Tempete

SCHEMA = """
SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns
WHERE table_schema = 'public' ORDER BY table_name, column_name
"""
INDEXES = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname"


@pytest.fixture(scope="module")
def server() -> Iterator[postgres.Server]:
    """A server that forces what it writes to the disk, as a real one does."""
    made = postgres.start(durable=True)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def furnished(server: postgres.Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose database, « fonds », is the template of the others."""
    folder = tmp_path_factory.mktemp("fonds-pg")
    monde.furnish(monde.settings_of(folder, database=server.create("fonds")), waiting=150, asking=40)
    return folder


@pytest.fixture
def world(server: postgres.Server, furnished: Path, tmp_path: Path) -> Iterator[Settings]:
    """The settings of a copy of it."""
    monde.copied(furnished, tmp_path)
    yield monde.settings_of(tmp_path, port=free_port(), database=server.create("monde", "fonds"))
    for name, in server.run("SELECT datname FROM pg_database WHERE datname LIKE 'monde%' OR datname = 'neuf'"):
        server.drop(str(name))


@pytest.mark.proves("R1")
def test_a_portal_killed_in_the_middle_of_writes_loses_none(world: Settings, rapport: Rapport, quick: bool) -> None:
    rounds, chance = (1 if quick else 5), random.Random(15)
    storm = Tempete(monde.read(world.data))
    with rapport.essai("R1 kill -9 of the portal, 8 clients, PostgreSQL") as essai:
        for _ in range(rounds):
            before = storm.done.total
            with monde.opened(world), running(world) as portal:
                with storm.blowing(world):
                    storm.until(chance.randint(20, 40))
                    portal.kill()
                assert storm.done.lost, "nobody was writing when it was killed"
            with monde.opened(world):
                lost = comptes.missing(storm.done, FIELD, MARK)
                assert comptes.unsound(sqlite=False) == [] and lost == []
            essai.add(storm.done.total - before, len(lost))
    assert not storm.done.refused, storm.done.refused[:3]


@pytest.mark.proves("R1")
def test_a_killed_server_recovers_all_that_was_acknowledged(server: postgres.Server, world: Settings, rapport: Rapport,
                                                            quick: bool) -> None:
    rounds, chance = (1 if quick else 5), random.Random(16)
    storm = Tempete(monde.read(world.data))
    with rapport.essai("R1 kill -9 of the PostgreSQL server, the portal goes on") as essai, running(world):
        for _ in range(rounds):
            before = storm.done.total
            with monde.opened(world):
                with storm.blowing(world):
                    storm.until(chance.randint(20, 40))
                    server.kill()
                    storm.stop.set()
                server.start()
            with monde.opened(world):
                lost = comptes.missing(storm.done, FIELD, MARK)
                assert comptes.unsound(sqlite=False) == [] and lost == []
            essai.add(storm.done.total - before, len(lost))
    # Whoever could not be served was told so on a page, and nothing of his was acknowledged.
    assert {refused[:3] for refused in storm.done.refused} <= {"500", "503", "409"}


@pytest.mark.proves("R5")
def test_a_backup_under_load_comes_back_whole(server: postgres.Server, world: Settings, tmp_path: Path,
                                              rapport: Rapport) -> None:
    storm, file = Tempete(monde.read(world.data)), tmp_path / "sauvegarde.vts"
    with running(world):
        with monde.opened(world), storm.blowing(world):
            storm.until(20)
            before = so_far(storm.done)
            made = command(world, "sauvegarder", str(file))
            assert made.returncode == 0, made.stderr
        refused = command(world, "restaurer", str(file), "--forcer")
        assert refused.returncode == 1 and "arrêtez" in refused.stderr
    assert MARK.encode() not in file.read_bytes()
    there = monde.settings_of(tmp_path / "neuf", database=server.create("neuf"))
    there.data.mkdir()
    shutil.copy(world.data / "cles.json", there.data)
    with rapport.essai("R5 backup under load (8 clients), restored elsewhere, PostgreSQL") as essai:
        done = command(there, "restaurer", str(file))
        assert done.returncode == 0, done.stderr
        with monde.opened(there):
            lost = comptes.missing(before, FIELD, MARK)
            assert comptes.unsound(sqlite=False) == [] and lost == []
        essai.add(before.total, len(lost))
    again = command(there, "restaurer", str(file))
    assert again.returncode == 1 and "--forcer" in again.stderr
    forced = command(there, "restaurer", str(file), "--forcer")
    assert forced.returncode == 0 and "neuf_avant_" in forced.stdout, forced.stderr
    aside = [str(name) for name, in server.run("SELECT datname FROM pg_database WHERE datname LIKE 'neuf_%'")]
    assert len(aside) == 1, "something was left behind"
    server.drop(aside[0])


@pytest.mark.proves("R6")
def test_migrations_killed_anywhere_run_again_to_the_same_schema(server: postgres.Server, tmp_path: Path,
                                                                 rapport: Rapport, quick: bool) -> None:
    def schema() -> list[tuple[object, ...]]:
        return rows(SCHEMA) + rows(INDEXES) + rows("SELECT name FROM schema_migration ORDER BY name")

    quiet = monde.settings_of(tmp_path, database=server.create("calme"))
    assert migrate(quiet) == 0
    with monde.opened(quiet):
        undisturbed = schema()
    assert len(undisturbed) > 200
    disturbed = replace(quiet, database=server.create("tue"))
    with rapport.essai("R6 migrations killed at a random statement, run again, PostgreSQL") as essai:
        assert killed_in_each(disturbed, schema, random.Random(6), essai, 60 if quick else 24) == undisturbed
    server.drop("calme")
    server.drop("tue")
