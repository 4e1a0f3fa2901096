"""Tables of the volets. What is medical or personal is sealed; states, authors and times are in clear."""

from __future__ import annotations

import peewee

from portal.db.base import Model, UtcDateTimeField


class Volet(Model):
    """One volet of a dossier, from its first words on: see ``rules.STATES``.

    ``contenu`` is sealed JSON (row: « ga 43009190 medical »): ``reponses``, the answers, and ``copies``, for each
    field taken from another dossier its label. ``version`` grows with each change; ``definition`` and
    ``definition_version`` name the form that was answered.
    """

    id = peewee.AutoField()
    dossier_id = peewee.IntegerField()
    code = peewee.TextField()
    etat = peewee.TextField()
    version = peewee.IntegerField(default=1)
    definition = peewee.TextField()
    definition_version = peewee.SmallIntegerField()
    contenu = peewee.BlobField()
    modifie_par = peewee.TextField()
    modifie_le = UtcDateTimeField()
    valide_par = peewee.TextField(null=True)
    valide_le = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("dossier_id", "code"), True),)


class Signature(Model):
    """What a volet said each time it was validated, never changed after (``contenu`` sealed, row: as the volet's,
    then its version)."""

    id = peewee.AutoField()
    volet_id = peewee.IntegerField()
    version = peewee.IntegerField()
    definition_version = peewee.SmallIntegerField()
    contenu = peewee.BlobField()
    par = peewee.TextField()
    le = UtcDateTimeField()

    class Meta:
        table_name = "volet_signature"
        indexes = ((("volet_id", "version"), True),)


class Evaluation(Model):
    """One AGGIR evaluation, kept when the volet autonomie is validated (``resultat``: sealed JSON, row: dossier
    label and id of the evaluation's signature version)."""

    id = peewee.AutoField()
    dossier_id = peewee.IntegerField(index=True)
    version = peewee.IntegerField()
    resultat = peewee.BlobField()
    par = peewee.TextField()
    le = UtcDateTimeField()

    class Meta:
        table_name = "aggir_evaluation"


class Envoi(Model):
    """A saving already made, by the key its sender chose: sent again after a lost answer, it changes nothing."""

    cle = peewee.CharField(64, primary_key=True)
    volet_id = peewee.IntegerField()
    le = UtcDateTimeField(index=True)

    class Meta:
        table_name = "volet_envoi"
