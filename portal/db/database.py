"""Opening the database, its two kinds of work (reading, writing) and its migrations.

SQLite and PostgreSQL keep the same promises; each keeps them its own way, in its module.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol, cast
from urllib.parse import urlsplit

from playhouse.migrations import Runner

from portal import caviardage, metriques
from portal.db import sqlite
from portal.db.base import db
from portal.settings import Settings, SettingsError

MIGRATIONS = Path(__file__).parent / "migrations"

_thread = threading.local()


class Engine(Protocol):
    """What a kind of database adds to peewee's."""

    prompt: bool
    """True when a few rows are read sooner than another thread is woken: nothing is asked over a network."""

    def lost(self) -> bool:
        """True when this thread's open connection is none any more."""

    def reading(self) -> AbstractContextManager[None]:
        """Work that must not write."""

    def writing(self) -> AbstractContextManager[None]:
        """One transaction, alone among writers."""

    def erasing(self) -> AbstractContextManager[None]:
        """Around a transaction: nothing of a row that it deletes is left to read."""

    def compact(self) -> None:
        """Give back the room of what was deleted."""

    def migrating(self) -> AbstractContextManager[None]:
        """Migrations, in one process at a time."""


def open_database(settings: Settings) -> None:
    """Bind every table to the database of ``settings.database`` (``sqlite:///path`` or ``postgresql://…``).

    Either way an acknowledged write survives a power cut.
    Raises SettingsError for another scheme, and for a database that can't keep this promise or can't be reached.
    """
    caviardage.quiet()
    scheme = urlsplit(settings.database).scheme
    if scheme == "sqlite":
        db.initialize(sqlite.opened(settings))
    elif scheme in ("postgresql", "postgres"):
        db.initialize(_postgresql(settings))
    else:
        raise SettingsError("Le réglage database commence par « sqlite:/// » ou « postgresql:// ».")


def _postgresql(settings: Settings) -> object:
    try:
        from portal.db import postgresql
    except ImportError as error:
        raise SettingsError(
            "Pour PostgreSQL, installez le complément « postgresql » : "
            "pip install 'viatrajectoire-liberal[postgresql]'.") from error
    return postgresql.opened(settings)


def connect() -> None:
    """Open this thread's connection once; worker threads keep theirs."""
    db.connect(reuse_if_open=True)


def prompt() -> bool:
    """True when a few rows may be read on the event loop: in WAL mode SQLite's readers wait for no writer."""
    return cast("Engine", db.obj).prompt


def lost() -> bool:
    """True when this thread has no connection any more: its server stopped, or can't be reached."""
    return bool(db.is_closed() or cast("Engine", db.obj).lost())


def close() -> None:
    """Close this thread's connection."""
    if not db.is_closed():
        db.close()


@contextmanager
def reading() -> Iterator[None]:
    """Work that must not write: any INSERT, UPDATE or DELETE inside raises peewee.OperationalError."""
    connect()
    with cast("Engine", db.obj).reading():
        yield


@contextmanager
def writing() -> Iterator[None]:
    """One transaction that holds the write lock from its start, so that what it read stays true.

    Raises peewee.OperationalError when another writer keeps the lock too long, or nothing can be written.
    """
    connect()
    with metriques.transaction() as timed, cast("Engine", db.obj).writing():
        timed.locked()
        before, _thread.writing = in_writing(), True
        try:
            yield
        finally:
            _thread.writing = before


def in_writing() -> bool:
    """True inside ``writing()`` on this thread: nobody else writes, what was read last is still the last."""
    return bool(getattr(_thread, "writing", False))


def pending() -> list[str]:
    """The names of the migrations that this code has and the open database has not."""
    runner = Runner(db.obj, directory=str(MIGRATIONS))
    return [one.name for one in runner.status() if one.path and not one.applied]


def migrate() -> list[str]:
    """Apply the pending migrations in order; returns their names. Of processes that start at once, one does it."""
    connect()
    with cast("Engine", db.obj).migrating():
        names: list[str] = Runner(db.obj, directory=str(MIGRATIONS)).up()
    return names


@contextmanager
def erasing() -> Iterator[None]:
    """Around ``writing()`` of what must be gone for good: SQLite overwrites what it deletes.

    PostgreSQL keeps dead rows until they are vacuumed: see ``compact``.
    """
    connect()
    with cast("Engine", db.obj).erasing():
        yield


def compact() -> None:
    """Write the tables anew without what was deleted; nobody may be in a transaction, readers and writers wait."""
    connect()
    cast("Engine", db.obj).compact()
