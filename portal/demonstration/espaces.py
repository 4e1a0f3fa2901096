"""The other actors of a demonstration: an establishment, a coordination team, a hospital service, and their people."""

from __future__ import annotations

from dataclasses import dataclass

from portal import clock
from portal.annuaire.models import Etablissement, Unite
from portal.compte import commands as comptes
from portal.compte import passwords
from portal.compte.models import STRUCTURE, Compte
from portal.compte.rules import CHARTE
from portal.db import database
from portal.db.audit import Actor
from portal.demonstration.comptes import PASSWORD
from portal.dossiers.models import Dossier
from portal.espaces import rules
from portal.espaces.models import Membre, Structure, Suivi

TILLEULS = "EHPAD Les Tilleuls"
TILLEULS_FINESS = "149900011"


@dataclass(frozen=True)
class Person:
    """Somebody who works for a structure."""

    prenom: str
    nom: str
    email: str
    roles: str
    fonction: str


TEAMS: dict[tuple[str, str, str], tuple[Person, ...]] = {
    (rules.ETABLISSEMENT, TILLEULS, ""): (
        Person("Claire", "DUBOIS", "claire.dubois@tilleuls.example", "admissions referent",
               "Responsable des admissions"),
        Person("Paul", "ROY", "paul.roy@tilleuls.example", "medical", "Médecin coordonnateur"),
    ),
    (rules.COORDINATION, "CLIC BESSIN", "CLIC du Bessin"): (
        Person("Léa", "MARTEL", "lea.martel@clic-bessin.example", "dossiers referent", "Coordinatrice"),
    ),
    (rules.HOSPITALIER, "CHU COTE DE NACRE - CAEN", "Gériatrie Aigüe Niv.8 Unité 27"): (
        Person("Noé", "PETIT", "noe.petit@chu-caen.example", "dossiers referent", "Cadre de santé"),
    ),
}


def ensure() -> None:
    """Make the structures, their accounts (same password as all, charter accepted) and their links to dossiers."""
    with database.writing():
        if Structure.select().exists():
            return
        for rank, ((kind, nom, service), people) in enumerate(TEAMS.items()):
            place = tilleuls().id if kind == rules.ETABLISSEMENT else None
            made = Structure.create(
                kind=kind, nom=nom, service=service, etablissement_id=place, telephone=f"02 61 91 44 0{rank + 1}",
                courriel=people[0].email, code_postal="14000", ville="CAEN", insee="14118", created=clock.now())
            for person in people:
                _account(made, person)
            _lead(made)


def tilleuls() -> Etablissement:
    """The establishment of the cast, as the region's directory has it."""
    found = Etablissement.get_or_none(Etablissement.nom == TILLEULS)
    if found is not None:
        return found
    made: Etablissement = Etablissement.create(
        finess=TILLEULS_FINESS, nom=TILLEULS, adresse="4 rue des Tilleuls", code_postal="14000", ville="CAEN",
        insee="14118", telephone="02 61 91 44 01", source="demonstration", maj=clock.now())
    Unite.create(etablissement=made, genre="ehpad", sejours="permanent temporaire jour", capacite=82)
    return made


def _account(structure: Structure, person: Person) -> None:
    rank = Compte.select().count() + 1
    compte = Compte.create(
        subject=f"S{rank:011d}", rpps=None, kind=STRUCTURE, nom=person.nom, prenom=person.prenom,
        profession=person.fonction, specialite_code="", specialite="", email=person.email,
        email_confirmed_at=clock.now(), password=passwords.hashed(PASSWORD), adresse="", insee="14118",
        code_postal="14000", ville="CAEN", created=clock.now())
    comptes.accept_charte(Actor(None, compte.name, "interne", subject=compte.subject), compte, CHARTE)
    Membre.create(compte_id=compte.id, structure=structure, roles=person.roles, fonction=person.fonction,
                  created=clock.now())


def _lead(structure: Structure) -> None:
    """The dossiers whose referent bears the structure's name are led by it."""
    own = [row.id for row in Dossier.select(Dossier.id).where(
        Dossier.referent_kind == "structure", Dossier.referent_texte == structure.label).order_by(Dossier.id)]
    Dossier.update(referent_structure=structure.id).where(Dossier.id.in_(own)).execute()
    if own:
        Suivi.insert_many([{"structure": structure.id, "dossier_id": one, "etat": rules.LEADS, "depuis": clock.now()}
                           for one in own]).execute()
