"""The one account a demonstration starts with: Dr Bob DURAND, who has been here before."""

from __future__ import annotations

from portal.compte import commands, queries
from portal.compte.commands import Contact, Identity
from portal.compte.rules import CHARTE
from portal.db import database
from portal.db.audit import Actor

BOB = Actor(10100000022, "Dr Bob DURAND", "cps")
IDENTITY = Identity("DURAND", "Bob", "Médecin", "SM53", "Spécialiste en Médecine générale (SM)")
CONTACT = Contact("bob.durand@exemple.fr", "02 31 00 00 22", "22 rue Saint-Pierre", "14118", "14000", "CAEN")


PASSWORD = "Bocage-2031-Pommier"  # noqa: S105  # known to all


def ensure() -> None:
    """Make Bob's account if it is absent: address confirmed, charter accepted."""
    subject = f"8{BOB.rpps}"
    with database.writing():
        if queries.by_subject(subject):
            return
        compte = commands.create(BOB, subject, IDENTITY, CONTACT, PASSWORD, None)
        commands.confirm_email(compte)
        commands.accept_charte(BOB, compte, CHARTE)
