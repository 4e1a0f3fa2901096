"""Tables of the paths and of the professionals who take part in them."""

from __future__ import annotations

import peewee

from portal.db.base import DayField, Model, UtcDateTimeField


class Parcours(Model):
    """The path that a platform opened for one request: from ``debut`` to ``fin``, the last day of its right.

    ``points``: codes of ``rules.CONFORMITE`` that were checked, by ``valide_par``; ``souhait_le``: the asking side
    wished for its renewal. ``synthese`` is sealed.
    """

    id = peewee.AutoField()
    demande_id = peewee.IntegerField(unique=True)
    debut = DayField()
    fin = DayField()
    points = peewee.TextField(default="")
    valide_par = peewee.TextField()
    valide_le = UtcDateTimeField()
    souhait_par = peewee.TextField(default="")
    souhait_le = UtcDateTimeField(null=True)
    renouvele_par = peewee.TextField(default="")
    renouvele_le = UtcDateTimeField(null=True)
    synthese = peewee.BlobField(null=True)
    synthese_par = peewee.TextField(default="")
    synthese_le = UtcDateTimeField(null=True)

    class Meta:
        table_name = "parcours"


class Professionnel(Model):
    """Somebody who takes part: ``mode`` a code of the dated forfaits or of ``rules.CONVENTIONS``, ``euros`` what the
    forfait was worth when he was added (None under a convention), ``nom`` sealed, ``etat`` of ``rules.BILANS``."""

    id = peewee.AutoField()
    parcours_id = peewee.IntegerField(index=True)
    nom = peewee.BlobField(null=True)
    mode = peewee.TextField()
    profession = peewee.TextField()
    objet = peewee.TextField()
    euros = peewee.IntegerField(null=True)
    bilan_le = DayField(null=True)
    etat = peewee.TextField(default="prevu")
    version = peewee.IntegerField(default=1)
    created = UtcDateTimeField()

    class Meta:
        table_name = "parcours_professionnel"
