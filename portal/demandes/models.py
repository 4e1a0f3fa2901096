"""Tables of the requests of a dossier to establishments, and of each step they took."""

from __future__ import annotations

import peewee

from portal.db.base import DayField, Model, UtcDateTimeField


class Demande(Model):
    """One request: a dossier, an establishment, a kind of stay (code of ``annuaire.genres.SEJOURS``).

    ``module`` (the dossier's) says which of ``machines`` it follows, ``etat`` where it stands there; ``niveau`` and
    ``rang``: the place on its waiting list. ``motif`` is a code of ``rules.MOTIFS``. Free words are sealed (row: the
    demande's id): ``motif_texte``, ``avis_texte``, ``complement``, ``complement_reponse``. ``tarif`` is in cents a
    day. ``repondue_le``: the first answer other than reading. ``accord``: the médecin traitant's word on a care at
    home (« donne », « refuse », "" not said); ``renouvellements`` of a path; ``rappel_fin_le``: when the
    establishment was asked to say whether the patient had come. ``version`` grows with each step: an act names the
    one it saw.
    """

    id = peewee.AutoField()
    dossier_id = peewee.IntegerField()
    module = peewee.CharField(3, default="ga")
    etablissement_id = peewee.IntegerField()
    unite_id = peewee.IntegerField(null=True)
    sejour = peewee.TextField()
    etat = peewee.TextField()
    niveau = peewee.TextField(default="")
    rang = peewee.SmallIntegerField(null=True)
    motif = peewee.TextField(default="")
    motif_texte = peewee.BlobField(null=True)
    version = peewee.IntegerField(default=1)
    created = UtcDateTimeField()
    updated = UtcDateTimeField()
    envoyee_le = UtcDateTimeField(null=True)
    lue_le = UtcDateTimeField(null=True)
    repondue_le = UtcDateTimeField(null=True)
    relancee_le = UtcDateTimeField(null=True)
    relances = peewee.SmallIntegerField(default=0)
    incomplet = peewee.BooleanField(default=False)
    proposee_le = UtcDateTimeField(null=True)
    entree_prevue = DayField(null=True)
    chambre = peewee.TextField(default="")
    tarif = peewee.IntegerField(null=True)
    reponse_avant = DayField(null=True)
    rester = peewee.BooleanField(default=False)
    entree = DayField(null=True)
    avis = peewee.TextField(default="")
    avis_texte = peewee.BlobField(null=True)
    avis_par = peewee.TextField(default="")
    avis_le = UtcDateTimeField(null=True)
    complement = peewee.BlobField(null=True)
    complement_reponse = peewee.BlobField(null=True)
    complement_le = UtcDateTimeField(null=True)
    promesse_le = UtcDateTimeField(null=True)
    escalade_le = UtcDateTimeField(null=True)
    accord = peewee.TextField(default="")
    accord_par = peewee.TextField(default="")
    accord_le = UtcDateTimeField(null=True)
    renouvellements = peewee.SmallIntegerField(default=0)
    rappel_fin_le = UtcDateTimeField(null=True)

    class Meta:
        indexes = (
            (("dossier_id", "etablissement_id", "sejour"), True),
            (("etablissement_id", "etat", "envoyee_le"), False),
            (("etat", "reponse_avant"), False),
        )


class Pas(Model):
    """One step of a demande: what happened (an event of ``rules``), from and to which state, when, by whom."""

    id = peewee.AutoField()
    demande_id = peewee.IntegerField(index=True)
    at = UtcDateTimeField()
    evenement = peewee.TextField()
    de = peewee.TextField()
    vers = peewee.TextField()
    motif = peewee.TextField(default="")
    par = peewee.TextField()
    subject = peewee.TextField(default="")
