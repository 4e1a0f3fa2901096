"""PostgreSQL keeps the promises that SQLite keeps: these tests are collected on it alone (make unit-pg)."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import peewee
import psycopg
import pytest
from starlette.applications import Starlette

from portal.db import audit, database, postgresql
from portal.db.base import db, rows
from portal.settings import Settings, SettingsError, load
from portal.web import session
from tests.conftest import settings_in
from tests.support import bases, postgres
from tests.support.client import Client

pytestmark = pytest.mark.postgresql


@pytest.mark.proves("C4")
def test_every_writer_waits_for_the_one_before_and_reads_what_it_wrote(tables: Settings) -> None:
    """Two hundred read-then-write additions on eight connections: none is lost, without a retry."""
    db.execute_sql("INSERT INTO numero (module, dernier) VALUES ('zz', 0)")
    together = threading.Barrier(8)

    def add() -> None:
        database.connect()
        together.wait()
        for _ in range(25):
            with database.writing():
                past = rows("SELECT dernier FROM numero WHERE module = 'zz'")[0][0]
                db.execute_sql("UPDATE numero SET dernier = ? WHERE module = 'zz'", (past + 1,))
        database.close()

    writers = [threading.Thread(target=add) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert rows("SELECT dernier FROM numero WHERE module = 'zz'") == [(200,)]


def test_a_read_sees_one_state_from_its_start_to_its_end(tables: Settings) -> None:
    def write() -> None:
        with database.writing():
            audit.record(audit.SYSTEM, "essai")
        database.close()

    with database.reading():
        before = rows("SELECT COUNT(*) FROM trace")
        writer = threading.Thread(target=write)
        writer.start()
        writer.join()
        assert rows("SELECT COUNT(*) FROM trace") == before == [(0,)]
    assert rows("SELECT COUNT(*) FROM trace") == [(1,)]


def test_a_lock_held_too_long_is_an_error_that_the_page_knows(
        tables: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql, "PATIENCE", 1)
    database.open_database(tables)
    with psycopg.connect(tables.database) as other:
        other.execute(f"SELECT pg_advisory_xact_lock({postgresql.WRITERS})".encode())
        with pytest.raises(peewee.OperationalError, match="lock timeout"), database.writing():
            raise AssertionError("two writers at once")
    with database.writing():
        audit.record(audit.SYSTEM, "essai")


def cut(settings: Settings) -> None:
    """The server ends the portal's connections, as when it restarts."""
    with psycopg.connect(settings.database, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                      "WHERE datname = current_database() AND application_name = 'portail'")


def test_a_connection_that_the_server_cut_is_replaced_at_the_next_request(client: Client, settings: Settings) -> None:
    client.get("/connexion")
    cut(settings)
    client.get("/connexion")


