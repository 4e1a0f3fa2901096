"""Tables of dossiers. ``Lien`` is the link physician - dossier and the row of his table at once."""

from __future__ import annotations

import peewee

from portal.db.base import DayField, Model, UtcDateTimeField

# The orders on offer: for each, the column that leads (the number follows, so that no two rows are equal).
ORDERS = {
    "recent": "maj", "numero": "numero", "patient": "tri_patient", "referent": "tri_referent", "statut": "rang",
}


class Dossier(Model):
    """One request for one person.

    ``telephone``, ``telephone2``, ``courriel`` and ``nir`` are sealed (row: « ga 43009190 »); ``nir_empreinte``
    finds the same number again without saying it. ``sejours`` is « Permanent, Jour ».

    ``prenoms``: all given names of the birth certificate, in order (« Josette Marie », or with commas); ``prenom``
    the one in use. ``naissance_insee``: commune (« 14118 ») or country (« 99352 ») of birth, ``naissance_lieu`` its
    name. ``ins_statut``: see ``identite.STATUTS``.

    ``etat`` and ``statut``: see ``rules.STATUTS``. The referent (``referent_kind``) is a physician (« medecin »,
    ``referent_rpps``), the patient himself (« patient »), or a structure (« structure », ``referent_structure`` and
    ``referent_texte``: « CLIC BESSIN — CLIC du Bessin »). ``alerte_le``: when it was said that the dossier would be
    archived unless something changed.
    """

    id = peewee.AutoField()
    module = peewee.CharField(3)
    numero = peewee.IntegerField()
    civilite = peewee.CharField(3)
    nom_naissance = peewee.TextField()
    nom_usage = peewee.TextField()
    prenom = peewee.TextField()
    naissance = DayField()
    sexe = peewee.CharField(1)
    adresse = peewee.TextField()
    insee = peewee.CharField(5, null=True)
    code_postal = peewee.CharField(5)
    ville = peewee.TextField()
    telephone = peewee.BlobField(null=True)
    sejours = peewee.TextField()
    gir = peewee.SmallIntegerField(null=True)
    etat = peewee.TextField()
    statut = peewee.TextField()
    referent_kind = peewee.TextField()
    referent_rpps = peewee.BigIntegerField(null=True)
    referent_texte = peewee.TextField()
    lie = peewee.ForeignKeyField("self", null=True, on_delete="SET NULL")
    lie_id: int | None
    created = UtcDateTimeField()
    updated = UtcDateTimeField()
    version = peewee.IntegerField(default=1)
    prenoms = peewee.TextField(default="")
    naissance_insee = peewee.CharField(5, null=True)
    naissance_lieu = peewee.TextField(default="")
    nir = peewee.BlobField(null=True)
    nir_empreinte = peewee.CharField(32, null=True, index=True)
    ins_statut = peewee.CharField(5, default="PROV")
    telephone2 = peewee.BlobField(null=True)
    courriel = peewee.BlobField(null=True)
    referent_structure = peewee.IntegerField(null=True)
    alerte_le = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("module", "numero"), True),)


class Lien(Model):
    """A physician's link to a dossier, with copies of all that his table prints.

    Clustered by physician (WITHOUT ROWID, key led by ``rpps``), so that a page touches a few
    neighbouring blocks whatever the size of the base; one index for each order on offer.
    ``commands`` keeps the copies true; ``onglet`` is None when the dossier is no longer his to see.
    ``decide_le``: since when the link stands as it does.
    """

    rpps = peewee.BigIntegerField()
    dossier = peewee.ForeignKeyField(Dossier, on_delete="CASCADE", index=True)
    etat = peewee.TextField()
    version = peewee.IntegerField(default=1)
    decide_par = peewee.BigIntegerField(null=True)
    decide_le = UtcDateTimeField(null=True)
    module = peewee.CharField(3)
    onglet = peewee.TextField(null=True)
    numero = peewee.IntegerField()
    patient = peewee.TextField()
    code_postal = peewee.CharField(5)
    ville = peewee.TextField()
    referent = peewee.TextField()
    statut = peewee.TextField()
    lie_module = peewee.CharField(3, null=True)
    lie_numero = peewee.IntegerField(null=True)
    maj = UtcDateTimeField()
    tri_patient = peewee.TextField()
    tri_referent = peewee.TextField()
    rang = peewee.SmallIntegerField()
    mots = peewee.TextField()
    # ISO text: a person who may be there already is looked for by birth date.
    naissance = peewee.CharField(10, default="")

    class Meta:
        primary_key = peewee.CompositeKey("rpps", "dossier")
        without_rowid = True
        indexes = (
            *((("rpps", "module", "onglet", *dict.fromkeys((column, "numero"))), False)
              for column in ORDERS.values()),
            (("rpps", "naissance"), False),
        )


class Numero(Model):
    """The last number given to a module's dossiers: see ``numeros``."""

    module = peewee.CharField(3, primary_key=True)
    dernier = peewee.IntegerField()


class Compteur(Model):
    """How many dossiers a physician's tab holds; « a_accepter » counts the unanswered ones in progress."""

    rpps = peewee.BigIntegerField()
    module = peewee.CharField(3)
    onglet = peewee.TextField()
    n = peewee.IntegerField()

    class Meta:
        primary_key = peewee.CompositeKey("rpps", "module", "onglet")
        without_rowid = True
