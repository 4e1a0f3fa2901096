"""Days and moments as every page writes them."""

from __future__ import annotations

from datetime import date, datetime

from portal.clock import PARIS


def day(value: date) -> str:
    """« 22/11/2026 »; an instant (aware) counts as its day in Paris."""
    local = value.astimezone(PARIS) if isinstance(value, datetime) else value
    return f"{local:%d/%m/%Y}"


def moment(at: datetime) -> str:
    """« 22/11/2026 à 14 h 03 » of an aware instant, in Paris."""
    local = at.astimezone(PARIS)
    return f"{local:%d/%m/%Y} à {local.hour}\u00a0h\u00a0{local:%M}"
