"""The accounts a demonstration starts with: Dr Bob DURAND, and Dr Chloé PETIT who replaces him."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from portal import clock
from portal.compte import commands, queries
from portal.compte.commands import Contact, Identity
from portal.compte.rules import CHARTE
from portal.db import database
from portal.db.audit import Actor
from portal.delegations import commands as delegations
from portal.delegations.commands import Terms

PASSWORD = "Bocage-2031-Pommier"  # noqa: S105  # known to all


@dataclass(frozen=True)
class Person:
    """One physician of the demonstration who has been here before."""

    actor: Actor
    identity: Identity
    contact: Contact


BOB = Person(
    Actor(10100000022, "Dr Bob DURAND", "cps"),
    Identity("DURAND", "Bob", "Médecin", "SM53", "Spécialiste en Médecine générale (SM)"),
    Contact("bob.durand@exemple.fr", "02 31 00 00 22", "22 rue Saint-Pierre", "14118", "14000", "CAEN"))
CHLOE = Person(
    Actor(10100000033, "Dr Chloé PETIT", "cps"),
    Identity("PETIT", "Chloé", "Médecin", "SM54", "Médecine générale (SM)"),
    Contact("chloe.petit@exemple.fr", "02 31 00 00 33", "33 rue Écuyère", "14118", "14000", "CAEN"))


def ensure() -> None:
    """Make the accounts that are absent (address confirmed, charter accepted), and Bob's delegation to Chloé."""
    with database.writing():
        made = [_account(person) for person in (BOB, CHLOE)]
        if any(made):
            _lend()


def _account(person: Person) -> bool:
    subject = f"8{person.actor.rpps}"
    if queries.by_subject(subject):
        return False
    compte = commands.create(person.actor, subject, person.identity, person.contact, PASSWORD, None)
    commands.confirm_email(compte)
    commands.accept_charte(person.actor, compte, CHARTE)
    return True


def _lend() -> None:
    """A fortnight's replacement that begins today, and last summer's in the history."""
    bob, chloe = (queries.by_subject(f"8{person.actor.rpps}") for person in (BOB, CHLOE))
    assert bob is not None and chloe is not None  # made just before
    today = clock.today()
    for starts, days in ((today - timedelta(days=120), 14), (today, 14)):
        terms = Terms(("ga", "s"), ("lire", "rediger", "repondre"), starts, starts + timedelta(days=days))
        delegations.lend(BOB.actor, bob, chloe, terms, None)
