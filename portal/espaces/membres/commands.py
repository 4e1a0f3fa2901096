"""Inviting, admitting, changing and removing the people of a structure: each in the caller's transaction, audited."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass

from portal import clock
from portal.annuaire.models import Etablissement
from portal.compte import commands as comptes
from portal.compte.queries import Compte
from portal.db import audit, outbox
from portal.db.audit import Actor
from portal.db.crypto import keys
from portal.espaces import rules
from portal.espaces.membres import courriels, queries
from portal.espaces.membres.models import Invite
from portal.espaces.models import Membre, Structure
from portal.settings import Settings
from portal.web import opened


class LastReferent(Exception):
    """Nobody would keep the structure's accounts any more."""


@dataclass(frozen=True)
class Person:
    """Somebody to invite, as the referent names him."""

    prenom: str
    nom: str
    email: str
    roles: tuple[str, ...]
    fonction: str = ""


def open_structure(kind: str, nom: str, service: str = "", *, place: Etablissement | None = None) -> Structure:
    """The structure of these names, made when it is not there; ``place``: the directory's row of an establishment."""
    found = queries.of_name(kind, nom, service)
    if found is not None:
        return found
    made: Structure = Structure.create(
        kind=kind, nom=nom, service=service, created=clock.now(),
        etablissement_id=place.id if place else None, telephone=place.telephone if place else "",
        courriel=place.courriel if place else "", adresse=place.adresse if place else "",
        code_postal=place.code_postal if place else "", ville=place.ville if place else "",
        insee=place.insee if place else None)
    audit.record(audit.SYSTEM, "structure.creee", detail=str(made.id))
    return made


def invite(actor: Actor, structure: Structure, person: Person, settings: Settings) -> None:
    """Mail somebody the link that opens his account; a former link to the same address dies."""
    now, secret = clock.now(), secrets.token_urlsafe(32)
    Invite.update(withdrawn_at=now).where(
        Invite.structure_id == structure.id, Invite.email == person.email, Invite.used_at.is_null(),
        Invite.withdrawn_at.is_null()).execute()
    Invite.insert(
        key=queries.key_of(secret), structure_id=structure.id, prenom=person.prenom, nom=person.nom,
        email=person.email, roles=" ".join(person.roles), fonction=person.fonction, par=actor.signature, created=now,
        until=now + settings.invitation_life).execute()
    audit.record(actor, "membre.invite", detail=f"structure {structure.id}")
    jeton = str(keys().serializer(queries.LINK_PURPOSE).dumps(secret))
    outbox.send(person.email, *courriels.invitation(
        settings, f"{person.prenom} {person.nom}", structure.label, actor.signature, jeton))


def withdraw(actor: Actor, structure: Structure, key: str) -> bool:
    """Make an invitation's link worthless; False when it has served or is another structure's."""
    done = Invite.update(withdrawn_at=clock.now()).where(
        Invite.key == key, Invite.structure_id == structure.id, Invite.used_at.is_null(),
        Invite.withdrawn_at.is_null()).execute()
    if done:
        audit.record(actor, "membre.invitation_retiree", detail=f"structure {structure.id}")
    return bool(done)


def open_account(invitation: Invite, hashed: str) -> Compte:
    """Open the invited person's account and make him a member.

    ``hashed``: see ``compte.passwords.hashed``. Raises compte.commands.EmailTaken, queries.LinkDead.
    """
    used = Invite.update(used_at=clock.now()).where(
        Invite.key == invitation.key, Invite.used_at.is_null()).execute()
    if not used:
        raise queries.LinkDead()
    structure: Structure = Structure.get_by_id(invitation.structure_id)
    compte = comptes.create_staff(
        prenom=invitation.prenom, nom=invitation.nom, email=invitation.email, hashed=hashed,
        profession=invitation.fonction or structure.label,
        place=(structure.adresse, structure.insee or "", structure.code_postal, structure.ville))
    Membre.create(compte_id=compte.id, structure=structure, roles=invitation.roles, fonction=invitation.fonction,
                  created=clock.now())
    audit.record(_himself(compte), "membre.entre", detail=f"structure {structure.id}")
    return compte


def change_roles(actor: Actor, structure: Structure, compte_id: int, roles: Collection[str],
                 settings: Settings) -> None:
    """Give a member other roles; he is told. Raises NotFound, LastReferent."""
    person = queries.person(structure.id, compte_id)
    if frozenset(roles) == person.roles:
        return
    if rules.REFERENT in person.roles and rules.REFERENT not in roles and queries.referents(structure.id) == 1:
        raise LastReferent()
    Membre.update(roles=" ".join(code for code in rules.ROLES if code in roles)).where(
        Membre.compte_id == compte_id).execute()
    audit.record(actor, "membre.roles", detail=f"{person.compte.subject} {' '.join(sorted(roles))}")
    outbox.send(person.compte.email, *courriels.changed(settings, person.compte.name, structure.label))


def remove(actor: Actor, structure: Structure, compte_id: int, settings: Settings) -> None:
    """End somebody's work here: his sessions end at once, he is told. Raises NotFound, LastReferent."""
    person = queries.person(structure.id, compte_id)
    if rules.REFERENT in person.roles and queries.referents(structure.id) == 1:
        raise LastReferent()
    Membre.update(retire_le=clock.now()).where(Membre.compte_id == compte_id).execute()
    opened.close_all(compte_id)
    audit.record(actor, "membre.retire", detail=person.compte.subject)
    outbox.send(person.compte.email, *courriels.removed(settings, person.compte.name, structure.label))


def _himself(compte: Compte) -> Actor:
    return Actor(None, compte.name, "lien", subject=compte.subject)
