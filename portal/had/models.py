"""Table of the evaluations: each stays, with the version of the questions it answered."""

from __future__ import annotations

import peewee

from portal.db.base import Model, UtcDateTimeField


class Evaluation(Model):
    """One evaluation of a dossier. ``id``: 32 random hexadecimal digits, part of its address.

    ``contenu`` is sealed (row: the dossier's label and the id): the answers by criterion, as JSON. The advice is not
    kept: it follows from the answers and the version.
    """

    id = peewee.CharField(32, primary_key=True)
    dossier_id = peewee.IntegerField()
    version = peewee.SmallIntegerField()
    contenu = peewee.BlobField()
    par = peewee.TextField()
    le = UtcDateTimeField()

    class Meta:
        table_name = "had_evaluation"
        indexes = ((("dossier_id", "le"), False),)
