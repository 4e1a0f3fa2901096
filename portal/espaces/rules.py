"""Who the other actors are and what their roles allow, whatever the database."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

ETABLISSEMENT, COORDINATION, HOSPITALIER = "etablissement", "coordination", "hospitalier"
ASSISTANCE = "assistance"
KINDS = {
    ETABLISSEMENT: "Établissement",
    COORDINATION: "Équipe de coordination",
    HOSPITALIER: "Service hospitalier",
    ASSISTANCE: "Assistance",
}

# --- what a member of a structure may do in it

ADMISSIONS, MEDICAL, DOSSIERS, REFERENT = "admissions", "medical", "dossiers", "referent"
SUPPORT = "support"


@dataclass(frozen=True)
class Role:
    """A role of a structure's member: its code, its name, what it opens, the kinds of structure that know it."""

    code: str
    label: str
    sentence: str
    kinds: frozenset[str]


ROLES = {role.code: role for role in (
    Role(ADMISSIONS, "Admissions", "Lire le volet administratif des demandes reçues et y répondre.",
         frozenset({ETABLISSEMENT})),
    Role(MEDICAL, "Médical", "Lire les volets médicaux des dossiers, les remplir dans un service hospitalier, donner "
         "un avis médical sur les demandes reçues.", frozenset({ETABLISSEMENT, HOSPITALIER})),
    Role(DOSSIERS, "Dossiers", "Créer des dossiers, remplir le volet administratif, suivre les demandes.",
         frozenset({COORDINATION, HOSPITALIER})),
    Role(REFERENT, "Référent", "Tenir à jour la fiche de la structure et les comptes de ses membres.",
         frozenset({ETABLISSEMENT, COORDINATION, HOSPITALIER, ASSISTANCE})),
    Role(SUPPORT, "Assistance", "Chercher dans l’aide, voir l’état du service et ce que les lecteurs pensent de "
         "l’aide. N’ouvre aucun dossier.", frozenset({ASSISTANCE})),
)}


def roles_of(kind: str) -> tuple[Role, ...]:
    """The roles that a structure of this kind knows, in order."""
    return tuple(role for role in ROLES.values() if kind in role.kinds)


def asking_role(kind: str, roles: Collection[str]) -> str:
    """What a member of an asking structure is to the dossiers that it leads (a code of ``volets.rules.ROLES``); "" for
    nothing. Only a hospital service has a physician of its own, and a care team that says what care is needed."""
    if kind == HOSPITALIER and MEDICAL in roles:
        return "service_medical"
    if DOSSIERS not in roles:
        return ""
    return "service_soins" if kind == HOSPITALIER else "service"


# --- what someone of the patient's side is to the dossier

PATIENT, AIDANT, FAMILLE = "patient", "aidant", "famille"
USAGERS = {
    PATIENT: "La personne elle-même",
    AIDANT: "Un proche qui l’aide",
    FAMILLE: "Un proche qui suit le dossier",
}

# --- a structure's link to a dossier

LEADS, FOLLOWS, HANDED_OVER = "referent", "suit", "transfere"
# The link states in which a structure sees the dossier.
OPEN_LINKS = frozenset({LEADS, FOLLOWS})
