"""Delegations that end by themselves: both people are told before, and on the last day."""

from __future__ import annotations

from portal import clock
from portal.db import database
from portal.delegations import commands as delegations
from portal.delegations import queries, rules
from portal.delegations.queries import Lent
from portal.echeances import commands
from portal.echeances.queries import noted
from portal.echeances.registre import BATCH, each
from portal.settings import Settings

JOB = "delegations"


def announce(settings: Settings) -> int:
    """Mail the two people of each delegation that ends soon or today, once for each last day."""
    with database.reading():
        keys = {lent.delegation.id: _key(lent, settings)
                for lent in queries.ending(clock.today(), settings.delegation_notice_days)}
        told = noted(JOB, keys.values())
    waiting = [delegation_id for delegation_id, key in keys.items() if key and key not in told]
    return each(waiting[:BATCH], lambda delegation_id: _announce(settings, delegation_id))


def _announce(settings: Settings, delegation_id: int) -> bool:
    # Read again under the lock: it may have been revoked or prolonged meanwhile.
    lent = queries.of(delegation_id)
    key = _key(lent, settings) if lent else ""
    if lent is None or not key or not commands.once(JOB, key):
        return False
    delegations.announce_end(lent, settings)
    return True


def _key(lent: Lent, settings: Settings) -> str:
    """What is to be told of a delegation today, and for which last day; "" for nothing."""
    one = lent.delegation
    if one.revoked_at is not None or one.ends is None:
        return ""
    when = rules.announced(one.starts, one.ends, clock.today(), settings.delegation_notice_days)
    return f"{one.id} {one.ends} {when}" if when else ""
