"""Anchors: where the audit's chain stood, written outside the database, so that a cut tail shows.

One file a machine in the folder ``audit_anchor``, only ever added to. A line is five words::

    <number> <row> <code of the row> <instant, UTC> <HMAC of the line before and of these four words>

The chain in turn tells how many lines each file has (``audit.ancre``): a file that was cut or taken away shows as
long as the chain itself was not cut. Whoever cuts both to the same instant, or holds the key, is not seen here: a
copy of a line kept elsewhere sees the former.
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from portal import clock
from portal.db import audit, chain, database, disque
from portal.db.base import rows
from portal.db.chain import Checkpoint, Link
from portal.db.crypto import is_mark, marks
from portal.settings import Settings

ANCHORED, RESTORED = "audit.ancre", "audit.restauration"
SUFFIX = ".ancre"
EVERY = 50_000
"""How many rows are followed between two words of progress."""

_LINE = re.compile(r"(\d{1,15}) (\d{1,18}) ([0-9a-f]{64}) (\S{1,40}) ([0-9a-f]{64})", re.ASCII)


@dataclass(frozen=True)
class Anchor:
    """One line of an anchor file: its ``number`` there, the row it holds and that row's code."""

    number: int
    row: int
    code: str
    at: str
    mac: str

    @property
    def line(self) -> str:
        """As it is written, without the end of line."""
        return f"{self.number} {self.row} {self.code} {self.at} {self.mac}"


@dataclass(frozen=True)
class Fault:
    """What does not hold. ``kind``: « ligne » (row edited, moved, or one before it gone), « fin » (rows after the
    last one are gone), « ancre » (the row is not the one that was anchored), « fichier » (the anchor file ``file``
    was cut, altered or taken away: the chain knows of ``row`` lines)."""

    kind: str
    row: int
    file: str = ""


@dataclass(frozen=True)
class Verdict:
    """What ``verify`` found: how many rows hold, the last one, how many anchors agree with them, what was purged."""

    rows: int
    last: int
    anchors: int
    purged: Checkpoint | None = None
    fault: Fault | None = None


class _Walk:
    """What is learnt while the chain is followed: which anchor lines agree, and what the chain tells of the files."""

    def __init__(self, files: dict[str, list[Anchor]], progress: Callable[[int], None]) -> None:
        self.files, self.progress = files, progress
        self.rows = self.last = 0
        self.agreed: set[tuple[str, int]] = set()
        self.told: dict[str, int] = {}
        self.void: dict[str, int] = {}
        self._by_row: dict[int, list[tuple[str, Anchor]]] = {}
        for name, lines in files.items():
            for one in lines:
                self._by_row.setdefault(one.row, []).append((name, one))

    def see(self, link: Link) -> None:
        """One row that holds after the one before it."""
        self.rows, self.last = self.rows + 1, link.id
        for name, one in self._by_row.get(link.id, ()):
            if one.code == link.mac.hex():
                self.agreed.add((name, one.number))
        if link.event in (ANCHORED, RESTORED):
            name, _, number = link.detail.rpartition(" ")
            kept = self.told if link.event == ANCHORED else self.void
            kept[name] = max(kept.get(name, 0), int(number))
        if self.rows % EVERY == 0:
            self.progress(self.rows)

    def against(self, purged: Checkpoint | None) -> list[tuple[str, Anchor]]:
        """The lines that contradict the chain, the first row first."""
        gone = purged.last if purged else 0
        return sorted(((name, one) for name, lines in self.files.items() for one in lines
                       if one.row > gone and (name, one.number) not in self.agreed
                       and one.number > self.void.get(name, 0)), key=lambda found: found[1].row)

    def fault(self, purged: Checkpoint | None) -> Fault | None:
        """What the anchors say of a chain that holds in itself."""
        against = self.against(purged)
        if against:
            row = against[0][1].row
            return Fault("fin", self.last) if row > self.last else Fault("ancre", row)
        for name, told in sorted(self.told.items()):
            if len(self.files.get(name, ())) < told:
                return Fault("fichier", told, name + SUFFIX)
        return None


