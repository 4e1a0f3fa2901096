"""What a backup asks of a kind of database, and what every kind tells the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from playhouse.migrations import Runner

from portal import __version__, clock
from portal.db import audit, database
from portal.db.base import db, rows
from portal.db.crypto import keys
from portal.sauvegarde.rules import Manifest, Refused
from portal.settings import Settings

_HEAD = "SELECT id, mac FROM trace ORDER BY id DESC LIMIT 1"
# A base where one of these holds a row is somebody's.
USED = ("trace", "compte", "dossier")


@dataclass(frozen=True)
class Snapshot:
    """The database at one instant: what it says of itself, and its bytes."""

    manifest: Manifest
    content: Iterator[bytes]


class Engine(Protocol):
    """One kind of database. Each method raises Refused with what to do about it."""

    kind: str
    home: Path
    """Where scratch folders and what is put aside belong: as well protected as the database, on its disk."""

    def snapshot(self, scratch: Path) -> AbstractContextManager[Snapshot]:
        """A checked copy of the running database, readable until the end of the block."""

    def is_used(self) -> bool:
        """True when there is something that a restore would take away."""

    def is_busy(self) -> bool:
        """True when somebody else is connected, on whichever machine."""

    def receive(self, scratch: Path) -> AbstractContextManager[Callable[[bytes], object]]:
        """What takes the payload of a backup into a database beside the present one."""

    def beside(self, scratch: Path) -> Settings:
        """The settings under which that database opens."""

    def manifest(self) -> Manifest:
        """Hold the open database against itself, and say what it holds."""

    def replace(self, scratch: Path, stamp: str) -> str | None:
        """Put it in the place of the present one; returns where that went, None when it held nothing."""

    def discard(self, scratch: Path) -> None:
        """Throw away what ``receive`` made, if it is still there."""


def manifest(kind: str, faults: Callable[[], list[str]], tables: Callable[[], list[str]]) -> Manifest:
    """Hold the open database against itself, and say what it holds; raises Refused when it is not whole."""
    try:
        applied = Runner(db.obj, directory=str(database.MIGRATIONS)).applied()
        wrong = faults()
        counted = {name: int(rows(f'SELECT COUNT(*) FROM "{name}"')[0][0])  # noqa: S608  # the base's own names
                   for name in sorted(tables())}
        head = rows(_HEAD)
        # The rows of an earlier version are followed once they are brought up to date: at the restore at the latest.
        broken = audit.broken_link() if not wrong and known_migrations() <= set(applied) else None
    except Exception as error:  # a damaged base fails in as many ways as there are
        raise Refused(f"La base de données est endommagée : {error}.") from error
    if wrong:
        raise Refused(f"La base de données est endommagée : {wrong[0]}.")
    _must_hold(broken)
    return Manifest(
        version=__version__, created=clock.now().isoformat(timespec="seconds"), engine=kind,
        migrations=tuple(sorted(applied)),
        keys=tuple(sorted(keys().keys)), rows=counted,
        audit=(int(head[0][0]), bytes(head[0][1]).hex()) if head else None)


def bring_up_to_date() -> None:
    """Migrate the open database, and follow its audit if there was something to do; raises Refused."""
    if database.migrate():
        _must_hold(audit.broken_link())


def _must_hold(broken: int | None) -> None:
    if broken is not None:
        raise Refused(f"Le journal d’audit est rompu à la ligne {broken} : le trousseau n’est pas celui de cette base, "
                      "ou elle a été modifiée.")


def known_migrations() -> set[str]:
    """The names of the migrations that this version has."""
    return {one.stem for one in database.MIGRATIONS.glob("[0-9]*.py")}


@contextmanager
def bound(settings: Settings) -> Iterator[None]:
    """The tables are those of this database until the end of the block, then those of before."""
    before: Any = db.obj
    database.open_database(settings)
    try:
        database.connect()
        yield
    finally:
        database.close()
        db.initialize(before)
