"""The repérage grid: the child's range, counts, marks; and that questions and grid are made for each other."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.tnd import reperage
from portal.volets import definitions

FORM = definitions.of("tnd-reperage", 1)
GRID = reperage.of(1)
BORN, TODAY = date(2024, 9, 20), date(2026, 11, 22)  # 26 months
ITEMS = [name for name in FORM.fields if name.split("_")[0] in {one.code for one in GRID.tranches} and "_" in name]


def bilan(answers: dict[str, object], birth: date = BORN) -> reperage.Bilan:
    return reperage.bilan(1, FORM.fields, answers, birth, TODAY)


# --- the data

def test_every_range_asks_at_least_two_things_of_every_domain() -> None:
    for tranche in GRID.tranches:
        found = bilan({"tranches": [tranche.code]}).resultats[0]
        assert [one.label for one in found.comptes] == [
            "Motricité globale", "Motricité fine", "Langage", "Socialisation"]
        assert min(one.total for one in found.comptes) >= 2


def test_ranges_follow_each_other_without_a_gap_and_are_the_form_s() -> None:
    assert [one.a for one in GRID.tranches[:-1]] == [one.de for one in GRID.tranches[1:]]
    assert (GRID.tranches[0].de, GRID.tranches[-1].a) == (6, 84)
    assert FORM.fields["tranches"].labels == {one.code: one.label for one in GRID.tranches}


def test_each_indicator_is_asked_and_needed_with_its_range_alone() -> None:
    assert len(ITEMS) == 90
    for name in ITEMS:
        field = FORM.fields[name]
        assert list(field.labels) == ["oui", "non", "non_vu"]
        assert field.shown_when == field.required_when
        assert [(one.field, set(one.values)) for one in field.shown_when] == [("tranches", {name.split("_")[0]})]
        assert FORM.section_of[name].title == GRID.domaines[name.split("_")[1]]


def test_signs_at_any_age_name_answers_of_the_form() -> None:
    for sign in GRID.signes:
        assert sign.codes <= set(FORM.fields[sign.champ].labels)


def test_every_version_of_the_form_has_its_grid() -> None:
    for identifier, version in definitions.registry():
        if identifier == "tnd-reperage":
            assert reperage.of(version).version == version


def test_thresholds_that_no_text_confirms_say_so() -> None:
    assert (GRID.un_domaine, GRID.deux_domaines, GRID.sur) == (3, 2, False) and GRID.source_seuils
    with pytest.raises(KeyError):
        reperage.of(99)


# --- the age

@pytest.mark.parametrize(("born", "answers", "months", "corrected", "tranche"), [
    (date(2026, 6, 1), {}, 5, 5, None), (date(2026, 5, 22), {}, 6, 6, "m6"), (date(2025, 11, 22), {}, 12, 12, "m12"),
    (date(2025, 11, 23), {}, 11, 11, "m6"), (BORN, {}, 26, 26, "m24"), (date(2020, 11, 22), {}, 72, 72, "a6"),
    (date(2019, 11, 22), {}, 84, 84, None),
    # Born ten weeks early: a year old counts for less, from two years on it no longer does.
    (date(2025, 11, 1), {"prematurite": "oui", "terme": "30"}, 12, 10, "m6"),
    (date(2024, 11, 1), {"prematurite": "oui", "terme": "30"}, 24, 24, "m24"),
    (date(2025, 11, 1), {"prematurite": "non", "terme": "30"}, 12, 12, "m12"),
    (date(2025, 11, 1), {"prematurite": "oui"}, 12, 12, "m12"),
    # The day of the examination counts, not today.
    (BORN, {"date_examen": "2026-01-20"}, 16, 16, "m12"),
    (BORN, {"date_examen": "2020-01-20"}, 0, 0, None),
])
def test_the_range_is_that_of_the_corrected_age_on_the_day_of_the_examination(
        born: date, answers: dict[str, object], months: int, corrected: int, tranche: str | None) -> None:
    found = reperage.age(GRID, answers, born, TODAY)
    assert (found.mois, found.corrige, found.tranche and found.tranche.code) == (months, corrected, tranche)
    assert reperage.propose(1, answers, born, TODAY) == ([tranche] if tranche else [])


def test_a_range_once_chosen_is_never_replaced() -> None:
    assert reperage.propose(1, {"tranches": ["m18"]}, BORN, TODAY) == []


@given(st.dates(date(2010, 1, 1), date(2030, 1, 1)), st.dates(date(2010, 1, 1), date(2040, 1, 1)),
       st.integers(22, 36))
def test_a_corrected_age_is_never_more_than_the_age(born: date, day: date, term: int) -> None:
    found = reperage.age(GRID, {"prematurite": "oui", "terme": str(term)}, born, day)
    assert 0 <= found.corrige <= found.mois
    assert found.mois == reperage.months(born, day) <= reperage.months(born, day + timedelta(days=1))


# --- counting

def test_counts_are_those_of_the_answers_and_nothing_else() -> None:
    found = bilan({"tranches": ["m24"], "m24_mg_court": "oui", "m24_mg_escalier": "non", "m18_mg_marche": "non",
                   "m24_la_dix_mots": "non_vu"})
    rows = {one.domaine: (one.oui, one.non, one.non_vu, one.reste) for one in found.resultats[0].comptes}
    assert rows == {"mg": (1, 1, 0, 1), "mf": (0, 0, 0, 3), "la": (0, 0, 1, 1), "so": (0, 0, 0, 2)}
    assert len(found.resultats) == 1 and found.attention == ()


@pytest.mark.parametrize(("refused", "marked"), [
    ([], []), (["m24_mg_court", "m24_mg_escalier"], []),
    (["m24_mg_court", "m24_mg_escalier", "m24_mg_ballon"], ["mg"]),
    (["m24_mg_court", "m24_mg_escalier", "m24_la_dix_mots"], []),
    (["m24_mg_court", "m24_mg_escalier", "m24_la_dix_mots", "m24_la_deux_mots"], ["mg", "la"]),
])
def test_domains_are_marked_from_the_thresholds_of_the_grid_on(refused: list[str], marked: list[str]) -> None:
    found = bilan({"tranches": ["m24"]} | dict.fromkeys(refused, "non"))
    assert [one.domaine for one in found.resultats[0].comptes if one.attention] == marked
    assert len(found.attention) == len(marked)


def test_two_ranges_are_counted_each_for_itself() -> None:
    found = bilan({"tranches": ["m18", "m24"], "m18_mg_debout": "non", "m18_mg_marche": "non", "m24_mg_court": "non"})
    assert [one.tranche.code for one in found.resultats] == ["m18", "m24"]
    assert found.attention == ()


@pytest.mark.parametrize(("answers", "born", "n"), [
    ({"regression": "oui"}, BORN, 1), ({"regression": "non"}, BORN, 0), ({"inquietude": "oui"}, BORN, 1),
    ({"communication": ["gestes_12", "mots_18"]}, BORN, 2), ({"communication": ["mots_18"]}, date(2026, 1, 1), 0),
])
def test_signs_at_any_age_count_once_the_child_is_of_that_age(answers: dict[str, object], born: date, n: int) -> None:
    assert len(bilan(answers, born).signes) == n


@given(st.dictionaries(st.sampled_from(ITEMS), st.sampled_from(["oui", "non", "non_vu"])),
       st.lists(st.sampled_from([one.code for one in GRID.tranches]), unique=True))
def test_no_answer_is_counted_twice_or_lost(said: dict[str, str], ranges: list[str]) -> None:
    found = bilan(said | {"tranches": ranges})
    counted = sum(one.oui + one.non + one.non_vu for each in found.resultats for one in each.comptes)
    assert counted == sum(name.split("_")[0] in ranges for name in said)
    assert all(one.reste >= 0 for each in found.resultats for one in each.comptes)
