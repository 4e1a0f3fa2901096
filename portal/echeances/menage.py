"""What is kept too long: old notices, and the memory of what the jobs did."""

from __future__ import annotations

from datetime import timedelta

from portal import clock
from portal.avis import commands as avis
from portal.db import database
from portal.echeances import commands
from portal.echeances.registre import BATCH
from portal.settings import Settings

# Longer than any delay whose effect must not come twice.
MEMORY = timedelta(days=400)


def notices(settings: Settings) -> int:
    """Drop the notices older than ``notices_kept_days``, read or not."""
    with database.writing():
        return avis.forget(clock.now() - timedelta(days=settings.notices_kept_days), BATCH)


def memories(_settings: Settings) -> int:
    """Drop what the jobs noted so long ago that nothing can bring it back."""
    with database.writing():
        return commands.forget(clock.now() - MEMORY, BATCH)
