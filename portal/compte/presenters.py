"""Words of the account's pages."""

from __future__ import annotations

from dataclasses import dataclass

from portal.db.audit import Trace
from portal.web import dates

LEVELS = {
    "cps": "Carte CPS",
    "ecps": "e-CPS",
    "cle": "Mot de passe et clé d’accès",
    "otp": "Mot de passe et code à usage unique",
    "courriel": "Mot de passe et code reçu par courriel",
}


@dataclass(frozen=True)
class Connection:
    """One line of « Dernières connexions »."""

    when: str
    level: str


def connection(trace: Trace) -> Connection:
    """A ``connexion.*`` row of the audit."""
    return Connection(dates.moment(trace.at), LEVELS.get(trace.level, trace.level))
