"""``patient``: a person's data copied for her, or erased at her request."""

from __future__ import annotations

import hmac
import os
import sys
from argparse import ArgumentParser, Namespace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from portal.cli.base import Commands, add, group, opened

if TYPE_CHECKING:
    from portal.dossiers.models import Dossier


def register(commands: Commands) -> None:
    """Add this group's commands."""
    from portal.conservation.rules import MOTIFS

    actions = group(commands, "patient", "«\u00a0patient exporter\u00a0», «\u00a0patient effacer\u00a0»\u00a0: "
                    "les droits d’une personne")
    one = _about(add(actions, "exporter", copy, "écrire une archive de tout ce qui est gardé sur une personne"))
    one.add_argument("--vers", metavar="FICHIER", type=Path, required=True, help="l’archive à écrire (.zip)")
    one = _about(add(actions, "effacer", erase, "effacer un dossier, en deux temps"))
    one.add_argument("--motif", choices=sorted(MOTIFS), help="pourquoi effacer ce que la santé demande de garder")
    one.add_argument("--confirmer", metavar="CODE", help="le code donné par la première fois")


def _about(parser: ArgumentParser) -> ArgumentParser:
    parser.add_argument("qui", nargs="+", help="numéro de dossier (ga 43084209), ou numéro de sécurité sociale\u00a0; "
                        "«\u00a0-\u00a0» le lit sur l’entrée, pour qu’il ne reste pas dans l’historique")
    return parser


def copy(args: Namespace) -> int:
    """Write the archive, for its owner alone to read; 1 when nothing is kept about this person."""
    from portal import clock
    from portal.conservation import commands, copie, presenters
    from portal.db import database
    from portal.web import dates, render

    settings = opened()
    found = _found(args)
    if not found:
        return 1
    template = render.environment(settings).get_template("conservation/copie.html")
    with database.reading():
        copies = [copie.of(dossier) for dossier in found]
    content = copie.archive(copies, lambda one: template.render(
        copie=one, tables=presenters.lines(one.tables), jour=dates.day(clock.now())))
    try:
        descriptor = os.open(args.vers, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        print(f"{args.vers} ne peut pas être écrit ({error.strerror}). Donnez un autre nom.", file=sys.stderr)
        return 1
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    with database.writing():
        commands.note_copy(found)
    print(f"{len(found)} dossier{'s' if len(found) > 1 else ''} dans {args.vers}. Remettez l’archive à la personne par "
          "une voie sûre, puis effacez-la\u00a0: elle n’est pas chiffrée.")
    return 0


def erase(args: Namespace) -> int:
    """Say what would go, with a code; given that code, erase it. 1 when it may not be, or nothing is there."""
    from portal.conservation import commands
    from portal.db import audit, database
    from portal.dossiers.models import Dossier

    opened()
    found = _found(args, erased=True)
    if not found:
        return 1 if found is None else 0
    code = _code(found)
    if args.confirmer is None:
        _announce(found, code)
        return 0
    if not hmac.compare_digest(args.confirmer, code):
        print("Ce code ne vaut plus\u00a0: le dossier a changé depuis. Relancez sans --confirmer.", file=sys.stderr)
        return 1
    try:
        with database.erasing(), database.writing():
            gone = sum(commands.erase_on_request(audit.SYSTEM, Dossier.get_by_id(one.id), args.motif) for one in found)
    except commands.Obliged as obliged:
        print(f"Ce dossier doit être gardé ({', '.join(obliged.why)})\u00a0: l’obligation de conserver le dossier d’un "
              "soin l’emporte sur l’effacement (RGPD, art. 17.3). Pour passer outre, donnez --motif.", file=sys.stderr)
        return 1
    database.compact()
    print(f"Effacé\u00a0: {gone} lignes. Les sauvegardes antérieures le contiennent encore jusqu’à leur rotation.")
    return 0


def _found(args: Namespace, *, erased: bool = False) -> list[Dossier] | None:
    """The dossiers asked for; None, with a sentence, for none. An empty list: erased already, which is said."""
    from portal.conservation import queries
    from portal.db import database
    from portal.dossiers.identite import Invalid

    typed = sys.stdin.readline() if args.qui == ["-"] else " ".join(args.qui)
    try:
        with database.reading():
            found, gone = queries.asked_for(typed), queries.erased(" ".join(typed.split()).lower())
    except Invalid as error:
        print(error, file=sys.stderr)
        return None
    if found:
        return found
    if erased and gone:
        print("Ce dossier est déjà effacé.")
        return []
    print("Aucun dossier à ce numéro.", file=sys.stderr)
    return None


def _announce(found: list[Dossier], code: str) -> None:
    from portal.conservation import presenters, queries
    from portal.db import database

    with database.reading():
        for dossier in found:
            print(f"Dossier {dossier.module} {dossier.numero}\u00a0:")
            for table, number in queries.contents(dossier).items():
                print(f"  {presenters.TITLES.get(table, table)}\u00a0: {number}")
            why = queries.obliged(dossier)
            if why:
                print(f"  À garder, sauf --motif\u00a0: {', '.join(why)}.")
    print(f"Rien n’a été effacé. Pour effacer, relancez avec --confirmer {code}")


def _code(found: list[Dossier]) -> str:
    """Eight digits that hold for these dossiers as they stand, and change with them."""
    from portal.conservation import queries
    from portal.db import database
    from portal.db.crypto import purpose_key

    with database.reading():
        state = [(one.id, one.version, sorted(queries.contents(one).items())) for one in found]
    return str(int(hmac.new(purpose_key("effacement"), repr(state).encode(), sha256).hexdigest(), 16))[-8:]
