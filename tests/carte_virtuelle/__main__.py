"""``python -m tests.carte_virtuelle alice-martin``: one card in vsmartcard's reader until interrupted."""

from __future__ import annotations

import argparse
import contextlib
from pathlib import Path

from tests.carte_virtuelle import personne
from tests.carte_virtuelle.carte import Cps3, Cps4
from tests.carte_virtuelle.fente import PORT, Fente

CARDS = Path("var/demonstration/cartes")


def main() -> None:
    """Insert the card and serve it."""
    parser = argparse.ArgumentParser(prog="python -m tests.carte_virtuelle", description=__doc__)
    parser.add_argument("card", help="name of a card image, without .json")
    parser.add_argument("--folder", type=Path, default=CARDS, help=f"where the images are ({CARDS})")
    parser.add_argument("--port", type=int, default=PORT, help=f"vpcd's port ({PORT})")
    parser.add_argument("--cps4", action="store_true", help="answer as a CPS4 does")
    args = parser.parse_args()
    holder = personne.read(args.folder / f"{args.card}.json")
    slot = Fente(args.port)
    slot.insert((Cps4 if args.cps4 else Cps3)(holder))
    print(f"{holder.label}: in the reader of port {args.port}", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        slot.wait()


if __name__ == "__main__":
    main()
