"""The same facts in related tables, each fact in one place but what an index needs to order the list."""

from django.contrib.auth.models import AbstractUser
from django.db import models

from portal.dossiers import rules


class Medecin(AbstractUser):
    """A physician; the user name is his RPPS number."""

    charte = models.CharField(max_length=20)

    @property
    def name(self):
        return f"Dr {self.first_name} {self.last_name}"


class Commune(models.Model):
    """A town."""

    code_postal = models.CharField(max_length=5)
    nom = models.CharField(max_length=80)


class Patient(models.Model):
    """A person."""

    civilite = models.CharField(max_length=3)
    nom_naissance = models.CharField(max_length=80)
    nom_usage = models.CharField(max_length=80)
    prenom = models.CharField(max_length=80)
    naissance = models.DateField()
    adresse = models.CharField(max_length=200)
    commune = models.ForeignKey(Commune, on_delete=models.PROTECT)

    def __str__(self):
        return rules.patient_label(self.nom_naissance, self.nom_usage, self.prenom, self.civilite)


class Structure(models.Model):
    """Who leads a request when it is neither a physician nor the patient."""

    nom = models.CharField(max_length=120)


class Dossier(models.Model):
    """One request for one person."""

    module = models.CharField(max_length=3)
    numero = models.IntegerField()
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT)
    etat = models.CharField(max_length=12)
    statut = models.CharField(max_length=24)
    referent_kind = models.CharField(max_length=10)
    referent_medecin = models.ForeignKey(Medecin, null=True, on_delete=models.PROTECT)
    referent_structure = models.ForeignKey(Structure, null=True, on_delete=models.PROTECT)
    lie = models.ForeignKey("self", null=True, on_delete=models.SET_NULL)
    created = models.BigIntegerField()
    updated = models.BigIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("module", "numero"), name="numero_unique"),)

    @property
    def slug(self):
        return rules.MODULES[self.module].slug

    @property
    def words(self):
        """The status as the table shows it."""
        return rules.STATUTS[self.statut]

    def referent(self, medecin_id):
        """Who leads the request, as this physician reads it."""
        if self.referent_kind == "patient":
            return "Le patient"
        if self.referent_kind == "medecin":
            return "Vous" if self.referent_medecin_id == medecin_id else self.referent_medecin.name
        return self.referent_structure.nom


class Lien(models.Model):
    """A physician's link to a dossier; ``module``, ``onglet`` and ``maj`` serve the index of the list's order."""

    medecin = models.ForeignKey(Medecin, on_delete=models.PROTECT)
    dossier = models.ForeignKey(Dossier, on_delete=models.CASCADE)
    etat = models.CharField(max_length=8)
    module = models.CharField(max_length=3)
    onglet = models.CharField(max_length=16, null=True)
    maj = models.BigIntegerField()
    numero = models.IntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("medecin", "dossier"), name="lien_unique"),)
        indexes = (models.Index(fields=("medecin", "module", "onglet", "-maj", "-numero"), name="liste_recente"),)

    @property
    def referent(self):
        return self.dossier.referent(self.medecin_id)


class Compteur(models.Model):
    """How many dossiers a physician's tab holds."""

    medecin = models.ForeignKey(Medecin, on_delete=models.CASCADE)
    module = models.CharField(max_length=3)
    onglet = models.CharField(max_length=16)
    n = models.IntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("medecin", "module", "onglet"), name="compteur_unique"),)
