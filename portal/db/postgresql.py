"""PostgreSQL through psycopg 3: several processes, several machines.

The tables hold the same values as on SQLite: instants as milliseconds, days as ISO text, whole numbers of 64 bits,
text in the order of its bytes. So one statement serves both, but for the few words of ``_OTHERWISE``.
"""

from __future__ import annotations

import functools
import re
import select
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import peewee
import psycopg
from psycopg.adapt import Loader
from psycopg.conninfo import conninfo_to_dict

from portal.settings import Settings, SettingsError

# The oldest version that the tests run on.
OLDEST = 15

# One lock for all writers and one for migrations: any two numbers that nothing else in the database uses.
WRITERS, MIGRATIONS = 0x56_49_41_01, 0x56_49_41_02

# Seconds to wait for the writer before (as on SQLite), for one statement, for a transaction that has fallen silent
# while it holds the others up, and for the server to be reached.
PATIENCE, STATEMENT, SILENCE, REACH = 10, 30, 60, 5

# What SQLite says otherwise than PostgreSQL: a pattern, what replaces it, each pair side by side.
_OTHERWISE: tuple[tuple[str, str], ...] = (
    (r" INDEXED BY \w+", ""),  # PostgreSQL takes no advice about indexes
    (r" WITHOUT ROWID\b", ""),  # nor has it tables inside an index
    (r"\bCROSS JOIN (\w+ \w+) ON\b", r"JOIN \1 ON"),  # where SQLite is told which table to begin with
    (r"\bMAX\((?=[^(),]*(?:\([^()]*\)[^(),]*)*,)", "GREATEST("),  # of several values, not of several rows
    (r"\binstr\(", "strpos("),
    (r"\bSELECT value FROM json_each\(\?\)", "SELECT jsonb_array_elements_text(?::jsonb)"),
    (r"\bgroup_concat\(((?:[^()]|\([^()]*\))*)\)", r"string_agg(\1, ',')"),
)


@functools.lru_cache(maxsize=2048)
def text(sql: str) -> str:
    """A statement with ``?`` placeholders, as psycopg wants it."""
    for pattern, replacement in _OTHERWISE:
        sql = re.sub(pattern, replacement, sql)
    return sql.replace("%", "%%").replace("?", "%s")


class _Sum(Loader):
    """A sum of whole numbers, which PostgreSQL gives without bound; the portal keeps no other decimals."""

    def load(self, data: Any) -> int | float:
        number = float(bytes(data))
        return int(bytes(data)) if number.is_integer() and b"." not in bytes(data) else number


class _Connection(psycopg.Connection[Any]):
    """A worker thread's connection: it ends with its thread, which nobody has to close."""

    def __del__(self, *_: Any) -> None:
        pgconn = getattr(self, "pgconn", None)
        if pgconn is not None:
            pgconn.finish()


# Peewee's inner parts, which its stubs leave out.
_Base: Any = peewee.PostgresqlDatabase
_as_peewee: Any = vars(peewee)["__exception_wrapper__"]


