"""Tables of an account's second factors."""

from __future__ import annotations

import peewee

from portal.db.base import Model, UtcDateTimeField


class Application(Model):
    """An authenticator application: ``secret`` is sealed (row: ``key``), ``compteur`` the last counter accepted."""

    key = peewee.CharField(22, primary_key=True)
    compte_id = peewee.IntegerField(index=True)
    nom = peewee.TextField()
    secret = peewee.BlobField()
    compteur = peewee.BigIntegerField()
    created = UtcDateTimeField()
    used = UtcDateTimeField(null=True)

    class Meta:
        table_name = "application_otp"


class Secours(Model):
    """A recovery code: only its keyed hash is stored; ``used`` once it has served."""

    id = peewee.AutoField()
    compte_id = peewee.IntegerField()
    hash = peewee.CharField(64)
    created = UtcDateTimeField()
    used = UtcDateTimeField(null=True)

    class Meta:
        table_name = "code_secours"
        indexes = ((("compte_id", "hash"), True),)
