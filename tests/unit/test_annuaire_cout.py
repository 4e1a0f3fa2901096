"""The remaining cost of a month: rules by date, the law's formula, each help and its limit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.annuaire import cout
from portal.annuaire.cout import Situation

RULES = cout.rules_of(date(2026, 11, 23))
# 65,00 € of lodging, 22,00 € of dependency, 6,00 € for GIR 5 and 6.
CASE = Situation(6500, 2200, 600, gir=2)


def test_the_thresholds_are_those_that_the_national_portal_publishes() -> None:
    assert (round(RULES.bas), round(RULES.haut)) == (284677, 437964)


@pytest.mark.parametrize(("resources", "day"), [
    (None, 600), (0, 600), (284_677, 600), (437_965, 600 + 1600 * 8 // 10), (9_999_999, 1880),
    # Half-way between the two thresholds: half of the 80 %.
    ((284_677 + 437_964) // 2, 1240),
])
def test_the_share_of_the_dependency_tariff(resources: int | None, day: int) -> None:
    """Article R. 232-19 of the code of social action."""
    assert round(cout.participation(replace(CASE, ressources=resources), RULES)) == day


@pytest.mark.parametrize(("case", "day"), [
    (replace(CASE, ressources=600_000, couple=True), 728), (replace(CASE, gir=5, ressources=9_999_999), 600),
    (replace(CASE, forfait=610, ressources=9_999_999), 610), (replace(CASE, dependance=500, ressources=9_999_999), 600),
])
def test_couples_independent_people_and_the_flat_share(case: Situation, day: int) -> None:
    assert round(cout.participation(case, RULES)) == day


def test_a_month_with_every_help() -> None:
    found = cout.estimate(replace(CASE, ressources=150_000, logement=20_000, impot=100_000), RULES)
    assert (found.hebergement, found.dependance, found.facture) == (197_708, 66_917, 264_625)
    assert found.apa == 66_917 - 18_250
    assert found.reste == 197_708 + 18_250 - 20_000
    # 25 % of 10 000 €, but never more than the tax itself.
    assert found.reduction == 100_000 // 12
    assert found.reduction_sure


@pytest.mark.parametrize(("tax", "month", "sure"), [
    (None, 250_000 // 12, False), (0, 0, True), (10_000, 833, True), (9_999_999, 250_000 // 12, True)])
def test_the_tax_reduction_has_its_cap(tax: int | None, month: int, sure: bool) -> None:
    """Article 199 quindecies of the tax code: 25 % of at most 10,000 € a year."""
    found = cout.estimate(replace(CASE, impot=tax), RULES)
    assert (found.reduction, found.reduction_sure) == (month, sure)


def test_lodging_alone_opens_no_tax_reduction() -> None:
    assert cout.estimate(Situation(5000, 0, 0, gir=6, impot=500_000), RULES).reduction == 0


@pytest.mark.parametrize(("resources", "paid"), [
    (200_000, 180_000), (100_000, 87_500), (12_500, 0), (0, 0), (1_000_000, 900_000)])
def test_the_social_help_leaves_a_tenth_and_a_minimum(resources: int, paid: int) -> None:
    """10 % of the resources, never less than a hundredth of a year's minimum pension."""
    assert cout.contribution(replace(CASE, ressources=resources), RULES) == paid


def test_the_social_help_pays_the_rest() -> None:
    found = cout.estimate(replace(CASE, ressources=100_000, aide_sociale=True), RULES)
    assert found.reste == 87_500
    assert found.aide_sociale == 197_708 + 18_250 - 87_500


def test_without_resources_the_social_help_is_not_guessed() -> None:
    assert cout.estimate(replace(CASE, aide_sociale=True), RULES).aide_sociale == 0


def test_a_help_never_exceeds_what_it_pays() -> None:
    found = cout.estimate(replace(CASE, logement=9_999_999), RULES)
    assert found.logement == found.hebergement
    assert found.reste == 18_250


@pytest.mark.parametrize("day", [date(2020, 1, 1), date(2026, 1, 1), date(2031, 1, 1)])
def test_there_are_rules_for_every_day(day: date) -> None:
    """Before the first ones those, after the last ones the last: the page says that they have ended."""
    assert cout.rules_of(day) in cout.every_rule()


def test_the_rules_follow_each_other_and_say_where_they_come_from() -> None:
    every = cout.every_rule()
    for rules in every:
        assert rules.depuis <= rules.jusqua
        assert all(len(source) > 20 for source in rules.sources)
    assert all(before.jusqua < after.depuis for before, after in pairwise(every))


amounts = st.integers(0, 99_999_999)


@given(st.builds(Situation, amounts, amounts, amounts, st.integers(1, 6), st.none() | amounts, st.booleans(), amounts,
                 st.booleans(), st.none() | amounts, st.none() | amounts))
def test_whatever_is_typed_the_sums_hold(case: Situation) -> None:
    found = cout.estimate(case, RULES)
    assert found.facture - found.apa - found.logement - found.aide_sociale == found.reste
    assert min(found.apa, found.logement, found.aide_sociale, found.reste, found.reduction) >= 0
    assert found.reduction <= Fraction(RULES.plafond) * RULES.taux / 12


@given(amounts, amounts)
def test_more_resources_never_lower_the_share(one: int, other: int) -> None:
    low, high = sorted((one, other))
    assert (cout.participation(replace(CASE, ressources=low), RULES)
            <= cout.participation(replace(CASE, ressources=high), RULES))
