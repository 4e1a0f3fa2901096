"""Physicians and secretaries who lend and are lent: accounts that accepted the charter, and delegations."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from portal.compte import commands as comptes
from portal.compte import queries
from portal.compte.commands import Contact, Identity
from portal.compte.queries import Compte
from portal.compte.rules import CHARTE
from portal.db import database
from portal.db.audit import Actor
from portal.delegations import commands
from portal.delegations.commands import Person, Terms
from portal.delegations.models import Delegation, Invitation
from portal.settings import Settings

ALICE, BOB, CHLOE = 10100000011, 10100000022, 10100000033
PEOPLE = {
    ALICE: Identity("MARTIN", "Alice", "Médecin", "SM26", "Qualifié en médecine générale (SM)"),
    BOB: Identity("DURAND", "Bob", "Médecin", "SM53", "Spécialiste en Médecine générale (SM)"),
    CHLOE: Identity("PETIT", "Chloé", "Médecin", "SM54", "Médecine générale (SM)"),
}
CONTACT = Contact("", "", "", "14118", "14000", "CAEN")
EVERYTHING = Terms(("ga", "s", "tnd"), ("lire", "rediger", "valider", "envoyer", "repondre", "accepter"),
                   date(2026, 11, 22), date(2026, 12, 31))
SOPHIE = Person("Sophie", "LEGRAND", "sophie.legrand@exemple.fr")
PASSWORD = "Bocage-2031-Pommier"


def physician(rpps: int, *, charte: bool = True) -> Compte:
    """This physician's account, opened at its first call."""
    found = queries.by_rpps(rpps)
    if found is None:
        identity = PEOPLE[rpps]
        contact = replace(CONTACT, email=f"{rpps}@exemple.fr")
        actor = Actor(rpps, f"Dr {identity.prenom} {identity.nom}", "cps")
        with database.writing():
            found = comptes.create(actor, f"8{rpps}", identity, contact, PASSWORD, None)
            if charte:
                comptes.accept_charte(actor, found, CHARTE)
    again = queries.by_rpps(rpps)
    assert again is not None
    return again


def lent(settings: Settings, terms: Terms = EVERYTHING, principal: int = ALICE, delegate: int = CHLOE) -> Delegation:
    """Dr Alice MARTIN lends her access to Dr Chloé PETIT."""
    one, other = physician(principal), physician(delegate)
    with database.writing():
        return commands.lend(Actor(principal, one.name, "cps"), one, other, terms, settings)


def secretary(settings: Settings, modules: tuple[str, ...] = ("ga", "s", "tnd"), principal: int = ALICE,
              ) -> tuple[Compte, Delegation]:
    """Sophie LEGRAND, who accepted Dr Alice MARTIN's invitation and the charter."""
    own = physician(principal)
    with database.writing():
        found = queries.by_email(SOPHIE.email) or comptes.create_secretary(
            **vars(SOPHIE), hashed="x", place=own)
        comptes.accept_charte(Actor(None, found.name, "otp", subject=found.subject), found, CHARTE)
        commands.invite(Actor(principal, own.name, "cps"), own, SOPHIE, modules, settings)
        made = commands.join(last_invitation(), own, found, settings)
    again = queries.get(found.id)
    assert again is not None
    return again, made


def last_invitation() -> Invitation:
    """The invitation sent last."""
    return Invitation.select().order_by(Invitation.created.desc()).get()
