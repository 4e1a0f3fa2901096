"""The mailed link that sets a forgotten password anew."""

from __future__ import annotations

import peewee

from portal.db.base import Model, UtcDateTimeField


class Lien(Model):
    """An account's one link: a newer one takes the place of the last.

    ``hash`` is of the link's secret (none: it has served), ``etat`` of the password and address it was made
    for. ``used``: when a link last set this account's password.
    """

    compte_id = peewee.IntegerField(primary_key=True)
    hash = peewee.CharField(64, null=True)
    etat = peewee.CharField(64)
    created = UtcDateTimeField()
    used = UtcDateTimeField(null=True)

    class Meta:
        table_name = "lien_mot_de_passe"
