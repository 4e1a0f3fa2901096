"""When a mail about notices may leave: quiet hours and the daily one, on the clocks of Paris. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
GATHER = timedelta(minutes=5)
"""How long the first notice waits for others, so that what happens within minutes makes one mail."""
DAILY_HOUR = 8
"""When the daily mail leaves, on the wall's clock; in quiet hours, at their end."""


@dataclass(frozen=True)
class Horaire:
    """When somebody takes mails. ``calme``: the first quiet hour and the hour at which they end (0 to 23), None for
    none; both the same: none."""

    quotidien: bool = False
    calme: tuple[int, int] | None = (20, 8)


def quiet(at: datetime, hours: tuple[int, int] | None) -> bool:
    """True when the wall's clock of Paris stands in the quiet hours; ``at`` is aware."""
    if hours is None or hours[0] == hours[1]:
        return False
    first, last = hours
    hour = at.astimezone(PARIS).hour
    return first <= hour < last if first < last else hour >= first or hour < last


def leaves(at: datetime, wanted: Horaire) -> datetime:
    """The first moment at which what happened at ``at`` may be mailed; aware, in UTC."""
    ready = at.astimezone(UTC) + GATHER
    if wanted.quotidien:
        ready = _next(ready, DAILY_HOUR)
    return _after_quiet(ready, wanted.calme)


def again(now: datetime, wanted: Horaire) -> datetime:
    """When a mail that was due may leave, asked at ``now``: at once, or after the quiet hours it has fallen into."""
    return _after_quiet(now.astimezone(UTC), wanted.calme)


def _after_quiet(at: datetime, hours: tuple[int, int] | None) -> datetime:
    return _next(at, hours[1]) if hours is not None and quiet(at, hours) else at


def _next(at: datetime, hour: int) -> datetime:
    """The first moment after ``at`` when the wall's clock says this hour.

    Compared in UTC: two walls of one zone are compared without their change. Where the hour does not exist (in
    spring, 2 h), it is the moment of the change; where it comes twice, the first.
    """
    day = at.astimezone(PARIS).date()
    for ahead in range(3):
        found = datetime.combine(day + timedelta(days=ahead), time(hour), PARIS).astimezone(UTC)
        if found > at:
            return found
    raise AssertionError("three days without this hour")
