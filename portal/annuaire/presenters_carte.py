"""A small plan of one page of a search: the town in the middle, numbered points around it. The list says the same."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians

from portal.annuaire.distance import DEGREE_KM
from portal.annuaire.recherche import PAGE_SIZE, Page

# The drawing is 100 by 100; its outer ring leaves room for the points on it.
MIDDLE, RING = 50.0, 44.0
SCALES = (1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 75, 100, 150, 200)


@dataclass(frozen=True)
class Point:
    """An establishment on the plan, by its number in the list."""

    numero: int
    x: float
    y: float
    nom: str


@dataclass(frozen=True)
class Carte:
    """The plan: its points, and the radius of each ring in the drawing with its words."""

    points: list[Point]
    anneaux: list[tuple[float, str]]
    legende: str


def carte(page: Page) -> Carte | None:
    """The plan of a page; None without a town, or when nothing on the page has a place."""
    here = page.here
    if here is None:
        return None
    first = (page.page - 1) * PAGE_SIZE + 1
    placed = [(numero, one) for numero, one in enumerate(page.lignes, first) if one.distance is not None]
    if not placed:
        return None
    farthest = max(one.distance or 0 for _, one in placed)
    scale = next((km for km in SCALES if farthest <= km), SCALES[-1])
    points = [Point(numero, *_at(here, one.etablissement.latitude or 0, one.etablissement.longitude or 0, scale),
                    one.etablissement.nom) for numero, one in placed]
    return Carte(points, [(RING, f"{scale}\u00a0km"), (RING / 2, "")],
                 f"Plan de {len(points)} établissement{'s' if len(points) > 1 else ''}, le nord en haut. Les numéros "
                 "sont ceux de la liste, qui donne la distance et la direction de chacun.")


def _at(here: tuple[float, float], latitude: float, longitude: float, scale: int) -> tuple[float, float]:
    """Where a point is drawn."""
    north = (latitude - here[0]) * DEGREE_KM
    east = (longitude - here[1]) * DEGREE_KM * cos(radians(here[0]))
    return round(MIDDLE + east / scale * RING, 1), round(MIDDLE - north / scale * RING, 1)
