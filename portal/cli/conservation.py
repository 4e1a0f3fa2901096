"""``conservation``: what has outlived its time, told before it is erased."""

from __future__ import annotations

from argparse import Namespace

from portal.cli.base import Commands, add, opened


def register(commands: Commands) -> None:
    """Add this group's commands."""
    one = add(commands, "conservation", conservation,
              "dire quelles données ont dépassé leur durée\u00a0; avec --appliquer, les effacer")
    what = one.add_mutually_exclusive_group()
    what.add_argument("--appliquer", action="store_true", help="effacer maintenant tout ce qui a dépassé sa durée")
    what.add_argument("--tableau", action="store_true", help="écrire le tableau des durées et de leurs fondements")


def conservation(args: Namespace) -> int:
    """Say what would go and why; erase it only when told to."""
    from portal.conservation import presenters, queries, travaux
    from portal.db import database

    if args.tableau:
        print(presenters.table(), end="")
        return 0
    settings = opened()
    if args.appliquer:
        print(f"Effacé\u00a0: {travaux.apply_all(settings)} (lignes, dossiers ou comptes).")
        return 0
    with database.reading():
        print(presenters.report(queries.overdue(settings)))
    print("Rien n’a été effacé. «\u00a0portal conservation --appliquer\u00a0» efface ce qui a dépassé sa durée.")
    return 0
