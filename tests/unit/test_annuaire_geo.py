"""Where communes stand, and how far apart: known distances, the box that holds a circle, the sources."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.annuaire import distance, geo

CAEN, PARIS, AJACCIO = "14118", "75112", "2A004"
LATITUDES, LONGITUDES = st.floats(-60, 60), st.floats(-170, 170)


@pytest.mark.parametrize(("one", "other", "km"), [
    (CAEN, PARIS, 202), (CAEN, "14047", 27), (CAEN, CAEN, 0), (PARIS, AJACCIO, 921), (CAEN, "97411", 9_540)])
def test_known_distances_hold_within_two_percent(one: str, other: str, km: int) -> None:
    points = [geo.position(code) for code in (one, other)]
    found = distance.distance_km(*((point.latitude, point.longitude) for point in points if point))
    assert found == pytest.approx(km, rel=0.02, abs=1)


@pytest.mark.parametrize(("insee", "code", "source"), [
    (CAEN, "", "commune"), ("14999", "14000", "code_postal"), (None, "61140", "code_postal"), ("2B033", "", "commune")])
def test_each_position_says_where_it_comes_from(insee: str | None, code: str, source: str) -> None:
    found = geo.position(insee, code)
    assert found is not None
    assert found.source == source


@pytest.mark.parametrize(("insee", "code"), [("99999", ""), (None, ""), ("", "00000"), ("99999", "1400")])
def test_an_unknown_place_has_no_position(insee: str | None, code: str) -> None:
    assert geo.position(insee, code) is None


def test_every_position_is_in_france_or_overseas() -> None:
    table = geo._table()
    assert len(table) > 25_000
    mainland = [one for insee, one in table.items() if not insee.startswith("97")]
    assert all(41 < one.latitude < 51.5 and -5.5 < one.longitude < 10 for one in mainland)


@given(LATITUDES, LONGITUDES, LATITUDES, LONGITUDES)
def test_a_distance_is_the_same_both_ways(lat: float, lon: float, lat2: float, lon2: float) -> None:
    there = distance.distance_km((lat, lon), (lat2, lon2))
    assert there == pytest.approx(distance.distance_km((lat2, lon2), (lat, lon)))
    assert 0 <= there <= 20_100


@given(st.floats(41, 51), st.floats(-5, 9), st.floats(1, 200), st.floats(-1, 1), st.floats(-1, 1))
def test_the_box_holds_the_circle(lat: float, lon: float, km: float, north: float, east: float) -> None:
    there = lat + north * km / 111, lon + east * km / 60
    if distance.distance_km((lat, lon), there) <= km:
        south, top, west, right = distance.box(lat, lon, km)
        assert south <= there[0] <= top
        assert west <= there[1] <= right
