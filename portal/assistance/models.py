"""What readers think of the help, as numbers alone."""

from __future__ import annotations

import peewee

from portal.db.base import DayField, Model


class Opinion(Model):
    """How many readers said so of one section that day: nothing of who, when in the day, nor from where."""

    page = peewee.TextField()
    ancre = peewee.TextField()
    jour = DayField()
    raison = peewee.TextField()
    nombre = peewee.IntegerField()

    class Meta:
        primary_key = peewee.CompositeKey("page", "ancre", "jour", "raison")
        without_rowid = True
