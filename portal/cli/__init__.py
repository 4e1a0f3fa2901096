"""The ``portal`` command; each module of this package registers a group of its commands."""

from __future__ import annotations

import argparse
import sys

from portal.cli import (
    aide,
    annuaire,
    cles,
    comptes,
    connexion,
    conservation,
    entretien,
    journal,
    patient,
    sauvegarde,
    serveur,
)
from portal.settings import SettingsError

GROUPS = (serveur, entretien, cles, sauvegarde, journal, conservation, patient, aide, comptes, annuaire, connexion)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code, 2 for a setting that forbids it."""
    args, rest = _parser().parse_known_args(arguments)
    if args.command == "agent":
        return _agent(rest)
    if rest:
        _parser().error(f"arguments inconnus : {' '.join(rest)}")
    try:
        code: int = args.run(args)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 0
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="portal", description="ViaTrajectoire pour les médecins libéraux.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="commande")
    for module in GROUPS:
        module.register(commands)
    # Its arguments are its own program's.
    commands.add_parser("agent", help="démarrer le lecteur de cartes du poste (« portal agent --help »)")
    return parser


def _agent(arguments: list[str]) -> int:
    from portal.agent.__main__ import main as agent

    return agent(arguments)
