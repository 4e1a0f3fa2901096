"""``python -m portal.agent``: start the agent on this workstation."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from portal.agent.carte_demonstration import ImageError
from portal.agent.serveur import OriginRefused, start
from portal.agent.transport import MissingReader

DEFAULT_PORT = 8001


def main(arguments: list[str] | None = None) -> int:
    """Run until interrupted; returns 1 for a taken port, 2 for arguments that can't be used."""
    args = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.DEBUG if args.trace else logging.WARNING,
                        format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        server = start(args.port, args.origin, args.demonstration)
    except (ImageError, OriginRefused) as error:
        print(error, file=sys.stderr)
        return 2
    except (OSError, OverflowError):
        print(f"Le port {args.port} de ce poste est déjà pris ou interdit\u00a0: arrêtez l’autre programme, "
              "ou choisissez un autre port avec --port.", file=sys.stderr)
        return 1
    if not args.demonstration:
        print(MissingReader.notice, file=sys.stderr)
    print(f"Lecteur de carte prêt\u00a0: {server.url}", flush=True)
    try:
        server.wait()
    except KeyboardInterrupt:
        server.stop()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m portal.agent", add_help=False,
        description="Relie le lecteur de carte CPS de ce poste et le navigateur.",
    )
    options = parser.add_argument_group("options")
    options.add_argument("-h", "--help", action="help", help="afficher cette aide")
    options.add_argument("--port", type=int, default=DEFAULT_PORT, metavar="PORT",
                         help=f"port d’écoute sur 127.0.0.1 ({DEFAULT_PORT} par défaut)")
    options.add_argument("--origin", action="append", required=True, metavar="ADRESSE",
                         help="adresse d’un portail autorisé, par exemple https://portail.exemple.fr "
                              "(peut être répété)")
    options.add_argument("--demonstration", type=Path, metavar="DOSSIER",
                         help="remplacer le lecteur par un plateau de cartes fictives, lues dans ce dossier")
    options.add_argument("--trace", action="store_true",
                         help="écrire les échanges avec la carte, codes porteurs masqués")
    return parser


if __name__ == "__main__":
    sys.exit(main())
