"""``connexion``: the lists of revoked cards."""

from __future__ import annotations

from argparse import Namespace

from portal import settings as configuration
from portal.cli.base import Commands, add, group


def register(commands: Commands) -> None:
    """Add this group's command."""
    actions = group(commands, "connexion", "« connexion crl » : listes de cartes révoquées")
    add(actions, "crl", crl, "aller chercher les listes publiées")


def crl(_args: Namespace) -> int:
    """Renew the revocation lists of the trust folder; 1 when one could not be, or none is known."""
    from portal.connexion import listes

    outcomes = listes.renew(configuration.load())
    for outcome in outcomes:
        print(outcome.line)
    if not outcomes:
        print("Aucune adresse de liste de révocation : donnez-en par le réglage crl_urls.")
    return 0 if outcomes and all(outcome.good for outcome in outcomes) else 1
