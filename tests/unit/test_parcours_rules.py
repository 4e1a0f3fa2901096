"""What a path's rules allow: its end, its renewal, who may, and whom a territory covers."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.annuaire import territoires
from portal.annuaire.models import Territoire
from portal.demandes import rules as demandes
from portal.espaces.rules import ADMISSIONS, MEDICAL
from portal.parcours import rules

TODAY = date(2026, 11, 23)
CAEN, ALENCON = "14118", "61001"


@pytest.mark.parametrize(("start", "months", "last"), [
    (date(2026, 3, 15), 12, date(2027, 3, 14)), (date(2026, 1, 1), 12, date(2026, 12, 31)),
    (date(2028, 2, 29), 12, date(2029, 2, 28)), (date(2026, 8, 31), 6, date(2027, 2, 28)),
    (date(2026, 11, 23), 24, date(2028, 11, 22)),
])
def test_a_path_ends_the_day_before_its_anniversary(start: date, months: int, last: date) -> None:
    assert rules.end(start, months) == last


@given(st.dates(date(2000, 1, 1), date(2200, 1, 1)), st.integers(1, 60))
def test_a_longer_path_never_ends_before(start: date, months: int) -> None:
    assert start < rules.end(start, months) < rules.end(start, months + 1)


@pytest.mark.parametrize(("etat", "renewals", "why"), [
    (demandes.BILANS, 0, ""), (demandes.SYNTHESE, 0, ""), (demandes.BILANS, 1, "qu’une fois"),
    (demandes.RENOUVELE, 1, "qu’une fois"), (demandes.PARCOURS, 0, "«\u00a0Bilans en cours\u00a0»"),
    (demandes.CLOS, 0, "«\u00a0Parcours clos\u00a0»"),
])
def test_a_path_is_renewed_once_from_where_it_may(etat: str, renewals: int, why: str) -> None:
    said = rules.why_not_renewed(etat, renewals, TODAY)
    assert (why in said) if why else said == ""


@pytest.mark.parametrize(("etat", "roles", "codes"), [
    (demandes.LUE, {MEDICAL}, ["valider", "reorienter"]), (demandes.LUE, {ADMISSIONS}, ["reorienter"]),
    (demandes.PARCOURS, {ADMISSIONS}, ["commencer", "clore", "reorienter"]),
    (demandes.BILANS, {MEDICAL}, ["synthese", "renouveler", "clore", "reorienter"]),
    (demandes.SYNTHESE, {ADMISSIONS}, ["clore", "renouveler", "reorienter"]), (demandes.CLOS, {MEDICAL}, []),
])
def test_what_may_be_done_next_comes_first(etat: str, roles: set[str], codes: list[str]) -> None:
    assert [acte.code for acte in rules.possible(etat, roles)] == codes


def test_a_forfait_is_the_one_of_its_day() -> None:
    assert rules.modes(TODAY)["ergo_bilan"] == ("Ergothérapeute", "bilan", 140)
    assert set(rules.modes(date(2020, 1, 1))) == set(rules.CONVENTIONS)


@pytest.mark.parametrize(("departements", "communes", "ages", "insee", "covered"), [
    ("14 50", "", (0, 7), CAEN, True), ("61", "", (0, 7), CAEN, False), ("61", CAEN, (0, 7), CAEN, True),
    ("14", "", (3, 7), CAEN, False), ("14", "", (0, 2), CAEN, False), ("14", "", (0, 3), CAEN, True),
    ("97", "", (0, 7), "97411", False), ("974", "", (0, 7), "97411", True), ("14", "", (0, 7), "", False),
])
def test_a_territory_covers_a_child_by_where_he_lives_and_his_age(
        departements: str, communes: str, ages: tuple[int, int], insee: str, covered: bool) -> None:
    zone = Territoire(departements=departements, communes=communes, age_min=ages[0], avant=ages[1])
    assert (territoires.why_not(zone, insee, date(2024, 11, 23), TODAY) == "") is covered


@pytest.mark.parametrize(("text", "kept"), [("14", "14"), ("2a, 14;14", "2A 14"), ("", ""), ("974", "974")])
def test_departments_are_kept_once(text: str, kept: str) -> None:
    assert territoires.departments(text) == kept


def test_an_address_without_a_commune_is_placed_by_its_postal_code() -> None:
    assert territoires.department(territoires.commune(None, "61000")) == "61"
    assert territoires.commune(ALENCON, "14000") == ALENCON and territoires.commune(None, "") == ""
