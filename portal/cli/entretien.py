"""``migrate``, ``audit`` and ``echeances``: the database brought up to date, held against its secret, kept on time."""

from __future__ import annotations

from argparse import Namespace

from portal import settings as configuration
from portal.cli.base import Commands, add, opened


def register(commands: Commands) -> None:
    """Add this group's commands."""
    add(commands, "migrate", migrate, "mettre la base de données à jour")
    add(commands, "audit", audit, "vérifier que le journal d’audit n’a pas été modifié")
    add(commands, "echeances", clocks,
        "faire une fois ce dont l’heure est venue : relances, archivages, fins de délégation")


def migrate(_args: Namespace) -> int:
    """Bring the database up to date."""
    from portal.db import database

    database.open_database(configuration.load())
    names = database.migrate()
    print("\n".join(names) if names else "La base est à jour.")
    return 0


def audit(_args: Namespace) -> int:
    """Hold the audit's chain against its secret; 1 when a row was edited, removed or moved."""
    from portal.db import audit as chain
    from portal.db import database

    opened()
    with database.reading():
        broken = chain.broken_link()
    if broken is None:
        print("Le journal d’audit est intact.")
        return 0
    print(f"Le journal d’audit est rompu à la ligne {broken} : elle, ou une ligne avant elle, a été modifiée.")
    return 1


def clocks(_args: Namespace) -> int:
    """Run once the jobs that are due and that no other process runs; 1 when one of them failed.

    With nothing to run, say where each job stands.
    """
    from portal.echeances import registre
    from portal.echeances.travaux import JOBS

    outcomes = registre.run_due(opened(), JOBS)
    print("\n".join([outcome.line for outcome in outcomes] or registre.stand(JOBS)))
    return 0 if all(outcome.good for outcome in outcomes) else 1
