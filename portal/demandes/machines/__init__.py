"""The life of the requests of each module whose dossiers are sent: one file of data each."""

from __future__ import annotations

from portal.demandes.machines import ga, sanitaire, tnd
from portal.demandes.rules import Machine

MACHINES = {one.MACHINE.module: one.MACHINE for one in (ga, sanitaire, tnd)}
MODULES = frozenset(MACHINES)
"""The modules whose dossiers are sent to establishments."""
EVENTS = tuple(dict.fromkeys(event for machine in MACHINES.values() for event in machine.events))


def of(module: str) -> Machine:
    """How the requests of a module live; KeyError for a module whose dossiers are not sent."""
    return MACHINES[module]
