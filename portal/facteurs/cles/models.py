"""The passkeys of accounts."""

from __future__ import annotations

import peewee

from portal.db.base import Model, UtcDateTimeField


class Cle(Model):
    """A passkey: ``key`` is the SHA-256 of its credential id, ``public_key`` a COSE key, ``compteur`` its last count.

    ``transports``: how browsers reach it (« internal », « usb »…), blank-separated.
    """

    key = peewee.CharField(64, primary_key=True)
    compte_id = peewee.IntegerField(index=True)
    credential = peewee.BlobField()
    public_key = peewee.BlobField()
    compteur = peewee.BigIntegerField()
    transports = peewee.TextField()
    nom = peewee.TextField()
    created = UtcDateTimeField()
    used = UtcDateTimeField(null=True)

    class Meta:
        table_name = "cle_acces"
