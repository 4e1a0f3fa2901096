"""What is true of volets whatever the database: their words, the life of one, and who may do what with which."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

# --- the volets and their words

ADMINISTRATIF, MEDICAL, AUTONOMIE = "administratif", "medical", "autonomie"
VOLETS = {
    ADMINISTRATIF: "volet administratif et social",
    MEDICAL: "volet médical",
    AUTONOMIE: "volet autonomie",
}
"""Every volet by the code of its address, as a sentence names it."""


# --- the life of a volet

VIDE, EN_COURS, VALIDE, ROUVERT = "vide", "en_cours", "valide", "rouvert"


@dataclass(frozen=True)
class Etat:
    """Where a volet stands: its code, its word, the kind of its label."""

    code: str
    label: str
    kind: str


STATES = {state.code: state for state in (
    Etat(VIDE, "Vide", "archive"),
    Etat(EN_COURS, "En cours", "info"),
    Etat(VALIDE, "Validé", "valide"),
    Etat(ROUVERT, "Rouvert", "attention"),
)}


@dataclass(frozen=True)
class Transition:
    """One arrow of a volet's life; ``act``: what one must be allowed to follow it."""

    source: str
    event: str
    act: str
    target: str


# A volet once signed stays « rouvert » while it is rewritten: who reads it knows that a signed version exists.
TRANSITIONS = (
    Transition(VIDE, "ecrire", "ecrire", EN_COURS),
    Transition(EN_COURS, "ecrire", "ecrire", EN_COURS),
    Transition(ROUVERT, "ecrire", "ecrire", ROUVERT),
    Transition(VIDE, "reprendre", "ecrire", EN_COURS),
    Transition(EN_COURS, "reprendre", "ecrire", EN_COURS),
    Transition(ROUVERT, "reprendre", "ecrire", ROUVERT),
    Transition(EN_COURS, "changer_version", "ecrire", EN_COURS),
    Transition(ROUVERT, "changer_version", "ecrire", ROUVERT),
    Transition(EN_COURS, "valider", "valider", VALIDE),
    Transition(ROUVERT, "valider", "valider", VALIDE),
    Transition(VALIDE, "rouvrir", "rouvrir", ROUVERT),
)
_ARROWS = {(arrow.source, arrow.event): arrow for arrow in TRANSITIONS}


def transition(state: str, event: str) -> Transition | None:
    """The arrow that leaves ``state`` by ``event``, None when there is none."""
    return _ARROWS.get((state, event))


# --- who may do what

LIRE, ECRIRE, VALIDER, ROUVRIR = "lire", "ecrire", "valider", "rouvrir"
ACTS = (LIRE, ECRIRE, VALIDER, ROUVRIR)
_ALL, _READ, _NONE = frozenset(ACTS), frozenset({LIRE}), frozenset[str]()


@dataclass(frozen=True)
class Role:
    """What someone is to a dossier: what he may do with the administrative volet, and with the two medical ones.

    The Cerfa 14732*03 has the first filled by the person or who helps her, the others by a physician; a family never
    reads those (L.1110-4 CSP), nor does a secretary in this portal.
    """

    code: str
    administrative: frozenset[str]
    medical: frozenset[str]


ROLES = {role.code: role for role in (
    Role("referent", _ALL, _ALL),  # a physician who is médecin traitant and leads the request
    Role("traitant", _READ, _ALL),  # a physician who is médecin traitant only
    Role("secretaire_referent", _ALL, _NONE),  # the secretary of the first
    Role("secretaire", _READ, _NONE),  # of the second
    Role("patient", _ALL, _NONE),
    Role("aidant", _ALL, _NONE),
    Role("service", _ALL, _NONE),  # a coordination or hospital service that leads the request
    Role("famille", _NONE, _NONE),
    Role("receveur", _READ, _NONE),  # who answers for an establishment that was asked
    Role("receveur_medical", _READ, _READ),  # its médecin coordonnateur, and those he lets read
)}

# What a colleague must have been lent for each act: see delegations.rules.RIGHTS.
RIGHTS = {LIRE: "lire", ECRIRE: "rediger", VALIDER: "valider", ROUVRIR: "valider"}
# What a secretary needs, for the volets that her role opens.
SECRETARY_RIGHTS = {LIRE: "consulter", ECRIRE: "preparer", VALIDER: "preparer", ROUVRIR: "preparer"}
# The states of a dossier in which its volets may still change.
OPEN_DOSSIERS = frozenset({"redaction", "actif", "admis"})


def allowed(role: str, volet: str) -> frozenset[str]:
    """The acts a role may do on a volet; nothing for a role or a volet unknown."""
    known = ROLES.get(role)
    if known is None or volet not in VOLETS:
        return _NONE
    return known.administrative if volet == ADMINISTRATIF else known.medical


def lent(acts: Collection[str], rights: Collection[str], *, secretary: bool) -> frozenset[str]:
    """What is left of ``acts`` for someone who acts under a mandate that holds ``rights``."""
    needed = SECRETARY_RIGHTS if secretary else RIGHTS
    return frozenset(act for act in acts if needed[act] in rights)


_WHAT = {LIRE: "lu", ECRIRE: "modifié", VALIDER: "validé", ROUVRIR: "rouvert"}
_NOT_LENT = {
    LIRE: "Votre délégation ne comprend pas le droit de lire les volets.",
    ECRIRE: "Votre délégation ne comprend pas le droit de rédiger les volets.",
    VALIDER: "Votre délégation ne comprend pas le droit de valider un volet.",
    ROUVRIR: "Votre délégation ne comprend pas le droit de rouvrir un volet validé.",
}
_CLOSED = {
    "annule": "Ce dossier est annulé\u00a0: ses volets se lisent, mais ne changent plus.",
    "historise": "Ce dossier est historisé\u00a0: ses volets se lisent, mais ne changent plus.",
}


def why_not(role: str, volet: str, act: str, referent: str) -> str:
    """Why a role may not do this; ``referent``: who leads the request, as the page names him."""
    if allowed(role, volet) >= {act}:
        return ""
    if volet == ADMINISTRATIF and role != "famille":
        return f"Le volet administratif est rempli par le référent\u00a0: {referent}."
    if role.startswith("secretaire"):
        return f"Le {VOLETS[volet]} n’est ni lu ni {_done(act)} au secrétariat\u00a0: il est réservé aux médecins."
    if volet == ADMINISTRATIF:
        return "Le volet administratif est réservé au patient, au référent et au médecin traitant."
    return f"Le {VOLETS[volet]} est couvert par le secret médical\u00a0: il est réservé aux médecins."


def why_not_lent(act: str) -> str:
    """Why a mandate does not go as far as an act that the role allows."""
    return _NOT_LENT[act]


def why_closed(dossier: str) -> str:
    """Why the volets of a dossier in this state can't change any more; "" while they can."""
    return "" if dossier in OPEN_DOSSIERS else _CLOSED[dossier]


def _done(act: str) -> str:
    return "rempli" if act == LIRE else _WHAT[act]
