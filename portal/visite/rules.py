"""The steps of the visit: a real page each, and the section of the help that tells what is seen there."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Etape:
    """One step: its number from 1, the address it is seen at, and its help section (``page#anchor``)."""

    numero: int
    adresse: str
    aide: str


_STEPS = (
    ("/accueil", "premiere-connexion#tableau-de-bord"),
    ("/accueil", "premiere-connexion#rechercher"),
    ("/dossiers/grand-age", "premiere-connexion#tableaux"),
    ("/dossiers/grand-age", "premiere-connexion#accepter"),
    ("/dossiers/grand-age?onglet=hors_patientele", "premiere-connexion#hors-patientele"),
    ("/dossiers/creer", "dossiers/creer#choisir"),
    ("/compte", "compte/mon-compte#ouvrir"),
    ("/delegations", "delegations#mes-delegations"),
    ("/accueil/contact", "accueil#contact"),
)
ETAPES = tuple(Etape(numero, adresse, aide) for numero, (adresse, aide) in enumerate(_STEPS, 1))
FINIE, DECLINEE = "finie", "declinee"


def etape(numero: object) -> Etape | None:
    """The step of this number, whatever was given for one."""
    return next((one for one in ETAPES if str(one.numero) == str(numero)), None)
