"""Days and moments as every page writes them."""

from __future__ import annotations

import re
from datetime import date, datetime

from portal.clock import PARIS

_DAY = re.compile(r"(\d{1,2})[/. -](\d{1,2})[/. -](\d{4})|(\d{4})-(\d{2})-(\d{2})", re.ASCII)


def day(value: date) -> str:
    """« 22/11/2026 »; an instant (aware) counts as its day in Paris."""
    local = value.astimezone(PARIS) if isinstance(value, datetime) else value
    return f"{local:%d/%m/%Y}"


def moment(at: datetime) -> str:
    """« 22/11/2026 à 14 h 03 » of an aware instant, in Paris."""
    return f"{day(at)} à {hour(at)}"


def hour(at: datetime) -> str:
    """« 14 h 03 » of an aware instant, in Paris."""
    local = at.astimezone(PARIS)
    return f"{local.hour}\u00a0h\u00a0{local:%M}"


def read(text: str) -> date | None:
    """A day written 05/03/1941 (or 1941-03-05); None when it is not one of the calendar."""
    found = _DAY.fullmatch(text.strip())
    if not found:
        return None
    day, month, year, iso_year, iso_month, iso_day = (int(part) if part else 0 for part in found.groups())
    try:
        return date(year or iso_year, month or iso_month, day or iso_day)
    except ValueError:
        return None
