"""``portal rekey``: seal anew, with the current key, every value that an older one seals, while the portal runs.

Each batch is one short transaction. A value is replaced only where it is still the one that was read, so that what
somebody writes meanwhile stays; it is looked for by the key that it names, so that a run that was killed goes on
where it stood. Fingerprints follow the value that they are of.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from portal import clock
from portal.db import database
from portal.db.base import rows, to_millis
from portal.db.crypto import OVERLAP, KeyRing, SealBroken, keys
from portal.db.scelles import FINGERPRINTS, SEALED, Fingerprint, Sealed

# A process that started before the new key may still write with the former one: what it writes is looked for again.
PASSES = 5
# Longer than any mailed link serves.
LINKS = timedelta(days=31)


@dataclass(frozen=True)
class Value:
    """A sealed value: the key of its row, the words of its place (and of its former place), its bytes."""

    key: Any
    place: str
    former: str
    blob: bytes


@dataclass(frozen=True)
class Progress:
    """One column went through: how many values were sealed anew, which rows would not open."""

    of: Sealed
    renewed: int
    broken: tuple[Any, ...]


def rekey(ring: KeyRing | None = None) -> Iterator[Progress]:
    """Go once through every sealed column; call it again until ``left`` is zero."""
    for one in SEALED:
        yield _column(ring or keys(), one)


def left(key_id: str) -> int:
    """How many values another key than this one seals."""
    return sum(_count(one, key_id, same=False) for one in SEALED)


def uses(key_id: str) -> int:
    """How many values this key seals."""
    return sum(_count(one, key_id, same=True) for one in SEALED)


def proof() -> Iterator[tuple[Sealed, int, tuple[Any, ...]]]:
    """Open every value with the current key alone: by column, how many there are and the rows that it does not open.

    A fingerprint that is not of its value under the present secret counts as one that does not open.
    """
    ring = keys()
    alone = replace(ring, keys={ring.current: ring.keys[ring.current]}, former=())
    for one in SEALED:
        total, bad, last = 0, [], None
        while True:
            with database.reading():
                batch = read(one, last)
                bad += [value.key for value in batch if not _current(alone, one, value)]
            if not batch:
                break
            total, last = total + len(batch), batch[-1].key
        yield one, total, tuple(bad)


def needs_secret(name: str) -> list[str]:
    """Why a former secret can't be forgotten yet: French sentences, none when it can."""
    former = next((one for one in keys().former if one.id == name), None)
    if former is None:
        return []
    end, found = to_millis(former.until + OVERLAP), []
    acts = rows("SELECT count(*) FROM trace WHERE at <= ?", end)[0][0]
    codes = rows("SELECT count(*) FROM code_secours WHERE used IS NULL AND created <= ?", end)[0][0]
    if acts:
        found.append(f"Lignes du journal d’audit qu’il authentifie : {acts}. Attendez leur échéance.")
    if codes:
        found.append(f"Codes de secours imprimés qui n’ouvrent que par lui : {codes}.")
    if any(bad for _, _, bad in proof()):
        found.append("Des empreintes sont encore les siennes : lancez « portal rekey ».")
    if clock.now() <= former.until + LINKS:
        found.append("Il a servi il y a moins d’un mois : des liens envoyés par courriel ne s’ouvrent que par lui.")
    return found


def _column(ring: KeyRing, one: Sealed) -> Progress:
    renewed, broken, last = 0, [], None
    while True:
        with database.writing():
            batch = read(one, last, but=None if one.former else ring.current)
            for value in batch:
                if one.former and _current(ring, one, value) and value.blob.startswith(_prefix(ring.current)):
                    continue
                clear = _opened(ring, one, value)
                if clear is None:
                    broken.append(value.key)
                else:
                    renewed += _renew(ring, one, value, clear)
        if not batch:
            return Progress(one, renewed, tuple(broken))
        last = batch[-1].key


def _renew(ring: KeyRing, one: Sealed, value: Value, clear: bytes) -> bool:
    """Replace one value, and its fingerprints, where it is still the one that was read."""
    blob = ring.seal_bytes(clear, table=one.seal_table, row=value.place, column=one.column)
    if not rows(f"UPDATE {one.table} SET {one.column} = ? WHERE {one.key} = ? AND {one.column} = ? "  # noqa: S608  # our names
                f"RETURNING {one.key}", blob, value.key, value.blob):
        return False
    for mark in _fingerprints(one):
        rows(f"UPDATE {mark.table} SET {mark.column} = ? WHERE {mark.key} = ? AND {mark.column} IS NOT NULL "  # noqa: S608  # our names
             f"RETURNING {mark.key}", _made(ring, mark, clear), value.key)
    return True


def _current(alone: KeyRing, one: Sealed, value: Value) -> bool:
    try:
        clear = alone.open_bytes(value.blob, table=one.seal_table, row=value.place, column=one.column)
    except SealBroken:
        return False
    return all(found in (None, _made(alone, mark, clear)) for mark in _fingerprints(one)
               for (found,) in rows(f"SELECT {mark.column} FROM {mark.table} WHERE {mark.key} = ?",  # noqa: S608  # our names
                                    value.key))


def _opened(ring: KeyRing, one: Sealed, value: Value) -> bytes | None:
    for place in filter(None, (value.place, value.former)):
        with contextlib.suppress(SealBroken):
            return ring.open_bytes(value.blob, table=one.seal_table, row=place, column=one.column)
    return None


def _fingerprints(one: Sealed) -> list[Fingerprint]:
    return [mark for mark in FINGERPRINTS if mark.of == (one.table, one.column)]


def _made(ring: KeyRing, mark: Fingerprint, clear: bytes) -> str:
    return hmac.new(ring.derived(mark.purpose), mark.content(clear), hashlib.sha256).hexdigest()[:mark.length]


def read(one: Sealed, after: Any = None, but: str | None = None) -> list[Value]:
    """The next values in the order of their keys; with ``but``, those only that another key seals."""
    words, former = ", ".join(one.place), ", ".join(one.former)
    wanted = [f"t.{one.column} IS NOT NULL"]
    params: list[Any] = []
    if after is not None:
        wanted, params = [*wanted, f"t.{one.key} > ?"], [*params, after]
    if but is not None:
        wanted, params = [*wanted, f"substr(t.{one.column}, 1, ?) <> ?"], [*params, len(_prefix(but)), _prefix(but)]
    columns = ", ".join(filter(None, (f"t.{one.key}", f"t.{one.column}", words, former)))
    found = rows(f"SELECT {columns} FROM {one.table} t {one.join} WHERE {' AND '.join(wanted)} "  # noqa: S608  # our names
                 f"ORDER BY t.{one.key} LIMIT ?", *params, one.batch)
    cut = 2 + len(one.place)
    return [Value(row[0], _joined(row[2:cut]), _joined(row[cut:]), bytes(row[1])) for row in found]


def _joined(words: Any) -> str:
    return " ".join(str(word) for word in words)


def _count(one: Sealed, key_id: str, *, same: bool) -> int:
    compared, prefix = "=" if same else "<>", _prefix(key_id)
    return int(rows(f"SELECT count(*) FROM {one.table} WHERE {one.column} IS NOT NULL "  # noqa: S608  # our names
                    f"AND substr({one.column}, 1, ?) {compared} ?", len(prefix), prefix)[0][0])


def _prefix(key_id: str) -> bytes:
    """How a value begins that this key seals."""
    return f"{key_id}:".encode()
