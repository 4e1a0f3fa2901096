"""Tables of those who are not physicians: structures, their people, patients and relatives."""

from __future__ import annotations

import peewee

from portal.db.base import Model, UtcDateTimeField

ETABLISSEMENT, COORDINATION, HOSPITALIER = "etablissement", "coordination", "hospitalier"


class Structure(Model):
    """An establishment that receives, a coordination team (CLIC, DAC) or a hospital service.

    ``nom`` and ``service`` are as the tables print them: « CLIC BESSIN — CLIC du Bessin ». ``etablissement_id`` is
    the directory's row of one that receives. ``telephone`` is public.
    """

    id = peewee.AutoField()
    kind = peewee.TextField()
    nom = peewee.TextField()
    service = peewee.TextField(default="")
    etablissement_id = peewee.IntegerField(null=True, unique=True)
    telephone = peewee.TextField(default="")
    courriel = peewee.TextField(default="")
    adresse = peewee.TextField(default="")
    insee = peewee.CharField(5, null=True)
    code_postal = peewee.CharField(5, default="")
    ville = peewee.TextField(default="")
    created = UtcDateTimeField()

    @property
    def label(self) -> str:
        """« CLIC BESSIN — CLIC du Bessin », « EHPAD Les Tilleuls »."""
        return f"{self.nom} — {self.service}" if self.service else str(self.nom)


class Membre(Model):
    """An account of a structure; ``roles``: blank-separated codes of ``rules.ROLES``. Gone with ``retire_le``."""

    compte_id = peewee.IntegerField(primary_key=True)
    structure = peewee.ForeignKeyField(Structure, on_delete="RESTRICT")
    structure_id: int
    roles = peewee.TextField()
    fonction = peewee.TextField(default="")
    created = UtcDateTimeField()
    retire_le = UtcDateTimeField(null=True)


class Usager(Model):
    """Someone who follows one dossier by mailed links: the person herself, a helper, a relative.

    ``courriel`` and ``telephone`` are sealed (row: the subject); ``courriel_empreinte`` finds the same address again
    without saying it. ``role``: patient, aidant or famille; ``lien`` in words (« fille »). ``avis``: takes mails about
    what happens. Gone once ``retire_le`` is set.
    """

    id = peewee.AutoField()
    subject = peewee.CharField(12, unique=True)
    dossier_id = peewee.IntegerField(index=True)
    role = peewee.TextField()
    lien = peewee.TextField(default="")
    prenom = peewee.TextField()
    nom = peewee.TextField()
    courriel = peewee.BlobField(null=True)
    courriel_empreinte = peewee.CharField(32, null=True, index=True)
    telephone = peewee.BlobField(null=True)
    confirme_le = UtcDateTimeField(null=True)
    rappele_le = UtcDateTimeField(null=True)
    avis = peewee.BooleanField(default=True)
    created = UtcDateTimeField()
    retire_le = UtcDateTimeField(null=True)

    @property
    def name(self) -> str:
        """« Anne LEROUX »."""
        return f"{self.prenom} {self.nom}"


class Suivi(Model):
    """A structure's link to a dossier: it leads the request (« referent »), follows it (« suit »), or has handed it
    over (« transfere ») and sees it no more."""

    structure = peewee.ForeignKeyField(Structure, on_delete="RESTRICT")
    structure_id: int
    dossier_id = peewee.IntegerField(index=True)
    etat = peewee.TextField()
    depuis = UtcDateTimeField()

    class Meta:
        primary_key = peewee.CompositeKey("structure", "dossier_id")


class Transfert(Model):
    """A dossier that its structure offers to hand over to the médecin traitant, until he takes it or it is undone."""

    dossier_id = peewee.IntegerField(primary_key=True)
    structure = peewee.ForeignKeyField(Structure, on_delete="RESTRICT")
    structure_id: int
    rpps = peewee.BigIntegerField()
    propose_par = peewee.TextField()
    propose_le = UtcDateTimeField()
