"""Tables of the searches in waves, and of whom each of them asks."""

from __future__ import annotations

import peewee

from portal.db.base import Model, UtcDateTimeField


class Plan(Model):
    """One search of a dossier: ``etat`` and ``cause`` see ``rules``; ``vague``: the last one that left.

    ``suivante_le``: from when on the next may leave by itself; ``heures``: the office hours between two of them;
    ``rayon`` and ``rayon_large`` in km; ``par``: who began it. ``version`` grows with each step.
    """

    id = peewee.AutoField()
    dossier_id = peewee.IntegerField(index=True)
    etat = peewee.TextField()
    cause = peewee.TextField(default="")
    vague = peewee.SmallIntegerField(default=0)
    suivante_le = UtcDateTimeField(null=True)
    rayon = peewee.SmallIntegerField()
    rayon_large = peewee.SmallIntegerField()
    heures = peewee.SmallIntegerField()
    par = peewee.TextField()
    created = UtcDateTimeField()
    updated = UtcDateTimeField()
    version = peewee.IntegerField(default=1)

    class Meta:
        table_name = "vague_plan"
        indexes = ((("etat", "suivante_le"), False),)


class Cible(Model):
    """One establishment of a search: in which wave, in which rank, and what became of it (``rules.CIBLES``).

    Why it has its rank is not kept: the reasons tell what the patient needs.
    """

    id = peewee.AutoField()
    plan_id = peewee.IntegerField()
    vague = peewee.SmallIntegerField()
    rang = peewee.SmallIntegerField()
    etablissement_id = peewee.IntegerField()
    unite_id = peewee.IntegerField(null=True)
    sejour = peewee.TextField()
    etat = peewee.TextField(default="attente")
    demande_id = peewee.IntegerField(null=True)

    class Meta:
        table_name = "vague_cible"
        indexes = ((("plan_id", "etablissement_id"), True), (("demande_id",), False))
