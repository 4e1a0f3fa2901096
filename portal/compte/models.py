"""Tables of the physicians' accounts."""

from __future__ import annotations

import peewee

from portal.db.base import Model, UtcDateTimeField

MEDECIN, SECRETAIRE, STRUCTURE = "medecin", "secretaire", "structure"


class Compte(Model):
    """One physician, a secretary, or someone of a structure (``kind``): the last two have no RPPS number here.

    A physician's identity comes from the card; ``telephone`` is sealed (row: the subject). ``email`` is
    lower-case; ``charte`` is the version accepted last.
    """

    id = peewee.AutoField()
    subject = peewee.CharField(12, unique=True)
    rpps = peewee.BigIntegerField(unique=True, null=True)
    kind = peewee.TextField(default=MEDECIN)
    nom = peewee.TextField()
    prenom = peewee.TextField()
    profession = peewee.TextField()
    specialite_code = peewee.TextField()
    specialite = peewee.TextField()
    email = peewee.TextField(unique=True)
    email_confirmed_at = UtcDateTimeField(null=True)
    password = peewee.TextField()
    telephone = peewee.BlobField(null=True)
    adresse = peewee.TextField()
    insee = peewee.CharField(5)
    code_postal = peewee.CharField(5)
    ville = peewee.TextField()
    created = UtcDateTimeField()
    charte = peewee.TextField(null=True)
    blocked_at = UtcDateTimeField(null=True)

    @property
    def name(self) -> str:
        """As the portal writes it: « Dr Bob DURAND »."""
        return f"{'Dr ' if self.kind == MEDECIN else ''}{self.prenom} {self.nom}"


class Acceptation(Model):
    """A charter accepted: ``sha256`` is of the text that was shown."""

    id = peewee.AutoField()
    compte = peewee.ForeignKeyField(Compte, backref="acceptations", on_delete="RESTRICT")
    version = peewee.TextField()
    sha256 = peewee.CharField(64)
    at = UtcDateTimeField()

    class Meta:
        indexes = ((("compte", "version"), True),)


class Preference(Model):
    """What an account chose in « Mon compte »; none: the defaults.

    ``sans_avis`` holds the codes of the mails it does not want, blank-separated; ``insee``, ``code_postal`` and
    ``ville`` are where its searches begin (empty: its own town), ``rayon`` how far they go, in km. ``quotidien``: one
    mail a day; no mail from ``calme_debut`` to ``calme_fin``, hours of Paris (no such time if the first is empty).
    """

    compte_id = peewee.IntegerField(primary_key=True)
    sans_avis = peewee.TextField(default="")
    silence_jours = peewee.SmallIntegerField(default=7)
    insee = peewee.CharField(5, default="")
    code_postal = peewee.CharField(5, default="")
    ville = peewee.TextField(default="")
    rayon = peewee.SmallIntegerField(default=30)
    signature = peewee.TextField(default="")
    mssante = peewee.TextField(default="")
    quotidien = peewee.BooleanField(default=False)
    calme_debut = peewee.SmallIntegerField(null=True, default=20)
    calme_fin = peewee.SmallIntegerField(default=8)


class Appareil(Model):
    """A browser that has opened this account; ``hash`` is of its cookie and the account, nothing else is kept."""

    compte_id = peewee.IntegerField()
    hash = peewee.CharField(64)
    created = UtcDateTimeField()
    used = UtcDateTimeField()

    class Meta:
        primary_key = peewee.CompositeKey("compte_id", "hash")
