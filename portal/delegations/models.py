"""Tables of the delegations. Rows are never deleted: they are the history."""

from __future__ import annotations

import peewee

from portal.db.base import DayField, Model, UtcDateTimeField


class Delegation(Model):
    """``principal`` lends to ``delegate`` (ids of accounts) what ``modules`` and ``rights`` list.

    ``starts`` and ``ends`` are days of Paris, both included; ``ends`` is None for a secretary's.
    """

    id = peewee.AutoField()
    principal = peewee.IntegerField()
    delegate = peewee.IntegerField()
    kind = peewee.TextField()
    modules = peewee.TextField()
    rights = peewee.TextField()
    starts = DayField()
    ends = DayField(null=True)
    created = UtcDateTimeField()
    revoked_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("principal",), False), (("delegate",), False))


class Invitation(Model):
    """A secretary who was invited: ``key`` is the hash of the mailed secret, ``used_at`` closes it."""

    key = peewee.CharField(64, primary_key=True)
    principal = peewee.IntegerField(index=True)
    prenom = peewee.TextField()
    nom = peewee.TextField()
    email = peewee.TextField()
    modules = peewee.TextField()
    created = UtcDateTimeField()
    until = UtcDateTimeField()
    used_at = UtcDateTimeField(null=True)
    withdrawn_at = UtcDateTimeField(null=True)
