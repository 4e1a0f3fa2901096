"""A disk whose power fails: an SQLite VFS that knows which writes were forced to the disk, and loses some others.

The files are written as they are; beside them is kept what a disk that lost its power might hold: what was there at
the last sync, and of the writes after it any, in any mixture, the last ones torn at 512 bytes. Not modelled: a
directory entry that is lost, and a disk that lies about its syncs.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw

SECTOR = 512


class PowerCut(apsw.IOError):
    """The power is gone: nothing more is written."""


@dataclass
class _Kept:
    """A file as the disk surely holds it, and the writes that came after: where and what, or a new length."""

    sure: bytearray
    later: list[tuple[int, bytes | None]] = field(default_factory=list)

    def sync(self) -> None:
        for offset, content in self.later:
            _apply(self.sure, offset, content)
        self.later.clear()

    def after_the_cut(self, chance: random.Random) -> bytes:
        """What may be found: each write since the last sync is there, is not, or is there in part."""
        found = bytearray(self.sure)
        for offset, content in self.later:
            fate = chance.random()
            if content is None:
                if fate < 0.5:
                    _apply(found, offset, None)
            elif fate < 0.4:
                _apply(found, offset, content)
            elif fate < 0.6:
                for start in range(0, len(content), SECTOR):
                    if chance.random() < 0.5:
                        _apply(found, offset + start, content[start:start + SECTOR])
        return bytes(found)


def _apply(file: bytearray, offset: int, content: bytes | None) -> None:
    if content is None:
        del file[offset:]
        return
    if len(file) < offset:
        file.extend(bytes(offset - len(file)))
    file[offset:offset + len(content)] = content


class Disk(apsw.VFS):
    """The disk; registered as SQLite's default until ``close()``. ``cut_after``: writes and syncs until the cut."""

    def __init__(self, name: str) -> None:
        self.name, self.base = name, apsw.vfs_names()[0]
        self.files: dict[str, _Kept] = {}
        self.operations, self.cut_after = 0, 1 << 60
        super().__init__(name, self.base, makedefault=True)

    def xOpen(self, name: Any, flags: list[int]) -> _File:  # SQLite's own name
        """Open a file; the database and its log are watched."""
        path = name.filename() if isinstance(name, apsw.URIFilename) else str(name)
        if path not in self.files:
            there = Path(path)
            self.files[path] = _Kept(bytearray(there.read_bytes() if there.exists() else b""))
        return _File(self, path, name, flags)

    def step(self) -> None:
        """One write or sync; raises PowerCut from the cut on."""
        self.operations += 1
        if self.operations > self.cut_after:
            raise PowerCut

    def leave(self, folder: Path, chance: random.Random) -> None:
        """Write into ``folder`` what is found when the power is back."""
        for path, kept in self.files.items():
            (folder / Path(path).name).write_bytes(kept.after_the_cut(chance))


class _File(apsw.VFSFile):
    """A file of the disk."""

    def __init__(self, disk: Disk, path: str, name: Any, flags: list[int]) -> None:
        self.disk, self.kept = disk, disk.files[path]
        super().__init__(disk.base, name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:
        """Write; not yet sure."""
        self.disk.step()
        super().xWrite(data, offset)
        self.kept.later.append((offset, bytes(data)))

    def xTruncate(self, size: int) -> None:
        """Cut; not yet sure."""
        self.disk.step()
        super().xTruncate(size)
        self.kept.later.append((size, None))

    def xSync(self, flags: int) -> None:
        """From now on it is sure."""
        self.disk.step()
        super().xSync(flags)
        self.kept.sync()
