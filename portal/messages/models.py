"""The table of messages: each belongs to one request and is never changed once it is sent."""

from __future__ import annotations

import peewee

from portal.db.base import Model, UtcDateTimeField


class Message(Model):
    """One message: who wrote it (``cote``: a side of ``rules``, ``par``: the name, ``subject``: the person), its
    sealed words (row: see ``queries.place``), when the other side read it first and who did.

    ``cle``: the key of the form that sent it; the same form sent again is the same message.
    """

    id = peewee.AutoField()
    demande_id = peewee.IntegerField()
    cote = peewee.TextField()
    par = peewee.TextField()
    subject = peewee.TextField()
    cle = peewee.CharField(32)
    texte = peewee.BlobField()
    at = UtcDateTimeField()
    lu_le = UtcDateTimeField(null=True)
    lu_par = peewee.TextField(default="")

    class Meta:
        indexes = ((("demande_id", "subject", "cle"), True), (("demande_id", "id"), False))
