"""The audit's own clocks: anchored outside the database, and shortened when its time is over."""

from __future__ import annotations

import logging
from datetime import datetime, time

from portal import clock
from portal.clock import PARIS
from portal.db import anchors, database, retention
from portal.echeances.rules import months_later
from portal.settings import Settings

log = logging.getLogger("portal.audit")


def kept_since(settings: Settings) -> datetime:
    """The first instant of which the audit is kept: ``audit_months`` before today, from that day's beginning."""
    return datetime.combine(months_later(clock.today(), -settings.audit_months), time(), PARIS)


def anchor(settings: Settings) -> int:
    """Anchor the last act; 1, or 0 when nothing was done since the last anchor."""
    return int(anchors.write(settings) is not None)


def anchor_if_possible(settings: Settings) -> None:
    """Anchor as the portal stops or was backed up; what forbids it is said in the log, and forbids neither."""
    try:
        anchor(settings)
    except Exception as error:
        log.error("the audit was not anchored (%s)", type(error).__name__)
    finally:
        database.close()


def purge(settings: Settings) -> int:
    """Drop the acts older than ``audit_months``, all of them; returns how many.

    Raises chain.Broken, and drops nothing more, where the chain does not hold.
    """
    before, done = kept_since(settings), 0
    while dropped := retention.purge(before):
        done += dropped
    return done
