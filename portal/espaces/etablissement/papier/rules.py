"""The life of a dossier received on paper: a smaller one than a request's, tied to nothing else. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

RECU, LISTE, PROPOSE, ADMIS, CLOS = "recu", "liste", "propose", "admis", "clos"
EN_COURS, CLOSES = "en_cours", "clos"
TABS = {EN_COURS: "En cours", CLOSES: "Entrés ou clos"}
STATES = {EN_COURS: (RECU, LISTE, PROPOSE), CLOSES: (ADMIS, CLOS)}
OLDEST = timedelta(days=5 * 366)


@dataclass(frozen=True)
class Etat:
    """Where a paper dossier stands: its code, its words, its icon, and where it may go from there."""

    code: str
    label: str
    icon: str
    targets: tuple[str, ...]


ETATS = {etat.code: etat for etat in (
    Etat(RECU, "Reçu", "envoi", (LISTE, PROPOSE, ADMIS, CLOS)),
    Etat(LISTE, "Liste d’attente", "attente", (LISTE, PROPOSE, ADMIS, CLOS)),
    Etat(PROPOSE, "Place proposée", "valide", (LISTE, ADMIS, CLOS)),
    Etat(ADMIS, "Entré", "valide", (LISTE,)),
    Etat(CLOS, "Clos", "archive", (RECU,)),
)}


def targets(etat: str) -> list[Etat]:
    """Where a paper dossier may go from there, in order."""
    return [ETATS[code] for code in ETATS[etat].targets]


def why_not_received(day: date, today: date) -> str:
    """Why a paper dossier can't have come on that day; "" when it can."""
    if day > today:
        return "Cette date est à venir\u00a0: donnez le jour où le dossier est arrivé."
    if day < today - OLDEST:
        return "Cette date a plus de cinq ans\u00a0: vérifiez l’année."
    return ""
