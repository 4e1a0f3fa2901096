"""A login between its password and its second step."""

from __future__ import annotations

import peewee

from portal.db.base import Model, UtcDateTimeField


class Tentative(Model):
    """A password was right; the session holds the token of which ``key`` is the hash.

    ``code``: keyed hash of the mail code sent last, good until ``code_until``.
    """

    key = peewee.CharField(64, primary_key=True)
    compte_id = peewee.IntegerField()
    started = UtcDateTimeField(index=True)
    essais = peewee.SmallIntegerField(default=0)
    courriels = peewee.SmallIntegerField(default=0)
    code = peewee.CharField(64, null=True)
    code_until = UtcDateTimeField(null=True)

    class Meta:
        table_name = "tentative_otp"
