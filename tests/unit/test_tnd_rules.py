"""Dated settings of the TND path, and the consent without which a request does not leave."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.tnd import rules

TODAY = date(2026, 11, 22)
DAYS = st.dates(date(2015, 1, 1), date(2060, 12, 31))


@pytest.mark.parametrize(("regle", "day", "before"), [
    ("fiche", date(2019, 6, 1), 7), ("fiche", TODAY, 7), ("loi", date(2019, 6, 1), 7), ("loi", date(2021, 4, 10), 7),
    ("loi", date(2021, 4, 11), 13), ("loi", date(2025, 8, 5), 13), ("loi", date(2025, 8, 6), 12), ("loi", TODAY, 12),
    ("loi", date(2010, 1, 1), 7)])
def test_the_age_that_holds_is_that_of_the_day_and_of_the_instance(regle: str, day: date, before: int) -> None:
    assert rules.at(day, regle).limite.avant == before


def test_an_unknown_age_rule_is_no_default() -> None:
    with pytest.raises(ValueError, match="12 ans"):
        rules.at(TODAY, "12 ans")


@pytest.mark.parametrize(("regle", "born", "words"), [
    ("fiche", date(2019, 11, 23), ""),  # seven years tomorrow
    ("fiche", date(2019, 11, 22), "avant le 12e anniversaire, hors de ce portail"),  # seven today
    ("fiche", date(2014, 11, 22), "CMPP"),  # twelve: nobody may
    ("loi", date(2014, 11, 23), ""),
    ("loi", date(2014, 11, 22), "CMPP"),
])
def test_a_child_past_the_limit_is_told_the_limit_its_source_and_what_to_do(regle: str, born: date,
                                                                           words: str) -> None:
    said = rules.why_too_old(born, TODAY, regle)
    assert bool(said) is bool(words) and words in said
    if said:
        assert "Source\u00a0: " in said and "Vérifiez la date de naissance" in said


def test_born_on_a_leap_day_the_limit_comes_on_the_first_of_march() -> None:
    limit = rules.at(TODAY).limite
    assert [limit.passed(date(2020, 2, 29), day) for day in (date(2027, 2, 28), date(2027, 3, 1))] == [False, True]


@given(DAYS, st.sampled_from(rules.REGLES))
def test_every_day_has_settings_that_make_sense(day: date, regle: str) -> None:
    found = rules.at(day, regle)
    assert found.limite.regle == regle and 7 <= found.limite.avant <= 13
    assert found.duree.mois == 12 and found.duree.renouvellements == 1
    assert all(source for source, _ in found.sources)


@given(st.dates(date(2005, 1, 1), TODAY), st.integers(0, 4000))
def test_who_is_too_old_stays_too_old(birth: date, later: int) -> None:
    """While the rule of the day stays the same: a child never grows back under the limit."""
    if rules.why_too_old(birth, TODAY):
        assert rules.why_too_old(birth, TODAY + timedelta(days=later))


def test_forfaits_are_dated_and_say_that_they_are_to_be_checked() -> None:
    assert rules.at(date(2024, 1, 1)).forfaits is None
    found = rules.at(TODAY).forfaits
    assert found is not None and found.a_verifier and found.depuis == date(2025, 3, 1)
    assert {one.code: one.euros for one in found.liste} == {
        "ergo_bilan": 140, "ergo_parcours": 1500, "psychomot_bilan": 140, "psychomot_parcours": 1500,
        "psy_bilan": 120, "psy_bilan_complet": 300, "psy_court": 512, "psy_parcours": 1500}
    assert found.liste[1].label == ("Ergothérapeute, bilan et interventions (environ 35 séances)\u00a0: "
                                    "1\u202f500\u00a0€")


# --- consent

TWO = {"titulaires": "deux", "titulaire1_accord": "oui", "titulaire1_accord_le": "2026-11-20",
       "titulaire2_accord": "oui", "titulaire2_accord_le": "2026-11-21"}
ONE = {"titulaires": "une", "titulaire1_accord": "oui", "titulaire1_accord_le": "2026-11-20"}


@pytest.mark.parametrize(("answers", "words"), [
    ({}, "qui exerce l’autorité parentale"),
    ({"titulaires": "personne"}, "qui exerce l’autorité parentale"),
    (TWO, ""), (ONE, ""), (ONE | {"titulaires": "tiers"}, ""),
    (ONE | {"titulaires": "deux"}, "l’accord daté du second titulaire"),
    (TWO | {"titulaire1_accord": "attente", "titulaire2_accord": ""},
     "l’accord daté du premier titulaire et du second titulaire"),
    (TWO | {"titulaire1_accord_le": ""}, "l’accord daté du premier titulaire"),
    (TWO | {"titulaire2_accord": "non"}, "Le second titulaire de l’autorité parentale n’est pas d’accord"),
    (TWO | {"titulaire1_accord": "attente", "titulaire2_accord": "non"}, "n’est pas d’accord"),
    # What was said of a second holder no longer counts once there is one.
    (TWO | {"titulaires": "une", "titulaire2_accord": "non"}, ""),
])
def test_each_holder_of_parental_authority_agrees_on_a_known_day(answers: dict[str, str], words: str) -> None:
    said = rules.why_no_consent(answers)
    assert bool(said) is bool(words) and words in said
