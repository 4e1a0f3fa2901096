"""Tables of the notifications: what the CDAPH decided, and where each establishment (ESMS) stands."""

from __future__ import annotations

import peewee

from portal.db.base import DayField, Model, UtcDateTimeField


class Notification(Model):
    """The decision of one dossier. ``contenu`` is sealed (row: the dossier's id): see ``queries.Decision``. ``au``: the
    last day of its validity, in clear so that what expires can be found."""

    dossier_id = peewee.IntegerField(primary_key=True)
    contenu = peewee.BlobField()
    au = DayField()
    version = peewee.IntegerField(default=1)
    par = peewee.TextField()
    maj = UtcDateTimeField()


class Reponse(Model):
    """One thing that an establishment said, sealed (row: see ``queries.place``): see ``queries.Etape``. Rows are only
    added."""

    id = peewee.AutoField()
    dossier_id = peewee.IntegerField(index=True)
    contenu = peewee.BlobField()
    par = peewee.TextField()
    created = UtcDateTimeField()

    class Meta:
        table_name = "notification_reponse"
