"""Delegations that end by themselves: both people are told before, and on the last day."""

from __future__ import annotations

from portal import clock
from portal.db import database
from portal.delegations import commands as delegations
from portal.delegations import queries, rules
from portal.echeances import commands
from portal.echeances.registre import BATCH
from portal.settings import Settings


def announce(settings: Settings) -> int:
    """Mail the two people of each delegation that ends soon or today, once for each last day."""
    today, notice = clock.today(), settings.delegation_notice_days
    with database.reading():
        found = queries.ending(today, notice)
    done = 0
    for lent in found:
        with database.writing():
            # Read again under the lock: it may have been revoked or prolonged meanwhile.
            now = queries.of(lent.delegation.id)
            if now is None or now.delegation.revoked_at is not None or now.delegation.ends is None:
                continue
            when = rules.announced(now.delegation.starts, now.delegation.ends, today, notice)
            if when and commands.once("delegations", f"{now.delegation.id} {now.delegation.ends} {when}"):
                delegations.announce_end(now, settings)
                done += 1
        if done >= BATCH:
            break
    return done
