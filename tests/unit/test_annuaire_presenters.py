"""Numbers and words of the directory, as French writes them; distances and directions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.annuaire import distance
from portal.annuaire.presenters_recherche import a_month, distance_words, euros, hours_words

CAEN, PARIS = (49.1829, -0.3707), (48.8566, 2.3522)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(("cents", "text"), [
    (0, "0 €"), (5, "0,05 €"), (6520, "65,20 €"), (234560, "2 345,60 €"), (100000000, "1 000 000 €")])
def test_euros(cents: int, text: str) -> None:
    assert plain(euros(cents)) == text


@pytest.mark.parametrize(("cents", "text"), [(234501, "2 346 €"), (234500, "2 345 €")])
def test_a_price_in_whole_euros_is_rounded_up(cents: int, text: str) -> None:
    assert plain(euros(cents, round_up=True)) == text


@pytest.mark.parametrize(("day", "month"), [(6520, 198317), (0, 0), (1, 30), (12, 365)])
def test_a_month_counts_365_days_of_12(day: int, month: int) -> None:
    assert a_month(day) == month


@pytest.mark.parametrize(("km", "wind", "text"), [
    (None, "", ""), (0.04, "nord", "sur place"), (0.1, "nord", "0,1 km au nord"), (9.94, "est", "9,9 km à l’est"),
    (10, "ouest", "10 km à l’ouest"), (27.6, "sud-est", "28 km au sud-est"), (3, "", "3,0 km")])
def test_a_distance(km: float | None, wind: str, text: str) -> None:
    assert plain(distance_words(km, wind)) == text


@pytest.mark.parametrize(("hours", "text"), [
    (0, "moins d’une heure"), (1, "1 heure"), (47, "47 heures"), (48, "2 jours"), (300, "12 jours")])
def test_a_time_to_answer(hours: int, text: str) -> None:
    assert plain(hours_words(hours)) == text


def test_from_caen_to_paris() -> None:
    """Some 202 km as the crow flies."""
    assert distance.distance_km(CAEN, PARIS) == pytest.approx(202, abs=1)
    assert distance.distance_km(PARIS, CAEN) == pytest.approx(distance.distance_km(CAEN, PARIS))
    assert distance.distance_km(CAEN, CAEN) == 0


@pytest.mark.parametrize(("north", "east", "wind"), [
    (1, 0, "nord"), (1, 1.5, "nord-est"), (0, 1, "est"), (-1, 1.5, "sud-est"), (-1, 0, "sud"), (-1, -1.5, "sud-ouest"),
    (0, -1, "ouest"), (1, -1.5, "nord-ouest"), (0, 0, "nord")])
def test_the_eight_winds(north: float, east: float, wind: str) -> None:
    assert distance.wind(CAEN, (CAEN[0] + north, CAEN[1] + east)) == wind


latitudes, longitudes = st.floats(-21.5, 51.5), st.floats(-63, 56)


@given(latitudes, longitudes, st.floats(-2.5, 2.5), st.floats(-4, 4), st.integers(1, 200))
def test_the_box_holds_the_circle(latitude: float, longitude: float, north: float, east: float, km: int) -> None:
    """What the index leaves out is farther than the radius."""
    south, top, west, right = distance.box(latitude, longitude, km)
    there = (latitude + north, longitude + east)
    if distance.distance_km((latitude, longitude), there) <= km:
        assert south <= there[0] <= top
        assert west <= there[1] <= right
