"""« portal sauvegarder » and « portal restaurer »."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from portal import settings as configuration
from portal.cli.base import Commands, add


def register(commands: Commands) -> None:
    """The two commands."""
    saving = add(commands, "sauvegarder", save,
                 "sauvegarder la base de données, chiffrée, pendant que le portail marche")
    saving.add_argument("destination", type=Path, metavar="DOSSIER|FICHIER", help="où écrire la sauvegarde")
    saving.add_argument("--garder", type=_several, default=0, metavar="N",
                        help="ne garder que les N dernières sauvegardes du dossier")
    restoring = add(commands, "restaurer", restore, "remettre une sauvegarde à la place de la base, portail arrêté")
    restoring.add_argument("fichier", type=Path, metavar="FICHIER", help="la sauvegarde")
    restoring.add_argument("--forcer", action="store_true",
                           help="mettre de côté la base présente si elle n’est pas vide")


def _several(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def save(args: Namespace) -> int:
    """Make a backup; 1 when it could not be made."""
    from portal.db import crypto, database
    from portal.echeances import journal
    from portal.sauvegarde import commands
    from portal.sauvegarde.rules import Refused

    settings = configuration.load()
    crypto.load_keys(settings)
    base = settings.database.removeprefix("sqlite:///")
    if "://" in base or Path(base).exists():  # opening makes a missing one
        database.open_database(settings)
        journal.anchor_if_possible(settings)
    try:
        made = commands.save(settings, args.destination, args.garder)
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 1
    print(f"Sauvegarde {made.path} : {made.manifest.total} lignes, {made.size} octets, "
          "base et journal d’audit vérifiés.")
    if made.removed:
        print(f"Anciennes sauvegardes supprimées : {', '.join(made.removed)}.")
    print("Les clés n’y sont pas : gardez à part le fichier de clés, sans lui elle ne s’ouvre pas.")
    return 0


def restore(args: Namespace) -> int:
    """Put a backup back; 1 when it was refused, and then nothing has changed."""
    from portal.sauvegarde import commands
    from portal.sauvegarde.rules import Refused

    try:
        done = commands.restore(configuration.load(), args.fichier, force=args.forcer)
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 1
    print(f"Restauré : {done.manifest.total} lignes, telles qu’elles étaient le {done.manifest.created}.")
    if done.aside:
        print(f"La base d’avant est dans {done.aside}.")
    print("Le journal des accès s’arrête à cette sauvegarde. Pour écarter les ancres plus récentes, lancez "
          "«\u00a0portal audit ancrer --restauration\u00a0».")
    return 0
