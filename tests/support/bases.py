"""Data folders and their databases: SQLite files in the folders, or databases of one PostgreSQL server.

``PORTAL_TEST_DATABASE=postgresql`` chooses the second. A test asks for a folder's settings, copies a prepared folder,
and never sees the difference.
"""

from __future__ import annotations

import functools
import hashlib
import os
import shutil
from pathlib import Path
from typing import Any

import psycopg

from portal.db.base import db, rows
from tests.support import postgres

ON_POSTGRESQL = os.environ.get("PORTAL_TEST_DATABASE", "sqlite") == "postgresql"

# The tests that are about SQLite's own files or words, and why: nothing else may carry the marker « sqlite ».
OF_SQLITE = {
    "test_database.py": "its journal, its lock, its version",
    "test_demarrage.py": "who may read its file",
    "test_dossiers_prompt.py": "what its readers, who wait for no writer, allow",
    "test_mise_a_niveau.py": "its bases of earlier versions; no earlier version knew PostgreSQL",
    "test_pieces_secrets.py": "its files, in which rows are looked for on PostgreSQL",
    "test_sauvegarde.py": "its files damaged, and what lies beside a restored one",
    "test_trousseau.py": "a start on a file whose keys are gone",
    "test_secrets_au_repos.py": "its files, in which rows are looked for on PostgreSQL",
}

# How many tests may empty the shared database before it is swept.
SWEPT_EVERY = 100

_names: dict[Path, str] = {}


@functools.cache
def server() -> postgres.Server:
    """This process's server; it dies with it."""
    return postgres.start()


def where(folder: Path) -> dict[str, str]:
    """The ``database`` setting of a data folder, nothing on SQLite; makes an empty database when it has none."""
    if not ON_POSTGRESQL:
        return {}
    folder = folder.resolve()
    if folder not in _names:
        server().create(_name(folder))
        _names[folder] = _name(folder)
    return {"database": server().url(_names[folder])}


def copy(source: Path, folder: Path) -> None:
    """Copy a data folder, its database with it."""
    shutil.copytree(source, folder, dirs_exist_ok=True)
    if ON_POSTGRESQL:
        folder = folder.resolve()
        _copy(_names[source.resolve()], _name(folder))
        _names[folder] = _name(folder)


def fresh(migrated: Path, folder: Path) -> None:
    """Give a folder the tables of ``migrated``, empty as after the migrations: what nearly every test wants.

    On PostgreSQL it is one database that each test finds emptied: much faster than a database a test.
    """
    if ON_POSTGRESQL:
        _names[folder.resolve()] = _shared(migrated).emptied()
    else:
        shutil.copy(migrated / "portail.sqlite", folder / "portail.sqlite")


def kept(folder: Path) -> bytes:
    """All that a data folder's database keeps, as bytes in which a word in clear would be found.

    SQLite's files as they are, with what was deleted and not yet overwritten; PostgreSQL's rows.
    """
    if not ON_POSTGRESQL:
        return b"".join(path.read_bytes() for path in folder.glob("portail.sqlite*"))
    with psycopg.connect(where(folder)["database"]) as conn:
        tables = conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        values = [value for (table,) in tables
                  for row in conn.execute(f'SELECT * FROM "{table}"').fetchall()  # type: ignore[arg-type]
                  for value in row if value is not None]
    return b"\n".join(value if isinstance(value, bytes) else str(value).encode() for value in values)


def plan(sql: str, *params: object, sorts: bool = True) -> list[str]:
    """The steps by which the database would answer; PostgreSQL's as if every table were large, and, without
    ``sorts``, as if a whole sort were never worth while."""
    if not ON_POSTGRESQL:
        return [str(row[3]) for row in rows(f"EXPLAIN QUERY PLAN {sql}", *params)]
    with db.atomic():
        db.execute_sql("SET LOCAL enable_seqscan = off")
        db.execute_sql(f"SET LOCAL enable_sort = {'on' if sorts else 'off'}")
        return [str(row[0]) for row in rows(f"EXPLAIN {sql}", *params)]


def forget(folder: Path) -> None:
    """Throw away the databases of a test's own folders."""
    folder = folder.resolve()
    for one in [one for one in _names if one.is_relative_to(folder)]:
        name = _names.pop(one)
        if name == _name(one):
            server().drop(name)


def _name(folder: Path) -> str:
    return f"t_{hashlib.sha256(str(folder).encode()).hexdigest()[:24]}"


def _copy(source: str, target: str) -> None:
    # Nobody may be connected to what is copied; a test's threads keep their connections for a while.
    server().run("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                 f"WHERE datname = '{source}' AND pid <> pg_backend_pid()")
    server().run(f'CREATE DATABASE "{target}" TEMPLATE "{source}" STRATEGY FILE_COPY')


@functools.cache
def _shared(migrated: Path) -> _Shared:
    return _Shared(_names[migrated.resolve()])


class _Shared:
    """One database that tests use one after the other."""

    name = "partagee"

    def __init__(self, model: str) -> None:
        _copy(model, self.name)
        self.uses = 0
        self.conn = psycopg.connect(server().url(self.name), autocommit=True)
        self.tables = [table for (table,) in self._all(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_migration'")]
        self.first = {table: found for table in self.tables if (found := self._all(f'SELECT * FROM "{table}"'))}
        sequences = self._all("SELECT sequencename FROM pg_sequences "
                              "WHERE schemaname = 'public' AND sequencename NOT LIKE 'schema_migration%'")
        self.emptying = "; ".join([
            "BEGIN",
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()",
            "SET LOCAL session_replication_role = replica",
            *(f'DELETE FROM "{table}"' for table in self.tables),
            *(f"SELECT setval('\"{sequence}\"', 1, false)" for (sequence,) in sequences),
            "COMMIT",
        ])

    def emptied(self) -> str:
        """The database's name, once it is as after the migrations."""
        if self.uses:
            self.conn.execute(self.emptying)
            for table, found in self.first.items():
                marks = ", ".join(["%s"] * len(found[0]))
                with self.conn.cursor() as cursor:
                    cursor.executemany(f'INSERT INTO "{table}" VALUES ({marks})', found)
        if self.uses % SWEPT_EVERY == SWEPT_EVERY - 1:
            self.conn.execute("VACUUM")
        self.uses += 1
        return self.name

    def _all(self, sql: str) -> list[Any]:
        return self.conn.execute(sql).fetchall()  # type: ignore[arg-type]
