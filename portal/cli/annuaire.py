"""``annuaire``: the directory of establishments brought up to a public file."""

from __future__ import annotations

from argparse import Namespace

from portal.cli.base import Commands, add, group, opened


def register(commands: Commands) -> None:
    """Add this group's command."""
    from portal.annuaire import importation

    actions = group(commands, "annuaire", "« annuaire import » : les établissements d’un fichier public")
    importation.arguments(add(actions, "import", import_directory, "importer un fichier CSV de la CNSA ou de FINESS"))


def import_directory(args: Namespace) -> int:
    """Bring the directory up to a public file; 1 when lines were refused, 2 when it can't be read."""
    from portal.annuaire import importation

    opened()
    return importation.command(args)
