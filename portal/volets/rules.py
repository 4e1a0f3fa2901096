"""What is true of volets whatever the database: their words, the life of one, and who may do what with which."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

# --- the volets and their words

ADMINISTRATIF, DEMANDEUR, ORIENTATION = "administratif", "demandeur", "orientation"
MEDICAL, SOINS, AUTONOMIE = "medical", "soins", "autonomie"
REPERAGE, CERTIFICAT = "reperage", "certificat"
VOLETS = {
    ADMINISTRATIF: "volet administratif et social",
    DEMANDEUR: "volet demandeur",
    ORIENTATION: "volet orientation",
    MEDICAL: "volet médical",
    SOINS: "volet soins et projet",
    AUTONOMIE: "volet autonomie",
    REPERAGE: "volet repérage",
    CERTIFICAT: "certificat médical",
}
"""Every volet by the code of its address, as a sentence names it."""
# What a volet holds decides who may open it; whatever is not named here is medical.
NATURES = {ADMINISTRATIF: ADMINISTRATIF, DEMANDEUR: ADMINISTRATIF, ORIENTATION: ORIENTATION, SOINS: SOINS}


# A volet that answers of another kind may begin: the certificate for the MDPH takes from the medical volets known.
TAKES_FROM = {CERTIFICAT: (CERTIFICAT, MEDICAL, SOINS)}


def nature(volet: str) -> str:
    """What a volet holds: « administratif », « orientation », « soins » or « medical »."""
    return NATURES.get(volet, MEDICAL)


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
    """What someone is to a dossier: what he may do with its volets of each nature.

    The Cerfa 14732*03 has the administrative volet filled by the person or who helps her, the medical ones by a
    physician; a family never reads those (L.1110-4 CSP), nor does a secretary in this portal. In a sanitaire dossier
    a coordination team says where to look for a place, a care team says what care is needed.
    """

    code: str
    administratif: frozenset[str]
    orientation: frozenset[str]
    soins: frozenset[str]
    medical: frozenset[str]


ROLES = {role.code: role for role in (
    Role("referent", _ALL, _ALL, _ALL, _ALL),  # a physician who is médecin traitant and leads the request
    Role("traitant", _READ, _READ, _ALL, _ALL),  # a physician who is médecin traitant only
    Role("secretaire_referent", _ALL, _NONE, _NONE, _NONE),  # the secretary of the first
    Role("secretaire", _READ, _NONE, _NONE, _NONE),  # of the second
    Role("patient", _ALL, _NONE, _NONE, _NONE),
    Role("aidant", _ALL, _NONE, _NONE, _NONE),
    Role("service", _ALL, _ALL, _NONE, _NONE),  # a coordination team that leads the request
    Role("service_soins", _ALL, _ALL, _ALL, _NONE),  # the care team of a hospital service that does
    Role("service_medical", _ALL, _ALL, _ALL, _ALL),  # its physician
    Role("famille", _NONE, _NONE, _NONE, _NONE),
    Role("receveur", _READ, _NONE, _NONE, _NONE),  # who answers for an establishment that was asked
    Role("receveur_medical", _READ, _READ, _READ, _READ),  # its physician, and those he lets read
)}
SERVICES = frozenset({"service", "service_soins", "service_medical"})

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
    found: frozenset[str] = getattr(known, nature(volet))
    return found


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
    held = nature(volet)
    if (held == ADMINISTRATIF and role != "famille") or (act != LIRE and LIRE in allowed(role, volet)):
        return f"Le {_name(volet)} est rempli par le référent\u00a0: {referent}."
    if role.startswith("secretaire"):
        return f"Le {VOLETS[volet]} n’est ni lu ni {_done(act)} au secrétariat\u00a0: il est réservé aux médecins."
    if held == ADMINISTRATIF:
        return f"Le {_name(volet)} est réservé au patient, au référent et au médecin traitant."
    whom = "aux médecins" if held == MEDICAL else "aux équipes de soins"
    return f"Le {VOLETS[volet]} est couvert par le secret médical\u00a0: il est réservé {whom}."


def _name(volet: str) -> str:
    return "volet administratif" if volet == ADMINISTRATIF else VOLETS[volet]


def why_not_lent(act: str) -> str:
    """Why a mandate does not go as far as an act that the role allows."""
    return _NOT_LENT[act]


def why_closed(dossier: str) -> str:
    """Why the volets of a dossier in this state can't change any more; "" while they can."""
    return "" if dossier in OPEN_DOSSIERS else _CLOSED[dossier]


def _done(act: str) -> str:
    return "rempli" if act == LIRE else _WHAT[act]
