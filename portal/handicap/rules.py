"""What a notification of the CDAPH says: rights, statuses and motives by their ANS codes, and how long it holds. Pure.

Codes: JDV_J252 (OID 1.2.250.1.213.3.4.116) for a person in an establishment, JDV_J253 (…4.117) in one of its units,
TRE_R358 (1.2.250.1.213.3.3.248) for the motives. The words are ours, short.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from portal.echeances.rules import months_later

MODULE = "h"
SOON_MONTHS = 3
"""Three months before its end a notification calls for a renewal."""

DROITS = {
    "esms_adulte": "Orientation vers un établissement ou service pour adultes (EAM, MAS, foyer, SAMSAH, SAVS)",
    "esms_enfant": "Orientation vers un établissement ou service pour enfants (IME, ITEP, SESSAD)",
    "travail": "Orientation vers un ESAT ou un centre de rééducation professionnelle",
    "aah": "Allocation aux adultes handicapés (AAH)",
    "aeeh": "Allocation d’éducation de l’enfant handicapé (AEEH)",
    "pch": "Prestation de compensation (PCH)",
    "rqth": "Reconnaissance de travailleur handicapé (RQTH)",
    "carte": "Carte mobilité inclusion",
}
STATUTS = {
    "37": "Décision d’orientation annulée", "39": "Notification envoyée", "40": "Notification lue",
    "41": "Contact pris", "42": "Liste d’attente, demande en cours d’analyse", "72": "Liste d’attente, admissible",
    "71": "Liste d’attente, admis", "43": "Période d’essai en cours", "44": "Période d’essai non concluante",
    "45": "Admission impossible signalée", "46": "Admission impossible entérinée", "47": "Personne entrée",
    "48": "Personne sortie", "49": "Notification annulée", "51": "Demande de réorientation",
    "54": "Notification réactivée",
}
UNITES = {
    "182": "Liste d’attente, en cours d’analyse", "183": "Liste d’attente, admissible", "184": "Liste d’attente, admis",
    "185": "Période d’essai en cours", "181": "Période d’essai non concluante", "186": "Personne prise en charge",
    "187": "Demande de réorientation", "188": "Fin de prise en charge",
    "180": "Retirée de la liste d’attente, ou accompagnement annulé",
}
MOTIFS = {
    "84": "Ne remplit pas les conditions d’admission", "86": "Plateau technique non adapté", "87": "Déménagement",
    "89": "Volonté de la personne", "92": "Amélioration", "93": "Aggravation", "98": "Fin de validité",
    "113": "Éloignement géographique", "114": "Ressources insuffisantes", "115": "Non adapté au projet de vie",
    "116": "Type de handicap hors du champ de l’établissement", "117": "Situation changée",
    "118": "Refus de s’inscrire", "119": "Admission ailleurs", "121": "Refus du projet", "122": "Âge incompatible",
    "124": "Décès", "148": "Personne injoignable", "157": "Hospitalisation",
    "158": "Admission en établissement pour personnes âgées",
}
NEEDS_MOTIVE = frozenset({"37", "44", "45", "46", "48", "49"})
"""The statuses that are not without a motive."""


@dataclass(frozen=True)
class Validite:
    """How long a notification still holds: its code, its words, its icon. Never the colour alone."""

    code: str
    mots: str
    icon: str


VALABLE, BIENTOT, EXPIREE = "valable", "bientot", "expiree"
_WORDS = {
    VALABLE: Validite(VALABLE, "Valable plus de trois mois encore", "valide"),
    BIENTOT: Validite(BIENTOT, "Moins de trois mois de validité\u00a0: à renouveler", "attention"),
    EXPIREE: Validite(EXPIREE, "Expirée", "refus"),
}


def validity(until: date, today: date) -> Validite:
    """Expired the day after its last one; three months before it, soon to be."""
    if until < today:
        return _WORDS[EXPIREE]
    return _WORDS[BIENTOT if until < months_later(today, SOON_MONTHS) else VALABLE]


def why_wrong_span(du: date, au: date, today: date) -> str:
    """Why a notification can't hold from one day to the other, as a French sentence; "" when it can."""
    if du > today:
        return "La décision ne peut pas être à venir\u00a0: vérifiez sa date de début."
    if au < du:
        return "La fin de validité précède le début\u00a0: vérifiez les deux dates."
    if au > months_later(du, 12 * 20):
        return "La validité dépasse vingt ans\u00a0: écrivez la date imprimée sur la notification."
    return ""


def why_no_status(statut: str, motif: str, day: date | None, today: date) -> dict[str, str]:
    """What is wrong with an answer, by field; ``day`` is None when it could not be read."""
    found = {}
    if statut not in STATUTS:
        found["statut"] = "Choisissez un statut dans la liste."
    elif statut in NEEDS_MOTIVE and motif not in MOTIFS:
        found["motif"] = "Ce statut demande un motif\u00a0: choisissez-le dans la liste."
    elif motif and motif not in MOTIFS:
        found["motif"] = "Choisissez un motif dans la liste."
    if day and day > today:
        found["statut_le"] = "Cette date est à venir."
    return found
