"""Questions about the pieces of a dossier. Whoever asks has checked who may read them (droits)."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import peewee

from portal.db.crypto import keys, marks
from portal.dossiers.queries import Visible
from portal.pieces.models import Piece, PieceContenu
from portal.pieces.rules import FORMATS, ID, KINDS, Format, Kind

TABLE = "piece"


@dataclass(frozen=True)
class Jointe:
    """A piece as a list shows it. ``nom`` is "" and ``retire_le`` set for one that was removed."""

    id: str
    kind: Kind
    format: Format
    size: int
    nom: str
    par: str
    le: datetime
    retire_par: str | None
    retire_le: datetime | None


def listed(seen: Visible, medical: bool) -> list[Jointe]:
    """The pieces of a dossier, the latest first; the medical ones only if ``medical``."""
    return [_jointe(seen, row) for row in _rows(seen, medical, removed=False)]


def removed(seen: Visible, medical: bool) -> list[Jointe]:
    """What is left of the removed pieces: kind, dates, who did it."""
    return [_jointe(seen, row) for row in _rows(seen, medical, removed=True)]


def of(seen: Visible, piece_id: str, medical: bool) -> Jointe | None:
    """One present piece of this very dossier; None for any other, and for a medical one unless ``medical``."""
    if not ID.fullmatch(piece_id):
        return None
    found = _rows(seen, medical, removed=False, id=piece_id)
    return _jointe(seen, found[0]) if found else None


def content(seen: Visible, piece: Jointe) -> bytes:
    """The bytes of a piece, as they were sent. Raises SealBroken when the row was altered or moved."""
    row = PieceContenu.get_by_id(piece.id)
    return keys().open_bytes(row.contenu, table=TABLE, row=place(seen.label, piece.id), column="contenu")


def same(seen: Visible, empreintes: Collection[str], medical: bool) -> Jointe | None:
    """The present piece that holds the same bytes, if it may be named to who asks."""
    found = [row for row in _rows(seen, medical, removed=False) if row.empreinte in empreintes]
    return _jointe(seen, found[0]) if found else None


def weight(seen: Visible) -> tuple[int, int]:
    """How many pieces the dossier holds, whoever may read them, and their bytes in all."""
    found = (Piece.select(peewee.fn.COUNT(Piece.id), peewee.fn.COALESCE(peewee.fn.SUM(Piece.size), 0))
             .where(Piece.dossier_id == seen.dossier.id, Piece.retire_le.is_null()).tuples().first())
    return int(found[0]), int(found[1])


def fingerprints(content: bytes) -> tuple[str, ...]:
    """64 hexadecimal digits that tell the same bytes again, under each secret of the ring: the first is stored."""
    return marks("piece", hashlib.sha256(content).digest())


def place(label: str, piece_id: str) -> str:
    """The row that a piece's sealed values are bound to: « ga 43009190 3f… »."""
    return f"{label} {piece_id}"


def _rows(seen: Visible, medical: bool, *, removed: bool, **equal: Any) -> list[Piece]:
    """A dossier's pieces are few: they are told apart here."""
    found = Piece.raw("SELECT * FROM piece WHERE dossier_id = ? ORDER BY le DESC, id", seen.dossier.id)
    return [row for row in found
            if (row.retire_le is not None) is removed and (medical or not KINDS[row.kind].medical)
            and all(getattr(row, name) == value for name, value in equal.items())]


def _jointe(seen: Visible, row: Piece) -> Jointe:
    name = keys().open(row.nom, table=TABLE, row=place(seen.label, row.id), column="nom") if row.nom else ""
    return Jointe(row.id, KINDS[row.kind], FORMATS[row.media], row.size, name, row.par, row.le,
                  row.retire_par, row.retire_le)
