"""The clock of the searches in waves."""

from __future__ import annotations

from portal import clock
from portal.db import database
from portal.demandes import envoi
from portal.echeances.registre import BATCH, each
from portal.settings import Settings
from portal.vagues import commands, queries


def leave(_settings: Settings) -> int:
    """Let the waves leave whose time has come; stop the searches that have found, or that nothing can follow."""
    with database.reading():
        found = queries.due(clock.now(), BATCH)
    return each(found, lambda plan_id: commands.tick(plan_id, envoi.lacking))