class Postgresql(_Base):
    """The server, and the two kinds of work on it; see ``database`` for what they promise."""

    param = "?"
    prompt = False
    field_types = _Base.field_types | {
        "AUTO": "BIGSERIAL", "INT": "BIGINT", "DATE": "VARCHAR(10)"}

    def _connect(self) -> _Connection:
        given = conninfo_to_dict(self.database)
        own = (f"-c statement_timeout={STATEMENT}s -c lock_timeout={PATIENCE}s "
               f"-c idle_in_transaction_session_timeout={SILENCE}s -c timezone=UTC -c client_min_messages=warning")
        settings: dict[str, Any] = {
            "connect_timeout": REACH, "keepalives_idle": 30, "keepalives_interval": 5, "keepalives_count": 3,
            "tcp_user_timeout": 15_000, "application_name": "portail"}
        settings |= given | {"options": f"{own} {given.get('options', '')}".strip()}
        conn = _Connection.connect(**settings, autocommit=True)
        conn.adapters.register_loader("numeric", _Sum)
        return conn

    def connect(self, reuse_if_open: bool = False) -> bool:
        """Open this thread's connection; one whose server has gone is replaced by a new one."""
        if not self._state.closed and not self.in_transaction() and _dead(self._state.conn):
            self._state.reset()
        return bool(super().connect(reuse_if_open))

    def _execute_cursor(self, sql: str, params: Sequence[Any] | None, **options: Any) -> Any:
        # Peewee's own questions to the catalogue come with psycopg's placeholders.
        if not params or "?" in sql:
            sql = text(sql)
        try:
            return super()._execute_cursor(sql, params, **options)
        except peewee.InternalError as error:
            # A write in a transaction that only reads, or one that the server has ended.
            raise peewee.OperationalError(*error.args) from error

    def begin(self, isolation_level: str | None = None) -> None:
        """BEGIN; ``isolation_level`` WRITERS also takes the writers' lock, in the same message to the server."""
        if isolation_level != _WRITING:
            super().begin(isolation_level)
            return
        try:
            with _as_peewee:
                self.cursor().execute(f"BEGIN; SELECT pg_advisory_xact_lock({WRITERS})")
        except peewee.OperationalError:
            self.rollback()
            raise

    def lost(self) -> bool:
        """True when the server has closed this thread's connection."""
        return _dead(self._state.conn)

    def many(self, sql: str, params: Sequence[Sequence[Any]]) -> None:
        """Run one statement over many rows."""
        with _as_peewee:
            self.cursor().executemany(text(sql), params)

    def numbered(self, table: str) -> None:
        """Go on numbering after the largest ``id`` of a table into which rows were put with theirs."""
        self.execute_sql(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), "  # noqa: S608  # our own tables
                         f"(SELECT COALESCE(MAX(id), 0) + 1 FROM {table}), false)")

    @contextmanager
    def reading(self) -> Iterator[None]:
        """One transaction that sees one state of the data and may not write."""
        if self.in_transaction():
            yield
            return
        with self.atomic("REPEATABLE READ READ ONLY"):
            yield

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction that holds the writers' lock from its start (docs/dev/adr/0026)."""
        with self.atomic(_WRITING):
            yield

    @contextmanager
    def erasing(self) -> Iterator[None]:
        """Dead rows stay in their pages until ``compact``, or the server's own vacuum and new rows."""
        yield

    def compact(self) -> None:
        """Write each table anew, its dead rows left out."""
        self.execute_sql("SET statement_timeout = 0")
        try:
            self.execute_sql("VACUUM FULL")
        finally:
            self.execute_sql(f"SET statement_timeout = '{STATEMENT}s'")

    @contextmanager
    def migrating(self) -> Iterator[None]:
        """One process at a time; the lock goes with the connection, however the process ends."""
        for sql in ("SET lock_timeout = 0", "SET statement_timeout = 0", f"SELECT pg_advisory_lock({MIGRATIONS})"):
            self.execute_sql(sql)
        try:
            yield
        finally:
            if not _dead(self._state.conn):
                for sql in (f"SELECT pg_advisory_unlock({MIGRATIONS})", f"SET lock_timeout = '{PATIENCE}s'",
                            f"SET statement_timeout = '{STATEMENT}s'"):
                    self.execute_sql(sql)


_WRITING = "WRITING"


def _dead(conn: _Connection) -> bool:
    """True when the server has closed this idle connection.

    Asks the socket alone, which costs no round trip: a server says nothing to who asks nothing, but for its farewell
    (and some settings that it changes, which is why it is then asked).
    """
    if not conn.closed and select.select([conn.fileno()], [], [], 0)[0]:
        try:
            conn.execute("SELECT 1")
        except psycopg.OperationalError:
            conn.close()
    return conn.closed


def opened(settings: Settings) -> Postgresql:
    """The database of ``postgresql://user@host/name``, once the server has said that it suits.

    Raises SettingsError when it can't be reached, is too old, or would sort, keep or lose words otherwise than the
    portal promises.
    """
    database = Postgresql(settings.database, autoconnect=False, prefer_psycopg3=True)
    try:
        database.connect()
        found = database.execute_sql(
            "SELECT current_setting('server_version_num'), version(), pg_encoding_to_char(encoding), datcollate, "
            "current_setting('synchronous_commit'), current_setting('fsync'), current_setting('full_page_writes') "
            "FROM pg_database WHERE datname = current_database()").fetchone()
    except peewee.DatabaseError as error:
        raise SettingsError(f"PostgreSQL ne répond pas : {_reason(error)}. Vérifiez le réglage database, et que le "
                            "serveur est démarré.") from error
    finally:
        if not database.is_closed():
            database.close()
    refused = _refusal(*found, demonstration=settings.demonstration)
    if refused:
        raise SettingsError(refused)
    return database


def _reason(error: peewee.DatabaseError) -> str:
    """The server's own words, in one line and without the address, which may hold a password."""
    return " ".join(str(error.__cause__ or error.__context__ or error).split()).rstrip(".")


def _refusal(number: str, version: str, encoding: str, collation: str, commit: str, fsync: str, pages: str,
             *, demonstration: bool) -> str | None:
    """Why this server may not hold the portal's data, in French; None when it may."""
    if "CockroachDB" in version:
        return ("CockroachDB accepte les verrous consultatifs sans les tenir : deux écritures se mêleraient. "
                "Choisissez PostgreSQL, ou une base qui tient pg_advisory_xact_lock.")
    if int(number) < OLDEST * 10_000:
        return (f"PostgreSQL {int(number) // 10_000} est trop ancien : installez la version {OLDEST} ou une plus "
                "récente.")
    if encoding != "UTF8" or collation not in ("C", "POSIX", "C.UTF-8", "C.utf8"):
        return (f"La base de données est en {encoding}, classement « {collation} » : créez-la avec « CREATE DATABASE "
                "portail ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8' TEMPLATE template0 ».")
    if commit == "off":
        return "PostgreSQL perdrait des écritures : mettez synchronous_commit à « on »."
    if "off" in (fsync, pages) and not demonstration:
        return "PostgreSQL perdrait des écritures : mettez fsync et full_page_writes à « on »."
    return None
