"""``python -m portal.agent``: start the agent on this workstation, or tell what it sees."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from portal.agent import diagnostic
from portal.agent.carte_demonstration import ImageError, load
from portal.agent.pcsc import Pcsc
from portal.agent.pilotes import CardSource
from portal.agent.pkcs11 import Pkcs11
from portal.agent.plateau import Tray
from portal.agent.preuve import Source
from portal.agent.serveur import OriginRefused, start

DEFAULT_PORT = 8001


def main(arguments: list[str] | None = None) -> int:
    """Run until interrupted; returns 1 for a taken port or a card that is not ready, 2 for unusable arguments."""
    args = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.DEBUG if args.trace else logging.WARNING,
                        format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        if args.diagnostic:
            return diagnostic.run(_source(args))
        return _serve(args)
    except (ImageError, OriginRefused) as error:
        print(error, file=sys.stderr)
        return 2


def _serve(args: argparse.Namespace) -> int:
    if not args.origin:
        print("Indiquez l’adresse du portail, par exemple\u00a0: --origin https://portail.exemple.fr", file=sys.stderr)
        return 2
    source = None if args.demonstration else _source(args)
    try:
        server = start(args.port, args.origin, args.demonstration, source=source)
    except (OSError, OverflowError):
        if source:
            source.close()
        print(f"Le port {args.port} de ce poste est déjà pris ou interdit\u00a0: arrêtez l’autre programme, "
              "ou choisissez un autre port avec --port.", file=sys.stderr)
        return 1
    if source and source.notice:
        print(source.notice, file=sys.stderr)
    print(f"Lecteur de carte prêt\u00a0: {server.url}", flush=True)
    try:
        server.wait()
    except KeyboardInterrupt:
        server.stop()
    return 0


def _source(args: argparse.Namespace) -> Source:
    if args.demonstration:
        return CardSource(Tray(load(args.demonstration)))
    if args.pkcs11:
        return Pkcs11(args.pkcs11)
    reader = Pcsc(args.reader)
    reader.watch()
    return CardSource(reader)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m portal.agent", add_help=False,
        description="Relie le lecteur de carte CPS de ce poste et le navigateur.",
    )
    options = parser.add_argument_group("options")
    options.add_argument("-h", "--help", action="help", help="afficher cette aide")
    options.add_argument("--port", type=int, default=DEFAULT_PORT, metavar="PORT",
                         help=f"port d’écoute sur 127.0.0.1 ({DEFAULT_PORT} par défaut)")
    options.add_argument("--origin", action="append", default=[], metavar="ADRESSE",
                         help="adresse d’un portail autorisé, par exemple https://portail.exemple.fr "
                              "(obligatoire, peut être répété)")
    options.add_argument("--reader", default="", metavar="NOM",
                         help="n’utiliser que le lecteur dont le nom contient ces mots")
    options.add_argument("--pkcs11", type=Path, metavar="FICHIER",
                         help="passer par cette bibliothèque PKCS#11 (celle de la Cryptolib CPS) au lieu de PC/SC")
    options.add_argument("--diagnostic", action="store_true",
                         help="dire ce que voit ce poste, sans demander de code, puis s’arrêter")
    options.add_argument("--demonstration", type=Path, metavar="DOSSIER",
                         help="remplacer le lecteur par un plateau de cartes fictives, lues dans ce dossier")
    options.add_argument("--trace", action="store_true",
                         help="écrire les échanges avec la carte, codes porteurs masqués")
    return parser


if __name__ == "__main__":
    sys.exit(main())
