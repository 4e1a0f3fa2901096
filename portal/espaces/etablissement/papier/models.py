"""The table of paper dossiers."""

from __future__ import annotations

import peewee

from portal.db.base import DayField, Model, UtcDateTimeField


class Papier(Model):
    """A dossier received on paper: it belongs to one establishment alone and touches no other table.

    ``nom``, ``prenom`` and ``telephone`` are sealed (row: the id). ``etat``: see ``rules.ETATS``; ``niveau``: a
    level of the waiting list; ``par``: who changed it last.
    """

    id = peewee.AutoField()
    etablissement_id = peewee.IntegerField()
    nom = peewee.BlobField(null=True)
    prenom = peewee.BlobField(null=True)
    telephone = peewee.BlobField(null=True)
    sejour = peewee.TextField()
    gir = peewee.SmallIntegerField(null=True)
    recu_le = DayField()
    etat = peewee.TextField()
    niveau = peewee.TextField(default="")
    entree = DayField(null=True)
    version = peewee.IntegerField(default=1)
    created = UtcDateTimeField()
    updated = UtcDateTimeField()
    par = peewee.TextField()

    class Meta:
        indexes = ((("etablissement_id", "etat", "id"), False),)
