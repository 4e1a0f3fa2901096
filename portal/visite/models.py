"""Who needs no first visit any more."""

from __future__ import annotations

import peewee

from portal.db.base import Model, UtcDateTimeField


class Visite(Model):
    """One account that went through the visit, or declined it: it is not offered again. ``issue``: see ``rules``."""

    compte_id = peewee.IntegerField(primary_key=True)
    issue = peewee.TextField()
    le = UtcDateTimeField()
