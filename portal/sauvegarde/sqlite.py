"""SQLite: a consistent copy of the running database, and a restored file in the place of the present one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import apsw

from portal.db import disque
from portal.db.base import rows
from portal.sauvegarde import base
from portal.sauvegarde.base import Snapshot, bound
from portal.sauvegarde.rules import Manifest, Refused
from portal.settings import Settings

# Pages copied before the copy looks up: little enough to be interrupted.
STEP = 500
READ = 1 << 20
_ENDS = ("-shm", "-wal", "")


class Sqlite:
    """The file of ``settings.database``."""

    kind = "sqlite"

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.file = Path(settings.database.removeprefix("sqlite:///"))
        self.home = self.file.parent

    @contextmanager
    def snapshot(self, scratch: Path) -> Iterator[Snapshot]:
        """See ``base.Engine``."""
        made = scratch / "copie.sqlite"
        self._copy(made)
        with bound(replace(self.settings, database=f"sqlite:///{made}")):
            told = self.manifest()
        _alone(made)
        yield Snapshot(told, _bytes(made))

    def _copy(self, target: Path) -> None:
        """The database as it stood at one instant, while others write (SQLite's backup interface)."""
        if not self.file.is_file():
            raise Refused(f"Il n’y a pas de base de données à sauvegarder : {self.file}.")
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        present = apsw.Connection(str(self.file), flags=apsw.SQLITE_OPEN_READWRITE)
        made = apsw.Connection(str(target))
        try:
            present.set_busy_timeout(10_000)
            # One read transaction: no step starts again because somebody wrote meanwhile.
            with present:
                present.execute("SELECT COUNT(*) FROM sqlite_schema").fetchall()
                with made.backup("main", present, "main") as running:
                    while not running.done:
                        running.step(STEP)
        except apsw.Error as error:
            raise Refused(f"La base de données ne peut pas être copiée : {error}.") from error
        finally:
            made.close()
            present.close()

    def manifest(self) -> Manifest:
        """See ``base.Engine``."""
        return base.manifest(self.kind, _faults, _tables)

    def is_used(self) -> bool:
        """See ``base.Engine``; what can't be read counts as somebody's."""
        if not self.file.exists() or not self.file.stat().st_size:
            return False
        try:
            with bound(self.settings):
                there = [name for name in base.USED if name in _tables()]
                return any(rows(f"SELECT 1 FROM {name} LIMIT 1") for name in there)  # noqa: S608  # our own words
        except Exception:  # whatever is wrong with it, there is something
            return True

    def is_busy(self) -> bool:
        """See ``base.Engine``; who runs on this file holds the data folder."""
        return False

    @contextmanager
    def receive(self, scratch: Path) -> Iterator[Callable[[bytes], object]]:
        """See ``base.Engine``."""
        descriptor = os.open(_received(scratch), os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            yield file.write

    def beside(self, scratch: Path) -> Settings:
        """See ``base.Engine``."""
        return replace(self.settings, database=f"sqlite:///{_received(scratch)}")

    def replace(self, scratch: Path, stamp: str) -> str | None:
        """See ``base.Engine``. Killed in between, it leaves both whole: one aside, the other to restore again."""
        restored = _received(scratch)
        _alone(restored)
        with restored.open("rb") as file:
            os.fsync(file.fileno())
        present = [one for one in (Path(f"{self.file}{end}") for end in _ENDS) if one.exists()]
        aside = self.home / f"avant-restauration-{stamp}"
        if present:
            aside.mkdir(mode=0o700)
        for one in present:
            one.rename(aside / one.name)
        restored.rename(self.file)
        for folder in [self.home, *([aside] if present else [])]:
            disque.settle(folder)
        return str(aside) if present else None

    def discard(self, scratch: Path) -> None:
        """See ``base.Engine``; the scratch folder goes as a whole."""


def _alone(file: Path) -> None:
    """Make a database one single file, of which nothing is left in a journal."""
    connection = apsw.Connection(str(file))
    try:
        connection.execute("PRAGMA journal_mode = delete").fetchall()
    finally:
        connection.close()


def _received(scratch: Path) -> Path:
    return scratch / "restauree.sqlite"


def _faults() -> list[str]:
    found = [str(row[0]) for row in rows("PRAGMA integrity_check(5)") if row != ("ok",)]
    return found + [f"référence perdue, table {row[0]}, ligne {row[1]}" for row in rows("PRAGMA foreign_key_check")[:5]]


def _tables() -> list[str]:
    return [row[0] for row in rows(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")]


def _bytes(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while piece := opened.read(READ):
            yield piece
