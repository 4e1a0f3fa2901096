"""What the AGGIR result and its history say on a page."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from portal.volets import aggir, aggir_vue


def sheet(**changed: str) -> dict[str, str]:
    return dict.fromkeys(aggir.LINES, "A") | changed


def test_nothing_rated_yet() -> None:
    shown = aggir_vue.live({})
    assert (shown.left, shown.total, shown.gir, shown.apa) == (17, 17, 0, False)
    assert [cotation.letter for cotation in shown.cotations] == [""] * 10
    assert (shown.essais, shown.parts) == ((), ())


def test_a_variable_shows_its_letter_once_all_its_lines_are_rated() -> None:
    shown = aggir_vue.live({"toilette_haut": "A", "coherence_communication": "B:onon", "coherence_comportement": "C"})
    coherence, toilette = shown.cotations[0], shown.cotations[2]
    assert (coherence.parts, coherence.letter) == ("communication B, comportement C", "C")
    assert (toilette.parts, toilette.letter) == ("haut du corps A, bas du corps –", "")
    assert shown.left == 14


def test_gir_shows_while_lines_without_weight_are_left() -> None:
    answers = sheet(transferts="C", deplacements_interieurs="C")
    del answers["alerter"]
    shown = aggir_vue.live(answers)
    assert (shown.left, shown.gir, shown.rang, shown.group, shown.somme) == (1, 5, 12, "H", "2\u202f000")
    assert [cotation.words for cotation in shown.cotations if not cotation.weighs] == [
        "Déplacements à l’extérieur", "Alerter"]  # fmt: skip


def test_explanation_lists_the_groups_up_to_the_deciding_one() -> None:
    shown = aggir_vue.live(sheet(coherence_comportement="C", orientation_temps="C", deplacements_interieurs="B"))
    assert [(essai.group, essai.somme, essai.decisive) for essai in shown.essais] == [
        ("A", "3\u202f232", False), ("B", "2\u202f660", True)]  # fmt: skip
    assert shown.essais[0].thresholds == "4\u202f380 (rang 1), 4\u202f140 (rang 2), 3\u202f390 (rang 3)"
    assert [(part.words, part.letter, part.weight) for part in shown.parts if part.weight != "0"] == [
        ("Cohérence", "C", "1\u202f500"), ("Orientation", "C", "1\u202f200"),
        ("Déplacements à l’intérieur", "B", "−40")]  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "gir", "apa"),
    [
        ("C" * 17, 1, True), ("CCCCAAAAAAAAAAAAA", 2, True), ("AAAACCCCCAAAAAAAA", 3, True),
        ("B" * 17, 4, True), ("AAAAAAAAAAAAABAAA", 5, False), ("A" * 17, 6, False),
    ],
)  # fmt: skip
def test_gir_one_to_four_open_the_apa(lines: str, gir: int, apa: bool) -> None:
    shown = aggir_vue.live(dict(zip(aggir.LINES, lines, strict=True)))
    assert (shown.gir, shown.apa) == (gir, apa)
    assert shown.meaning == aggir_vue.MEANING[gir]


@pytest.mark.parametrize(("value", "text"), [(0, "0"), (-80, "−80"), (650, "650"), (14000, "14\u202f000")])
def test_numbers_are_written_as_french_does(value: int, text: str) -> None:
    assert aggir_vue.number(value) == text


def kept(day: int, who: str, **changed: str) -> SimpleNamespace:
    at = datetime(2026, 11, day, 9, 30, tzinfo=UTC)
    return SimpleNamespace(**aggir.record(sheet(**changed)), par=who, le=at)


def test_history_says_what_changed_since_the_evaluation_before() -> None:
    newest = kept(20, "Dr Chloé PETIT", transferts="C", toilette_bas="B", alerter="B")
    middle = kept(10, "Dr Alice MARTIN", transferts="B:onon")
    first = kept(2, "Dr Alice MARTIN", transferts="B")
    shown = aggir_vue.history([newest, middle, first])
    assert [(each.gir, each.before, each.who) for each in shown] == [
        (5, 5, "Dr Chloé PETIT"), (5, 5, "Dr Alice MARTIN"), (5, 0, "Dr Alice MARTIN")]  # fmt: skip
    assert [(change.words, change.before, change.after) for change in shown[0].changes] == [
        ("Toilette (bas du corps)", "A", "B"), ("Transferts", "B", "C"), ("Alerter", "A", "B")]  # fmt: skip
    assert shown[1].changes == shown[2].changes == ()  # the adverbs were told, the letter is the same
    assert (shown[2].at, shown[2].iso) == ("02/11/2026 à 10\u00a0h\u00a030", "2026-11-02T09:30:00+00:00")


def test_no_history_before_the_first_validation() -> None:
    assert aggir_vue.history([]) == []


def test_every_line_has_its_own_name() -> None:
    names = [aggir_vue.line_words(line) for line in aggir.LINES]
    assert len(set(names)) == 17
    assert names[0] == "Cohérence (communication)"
    assert names[-1] == "Alerter"
