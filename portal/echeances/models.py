"""Tables of the clocks: the lease and the next time of each job, and what was done once for all."""

from __future__ import annotations

import peewee

from portal.db.base import Model, UtcDateTimeField


class Bail(Model):
    """One job: who runs it until when (``detenteur``, ``jusque``; None: nobody), when it is next due, and what its
    last run gave (« 3 » things done, or the kind of its failure)."""

    nom = peewee.CharField(40, primary_key=True)
    detenteur = peewee.TextField(default="")
    jusque = UtcDateTimeField(null=True)
    prochain = UtcDateTimeField()
    dernier = UtcDateTimeField(null=True)
    resultat = peewee.TextField(default="")


class Fait(Model):
    """Something that a job did and never does again: its row is written in the transaction of the effect."""

    travail = peewee.CharField(40)
    cle = peewee.CharField(80)
    at = UtcDateTimeField(index=True)

    class Meta:
        primary_key = peewee.CompositeKey("travail", "cle")
        without_rowid = True
