from concurrent.futures import ThreadPoolExecutor

import apsw
import peewee
import pytest

from portal.db import audit, database, sqlite
from portal.db.base import rows
from portal.settings import Settings, SettingsError, load

pytestmark = pytest.mark.usefixtures("tables")


@pytest.mark.sqlite
def test_an_acknowledged_write_survives_a_power_cut() -> None:
    assert rows("PRAGMA journal_mode") == [("wal",)]
    assert rows("PRAGMA synchronous") == [(2,)]  # FULL
    assert rows("PRAGMA foreign_keys") == [(1,)]


def test_reading_refuses_to_write() -> None:
    with pytest.raises(peewee.OperationalError), database.reading():
        audit.Trace.delete().execute()
    with database.writing():
        audit.record(audit.SYSTEM, "essai")
    assert rows("SELECT COUNT(*) FROM trace") == [(1,)]


@pytest.mark.parametrize("sql", [
    "INSERT INTO compteur (rpps, module, onglet, n) VALUES (1, 'ga', 'admis', 1) RETURNING n",
    "WITH one AS (SELECT 1 AS n) UPDATE compteur SET n = (SELECT n FROM one) RETURNING n",
    "DELETE FROM compteur RETURNING n", "DROP TABLE compteur",
])
def test_reading_refuses_a_write_in_any_clothes_also_once_it_has_read(sql: str) -> None:
    with pytest.raises(peewee.OperationalError), database.reading():
        rows("SELECT COUNT(*) FROM compteur")
        rows(sql)
    assert rows("SELECT COUNT(*) FROM compteur") == [(0,)]


@pytest.mark.sqlite
def test_reading_inside_reading_leaves_the_outer_one_as_strict() -> None:
    with pytest.raises(peewee.OperationalError), database.reading():
        with database.reading():
            rows("SELECT 1")
        audit.Trace.delete().execute()


@pytest.mark.sqlite
def test_a_second_writer_waits_its_turn(tables: Settings) -> None:
    other = apsw.Connection(str(tables.data / "portail.sqlite"))
    with database.writing(), pytest.raises(apsw.BusyError):
        other.execute("BEGIN IMMEDIATE")


@pytest.mark.sqlite
def test_a_thread_that_waits_in_vain_for_another_one_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "PATIENCE", 0)

    def write() -> None:
        try:
            with database.writing():
                audit.record(audit.SYSTEM, "essai")
        finally:
            database.close()

    with ThreadPoolExecutor(1) as pool:
        with database.writing(), pytest.raises(peewee.OperationalError, match="another thread"):
            pool.submit(write).result()
        pool.submit(write).result()
    assert rows("SELECT COUNT(*) FROM trace") == [(1,)]


@pytest.mark.sqlite
def test_a_failed_transaction_leaves_the_turn_to_the_next_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "PATIENCE", 0)
    with pytest.raises(ZeroDivisionError), database.writing(), database.writing():
        raise ZeroDivisionError

    def write() -> None:
        with database.writing():
            audit.record(audit.SYSTEM, "essai")
        database.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(write).result()
    assert rows("SELECT COUNT(*) FROM trace") == [(1,)]


def test_migrating_twice_changes_nothing() -> None:
    assert database.migrate() == []


@pytest.mark.sqlite
def test_an_sqlite_that_can_lose_writes_is_refused(tables: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apsw, "sqlitelibversion", lambda: "3.40.1")
    with pytest.raises(SettingsError, match=r"3\.40\.1"):
        database.open_database(tables)


def test_another_scheme_is_refused() -> None:
    with pytest.raises(SettingsError, match="sqlite"):
        database.open_database(load({}, database="oracle://nowhere"))
