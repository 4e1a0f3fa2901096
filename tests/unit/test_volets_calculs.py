"""What the answers of the sanitaire volets add up to, against values worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.volets import calculs, definitions
from portal.volets.formulaire import Answers

AVQ = (*calculs.AVQ_BODY, *calculs.AVQ_MIND)


def titles(volet: str, answers: Answers) -> list[str]:
    return [one.titre for one in calculs.scores(definitions.latest("s", volet), answers)]


def rated(letters: str) -> dict[str, str]:
    """The six lines by their digits, « - » for a line not rated."""
    return {name: f"a{digit}" for name, digit in zip(AVQ, letters, strict=True) if digit != "-"}


@pytest.mark.parametrize(("digits", "title", "parts", "left"), [
    ("111111", "AVQ\u00a0: 6 sur 24", ("physique\u00a0: 4 sur 16", "cognitive\u00a0: 2 sur 8"), 0),
    ("444444", "AVQ\u00a0: 24 sur 24", ("physique\u00a0: 16 sur 16", "cognitive\u00a0: 8 sur 8"), 0),
    ("323121", "AVQ\u00a0: 12 sur 24", ("physique\u00a0: 9 sur 16", "cognitive\u00a0: 3 sur 8"), 0),
    ("3231-1", "AVQ\u00a0: pas encore de total", ("physique\u00a0: 9 sur 16",), 1),
    ("------", "AVQ\u00a0: pas encore de total", (), 6),
])
def test_the_avq_grid(digits: str, title: str, parts: tuple[str, ...], left: int) -> None:
    found, = calculs.scores(definitions.latest("s", "soins"), rated(digits))
    assert (found.titre, found.reste) == (title, left)
    assert found.details == tuple(f"Dépendance {words}." for words in parts)


@given(st.lists(st.integers(1, 4), min_size=6, max_size=6))
def test_the_avq_total_is_the_sum_of_its_lines(digits: list[int]) -> None:
    found = calculs.avq(rated("".join(map(str, digits))))
    assert found.titre == f"AVQ\u00a0: {sum(digits)} sur 24"


@pytest.mark.parametrize(("said", "title", "words"), [
    ({1: "oui"}, "PALLIA-10\u00a0: 1 oui sur 10", "ne décide de rien"),
    (dict.fromkeys(range(1, 4), "oui"), "PALLIA-10\u00a0: 3 oui sur 10", "ne décide de rien"),
    (dict.fromkeys(range(1, 5), "oui"), "PALLIA-10\u00a0: 4 oui sur 10", "Plus de 3 oui"),
    ({1: "non"} | dict.fromkeys(range(2, 8), "oui"), "PALLIA-10\u00a0: 6 oui sur 10", "ne guérira pas"),
])
def test_pallia_counts_and_only_informs(said: dict[int, str], title: str, words: str) -> None:
    answers = {"prise_en_charge": "usp"} | {f"pallia{rank}": word for rank, word in said.items()}
    found, = calculs.scores(definitions.latest("s", "orientation"), answers)
    assert found.titre == title and found.reste == 10 - len(said)
    assert words in " ".join(found.details) and "ne décide de rien" in " ".join(found.details)
    assert "SFAP" in found.note


def test_three_yes_are_not_yet_many() -> None:
    few = {"prise_en_charge": "usp"} | {f"pallia{rank}": "oui" for rank in range(1, 4)}
    found, = calculs.scores(definitions.latest("s", "orientation"), few)
    assert "équipe de soins" not in " ".join(found.details)


@pytest.mark.parametrize("chosen", range(10, 101, 10))
def test_every_karnofsky_choice_is_a_number(chosen: int) -> None:
    assert titles("orientation", {"prise_en_charge": "had", "karnofsky": f"k{chosen}"}) == [
        f"Karnofsky\u00a0: {chosen} sur 100"]
    assert f"k{chosen}" in definitions.latest("s", "orientation").fields["karnofsky"].labels


@pytest.mark.parametrize(("poids", "taille", "title"), [
    ("58.5", "157", "IMC\u00a0: 23,7 kg/m²"), ("80", "180", "IMC\u00a0: 24,7 kg/m²"),
    ("2", "230", "IMC\u00a0: 0,4 kg/m²")])
def test_the_body_mass_index(poids: str, taille: str, title: str) -> None:
    assert titles("medical", {"poids": poids, "taille": taille}) == [title]
    assert titles("medical", {"poids": poids}) == []


def test_answers_that_are_not_asked_any_more_count_nowhere() -> None:
    former = {"prise_en_charge": "smr", "karnofsky": "k40", "pallia1": "oui"}
    assert titles("orientation", former) == []


@pytest.mark.parametrize(("module", "volet"), [("ga", "medical"), ("s", "demandeur"), ("s", "administratif")])
def test_other_volets_count_nothing(module: str, volet: str) -> None:
    assert calculs.scores(definitions.latest(module, volet), {"poids": "60", "taille": "160"}) == ()
