"""Joining a piece and removing one: in the caller's transaction, audited without a word of what it is."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from portal import clock
from portal.db import audit
from portal.db.audit import Actor
from portal.db.crypto import keys
from portal.dossiers import commands as dossiers
from portal.dossiers.queries import Visible
from portal.pieces import queries
from portal.pieces.models import Piece, PieceContenu
from portal.pieces.queries import Jointe
from portal.pieces.rules import Format
from portal.settings import Settings


class DejaJointe(Exception):
    """The dossier holds these very bytes already, as ``piece``."""

    def __init__(self, piece: Jointe) -> None:
        super().__init__()
        self.piece = piece


class Plein(Exception):
    """The dossier would hold more than it may; ``by_count``: too many pieces, else too many bytes."""

    def __init__(self, *, by_count: bool) -> None:
        super().__init__()
        self.by_count = by_count


@dataclass(frozen=True)
class Nouvelle:
    """A checked file, sealed for its place before the write lock is taken."""

    id: str
    kind: str
    format: Format
    size: int
    empreintes: tuple[str, ...]
    nom: bytes
    contenu: bytes


def prepare(seen: Visible, kind: str, found: Format, nom: str, content: bytes) -> Nouvelle:
    """Seal a checked file (``nom``: a safe name) for this dossier; writes nothing."""
    piece_id = secrets.token_hex(16)
    row = queries.place(seen.label, piece_id)
    return Nouvelle(
        piece_id, kind, found, len(content), queries.fingerprints(content),
        keys().seal(nom, table=queries.TABLE, row=row, column="nom"),
        keys().seal_bytes(content, table=queries.TABLE, row=row, column="contenu"))


def add(actor: Actor, seen: Visible, new: Nouvelle, settings: Settings, *, medical: bool) -> None:
    """Join a piece. Raises DejaJointe, Plein. ``medical``: he may be told of medical pieces."""
    twin = queries.same(seen, new.empreintes, medical)
    if twin:
        raise DejaJointe(twin)
    count, size = queries.weight(seen)
    if count >= settings.pieces_max or size + new.size > settings.pieces_total:
        raise Plein(by_count=count >= settings.pieces_max)
    Piece.insert(
        id=new.id, dossier_id=seen.dossier.id, kind=new.kind, media=new.format.media, size=new.size,
        empreinte=new.empreintes[0], nom=new.nom, par=actor.signature, le=clock.now()).execute()
    PieceContenu.insert(piece_id=new.id, contenu=new.contenu).execute()
    audit.record(actor, "piece.ajoutee", dossier=seen.label, detail=new.id)
    dossiers.touch(seen.dossier)


def remove(actor: Actor, seen: Visible, piece: Jointe) -> bool:
    """Wipe a piece's content and name and keep the trace of it; False when somebody has just done so."""
    done = (Piece.update(nom=None, empreinte=None, retire_par=actor.signature, retire_le=clock.now())
            .where(Piece.id == piece.id, Piece.retire_le.is_null()).execute())
    if not done:
        return False
    PieceContenu.delete().where(PieceContenu.piece_id == piece.id).execute()
    audit.record(actor, "piece.retiree", dossier=seen.label, detail=piece.id)
    dossiers.touch(seen.dossier)
    return True
