"""The arithmetic of the audit's chain: each row's code holds the code of the row before it.

Pure but for reading the rows: ``portal.db.audit`` adds to the chain, ``portal.db.anchors`` holds it against what is
kept outside the database, ``portal.db.retention`` drops its oldest part.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from portal.db.base import rows
from portal.db.crypto import is_mark, keys_at, marks, purpose_key

COLUMNS = ("at", "rpps", "on_behalf_of", "subject", "name", "level", "event", "dossier", "detail", "result")
LATER = ("subject", "result")
"""Columns younger than the first rows: where they are empty the formula leaves them out, so that old codes hold."""

PURGE = "audit.purge"
"""The event of a checkpoint: its detail says which rows were dropped and where the chain goes on."""

BATCH = 2000

_BATCH = f"SELECT id, {', '.join(COLUMNS)}, mac FROM trace WHERE id > ? ORDER BY id LIMIT {BATCH}"  # noqa: S608
_CHECKPOINT = f"SELECT detail FROM trace WHERE event = '{PURGE}' ORDER BY id DESC LIMIT 1"  # noqa: S608


@dataclass(frozen=True)
class Checkpoint:
    """What purges have dropped so far: how many rows, the first and last id, instants (ms) of the first and last
    act, and the code of the last row dropped, from which the chain goes on."""

    count: int
    first: int
    last: int
    since: int
    until: int
    mac: bytes

    def text(self) -> str:
        """As it is kept in the detail of its row, under a seal of its own.

        A row's code vouches for it only once the chain was followed up to there; the seal does at once, so that no
        purge starts from a checkpoint that somebody else wrote.
        """
        told = self._told()
        return json.dumps(told | {"sceau": marks(PURGE, _sealed(told))[0]})

    @classmethod
    def of(cls, text: str) -> Checkpoint | None:
        """Read ``text`` again; None when it was altered."""
        try:
            told = json.loads(text)
            if not is_mark(told.pop("sceau"), PURGE, _sealed(told)):
                return None
        except (ValueError, KeyError, AttributeError):
            return None
        return cls(told["lignes"], told["premiere"], told["derniere"], told["du"], told["au"],
                   bytes.fromhex(told["mac"]))

    def _told(self) -> dict[str, object]:
        return {"lignes": self.count, "premiere": self.first, "derniere": self.last, "du": self.since,
                "au": self.until, "mac": self.mac.hex()}


@dataclass(frozen=True)
class Link:
    """One row as it was followed: its own code, and the instant (ms), event and detail that the code covers."""

    id: int
    mac: bytes
    at: int
    event: str
    detail: str


class Broken(Exception):
    """The chain does not hold at the row ``row``: it was edited, moved, or what stood before it is gone."""

    def __init__(self, row: int) -> None:
        super().__init__(row)
        self.row = row


def code(previous: bytes, row: Mapping[str, Any], key: bytes | None = None) -> bytes:
    """HMAC-SHA-256 of the code before and of this row's ``COLUMNS``, ``at`` in milliseconds since 1970.

    Under the present secret; ``key``: under another one of ``keys_at``.
    """
    flat = {name: row[name] for name in COLUMNS if name not in LATER or row[name] is not None}
    content = json.dumps(flat, sort_keys=True, ensure_ascii=False).encode()
    return hmac.new(key or purpose_key("audit"), previous + content, hashlib.sha256).digest()


def checkpoint() -> Checkpoint | None:
    """The latest purge that the rows tell of, if its seal holds: where the chain begins."""
    found = rows(_CHECKPOINT)
    return Checkpoint.of(found[0][0]) if found else None


def follow(start: bytes = b"", *, after: int = 0, upto: int | None = None) -> Iterator[Link]:
    """Each row after ``after`` (to ``upto`` if given) in order, once its code was found right after ``start``.

    A former secret vouches for the rows of its time alone.
    Reads ``BATCH`` rows at a time: memory stays the same whatever the number. Raises Broken at the first that fails.
    """
    previous = start
    while batch := rows(_BATCH, after):
        for number, *values, kept in batch:
            if upto is not None and number > upto:
                return
            row = dict(zip(COLUMNS, values, strict=True))
            found = bytes(kept)
            if not any(hmac.compare_digest(code(previous, row, key), found) for key in keys_at("audit", row["at"])):
                raise Broken(number)
            previous, after = found, number
            yield Link(number, found, row["at"], row["event"], row["detail"])


def whole(see: Callable[[Link], None] = lambda link: None) -> Checkpoint | None:
    """Follow the chain from its beginning, or from its latest checkpoint; ``see`` is told of each row.

    Returns that checkpoint. A purge made meanwhile is no damage: the rest is then followed from the new checkpoint.
    Raises Broken.
    """
    begun, at = checkpoint(), 0
    start = begun.mac if begun else b""
    while True:
        try:
            for link in follow(start, after=at):
                at, start = link.id, link.mac
                see(link)
        except Broken:
            newer = checkpoint()
            if newer is None or newer == begun or newer.last < at:
                raise
            begun, start, at = newer, newer.mac, newer.last
        else:
            return begun


def _sealed(told: Mapping[str, object]) -> bytes:
    return json.dumps(told, sort_keys=True).encode()
