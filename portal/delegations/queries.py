"""Questions about delegations; every request of someone who acts for another asks ``mandate``."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta

from itsdangerous import BadSignature

from portal import clock
from portal.compte import queries as comptes
from portal.compte.queries import Compte
from portal.db.audit import Mandate
from portal.db.crypto import keys
from portal.delegations import rules
from portal.delegations.models import Delegation, Invitation
from portal.delegations.rules import State

LINK_PURPOSE = "invitation"


class LinkDead(Exception):
    """The invitation has served, was withdrawn or is too old."""


class LinkForged(Exception):
    """The link was altered or cut."""


@dataclass(frozen=True)
class Lent:
    """A delegation with its two accounts, and where it stands today."""

    delegation: Delegation
    principal: Compte
    delegate: Compte
    state: State

    @property
    def modules(self) -> frozenset[str]:
        return frozenset(self.delegation.modules.split())

    @property
    def rights(self) -> frozenset[str]:
        """What was ticked; see ``rules.granted`` for what it gives."""
        return frozenset(self.delegation.rights.split())


def mandate(delegation_id: int, compte_id: int) -> Mandate | None:
    """In whose place the account may act today under this delegation; None once it holds no more.

    Asked inside the transaction of each request, so that a revocation counts at once.
    """
    found = of(delegation_id)
    if found is None or found.delegate.id != compte_id or found.state is not State.ACTIVE:
        return None
    if found.principal.blocked_at or found.delegate.blocked_at or found.principal.rpps is None:
        return None
    row = found.delegation
    return Mandate(row.id, found.principal.rpps, found.principal.name, row.kind, found.modules,
                   rules.granted(row.kind, found.rights), row.ends)


def of(delegation_id: int) -> Lent | None:
    """One delegation, whoever asks."""
    # An address may hold any number; the table's are 64 bits.
    row = Delegation.get_or_none(Delegation.id == delegation_id) if delegation_id < 1 << 63 else None
    found = _lent([row] if row else [])
    return found[0] if found else None


def given(compte_id: int) -> list[Lent]:
    """What this physician lent, the latest first, the history included."""
    return _lent(list(Delegation.select().where(Delegation.principal == compte_id).order_by(Delegation.id.desc())))


def received(compte_id: int) -> list[Lent]:
    """What was lent to this account, the latest first, the history included."""
    return _lent(list(Delegation.select().where(Delegation.delegate == compte_id).order_by(Delegation.id.desc())))


def ending(today: date, notice: int) -> list[Lent]:
    """The delegations that end by themselves today or within ``notice`` days, the earliest end first."""
    return _lent(list(Delegation.select().where(
        Delegation.revoked_at.is_null(), Delegation.ends >= today, Delegation.ends <= today + timedelta(days=notice),
    ).order_by(Delegation.ends, Delegation.id)))


def usable(compte_id: int) -> list[Lent]:
    """The delegations under which this account may act today."""
    return [one for one in received(compte_id) if one.state is State.ACTIVE and not one.principal.blocked_at]


def invitations(compte_id: int) -> list[Invitation]:
    """The secretaries this physician invited who have not answered yet, the latest first."""
    return list(Invitation.select().where(
        Invitation.principal == compte_id, Invitation.used_at.is_null(), Invitation.withdrawn_at.is_null(),
        Invitation.until > clock.now()).order_by(Invitation.created.desc(), Invitation.key))


def invitation_of_link(jeton: str) -> Invitation:
    """The invitation of a mailed link; raises LinkForged or LinkDead."""
    try:
        secret = keys().serializer(LINK_PURPOSE).loads(jeton)
    except BadSignature as error:
        raise LinkForged() from error
    found: Invitation | None = Invitation.get_or_none(Invitation.key == key_of(secret))
    if found is None or found.used_at or found.withdrawn_at or found.until <= clock.now():
        raise LinkDead()
    return found


def key_of(secret: str) -> str:
    """What is kept of an invitation's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _lent(rows: list[Delegation]) -> list[Lent]:
    people = comptes.by_ids(one for row in rows for one in (row.principal, row.delegate))
    today = clock.today()
    return [
        Lent(row, people[row.principal], people[row.delegate],
             rules.state(row.starts, row.ends, row.revoked_at is not None, today))
        for row in rows
    ]