def test_a_server_that_stops_in_the_middle_gives_a_page_that_says_so(
        app: Starlette, client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(_request: object) -> object:
        cut(settings)
        return rows("SELECT 1")

    with monkeypatch.context() as patch:
        patch.setattr(session, "load", stopped)
        answer = client.get("/connexion", status=503)
    assert "rien n’a été modifié" in answer.text
    client.get("/connexion")


def test_a_text_that_no_column_can_hold_is_refused_in_words(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forms and addresses are cleaned before; this holds for what would pass all the same."""
    with monkeypatch.context() as patch:
        patch.setattr(session, "load", lambda _request: rows("SELECT 1 FROM compte WHERE nom = ?", "a\0b"))
        answer = client.get("/connexion", status=400)
    assert "n’a pas pu être comprise" in answer.text
    client.get("/connexion")


def test_a_migrated_base_has_the_tables_and_columns_of_sqlite(tables: Settings, tmp_path: Path) -> None:
    here = {name: sorted(column.name for column in db.get_columns(name)) for name in db.get_tables()}
    file = tmp_path / "autre" / "portail.sqlite"
    database.close()
    database.open_database(replace(tables, database=f"sqlite:///{file}"))
    database.migrate()
    kept = [name for name in db.get_tables() if not name.startswith("etablissement_lieu_")]
    there = {name: sorted(column.name for column in db.get_columns(name)) for name in kept}
    database.close()
    assert here == there


STARTING = """
from portal.db import database
from portal.settings import load
database.open_database(load())
print(len(database.migrate()))
"""


@pytest.mark.proves("R6")
def test_of_processes_that_start_at_once_one_migrates(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    told = os.environ | {"PORTAL_DATA": str(tmp_path), "PORTAL_DATABASE": settings.database,
                         "PORTAL_DEMONSTRATION": "1"}
    starting = [subprocess.Popen([sys.executable, "-c", STARTING], env=told, stdout=subprocess.PIPE, text=True)
                for _ in range(3)]
    said = sorted(int(one.communicate()[0]) for one in starting)
    assert [one.returncode for one in starting] == [0, 0, 0]
    assert said == [0, 0, len(list(database.MIGRATIONS.glob("0*.py")))]


@pytest.mark.parametrize(("found", "words"), [
    (("140012", "PostgreSQL 14.12", "UTF8", "C", "on", "on", "on"), "trop ancien"),
    (("150006", "PostgreSQL 15.6", "LATIN1", "C", "on", "on", "on"), "ENCODING 'UTF8'"),
    (("150006", "PostgreSQL 15.6", "UTF8", "fr_FR.UTF-8", "on", "on", "on"), "LC_COLLATE 'C'"),
    (("150006", "PostgreSQL 15.6", "UTF8", "C", "off", "on", "on"), "synchronous_commit"),
    (("150006", "PostgreSQL 15.6", "UTF8", "C", "on", "off", "on"), "fsync"),
    (("150000", "CockroachDB CCL v24", "UTF8", "C", "on", "on", "on"), "verrous consultatifs"),
])
def test_a_server_that_would_lose_or_mix_words_is_refused(found: tuple[str, ...], words: str) -> None:
    refused = postgresql._refusal(*found, demonstration=False)
    assert refused and words in refused


def test_a_server_that_suits_is_taken() -> None:
    assert postgresql._refusal("170002", "PostgreSQL 17.2", "UTF8", "C.UTF-8", "on", "on", "on",
                               demonstration=False) is None


def test_a_server_that_can_not_be_reached_is_said_without_its_password(tmp_path: Path) -> None:
    nowhere = "postgresql://portail:motdepasse@127.0.0.1:9/portail"
    with pytest.raises(SettingsError, match="PostgreSQL ne répond pas") as caught:
        database.open_database(load({}, data=tmp_path, database=nowhere))
    assert "motdepasse" not in str(caught.value)


@pytest.mark.parametrize(("written", "sent"), [
    ("SELECT a FROM t INDEXED BY t_a WHERE b = ?", "SELECT a FROM t WHERE b = %s"),
    ("SELECT 1 WHERE instr(m, ?) > 0", "SELECT 1 WHERE strpos(m, %s) > 0"),
    ("SELECT MAX(a, COALESCE(b, 0)), MAX(c)", "SELECT GREATEST(a, COALESCE(b, 0)), MAX(c)"),
    ("SELECT group_concat(a || ' ' || b) FROM t", "SELECT string_agg(a || ' ' || b, ',') FROM t"),
    ("FROM lien l CROSS JOIN dossier d ON d.id = l.x", "FROM lien l JOIN dossier d ON d.id = l.x"),
    ("SELECT 1 WHERE a LIKE '%HAD%'", "SELECT 1 WHERE a LIKE '%%HAD%%'"),
])
def test_what_sqlite_says_otherwise(written: str, sent: str) -> None:
    assert postgresql.text(written) == sent


def test_the_folder_of_a_killed_run_goes_at_the_next_start(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    dead, living = (tmp_path / f"{postgres.PREFIX}{number}-abcd" for number in (ended.pid, os.getpid()))
    for folder in (dead, living):
        (folder / "donnees").mkdir(parents=True)
    assert postgres._folder(tmp_path).is_dir()
    assert living.exists() and not dead.exists()


def test_the_server_of_the_tests_is_this_one(tables: Settings) -> None:
    assert bases.ON_POSTGRESQL and rows("SELECT version()")[0][0].startswith("PostgreSQL")
