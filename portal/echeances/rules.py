"""What the calendar says, whatever the database: months, French public holidays, office days and hours."""

from __future__ import annotations

import calendar
from datetime import date, datetime, time, timedelta
from functools import lru_cache

OPENING, CLOSING = time(9), time(17)
"""The hours, of Paris, in which somebody is held to answer the telephone."""

LONGEST_HOURS = 10_000
# Article L.3133-1 of the code du travail, those that fall on the same day each year.
_FIXED = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
# Easter Monday, Ascension Day and Whit Monday, in days after Easter.
_AFTER_EASTER = (1, 39, 50)


def months_later(day: date, months: int) -> date:
    """The same day ``months`` later (before, if negative), or that month's last.

    A day past the calendar is its last or first one: a delay of 9,999 years never ends, and is no error.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    month += 1
    if year > date.max.year:
        return date.max
    if year < date.min.year:
        return date.min
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


@lru_cache(maxsize=64)
def easter(year: int) -> date:
    """Easter Sunday in the Gregorian calendar, by the golden number, the epact and the dominical letter."""
    golden = year % 19
    century, rest = divmod(year, 100)
    leap_centuries, century_rest = divmod(century, 4)
    moon = (century + 8) // 25
    epact = (19 * golden + century - leap_centuries - (century - moon + 1) // 3 + 15) % 30
    leap_years, year_rest = divmod(rest, 4)
    sunday = (32 + 2 * century_rest + 2 * leap_years - epact - year_rest) % 7
    late = (golden + 11 * epact + 22 * sunday) // 451
    month, day = divmod(epact + sunday - 7 * late + 114, 31)
    return date(year, month, day + 1)


@lru_cache(maxsize=64)
def holidays(year: int) -> frozenset[date]:
    """The eleven public holidays of metropolitan France (L.3133-1 of the code du travail); those of Alsace-Moselle
    and overseas are not among them."""
    moving = {easter(year) + timedelta(days=after) for after in _AFTER_EASTER}
    return frozenset(moving | {date(year, month, day) for month, day in _FIXED})


def is_working(day: date) -> bool:
    """True from Monday to Friday, public holidays apart."""
    return day.weekday() < 5 and day not in holidays(day.year)


def working_hours_later(at: datetime, hours: int) -> datetime:
    """When ``hours`` office hours have passed after ``at``.

    ``at`` is aware, in the zone whose days and hours count (Europe/Paris); so is the answer. Zero or fewer hours give
    the first office moment; more than ``LONGEST_HOURS`` raise ValueError.
    """
    if hours > LONGEST_HOURS:
        raise ValueError("too many hours")
    left = timedelta(hours=max(0, hours))
    # Between office hours of one day no clock changes: the wall's hours are true hours.
    here = _opened(at.replace(tzinfo=None))
    while left > (until := datetime.combine(here, CLOSING) - here):
        left -= until
        here = _opened(datetime.combine(here + timedelta(days=1), OPENING))
    return (here + left).replace(tzinfo=at.tzinfo)


def _opened(here: datetime) -> datetime:
    """The first office moment from ``here`` on."""
    if is_working(here.date()) and here.time() < CLOSING:
        return max(here, datetime.combine(here, OPENING))
    day = here.date() + timedelta(days=1)
    while not is_working(day):
        day += timedelta(days=1)
    return datetime.combine(day, OPENING)
