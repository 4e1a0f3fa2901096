"""Tables of the patient's side that nobody else reads (the people themselves: ``espaces.models.Usager``)."""

from __future__ import annotations

import peewee

from portal.db.base import Model, UtcDateTimeField


class Lien(Model):
    """A mailed link that has not served yet: ``hash`` is of its secret, ``but`` a key of ``rules.PURPOSES``."""

    hash = peewee.CharField(64, primary_key=True)
    usager_id = peewee.IntegerField(index=True)
    but = peewee.TextField()
    expire = UtcDateTimeField(index=True)

    class Meta:
        table_name = "lien_usager"


class Creation(Model):
    """A dossier whose creator has not confirmed an address yet; ``reseau`` is a key of ``throttle.network``."""

    dossier_id = peewee.IntegerField(primary_key=True)
    reseau = peewee.CharField(72)
    created = UtcDateTimeField(index=True)

    class Meta:
        table_name = "creation_usager"
        indexes = ((("reseau", "created"), False),)


class Changement(Model):
    """An address that shall replace the present one, once both mailboxes have said so. ``courriel`` is sealed
    (row: the person's subject)."""

    usager_id = peewee.IntegerField(primary_key=True)
    courriel = peewee.BlobField()
    courriel_empreinte = peewee.CharField(32)
    ancien = peewee.BooleanField(default=False)
    nouveau = peewee.BooleanField(default=False)
    created = UtcDateTimeField()

    class Meta:
        table_name = "changement_courriel"


class Annulation(Model):
    """Why a dossier was cancelled: a key of ``rules.MOTIVES``, or ``rules.UNCONFIRMED``."""

    dossier_id = peewee.IntegerField(primary_key=True)
    motif = peewee.TextField()
    par = peewee.TextField()
    at = UtcDateTimeField()
