"""``compte`` and ``espaces``: accounts closed and opened again, the first account of a structure."""

from __future__ import annotations

import sys
from argparse import Namespace

from portal.cli.base import Commands, add, group, opened


def register(commands: Commands) -> None:
    """Add this group's commands."""
    from portal.espaces.membres import invitation

    actions = group(commands, "compte", "« compte bloquer » : fermer un compte à toute connexion")
    for name, run, text in (("bloquer", block, "fermer un compte à toute connexion et clore ses sessions"),
                            ("debloquer", unblock, "rouvrir un compte"),
                            ("fermer", close, "fermer un compte pour toujours et effacer ses coordonnées"),
                            ("sans-facteur", forget_factors, "retirer codes et clés perdus, identité vérifiée")):
        add(actions, name, run, text).add_argument("compte", help="numéro RPPS ou adresse électronique")
    actions = group(commands, "espaces", "« espaces inviter » : le premier compte d’une structure")
    invitation.arguments(add(actions, "inviter", invite, "inviter quelqu’un à travailler pour une structure"))


def block(args: Namespace) -> int:
    """Close an account to every login and end its sessions; 1 when there is no such account."""
    from portal.compte import blocage
    from portal.db import database

    opened()
    with database.writing():
        compte = blocage.find(args.compte)
        if compte is None:
            return _no_account(args.compte)
        closed = blocage.block(compte)
    print(f"Le compte {compte.email} est bloqué ; sessions closes : {closed}.")
    return 0


def unblock(args: Namespace) -> int:
    """Let an account's holder log in again; 1 when there is no such account."""
    from portal.compte import blocage
    from portal.db import database

    opened()
    with database.writing():
        compte = blocage.find(args.compte)
        if compte is None:
            return _no_account(args.compte)
        blocage.unblock(compte)
    print(f"Le compte {compte.email} est débloqué.")
    return 0


def close(args: Namespace) -> int:
    """Close an account for good and erase what does not sign dossiers; 1 when there is none or it leads some."""
    from portal.compte import blocage
    from portal.conservation import commands, queries
    from portal.db import audit, database

    opened()
    with database.erasing(), database.writing():
        compte = blocage.find(args.compte)
        if compte is None:
            return _no_account(args.compte)
        led = queries.led(compte.id)
        if led:
            print(f"Ce compte est référent de dossiers vivants ({led})\u00a0: faites-les d’abord reprendre, annuler ou "
                  "archiver.", file=sys.stderr)
            return 1
        commands.close_account(audit.SYSTEM, compte.id)
    print(f"Le compte {compte.subject} est fermé pour toujours.")
    return 0


def forget_factors(args: Namespace) -> int:
    """Remove an account's second factors, lost with a telephone; 1 when there is no such account."""
    from portal.compte import blocage
    from portal.db import database
    from portal.facteurs import commands as facteurs

    settings = opened()
    with database.writing():
        compte = blocage.find(args.compte)
        if compte is None:
            return _no_account(args.compte)
        facteurs.forget_all(compte, settings)
    print(f"Les codes et les clés du compte {compte.email} sont retirés ; un courriel l’en informe.")
    return 0


def invite(args: Namespace) -> int:
    """Invite somebody to work for a structure; 1 when he can't be."""
    from portal.espaces.membres import invitation

    return invitation.command(args, opened())


def _no_account(typed: str) -> int:
    print(f"Aucun compte n’a le numéro RPPS ou l’adresse « {typed} ».", file=sys.stderr)
    return 1
