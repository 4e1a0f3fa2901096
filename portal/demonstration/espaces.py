"""The other actors of a demonstration: establishments, a coordination team, a hospital service, and their people."""

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
SMR, HAD, USP = "SMR de la Baie", "HAD du Bocage", "USP de l’Estran"


@dataclass(frozen=True)
class Place:
    """An establishment of the cast, with its one unit."""

    finess: str
    adresse: str
    telephone: str
    genre: str
    sejours: str
    capacite: int


PLACES = {
    TILLEULS: Place("149900011", "4 rue des Tilleuls", "02 61 91 44 01", "ehpad", "permanent temporaire jour", 82),
    SMR: Place("149990001", "18 avenue de la Baie", "02 61 91 44 04", "smr", "complet jour", 64),
    HAD: Place("149990002", "7 route du Bocage", "02 61 91 44 05", "had", "domicile", 45),
    USP: Place("149990003", "2 chemin de l’Estran", "02 61 91 44 06", "usp", "complet", 12),
}


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
    (rules.HOSPITALIER, "CHU COTE DE NACRE - CAEN", "Addictologie"): (
        Person("Élise", "LAMY", "elise.lamy@chu-caen.example", "dossiers referent", "Infirmière de coordination"),
        Person("Marc", "AUVRAY", "marc.auvray@chu-caen.example", "medical", "Médecin du service"),
    ),
    (rules.HOSPITALIER, "CH demo 14 BN 2018", "MCO14"): (
        Person("Julie", "COSTA", "julie.costa@ch-demo14.example", "dossiers medical referent", "Médecin du service"),
    ),
    (rules.ASSISTANCE, "Assistance ViaTrajectoire", "Normandie"): (
        Person("Sam", "LEROY", "sam.leroy@assistance.example", "support referent", "Chargé d’assistance"),
    ),
    (rules.ETABLISSEMENT, SMR, ""): (
        Person("Inès", "CARON", "ines.caron@smr-baie.example", "admissions referent", "Responsable des admissions"),
        Person("Hugo", "LECLERC", "hugo.leclerc@smr-baie.example", "medical", "Médecin de réadaptation"),
    ),
    (rules.ETABLISSEMENT, HAD, ""): (
        Person("Sonia", "GUERIN", "sonia.guerin@had-bocage.example", "admissions referent", "Infirmière de liaison"),
        Person("Alain", "MOREL", "alain.morel@had-bocage.example", "medical", "Médecin praticien de HAD"),
    ),
    (rules.ETABLISSEMENT, USP, ""): (
        Person("Maud", "JOUAN", "maud.jouan@usp-estran.example", "admissions referent", "Cadre de santé"),
        Person("Yann", "LE BRAS", "yann.lebras@usp-estran.example", "medical", "Médecin de soins palliatifs"),
    ),
}


def ensure() -> None:
    """Make the structures, their accounts (same password as all, charter accepted) and their links to dossiers."""
    with database.writing():
        if Structure.select().exists():
            return
        for rank, ((kind, nom, service), people) in enumerate(TEAMS.items()):
            receives = place(nom).id if kind == rules.ETABLISSEMENT else None
            made = Structure.create(
                kind=kind, nom=nom, service=service, etablissement_id=receives, telephone=f"02 61 91 44 {rank + 1:02}",
                courriel=people[0].email, code_postal="14000", ville="CAEN", insee="14118", created=clock.now())
            for person in people:
                account(made, person)
            _lead(made)


def tilleuls() -> Etablissement:
    """The EHPAD of the cast."""
    return place(TILLEULS)


def place(nom: str) -> Etablissement:
    """An establishment of the cast, as the region's directory has it; made here where there is no region."""
    found = Etablissement.get_or_none(Etablissement.nom == nom)
    if found is not None:
        return found
    one = PLACES[nom]
    made: Etablissement = Etablissement.create(
        finess=one.finess, nom=nom, adresse=one.adresse, code_postal="14000", ville="CAEN", insee="14118",
        telephone=one.telephone, source="demonstration", maj=clock.now())
    Unite.create(etablissement=made, genre=one.genre, sejours=one.sejours, capacite=one.capacite)
    return made


def account(structure: Structure, person: Person) -> None:
    """Somebody of a structure, his charter accepted, with the password of all."""
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
