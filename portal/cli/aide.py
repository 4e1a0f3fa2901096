"""``aide``: the help site, its PDFs, its offline edition."""

from __future__ import annotations

import sys
import time
from argparse import Namespace
from pathlib import Path

from portal import settings as configuration
from portal.cli.base import Commands, add
from portal.settings import Settings


def register(commands: Commands) -> None:
    """Add this group's command."""
    parser = add(commands, "aide", aide, "construire le site d’aide")
    parser.add_argument("--pdf", action="store_true", help="fabriquer aussi les PDF des guides")
    parser.add_argument("--hors-ligne", metavar="DOSSIER", type=Path,
                        help="écrire aussi l’aide en fichiers qui s’ouvrent sans serveur")


def aide(args: Namespace) -> int:
    """Build the help site; with ``--pdf``, each guide and the whole as PDF too, 1 when they can’t be made."""
    from portal.aide import construction

    settings = configuration.load()
    start = time.perf_counter()
    construction.build(settings, settings.help_site)
    print(f"Aide construite dans {settings.help_site} en {time.perf_counter() - start:.1f} s.")
    if args.hors_ligne and not _offline(settings, args.hors_ligne):
        return 1
    if not args.pdf:
        return 0
    from portal.aide import pdf
    from portal.web import render
    from portal.web.pdf import SansPdf

    try:
        made = pdf.make_all(render.environment(settings), settings)
    except SansPdf as error:
        print(f"{error.explanation} Installez l’option « pdf ».", file=sys.stderr)
        return 1
    print(f"{len(made)} PDF dans {made[0].parent}.")
    return 0


def _offline(settings: Settings, folder: Path) -> bool:
    from portal.aide import hors_ligne

    try:
        pages = hors_ligne.export(settings, folder)
    except FileExistsError:
        print(f"Le dossier {folder} n’est pas vide : donnez-en un autre.", file=sys.stderr)
        return False
    print(f"{pages} pages dans {folder} ; ouvrez {folder / 'index.html'}.")
    return True
