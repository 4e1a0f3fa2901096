"""``migrate`` and ``echeances``: the database brought up to date, and kept on time."""

from __future__ import annotations

from argparse import Namespace

from portal import settings as configuration
from portal.cli.base import Commands, add, opened


def register(commands: Commands) -> None:
    """Add this group's commands."""
    add(commands, "migrate", migrate, "mettre la base de données à jour")
    add(commands, "echeances", clocks,
        "faire une fois ce dont l’heure est venue : relances, archivages, fins de délégation")


def migrate(_args: Namespace) -> int:
    """Bring the database up to date."""
    from portal.db import crypto, database

    settings = configuration.load()
    # Before the database: keys are made for a new one only.
    crypto.load_keys(settings)
    database.open_database(settings)
    names = database.migrate()
    print("\n".join(names) if names else "La base est à jour.")
    return 0


def clocks(_args: Namespace) -> int:
    """Run once the jobs that are due and that no other process runs; 1 when one of them failed.

    With nothing to run, say where each job stands.
    """
    from portal.echeances import registre
    from portal.echeances.travaux import JOBS

    outcomes = registre.run_due(opened(), JOBS)
    print("\n".join([outcome.line for outcome in outcomes] or registre.stand(JOBS)))
    return 0 if all(outcome.good for outcome in outcomes) else 1
