"""The cast of the page tests: a patient, and physicians with their accounts."""

from __future__ import annotations

from datetime import date

from portal.compte import commands as comptes
from portal.compte.commands import Contact, Identity
from portal.db import database
from portal.db.audit import Actor
from portal.dossiers.commands import Nouveau

IDENTITY = Identity("MARTIN", "Alice", "Médecin", "SM26", "Qualifié en médecine générale (SM)")
LEROUX = Nouveau("MME", "LEROUX", "", "JOSETTE", date(1931, 4, 17), "F", "02 31 11 22 33", "12 rue des Tilleuls",
                 "14118", "14000", "CAEN", ("Permanent",))


def account(rpps: int) -> int:
    """Open this physician's account; returns its id."""
    contact = Contact(f"{rpps}@exemple.fr", "", "", "14118", "14000", "CAEN")
    with database.writing():
        return int(comptes.create(Actor(rpps, "Dr", "cps"), f"8{rpps}", IDENTITY, contact, "Bocage-2031", None).id)
