"""The table of invitations to work for a structure. Rows are never deleted: they are the history."""

from __future__ import annotations

import peewee

from portal.db.base import Model, UtcDateTimeField


class Invite(Model):
    """Somebody who was invited: ``key`` is the hash of the mailed secret, ``used_at`` closes it.

    ``par`` is who invited him, as the audit names him; ``roles`` and ``fonction`` are what he will have.
    """

    key = peewee.CharField(64, primary_key=True)
    structure_id = peewee.IntegerField(index=True)
    prenom = peewee.TextField()
    nom = peewee.TextField()
    email = peewee.TextField()
    roles = peewee.TextField()
    fonction = peewee.TextField(default="")
    par = peewee.TextField()
    created = UtcDateTimeField()
    until = UtcDateTimeField()
    used_at = UtcDateTimeField(null=True)
    withdrawn_at = UtcDateTimeField(null=True)
