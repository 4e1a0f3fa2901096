"""SQLite through apsw: one file, one machine."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import apsw
import peewee
from playhouse.apsw_ext import APSWDatabase

from portal.settings import Settings, SettingsError

# Up to 3.51.2 two connections that write and checkpoint a WAL file at once can lose commits
# (the « WAL-reset » defect, sqlite.org/wal.html).
SAFE_SQLITE = (3, 51, 3)

# Seconds that a writer waits for the one before it; then the page says that nothing was written.
PATIENCE = 10

_as_peewee: Any = vars(peewee)["__exception_wrapper__"]  # turns apsw's errors into peewee's


class Sqlite(APSWDatabase):
    """The file, and the two kinds of work on it; see ``database`` for what they promise."""

    prompt = True

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._turn = threading.RLock()

    def _add_conn_hooks(self, conn: apsw.Connection) -> None:
        super()._add_conn_hooks(conn)
        conn.convert_binding = _as_text

    def lost(self) -> bool:
        """A file is never lost."""
        return False

    def many(self, sql: str, params: Sequence[Sequence[Any]]) -> None:
        """Run one statement over many rows."""
        with _as_peewee:
            self.cursor().executemany(sql, params)

    def numbered(self, table: str) -> None:
        """Nothing to do: SQLite goes on after the largest ``id``."""

    @contextmanager
    def reading(self) -> Iterator[None]:
        """No statement inside may write.

        Each is looked at before it runs: ``PRAGMA query_only`` would do, but has the connection compile all its
        statements anew, twice a page.
        """
        conn = self.connection()
        before, conn.exec_trace = conn.exec_trace, _only_reads
        try:
            yield
        finally:
            conn.exec_trace = before

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction that holds the file's write lock from its start.

        This process's threads first wait for one another here, where the next one is woken at once; SQLite would have
        them sleep up to 100 ms between two tries, and the same one may try in vain for seconds
        (docs/dev/performance.md#writes). Raises peewee.OperationalError.
        """
        with self._in_turn(), self.atomic("IMMEDIATE"):
            yield

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        if not self._turn.acquire(timeout=PATIENCE):
            with _as_peewee:
                raise apsw.BusyError("another thread of this process keeps on writing")
        try:
            yield
        finally:
            self._turn.release()

    @contextmanager
    def erasing(self) -> Iterator[None]:
        """What is deleted meanwhile is overwritten, not left in free pages."""
        self.execute_sql("PRAGMA secure_delete = 1")
        try:
            yield
        finally:
            self.execute_sql("PRAGMA secure_delete = 0")

    def compact(self) -> None:
        """Write the file anew without its free pages, and empty its log."""
        self.execute_sql("VACUUM")
        self.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    @contextmanager
    def migrating(self) -> Iterator[None]:
        """One process at a time; the lock on the folder goes with the process, however it ends."""
        folder = os.open(Path(self.database).parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)


def _only_reads(cursor: apsw.Cursor, _sql: str, _bindings: Any) -> bool:
    """True for a statement that changes nothing (``sqlite3_stmt_readonly``); apsw asks before it runs one."""
    if not cursor.is_readonly:
        raise apsw.ReadOnlyError("attempt to write a readonly database")
    return True


def _as_text(_cursor: apsw.Cursor, _number: int, value: Any) -> str:
    """The binding of what apsw knows not: the migration runner notes when each migration ran."""
    if isinstance(value, datetime):
        return value.isoformat(" ")
    raise TypeError(f"no column type for {type(value).__name__}")


def opened(settings: Settings) -> Sqlite:
    """The database of ``sqlite:///path``; WAL with ``synchronous=FULL`` survives a power cut.

    Raises SettingsError for an SQLite with the WAL-reset defect.
    """
    version = tuple(int(part) for part in apsw.sqlitelibversion().split("."))
    if version < SAFE_SQLITE:
        raise SettingsError(
            f"SQLite {apsw.sqlitelibversion()} peut perdre des écritures : installez apsw 3.51.3 ou plus.")
    path = Path(settings.database.removeprefix("sqlite:///"))
    path.parent.mkdir(parents=True, exist_ok=True)
    return Sqlite(str(path), autoconnect=False, timeout=PATIENCE, pragmas={
        "journal_mode": "wal", "synchronous": "full", "foreign_keys": 1,
        "cache_size": -64_000, "mmap_size": 1 << 30, "temp_store": "memory",
    })
