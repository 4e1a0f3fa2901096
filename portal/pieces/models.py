"""Tables of the pieces. The content has its own, so that a list never reads it and wiping it is deleting a row."""

from __future__ import annotations

import peewee

from portal.db.base import Model, UtcDateTimeField


class Piece(Model):
    """A file joined to a dossier. ``id``: 32 random hexadecimal digits, part of its address.

    ``nom`` is sealed (a file's name may hold a medical word). ``empreinte`` is keyed: it tells the same file again,
    and tells nobody who stole the table which known document it is. A removed piece keeps its kind, its dates and
    who did what; its name, fingerprint and content are wiped.
    """

    id = peewee.CharField(32, primary_key=True)
    dossier_id = peewee.IntegerField()
    kind = peewee.TextField()
    media = peewee.TextField()
    size = peewee.IntegerField()
    empreinte = peewee.CharField(64, null=True)
    nom = peewee.BlobField(null=True)
    par = peewee.TextField()
    le = UtcDateTimeField()
    retire_par = peewee.TextField(null=True)
    retire_le = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("dossier_id", "le"), False),)


class PieceContenu(Model):
    """The bytes of a piece, sealed in one value (row: « ga 43009190 » and the piece's id).

    One value and not chunks: for 10 MiB both write in some 50 ms (WAL, FULL) and read in 5, and one seal needs no
    order of chunks to be proven.
    """

    piece_id = peewee.CharField(32, primary_key=True)
    contenu = peewee.BlobField()
