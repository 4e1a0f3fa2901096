"""What a platform checks, decides and writes on a child's path. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from portal.demandes import machines
from portal.demandes import rules as demandes
from portal.espaces.rules import ADMISSIONS, MEDICAL
from portal.tnd import rules as tnd

MODULE = "tnd"
LONGEST_NAME, LONGEST_TEXT, LONGEST_SYNTHESIS = 80, 2000, 8000
# A path may be dated a little before it is written down, and planned a little ahead.
EARLIEST, FARTHEST = timedelta(days=90), timedelta(days=180)

CONFORMITE = {
    "identite": "L’identité de l’enfant est complète",
    "age": "L’enfant est dans la tranche d’âge de la plateforme",
    "territoire": "L’enfant habite le territoire de la plateforme",
    "accord": "Les titulaires de l’autorité parentale ont donné leur accord",
    "prescription": "La lettre et la prescription du médecin sont là",
    "reperage": "Le repérage fait suspecter un trouble du neuro-développement",
    "suivi": "Aucune structure ne suit déjà l’enfant (CAMSP, CMPP, CMP)",
}
"""What is checked before a path opens: each point has its own reason to refuse, or to ask for a complement."""

CONVENTIONS = {
    "conv_orthophoniste": "Orthophoniste", "conv_kine": "Masseur-kinésithérapeute", "conv_orthoptiste": "Orthoptiste",
    "conv_medecin": "Médecin",
}
"""Professions that the assurance maladie pays under their convention, outside the forfaits."""
CONVENTION = "acte conventionné"
PREVU, FAIT, ABANDONNE = "prevu", "fait", "abandonne"
BILANS = {PREVU: "Prévu", FAIT: "Fait", ABANDONNE: "Abandonné"}


@dataclass(frozen=True)
class Acte:
    """One act of a platform: the end of its address, its event of the TND machine, the words of its button and page,
    who may, what was done in words."""

    code: str
    event: str
    label: str
    roles: frozenset[str]
    done: str

    @property
    def title(self) -> str:
        return self.label


_BOTH, _PHYSICIAN = frozenset({ADMISSIONS, MEDICAL}), frozenset({MEDICAL})
# A physician of the platform validates the prescription and signs the synthesis.
ACTS = {acte.code: acte for acte in (
    Acte("valider", "valider", "Valider et ouvrir le parcours", _PHYSICIAN,
         "Le parcours est ouvert\u00a0: le médecin qui a adressé l’enfant en est averti."),
    Acte("commencer", "commencer", "Commencer les bilans", _BOTH,
         "Les bilans ont commencé\u00a0: le médecin qui a adressé l’enfant en est averti."),
    Acte("synthese", "synthese", "Rendre la synthèse", _PHYSICIAN,
         "La synthèse est rendue\u00a0: le médecin qui a adressé l’enfant peut la lire."),
    Acte("renouveler", "renouveler", "Renouveler le parcours", _BOTH,
         "Le parcours est renouvelé\u00a0: le médecin qui a adressé l’enfant en est averti."),
    Acte("clore", "clore_parcours", "Clore le parcours", _BOTH, "Le parcours est clos, avec son motif."),
    Acte("reorienter", "reorienter", "Réorienter la demande", _BOTH,
         "La demande est réorientée, avec son motif. Le dossier n’est plus lisible ici."),
)}
# What comes next most often, by state.
FIRST = {demandes.LUE: "valider", demandes.PARCOURS: "commencer", demandes.BILANS: "synthese",
         demandes.RENOUVELE: "synthese", demandes.SYNTHESE: "clore"}
OPEN = frozenset({demandes.PARCOURS, demandes.BILANS, demandes.SYNTHESE, demandes.RENOUVELE})
RENEWABLE = frozenset({demandes.BILANS, demandes.SYNTHESE})
ONCE = "Ce parcours a déjà été renouvelé\u00a0: il ne peut l’être qu’une fois (articles R. 2134-1 à R. 2134-4 CSP)."


def possible(etat: str, roles: Collection[str]) -> list[Acte]:
    """What a member with these roles may do with a request that stands there, the usual next step first."""
    machine = machines.of(MODULE)
    found = [acte for acte in ACTS.values() if machine.transition(etat, acte.event) and acte.roles & set(roles)]
    return sorted(found, key=lambda acte: acte.code != FIRST.get(etat))


def end(start: date, months: int) -> date:
    """The last day of a path of so many months: one year from 15/03/2026 ends on 14/03/2027."""
    month = start.month - 1 + months
    year, month = start.year + month // 12, month % 12 + 1
    try:
        anniversary = start.replace(year=year, month=month)
    except ValueError:  # 29/02, 31/04: the first day of the month after, which is never January
        anniversary = date(year, month + 1, 1)
    return anniversary - timedelta(days=1)


def why_not_begun(day: date, today: date) -> str:
    """Why a path can't begin on that day; "" when it can."""
    if day < today - EARLIEST:
        return "Ce jour est trop ancien\u00a0: un parcours se valide au plus trois mois après son début."
    if day > today + FARTHEST:
        return "Ce jour est trop lointain\u00a0: un parcours s’ouvre au plus six mois à l’avance."
    return ""


def why_not_renewed(etat: str, renewals: int, day: date) -> str:
    """Why a path can't be renewed, as a French sentence; "" when it can. How often it may is a dated setting."""
    if renewals >= tnd.at(day).duree.renouvellements:
        return ONCE
    if etat not in RENEWABLE:
        return machines.of(MODULE).why_impossible(etat, "renouveler")
    return ""


def modes(day: date) -> dict[str, tuple[str, str, int | None]]:
    """How a professional may be paid on that day, by code: profession, object, euros (None under a convention)."""
    listed = tnd.at(day).forfaits
    found: dict[str, tuple[str, str, int | None]] = {
        one.code: (one.profession, one.objet, one.euros) for one in (listed.liste if listed else ())}
    return found | {code: (profession, CONVENTION, None) for code, profession in CONVENTIONS.items()}


def mode_words(day: date) -> list[tuple[str, str]]:
    """The same to choose from: « Forfait, Ergothérapeute, bilan : 140 € »."""
    listed = tnd.at(day).forfaits
    return ([(one.code, f"Forfait, {one.label}") for one in (listed.liste if listed else ())]
            + [(code, f"{profession}, {CONVENTION}") for code, profession in CONVENTIONS.items()])
