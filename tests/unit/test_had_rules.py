"""The advice about a care at home: which answers lead where, for every answer that can be given."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.had import definitions, rules
from portal.had.definitions import GrilleError
from portal.had.rules import ABSENT, DIRECT, NIVEAU, PREALABLE, REMPLI

GRILLE = definitions.latest()
YES = {"accord": "oui", "lieu": "oui", "stabilite": "oui"}
LOW = {"passages": "peu", "reevaluation": "mois", "coordination": "peu"}
NONE = YES | {"soin": "aucun"}


def advice(**answers: str) -> str:
    return rules.evaluate(GRILLE, answers).conclusion.code


@pytest.mark.parametrize(("answers", "expected"), [
    # One care is reason enough, whatever the rest.
    (YES | {"soin": "perfusion"}, "proposer"),
    (YES | {"soin": "fin_de_vie"} | LOW, "proposer"),
    # Without one, the needs decide: 0, 1 | 2, 3 | 4 to 6.
    (NONE | LOW, "autrement"),
    (NONE | LOW | {"passages": "deux"}, "autrement"),
    (NONE | LOW | {"passages": "plus"}, "discuter"),
    (NONE | {"passages": "deux", "reevaluation": "semaine", "coordination": "plusieurs"}, "discuter"),
    (NONE | LOW | {"passages": "plus", "reevaluation": "jours"}, "proposer"),
    (NONE | {"passages": "plus", "reevaluation": "jours", "coordination": "beaucoup"}, "proposer"),
    # A prerequisite to be checked comes before the rest, but makes no light need heavy.
    (YES | {"lieu": "a_voir", "soin": "perfusion"}, "preparer"),
    (NONE | LOW | {"accord": "a_voir"}, "autrement"),
    (NONE | LOW | {"accord": "a_voir", "passages": "plus"}, "discuter"),
    # One that is missing ends it, alone.
    ({"accord": "non"}, "impossible"),
    (YES | {"stabilite": "non", "soin": "perfusion"}, "impossible"),
])
def test_answers_lead_to_the_advice(answers: dict[str, str], expected: str) -> None:
    assert advice(**answers) == expected


@pytest.mark.parametrize(("answers", "asked"), [
    ({}, ["accord", "lieu", "stabilite", "soin", "passages", "reevaluation", "coordination"]),
    ({"lieu": "non"}, []),
    ({"soin": "nutrition"}, ["accord", "lieu", "stabilite"]),
    (NONE, ["passages", "reevaluation", "coordination"]),
    (NONE | {"passages": "inconnu"}, ["passages", "reevaluation", "coordination"]),
    (NONE | LOW, []),
])
def test_only_what_the_advice_needs_is_asked(answers: dict[str, str], asked: list[str]) -> None:
    assert [one.id for one in rules.needed(GRILLE, answers)] == asked


def test_what_makes_no_difference_is_not_kept() -> None:
    # A level that was answered beside a sufficient care, and anything beside a missing prerequisite.
    assert rules.useful(GRILLE, YES | {"soin": "souffle", "passages": "plus"}) == YES | {"soin": "souffle"}
    assert rules.useful(GRILLE, YES | {"accord": "non", "soin": "souffle"}) == YES | {"accord": "non"}
    assert rules.useful(GRILLE, YES | {"soin": "x", "autre": "oui"}) == YES


answered = st.fixed_dictionaries({}, optional={
    one.id: st.sampled_from([option.code for option in one.options]) for one in GRILLE.criteres})


@given(answered)
def test_every_set_of_answers_has_one_advice_or_a_question_left(answers: dict[str, str]) -> None:
    if rules.needed(GRILLE, answers):
        return
    found = rules.evaluate(GRILLE, answers)
    missing = any(one.option and one.option.effet == ABSENT for one in found.of(PREALABLE))
    enough = any(one.option and one.option.effet == REMPLI for one in found.of(DIRECT))
    assert (found.conclusion.code == rules.IMPOSSIBLE) == missing
    assert (found.poids is None) == (missing or enough)
    # What is kept gives the same advice again: an evaluation reads the same for ever.
    assert rules.evaluate(GRILLE, rules.useful(GRILLE, answers)) == found


@given(answered, st.sampled_from([one.id for one in GRILLE.of(NIVEAU)]))
def test_heavier_needs_never_make_the_advice_lighter(answers: dict[str, str], raised: str) -> None:
    order = [rules.AUTREMENT, rules.DISCUTER, rules.PREPARER, rules.PROPOSER]
    sound = NONE | LOW | {name: code for name, code in answers.items() if name in LOW}
    heavier = sound | {raised: next(
        one for one in GRILLE.criteres if one.id == raised).options[-1].code}
    assert order.index(advice(**heavier)) >= order.index(advice(**sound))


def test_the_questions_take_eight_clicks_at_most_and_name_where_the_idea_comes_from() -> None:
    for grille in definitions.registry().values():
        assert len(grille.criteres) + 1 <= rules.MOST_CLICKS
        assert "ADOP-HAD" in grille.source
        assert "Haute Autorité de santé" in grille.source


@pytest.mark.parametrize(("change", "words"), [
    (("discuter = 2", "discuter = 9"), "les seuils ne se suivent pas"),
    (('effet = "rempli"', 'effet = "presque"'), "effet inconnu"),
    (('id = "lieu"', 'id = "accord"'), "en double"),
    (('genre = "direct"', 'genre = "niveau"'), "genre de critère"),
    (('code = "discuter"', 'code = "autre"'), "cinq attendues"),
    (('mots = "Il souhaite', 'poids = 1, mots = "Il souhaite'), "seules les réponses sur l’intensité"),
    (('code = "a_voir"', 'code = "oui"'), "réponse est en double"),
    (("proposer = 4", "proposer = "), "had.1.toml"),
    (('title = "Une hosp', 'titre = "Une hosp'), "title"),
])
def test_a_faulty_version_is_refused_at_the_start(change: tuple[str, str], words: str) -> None:
    text = (definitions.FOLDER / "had.1.toml").read_text("utf-8")
    assert change[0] in text
    with pytest.raises(GrilleError, match=re.escape(words)):
        definitions.read(text.replace(*change, 1), 1)


def test_a_version_with_too_many_questions_is_refused() -> None:
    text = (definitions.FOLDER / "had.1.toml").read_text("utf-8")
    first = text[text.index("[[criteres]]"):text.index("[[criteres]]", text.index("[[criteres]]") + 1)]
    with pytest.raises(GrilleError, match="trop de questions"):
        definitions.read(text + first.replace('id = "accord"', 'id = "encore"'), 1)
