"""Questions about the people of a structure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from itsdangerous import BadSignature

from portal import clock
from portal.compte import queries as comptes
from portal.compte.queries import Compte
from portal.db.crypto import keys
from portal.espaces import rules
from portal.espaces.membres.models import Invite
from portal.espaces.models import Membre, Structure
from portal.web.errors import NotFound

LINK_PURPOSE = "membre"


class LinkDead(Exception):
    """The invitation has served, was withdrawn or is too old."""


class LinkForged(Exception):
    """The link was altered or cut."""


@dataclass(frozen=True)
class Personne:
    """A member with his account; ``roles`` are codes of ``rules.ROLES``."""

    compte: Compte
    roles: frozenset[str]
    fonction: str
    depuis: datetime


def people(structure_id: int) -> list[Personne]:
    """Who works for a structure, by account."""
    rows = list(Membre.select().where(Membre.structure == structure_id, Membre.retire_le.is_null())
                .order_by(Membre.compte_id))
    accounts = comptes.by_ids(row.compte_id for row in rows)
    return [Personne(accounts[row.compte_id], frozenset(row.roles.split()), row.fonction, row.created)
            for row in rows]


def person(structure_id: int, compte_id: int) -> Personne:
    """One of them; raises NotFound for somebody of another structure alike."""
    for one in people(structure_id):
        if one.compte.id == compte_id:
            return one
    raise NotFound()


def referents(structure_id: int) -> int:
    """How many keep the accounts: one at least has to stay."""
    return sum(rules.REFERENT in one.roles for one in people(structure_id))


def waiting(structure_id: int) -> list[Invite]:
    """Who was invited and has not answered, the latest first."""
    return list(Invite.select().where(
        Invite.structure_id == structure_id, Invite.used_at.is_null(), Invite.withdrawn_at.is_null(),
        Invite.until > clock.now()).order_by(Invite.created.desc(), Invite.key))


def of_link(jeton: str) -> Invite:
    """The invitation of a mailed link; raises LinkForged or LinkDead."""
    try:
        secret = keys().serializer(LINK_PURPOSE).loads(jeton)
    except BadSignature as error:
        raise LinkForged() from error
    found: Invite | None = Invite.get_or_none(Invite.key == key_of(secret))
    if found is None or found.used_at or found.withdrawn_at or found.until <= clock.now():
        raise LinkDead()
    return found


def of_name(kind: str, nom: str, service: str) -> Structure | None:
    """A structure of these names."""
    return Structure.get_or_none(Structure.kind == kind, Structure.nom == nom, Structure.service == service)


def key_of(secret: str) -> str:
    """What is kept of an invitation's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()
