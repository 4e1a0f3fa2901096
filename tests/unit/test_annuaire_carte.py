"""The small plan of a page of the directory: where its points are drawn, and when there is none."""

from __future__ import annotations

from math import hypot

import pytest

from portal.annuaire import recherche
from portal.annuaire.criteres import Criteria
from portal.annuaire.presenters_carte import MIDDLE, RING, carte
from portal.annuaire.recherche import Page
from portal.annuaire.rules import Commune
from portal.db import database
from portal.settings import Settings
from tests.support.annuaire import CAEN, place

TOWN = Commune("14118", "Caen", "14000")


@pytest.fixture(autouse=True)
def caen(tables: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    database.connect()
    monkeypatch.setattr(recherche, "_position", lambda town: CAEN)


@pytest.mark.parametrize(("km", "ring"), [(0.5, 1), (1.5, 2), (2.9, 3), (12, 15), (28, 30), (60, 75), (199, 200)])
def test_the_outer_ring_is_the_next_round_distance(km: float, ring: int) -> None:
    place("EHPAD", km)
    drawn = carte(recherche.search(Criteria(TOWN, 200)))
    assert drawn is not None
    assert drawn.anneaux[0] == (RING, f"{ring}\u00a0km")
    # North is up, and the distance is true.
    assert drawn.points[0].x == MIDDLE
    assert MIDDLE - drawn.points[0].y == pytest.approx(km / ring * RING, abs=0.3)


def test_its_numbers_are_those_of_the_list() -> None:
    for rank in range(25):
        place(f"EHPAD {rank:02d}", rank + 1)
    page = recherche.search(Criteria(TOWN, 200, page=2))
    drawn = carte(page)
    assert drawn is not None
    assert [(point.numero, point.nom) for point in drawn.points] == [
        (rank, one.etablissement.nom) for rank, one in enumerate(page.lignes, 21)]
    assert all(hypot(point.x - MIDDLE, point.y - MIDDLE) <= RING + 0.2 for point in drawn.points)
    assert drawn.legende.startswith("Plan de 5 établissements")


def test_without_a_town_there_is_no_plan() -> None:
    place("EHPAD Seul", 3)
    assert carte(recherche.search(Criteria(nom="seul"))) is None
    assert carte(Page([], 0, 1, 1, CAEN)) is None
