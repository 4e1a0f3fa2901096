"""Tables of the directory: establishments, their units, their prices, and where they stand.

``etablissement_lieu`` is a virtual R-tree table (id, lat_min, lat_max, lon_min, lon_max) with a point for each
establishment whose place is known; ``commands`` keeps it true.
"""

from __future__ import annotations

import peewee

from portal.db.base import DayField, Model, UtcDateTimeField


class Etablissement(Model):
    """One establishment, known by its FINESS number (nine characters, « 2A »/« 2B » in Corsica).

    ``position`` says where the coordinates (degrees, WGS 84) come from: annuaire, commune, code_postal, or "".
    ``services`` holds codes separated by blanks; ``incomplets``: it reads dossiers that are not complete;
    ``rappel_heures``: within how many working hours it promises to call back; ``source``: import, demonstration or
    saisie; ``ferme``: no longer in the directory, kept for the requests that name it.
    """

    id = peewee.AutoField()
    finess = peewee.CharField(9, unique=True)
    finess_juridique = peewee.CharField(9, default="")
    nom = peewee.TextField()
    mots = peewee.TextField(default="")
    statut_juridique = peewee.TextField(default="")
    adresse = peewee.TextField(default="")
    code_postal = peewee.CharField(5, default="")
    ville = peewee.TextField(default="")
    insee = peewee.CharField(5, null=True)
    latitude = peewee.FloatField(null=True)
    longitude = peewee.FloatField(null=True)
    position = peewee.TextField(default="")
    telephone = peewee.TextField(default="")
    courriel = peewee.TextField(default="")
    site = peewee.TextField(default="")
    services = peewee.TextField(default="")
    aide_sociale = peewee.BooleanField(default=False)
    incomplets = peewee.BooleanField(default=False)
    rappel_heures = peewee.SmallIntegerField(null=True)
    source = peewee.TextField(default="saisie")
    maj = UtcDateTimeField()
    ferme = peewee.BooleanField(default=False)
    version = peewee.IntegerField(default=1)


class Unite(Model):
    """A part of an establishment that takes people in: ``genre`` and ``sejours`` are codes of ``genres``.

    ``capacite`` and ``places`` (free, declared on ``places_le``) may be unknown.
    """

    id = peewee.AutoField()
    etablissement = peewee.ForeignKeyField(Etablissement, on_delete="CASCADE")
    etablissement_id: int
    genre = peewee.TextField()
    nom = peewee.TextField(default="")
    sejours = peewee.TextField(default="")
    capacite = peewee.SmallIntegerField(null=True)
    places = peewee.SmallIntegerField(null=True)
    places_le = DayField(null=True)


class Tarif(Model):
    """Prices of a day in cents: lodging for a kind of stay and room, and the dependency tariff by GIR group."""

    id = peewee.AutoField()
    etablissement = peewee.ForeignKeyField(Etablissement, on_delete="CASCADE")
    etablissement_id: int
    sejour = peewee.TextField()
    chambre = peewee.TextField(default="")
    hebergement = peewee.IntegerField(null=True)
    dep12 = peewee.IntegerField(null=True)
    dep34 = peewee.IntegerField(null=True)
    dep56 = peewee.IntegerField(null=True)
    valable_du = DayField(null=True)


class Reponse(Model):
    """How an establishment answers requests, counted again now and then by ``demandes.statistiques.refresh``.

    ``n`` answers in the period, ``mediane`` their median time in hours; ``refus``: JSON list of [motive in words, n].
    Small counts are never written here: ``mediane`` is null and ``refus`` empty under ``recherche.MIN_ANSWERS``.
    """

    etablissement_id = peewee.IntegerField(primary_key=True)
    n = peewee.IntegerField()
    mediane = peewee.IntegerField(null=True)
    refus = peewee.TextField(default="[]")
    maj = UtcDateTimeField()

    class Meta:
        table_name = "etablissement_reponse"


class Capacite(Model):
    """What a sanitaire unit declared that it can take (``capacites.Capacites``): a unit without a row declared nothing.

    Lists are codes separated by blanks.
    """

    unite_id = peewee.IntegerField(primary_key=True)
    mentions = peewee.TextField(default="")
    modes = peewee.TextField(default="")
    plateau = peewee.TextField(default="")
    soins = peewee.TextField(default="")
    isolements = peewee.TextField(default="")
    lisp = peewee.BooleanField(default=False)
    age_min = peewee.SmallIntegerField(null=True)
    age_max = peewee.SmallIntegerField(null=True)
    zone = peewee.SmallIntegerField(null=True)
    maj = UtcDateTimeField()

    class Meta:
        table_name = "unite_capacite"


class Territoire(Model):
    """The children that a unit of genre « pco » takes: who live in one of its ``departements`` or ``communes`` (INSEE
    codes separated by blanks), from ``age_min`` years on and before the birthday ``avant``."""

    unite_id = peewee.IntegerField(primary_key=True)
    departements = peewee.TextField(default="")
    communes = peewee.TextField(default="")
    age_min = peewee.SmallIntegerField(default=0)
    avant = peewee.SmallIntegerField()
    version = peewee.IntegerField(default=1)
    maj = UtcDateTimeField()

    class Meta:
        table_name = "pco_territoire"
