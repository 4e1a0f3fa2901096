"""Lending, ending, inviting: each in the caller's transaction, audited, and told to both by mail."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date

from portal import clock
from portal.compte import commands as comptes
from portal.compte.queries import Compte
from portal.db import audit, outbox
from portal.db.audit import Actor
from portal.db.crypto import keys
from portal.delegations import courriels, queries, rules
from portal.delegations.models import Delegation, Invitation
from portal.delegations.queries import Lent
from portal.settings import Settings


class AlreadyOver(Exception):
    """The delegation has ended or was revoked since the page was shown."""


@dataclass(frozen=True)
class Terms:
    """What is lent: codes of modules and rights, first and last day (None: until revoked)."""

    modules: tuple[str, ...]
    rights: tuple[str, ...]
    starts: date
    ends: date | None


@dataclass(frozen=True)
class Person:
    """A secretary, as the physician who invites her names her."""

    prenom: str
    nom: str
    email: str


def lend(actor: Actor, principal: Compte, delegate: Compte, terms: Terms, settings: Settings | None) -> Delegation:
    """Lend one's access to another physician, and tell both (nobody without ``settings``)."""
    made = _create(principal, delegate, rules.MEDECIN, terms)
    audit.record(actor, "delegation.creee", detail=delegate.subject)
    if settings:
        period = terms.starts, terms.ends
        outbox.send(delegate.email, *courriels.received(settings, principal.name, delegate.name, *period))
        outbox.send(principal.email, *courriels.given(settings, principal.name, delegate.name, *period))
    return made


def revoke(actor: Actor, lent: Lent, settings: Settings) -> None:
    """End a delegation at once, by either of the two; both are told. Raises AlreadyOver."""
    ended = (Delegation.update(revoked_at=clock.now())
             .where(Delegation.id == lent.delegation.id, Delegation.revoked_at.is_null()).execute())
    if not ended or lent.state.over:
        raise AlreadyOver()
    audit.record(actor, "delegation.revoquee", detail=str(lent.delegation.id))
    for one, other in ((lent.principal, lent.delegate), (lent.delegate, lent.principal)):
        outbox.send(one.email, *courriels.revoked(settings, one.name, other.name, by=actor.name))


def change_end(actor: Actor, lent: Lent, ends: date, settings: Settings) -> None:
    """Move the last day of a delegation; both are told. Raises AlreadyOver."""
    changed = (Delegation.update(ends=ends)
               .where(Delegation.id == lent.delegation.id, Delegation.revoked_at.is_null()).execute())
    if not changed or lent.state.over:
        raise AlreadyOver()
    audit.record(actor, "delegation.prolongee", detail=str(lent.delegation.id))
    for one, other in ((lent.principal, lent.delegate), (lent.delegate, lent.principal)):
        outbox.send(one.email, *courriels.moved(settings, one.name, other.name, ends))


def announce_end(lent: Lent, settings: Settings) -> None:
    """Tell both when a delegation ends by itself; nothing changes."""
    ends = lent.delegation.ends
    for one, other in ((lent.principal, lent.delegate), (lent.delegate, lent.principal)):
        outbox.send(one.email, *courriels.ending(settings, one.name, other.name, ends, today=clock.today()))


def invite(actor: Actor, principal: Compte, person: Person, modules: tuple[str, ...], settings: Settings) -> None:
    """Mail a secretary the link that opens her account; a former link to the same address dies."""
    now, secret = clock.now(), secrets.token_urlsafe(32)
    Invitation.update(withdrawn_at=now).where(
        Invitation.principal == principal.id, Invitation.email == person.email,
        Invitation.used_at.is_null(), Invitation.withdrawn_at.is_null()).execute()
    Invitation.insert(
        key=queries.key_of(secret), principal=principal.id, modules=" ".join(modules), created=now,
        until=now + settings.invitation_life, **vars(person)).execute()
    audit.record(actor, "delegation.secretaire_invitee")
    jeton = str(keys().serializer(queries.LINK_PURPOSE).dumps(secret))
    outbox.send(person.email, *courriels.invitation(settings, f"{person.prenom} {person.nom}", principal.name, jeton))


def withdraw(actor: Actor, principal: Compte, key: str) -> bool:
    """Make an invitation's link worthless; False when it has served or is not his."""
    done = Invitation.update(withdrawn_at=clock.now()).where(
        Invitation.key == key, Invitation.principal == principal.id, Invitation.used_at.is_null(),
        Invitation.withdrawn_at.is_null()).execute()
    if done:
        audit.record(actor, "delegation.invitation_retiree")
    return bool(done)


def join(invitation: Invitation, principal: Compte, secretary: Compte, settings: Settings) -> Delegation:
    """The secretary accepts: she may prepare this physician's dossiers from now on. Raises queries.LinkDead."""
    used = (Invitation.update(used_at=clock.now())
            .where(Invitation.key == invitation.key, Invitation.used_at.is_null()).execute())
    if not used:
        raise queries.LinkDead()
    terms = Terms(tuple(invitation.modules.split()), (), clock.today(), None)
    made = _create(principal, secretary, rules.SECRETAIRE, terms)
    audit.record(_herself(secretary), "delegation.secretaire_jointe", detail=principal.subject)
    outbox.send(principal.email, *courriels.joined(settings, principal.name, secretary.name))
    return made


def open_account(invitation: Invitation, principal: Compte, hashed: str, settings: Settings) -> Compte:
    """Open the invited secretary's account, at her physician's place, and join him.

    ``hashed``: see ``compte.passwords.hashed``. Raises compte.commands.EmailTaken or queries.LinkDead.
    """
    secretary = comptes.create_secretary(
        prenom=invitation.prenom, nom=invitation.nom, email=invitation.email, hashed=hashed, place=principal)
    join(invitation, principal, secretary, settings)
    return secretary


def _create(principal: Compte, delegate: Compte, kind: str, terms: Terms) -> Delegation:
    made: Delegation = Delegation.create(
        principal=principal.id, delegate=delegate.id, kind=kind, modules=" ".join(terms.modules),
        rights=" ".join(terms.rights), starts=terms.starts, ends=terms.ends, created=clock.now())
    return made


def _herself(secretary: Compte) -> Actor:
    return Actor(secretary.rpps, secretary.name, "lien", subject=secretary.subject)
