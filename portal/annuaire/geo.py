"""Where communes stand (degrees, WGS 84), from GeoNames (CC BY 4.0): see ``LICENCE-positions.md``. Reads one file."""

from __future__ import annotations

import lzma
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import fmean

from portal.annuaire import queries

TABLE = Path(__file__).with_name("positions.csv.xz")
COMMUNE, POSTCODE, DIRECTORY = "commune", "code_postal", "annuaire"
_SOURCES = {"c": COMMUNE, "p": POSTCODE}


@dataclass(frozen=True, slots=True)
class Position:
    """A point and where it is known from: « annuaire », « commune » or « code_postal »."""

    latitude: float
    longitude: float
    source: str


def position(insee: str | None, code_postal: str = "") -> Position | None:
    """Where a commune stands: by its own place, else by those of its postal code; None when neither is known."""
    found = _table().get(insee or "")
    if found or not code_postal:
        return found
    near = [_table()[one.insee] for one in queries.of_postcode(code_postal) if one.insee in _table()]
    if not near:
        return None
    return Position(fmean(one.latitude for one in near), fmean(one.longitude for one in near), POSTCODE)


@cache
def _table() -> dict[str, Position]:
    lines = lzma.decompress(TABLE.read_bytes()).decode().splitlines()
    rows = (line.split(",") for line in lines)
    return {insee: Position(float(lat), float(lon), _SOURCES[source]) for insee, lat, lon, source in rows}
