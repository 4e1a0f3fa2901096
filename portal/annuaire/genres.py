"""The words of the directory: kinds of establishments, of stay, of room, and services. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Genre:
    """A kind of establishment or unit: its code, its short and whole names, the module whose dossiers it reads."""

    code: str
    label: str
    name: str
    module: str


GENRES = {genre.code: genre for genre in (
    Genre("ehpad", "EHPAD", "Établissement d’hébergement pour personnes âgées dépendantes", "ga"),
    Genre("usld", "USLD", "Unité de soins de longue durée", "ga"),
    Genre("ra", "Résidence autonomie", "Résidence autonomie", "ga"),
    Genre("aj", "Accueil de jour", "Accueil de jour autonome", "ga"),
    Genre("smr", "SMR (ex-SSR)", "Soins médicaux et de réadaptation", "s"),
    Genre("had", "HAD", "Hospitalisation à domicile", "s"),
    Genre("usp", "USP", "Unité de soins palliatifs", "s"),
    Genre("pco", "PCO", "Plateforme de coordination et d’orientation", "tnd"),
)}

SEJOURS = {
    "permanent": "Permanent", "temporaire": "Temporaire", "jour": "Jour", "nuit": "Nuit",
    "complet": "Hospitalisation complète", "domicile": "À domicile", "parcours": "Parcours de bilan",
}
SEJOURS_OF = {
    "ga": ("permanent", "temporaire", "jour", "nuit"), "s": ("complet", "jour", "domicile"), "tnd": ("parcours",),
}
CHAMBRES = {"simple": "Chambre seule", "double": "Chambre à deux lits"}
SERVICES = {
    "alzheimer": "Unité protégée (maladie d’Alzheimer)",
    "pasa": "Pôle d’activités et de soins adaptés (PASA)",
    "uhr": "Unité d’hébergement renforcé (UHR)",
    "couple": "Accueil de couples",
    "animal": "Animaux acceptés",
    "jardin": "Jardin",
    "kine": "Salle de kinésithérapie",
    "nuit_ide": "Infirmière de nuit",
    "palliatif": "Accompagnement de fin de vie",
    "handicap": "Accueil de personnes handicapées vieillissantes",
}


def genres_of(module: str) -> tuple[Genre, ...]:
    """The kinds that read a module's dossiers (« ga »)."""
    return tuple(genre for genre in GENRES.values() if genre.module == module)
