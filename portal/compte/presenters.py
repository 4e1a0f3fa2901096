"""Words and dates of the account's pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from portal.clock import PARIS
from portal.db.audit import Trace

LEVELS = {
    "cps": "Carte CPS",
    "ecps": "e-CPS",
    "otp": "Mot de passe et code à usage unique",
}


@dataclass(frozen=True)
class Connection:
    """One line of « Dernières connexions »."""

    when: str
    level: str


def moment(at: datetime) -> str:
    """« 22/11/2026 à 13 h 05 », Paris time."""
    return f"{at.astimezone(PARIS):%d/%m/%Y à %H\u00a0h\u00a0%M}"


def day(at: datetime) -> str:
    """« 22/11/2026 », Paris time."""
    return f"{at.astimezone(PARIS):%d/%m/%Y}"


def connection(trace: Trace) -> Connection:
    """A ``connexion.*`` row of the audit."""
    return Connection(moment(trace.at), LEVELS.get(trace.level, trace.level))
