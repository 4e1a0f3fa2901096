"""Opening the database, its two kinds of work (reading, writing) and its migrations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import apsw
import peewee
from playhouse.apsw_ext import APSWDatabase
from playhouse.migrations import Runner

from portal.db.base import db
from portal.settings import Settings, SettingsError

MIGRATIONS = Path(__file__).parent / "migrations"

# Up to 3.51.2 two connections that write and checkpoint a WAL file at once can lose commits
# (the « WAL-reset » defect, sqlite.org/wal.html).
SAFE_SQLITE = (3, 51, 3)


class _Database(APSWDatabase):
    """apsw binds no datetime by itself, and the migration runner notes when each migration ran."""

    def _add_conn_hooks(self, conn: apsw.Connection) -> None:
        super()._add_conn_hooks(conn)
        conn.convert_binding = _as_text


def _as_text(_cursor: apsw.Cursor, _number: int, value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(" ")
    raise TypeError(f"no column type for {type(value).__name__}")


def open_database(settings: Settings) -> peewee.Database:
    """Bind every table to the database of ``settings.database`` (``sqlite:///path``).

    WAL with ``synchronous=FULL``: an acknowledged write survives a power cut.
    Raises SettingsError for another scheme or an SQLite with the WAL-reset defect.
    """
    parts = urlsplit(settings.database)
    if parts.scheme != "sqlite":
        raise SettingsError("Le réglage database commence par « sqlite:/// ».")
    version = tuple(int(part) for part in apsw.sqlitelibversion().split("."))
    if version < SAFE_SQLITE:
        raise SettingsError(
            f"SQLite {apsw.sqlitelibversion()} peut perdre des écritures : installez apsw 3.51.3 ou plus.")
    path = Path(settings.database.removeprefix("sqlite:///"))
    path.parent.mkdir(parents=True, exist_ok=True)
    database = _Database(str(path), autoconnect=False, timeout=10, pragmas={
        "journal_mode": "wal", "synchronous": "full", "foreign_keys": 1,
        "cache_size": -64_000, "mmap_size": 1 << 30, "temp_store": "memory",
    })
    db.initialize(database)
    return database


def connect() -> None:
    """Open this thread's connection once; worker threads keep theirs."""
    db.connect(reuse_if_open=True)


def close() -> None:
    """Close this thread's connection."""
    if not db.is_closed():
        db.close()


@contextmanager
def reading() -> Iterator[None]:
    """Work that must not write: any INSERT, UPDATE or DELETE inside raises peewee.OperationalError."""
    connect()
    db.execute_sql("PRAGMA query_only = 1")
    try:
        yield
    finally:
        db.execute_sql("PRAGMA query_only = 0")


@contextmanager
def writing() -> Iterator[None]:
    """One transaction that holds the write lock from its start, so that what it read stays true."""
    connect()
    with db.atomic("IMMEDIATE"):
        yield


def migrate() -> list[str]:
    """Apply the pending migrations in order; returns their names."""
    connect()
    names: list[str] = Runner(db.obj, directory=str(MIGRATIONS)).up()
    return names
