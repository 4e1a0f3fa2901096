"""``audit``: the audit's chain verified, anchored outside the database, purged; the accesses to one dossier listed."""

from __future__ import annotations

import csv
import sys
from argparse import Namespace

from portal.cli.base import Commands, add, opened
from portal.db.anchors import Fault, Verdict
from portal.db.chain import Checkpoint


def register(commands: Commands) -> None:
    """Add this group's commands; ``audit`` alone verifies."""
    alone = add(commands, "audit", verify, "vérifier le journal des accès (« audit verify »), l’ancrer, le purger")
    actions = alone.add_subparsers(metavar="action")
    add(actions, "verify", verify, "chercher une ligne modifiée, retirée, déplacée, ou une fin coupée")
    ancrer = add(actions, "ancrer", anchor, "écrire hors de la base où en est le journal, et l’afficher")
    ancrer.add_argument("--restauration", action="store_true",
                        help="après une restauration\u00a0: écarter les ancres plus récentes que la sauvegarde")
    acces = add(actions, "acces", accesses, "lister en CSV qui a ouvert un dossier, pour le patient qui le demande")
    acces.add_argument("dossier", help="numéro du dossier, comme «\u00a0GA 43009190\u00a0»")
    add(actions, "purger", purge, "retirer les lignes plus anciennes que le réglage audit_months")


def verify(_args: Namespace) -> int:
    """Hold the audit's chain against its secret and its anchors; 1 when something does not hold."""
    from portal.db import anchors

    settings = opened()
    found = anchors.verify(settings, _progress)
    if found.purged:
        print(_purged(found.purged))
    if found.fault:
        print(_fault(found.fault))
        return 1
    print(_whole(found))
    return 0


def anchor(args: Namespace) -> int:
    """Anchor the last act and print the line, to be sent or kept elsewhere; 1 when it can't be done."""
    from portal.db import anchors, chain

    settings = opened()
    try:
        if args.restauration:
            print(f"Ancres écartées\u00a0: {anchors.restored(settings)}.")
        made = anchors.write(settings)
    except chain.Broken as broken:
        print(_fault(Fault("ligne", broken.row)))
        return 1
    except OSError as error:
        print(f"L’ancre n’a pas pu être écrite dans {settings.audit_anchor}\u00a0: {error.strerror}.", file=sys.stderr)
        return 1
    print(made.line if made else "Rien de nouveau depuis la dernière ancre.")
    return 0


def purge(_args: Namespace) -> int:
    """Drop what is older than ``audit_months``; 1, and nothing more dropped, when the chain does not hold."""
    from portal.db import chain
    from portal.echeances import journal
    from portal.web import dates

    settings = opened()
    try:
        done = journal.purge(settings)
    except chain.Broken as broken:
        print(_fault(Fault("ligne", broken.row)))
        print("La purge s’est arrêtée là\u00a0: rien n’est effacé d’un journal rompu.")
        return 1
    since = dates.day(journal.kept_since(settings))
    print(f"Lignes retirées\u00a0: {done}. Le journal commence au plus tôt le {since}.")
    return 0


def accesses(args: Namespace) -> int:
    """Print every act on a dossier as CSV, the latest first, and record that it was given out; 1 for a bad number."""
    from portal.compte.espace import presenters
    from portal.db import audit, database
    from portal.dossiers import lectures
    from portal.dossiers.rules import parse_numero
    from portal.impression.tableau import harmless

    opened()
    numero = parse_numero(args.dossier)
    if numero is None or not numero.module:
        print(f"«\u00a0{args.dossier}\u00a0» n’est pas un numéro de dossier, comme «\u00a0GA 43009190\u00a0».",
              file=sys.stderr)
        return 1
    writer = csv.writer(sys.stdout, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(presenters.TOLD)
    database.connect()
    with database.reading():
        for trace in lectures.of_dossier(str(numero)):
            writer.writerow([harmless(cell) for cell in presenters.told(trace)])
    with database.writing():
        audit.record(audit.SYSTEM, "journal.imprime", dossier=str(numero), detail="assistance")
    return 0


def _progress(done: int) -> None:
    print(f"{done} lignes relues…", file=sys.stderr, flush=True)


def _whole(found: Verdict) -> str:
    agreed = f"ancres vérifiées\u00a0: {found.anchors}." if found.anchors else \
        "aucune ancre, une fin coupée ne se verrait pas."
    return f"Le journal d’audit est intact. Lignes relues\u00a0: {found.rows}\u00a0; {agreed}"


def _purged(one: Checkpoint) -> str:
    from portal.db.base import from_millis
    from portal.web import dates

    return (f"Purgé\u00a0: {one.count} lignes, de la ligne {one.first} à la ligne {one.last}, "
            f"du {dates.day(from_millis(one.since))} au {dates.day(from_millis(one.until))}.")


def _fault(one: Fault) -> str:
    return {
        "ligne": f"Le journal d’audit est rompu à la ligne {one.row}\u00a0: elle, ou une ligne avant elle, "
                 "a été modifiée, déplacée ou retirée.",
        "fin": f"Le journal d’audit est coupé après la ligne {one.row}\u00a0: des lignes ancrées manquent.",
        "ancre": f"Le journal d’audit a été réécrit\u00a0: la ligne {one.row} n’est plus celle qui a été ancrée.",
        "fichier": f"Le fichier d’ancres {one.file} a été coupé, modifié ou retiré\u00a0: le journal en connaît "
                   f"{one.row} lignes.",
    }[one.kind]
