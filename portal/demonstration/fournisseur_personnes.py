"""Who holds an e-CPS in the demonstration, and how Pro Santé Connect describes such people."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

PHYSICIAN, NURSE = "10", "60"


@dataclass(frozen=True)
class Person:
    """A holder: national id of 12 digits, names as the directory writes them, profession and specialty codes."""

    number: str
    last_name: str
    first_name: str
    label: str
    detail: str
    profession: str = PHYSICIAN
    specialty: str = ""


PEOPLE = (
    Person("810100000022", "DURAND", "BOB", "Dr Bob Durand", "Médecin généraliste à Caen, compte déjà créé",
           specialty="SM53"),
    Person("810100000011", "MARTIN", "ALICE", "Dr Alice Martin", "Médecin généraliste à Caen, première connexion",
           specialty="SM26"),
    Person("810100000033", "PETIT", "CHLOÉ", "Dr Chloé Petit",
           "Médecin remplaçante, à qui un confrère confie ses dossiers"),
    Person("810100000066", "BENALI", "FATIMA", "Fatima Benali", "Infirmière : une autre profession",
           profession=NURSE),
)


def by_number(number: str) -> Person | None:
    """The holder of a national id."""
    return next((person for person in PEOPLE if person.number == number), None)


def sub(person: Person) -> str:
    """The provider's own name for a person: a realm's identifier, then the national id."""
    return f"f:{uuid.uuid5(uuid.NAMESPACE_URL, 'demonstration')}:{person.number}"


def userinfo(person: Person) -> dict[str, Any]:
    """The claims of Pro Santé Connect's userinfo that the portal reads, and their neighbours."""
    practice = {
        "codeProfession": person.profession, "codeCategorieProfessionnelle": "C",
        "codeTypeSavoirFaire": "S" if person.specialty else "", "codeSavoirFaire": person.specialty,
        "activities": [{"codeModeExercice": "L", "codeSecteurDactivite": "SA07", "codePostal": "14000",
                        "raisonSocialeSite": "CABINET DE DEMONSTRATION"}],
    }
    return {
        "sub": sub(person), "SubjectNameID": person.number, "preferred_username": person.number,
        "family_name": person.last_name, "given_name": person.first_name,
        "SubjectRole": [f"{person.profession}^1.2.250.1.213.1.1.5.5"],
        "Secteur_Activite": "SA07^1.2.250.1.71.4.2.4",
        "SubjectRefPro": {"codeCivilite": "M", "exercices": [practice]},
    }