def write(settings: Settings) -> Anchor | None:
    """Anchor the last row: one line, on the disk (fsync) before this returns; None when nothing is new since.

    Opens its own ``writing()``. Raises OSError when the file can't be written: nothing is then recorded either.
    """
    with database.writing():
        tail = rows("SELECT id, mac, event FROM trace ORDER BY id DESC LIMIT 1")
        if not tail or tail[0][2] == ANCHORED:
            return None
        path = own_file(settings)
        anchor = _append(path, int(tail[0][0]), bytes(tail[0][1]).hex())
        audit.record(audit.SYSTEM, ANCHORED, detail=f"{path.stem} {anchor.number}")
    return anchor


def verify(settings: Settings, progress: Callable[[int], None] = lambda done: None) -> Verdict:
    """Hold every row against the chain and every anchor against its row; the portal may write meanwhile.

    ``progress`` is told how many rows were followed, each ``EVERY`` rows.
    """
    walk = _Walk(_files(settings), progress)
    database.connect()
    try:
        with database.reading():
            purged = chain.whole(walk.see)
    except chain.Broken as broken:
        return Verdict(walk.rows, walk.last, len(walk.agreed), fault=Fault("ligne", broken.row))
    return Verdict(walk.rows, walk.last, len(walk.agreed), purged, walk.fault(purged))


def restored(settings: Settings) -> int:
    """After a backup was restored: say in the chain that the anchors beyond it count no more; returns how many.

    Raises chain.Broken when the restored chain does not hold in itself: there is then nothing to vouch for.
    """
    database.connect()
    with database.writing():
        walk = _Walk(_files(settings), lambda done: None)
        against = walk.against(chain.whole(walk.see))
        for name in sorted({name for name, _ in against}):
            last = max(one.number for other, one in against if other == name)
            audit.record(audit.SYSTEM, RESTORED, detail=f"{name} {last}")
    return len(against)


def _files(settings: Settings) -> dict[str, list[Anchor]]:
    return {path.stem: read(path) for path in sorted(settings.audit_anchor.glob(f"*{SUFFIX}"))}


def own_file(settings: Settings) -> Path:
    """This machine's anchor file; the folder is made if need be."""
    host = re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname())[:60] or "portail"
    settings.audit_anchor.mkdir(mode=0o700, parents=True, exist_ok=True)
    return settings.audit_anchor / f"{host}{SUFFIX}"


def read(path: Path) -> list[Anchor]:
    """The lines of an anchor file up to the first that does not hold after the one before it.

    A line cut by a power failure holds after nothing and is passed over; none for a file that is not there.
    """
    found: list[Anchor] = []
    try:
        text = path.read_text("ascii", errors="replace")
    except FileNotFoundError:
        return found
    for line in text.splitlines():
        match = _LINE.fullmatch(line)
        if not match:
            continue
        one = Anchor(int(match[1]), int(match[2]), *match.group(3, 4, 5))
        if one.number == len(found) + 1 and is_mark(one.mac, "ancre", _words(path.stem, found, one)):
            found.append(one)
    return found


def _append(path: Path, row: int, code: str) -> Anchor:
    """One more line at the end, after a line end where a power failure cut the last one."""
    before, new = read(path), not path.exists()
    at = clock.now().isoformat(timespec="seconds")
    one = Anchor(len(before) + 1, row, code, at, "")
    one = Anchor(one.number, row, code, at, marks("ancre", _words(path.stem, before, one))[0])
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        size = os.fstat(descriptor).st_size
        torn = size and os.pread(descriptor, 1, size - 1) != b"\n"
        os.write(descriptor, (b"\n" if torn else b"") + f"{one.line}\n".encode("ascii"))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if new:
        disque.settle(path.parent)
    return one



def _words(name: str, before: list[Anchor], one: Anchor) -> bytes:
    """What a line's code is of: bound to its file's name and to the line before."""
    previous = before[-1].mac if before else ""
    return f"{name} {previous} {one.number} {one.row} {one.code} {one.at}".encode()
