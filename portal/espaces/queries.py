"""Questions about structures, their members, and the people of the patient's side."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from portal.compte import queries as comptes
from portal.compte.models import STRUCTURE, Compte
from portal.db.audit import PATIENT_SUBJECT, Trace
from portal.db.base import rows
from portal.db.crypto import SealBroken, keys, marks
from portal.dossiers import queries as dossiers
from portal.dossiers.models import Dossier
from portal.espaces import rules
from portal.espaces.models import Membre, Structure, Suivi, Usager

EMAIL_PURPOSE = "usager.courriel"


@dataclass(frozen=True)
class Member:
    """Someone who works for a structure; ``roles`` are codes of ``rules.ROLES``."""

    compte_id: int
    structure: Structure
    roles: frozenset[str]
    fonction: str


def member(compte_id: int | None) -> Member | None:
    """Whom an account works for; None for an account of no structure, or removed from it."""
    found = (Membre.select(Membre, Structure).join(Structure)
             .where(Membre.compte_id == compte_id, Membre.retire_le.is_null()).first())
    if found is None:
        return None
    return Member(found.compte_id, found.structure, frozenset(found.roles.split()), found.fonction)


def structure(structure_id: int) -> Structure | None:
    """A structure by its row."""
    return Structure.get_or_none(Structure.id == structure_id)


def structure_of_establishment(etablissement_id: int) -> Structure | None:
    """The structure under which an establishment's people work; None while it has no account here."""
    return Structure.get_or_none(Structure.etablissement_id == etablissement_id)


def signature(compte: Compte) -> str:
    """The name under which an account acts: « Claire DUBOIS, EHPAD Les Tilleuls »."""
    if compte.kind != STRUCTURE:
        return compte.name
    found = member(compte.id)
    return f"{compte.name}, {found.structure.label}" if found else compte.name


def members_with(structure_id: int, role: str) -> list[int]:
    """The accounts of a structure's members who have this role, by account."""
    found = rows("SELECT compte_id, roles FROM membre WHERE structure_id = ? AND retire_le IS NULL ORDER BY compte_id",
                 structure_id)
    return [compte_id for compte_id, roles in found if role in roles.split()]


def link(structure_id: int, dossier_id: int) -> str | None:
    """A structure's link to a dossier (« referent », « suit », « transfere »), None for none."""
    found = rows("SELECT etat FROM suivi WHERE structure_id = ? AND dossier_id = ?", structure_id, dossier_id)
    return found[0][0] if found else None


def following(dossier_id: int) -> list[Structure]:
    """The structures that lead or follow a dossier, by row."""
    return list(Structure.select().join(Suivi).where(
        Suivi.dossier_id == dossier_id, Suivi.etat.in_(sorted(rules.OPEN_LINKS))).order_by(Structure.id))


@dataclass(frozen=True)
class Medecin:
    """The médecin traitant of a dossier: RPPS number, name, speciality and town, the state of his link."""

    rpps: int
    nom: str
    detail: str
    etat: str


def physician(dossier: Dossier) -> Medecin | None:
    """The médecin traitant who was named and has not refused, else who refused; None while nobody was named."""
    found = dossiers.physicians(dossier)
    if not found:
        return None
    rpps, etat = next(((rpps, etat) for rpps, etat in found.items() if etat != "refuse"), next(iter(found.items())))
    account = comptes.by_rpps(rpps)
    return Medecin(rpps, account.name if account else f"Médecin n°\u00a0{rpps}",
                   f"{account.specialite}, {account.ville}".strip(", ") if account else "", etat)


# --- the patient's side

def usager(subject: str | None) -> Usager | None:
    """A person of the patient's side by the subject of her session; None once removed."""
    return Usager.get_or_none(Usager.subject == subject, Usager.retire_le.is_null()) if subject else None


def usagers(dossier_id: int) -> list[Usager]:
    """Who follows a dossier on the patient's side, the first one first."""
    return list(Usager.select().where(Usager.dossier_id == dossier_id, Usager.retire_le.is_null()).order_by(Usager.id))


def names(traces: Collection[Trace]) -> dict[str, str]:
    """The names of those of the patient's side who did these acts, by subject, gone ones too: the audit keeps none."""
    found = {one.subject for one in traces if one.subject and one.subject.startswith(PATIENT_SUBJECT)}
    return {one.subject: one.name for one in Usager.select().where(Usager.subject.in_(found))} if found else {}


def email(one: Usager) -> str:
    """The address in clear, "" for none (or if its seal is broken)."""
    if one.courriel is None:
        return ""
    try:
        return keys().open(one.courriel, table="usager", row=one.subject, column="courriel")
    except SealBroken:
        return ""


def fingerprint(address: str) -> str:
    """What finds the same mail address again without saying it to who has no key."""
    return fingerprints(address)[0]


def fingerprints(address: str) -> tuple[str, ...]:
    """All that a row may hold of this address, the present one first: under a former secret until ``portal rekey``."""
    return tuple(mark[:32] for mark in marks(EMAIL_PURPOSE, address.strip().lower().encode()))
