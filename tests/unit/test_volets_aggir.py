"""AGGIR against the law: published vectors, every profile there is, and a second reading of the table."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.volets import aggir

# COH ORI TOI HAB ALI ELI TRA DIN, GIR, rang, deciding group, sum.
VECTORS = [
    ("AAAAAAAA", 6, 13, "H", 0),
    ("AAAAAACA", 6, 13, "H", 1000),
    ("AAAAABAA", 5, 12, "H", 2000),
    ("AABAAAAA", 5, 12, "H", 2000),
    ("AAAACAAA", 5, 12, "H", 3000),
    ("AAAAAACC", 5, 12, "H", 2000),
    ("ACAAAAAA", 6, 13, "H", 0),
    ("AAAAAABB", 5, 12, "H", 3000),
    ("BBBBAAAA", 4, 11, "H", 4000),
    ("AABBAABA", 4, 11, "H", 6000),
    ("AABBBBBB", 4, 10, "G", 1100),
    ("CBBBABAA", 4, 10, "G", 750),
    ("AACCAAAA", 3, 9, "F", 1000),
    ("AACCACAA", 3, 8, "E", 1600),
    ("ABCABCAA", 3, 8, "E", 1300),
    ("CCAAAAAA", 2, 4, "B", 2700),
    ("CCBBAAAA", 2, 4, "B", 2732),
    ("BBCCBCCC", 2, 6, "C", 1660),
    ("AACCCCCC", 2, 5, "C", 1700),
    ("CCCCCCAA", 2, 3, "A", 3440),
    ("CCAACCAB", 2, 3, "A", 3392),
    ("CCCCCCCA", 2, 2, "A", 4240),
    ("CCCCBCCC", 1, 1, "A", 4400),
    ("BBAAAAAA", 6, 13, "H", 0),
    ("AAAAAABA", 5, 12, "H", 2000),
]

# A second reading of annexe 2-2, column after column: for each variable its weight for C then for B, groups A to H.
COLUMNS = """
    COH  2000/0    1500/320   0/0       0/0       400/0    200/100  150/0    0/0
    ORI  1200/0    1200/120   0/0       0/0       400/0    200/100  150/0    0/0
    TOI  40/16     40/16      40/16     0/0       400/100  500/100  300/200  3000/2000
    HAB  40/16     40/16      40/16     0/0       400/100  500/100  300/200  3000/2000
    ALI  60/20     60/0       60/20     2000/200  400/100  500/100  500/200  3000/2000
    ELI  100/16    100/16     160/20    400/200   800/100  500/100  500/200  3000/2000
    TRA  800/120   800/120    1000/200  2000/200  800/100  500/100  400/200  1000/2000
    DIN  200/32    -80/-40    400/40    200/0     200/0    200/0    200/100  1000/1000
"""
RANGS = (
    "A:4380>1 A:4140>2 A:3390>3 B:2016>4 C:1700>5 C:1432>6 D:2400>7 E:1200>8 F:800>9 G:650>10 "
    "H:4000>11 H:2000>12 H:-inf>13"
)
GIRS = " 1222222334456"  # the GIR of rang 1, 2, 3…
PROFILES = ["".join(letters) for letters in itertools.product("ABC", repeat=8)]


def by_columns(profile: str) -> tuple[int, int, str, int]:
    sums = Counter(dict.fromkeys("ABCDEFGH", 0))
    for letter, row in zip(profile, COLUMNS.split("\n")[1:-1], strict=True):
        for group, cell in zip("ABCDEFGH", row.split()[1:], strict=True):
            sums[group] += dict(zip("CBA", [*map(int, cell.split("/")), 0], strict=True))[letter]
    for group, threshold, rang in re.findall(r"(\w):(\S+)>(\d+)", RANGS):
        if sums[group] >= float(threshold):
            return int(GIRS[int(rang)]), int(rang), group, sums[group]
    raise AssertionError(profile)


def found(profile: str) -> tuple[int, int, str, int]:
    result = aggir.gir(profile)
    return result.gir, result.rang, result.groupe, result.somme


@pytest.mark.parametrize(("profile", "gir", "rang", "group", "total"), VECTORS, ids=[row[0] for row in VECTORS])
def test_known_profile(profile: str, gir: int, rang: int, group: str, total: int) -> None:
    assert found(profile) == (gir, rang, group, total)


def test_every_profile_is_what_a_second_reading_of_the_law_finds() -> None:
    assert len(PROFILES) == 6561
    assert [profile for profile in PROFILES if found(profile) != by_columns(profile)] == []


def test_profiles_fall_into_six_girs_and_thirteen_rangs() -> None:
    results = [aggir.gir(profile) for profile in PROFILES]
    assert Counter(result.gir for result in results) == {1: 8, 2: 3208, 3: 2400, 4: 760, 5: 157, 6: 28}
    assert {(result.rang, result.gir) for result in results} == set(aggir.GIR_OF_RANG.items())


WORSE = {"A": "B", "B": "C"}
# Cohérence to élimination, where transferts going from B to C takes weight away in group H…
IN_H = """
    AAAAAA ABAAAA BAAAAA BBAAAA AAAAAB ABAAAB BAAAAB AAAABA ABAABA BAAABA AAABAA ABABAA BAABAA AABAAA ABBAAA BABAAA
"""
# … and where walking indoors going from A to B does so in group B, with nothing heavy enough in C and D to make up.
IN_B = "ACAAAB ACABAA ACABAB ACABBA ACACAA ACACBA ACBAAA ACBAAB ACBABA ACBBAA ACBBAB ACBBBA ACCAAA ACCABA"


def test_thirty_worsenings_raise_the_gir_number_and_stay() -> None:
    """The law's table is not monotone in two places: doing worse in one thing gives a better GIR."""
    steps = [
        (better, better[:i] + WORSE[better[i]] + better[i + 1 :])
        for better in PROFILES
        for i in range(8)
        if better[i] in WORSE
    ]
    assert len(steps) == 8 * 2 * 3**7
    raised = {step for step in steps if aggir.gir(step[1]).gir > aggir.gir(step[0]).gir}

    transferts = {(start + "BA", start + "CA") for start in IN_H.split()}
    walking = {(start + "CA", start + "CB") for start in IN_B.split()}
    assert raised == transferts | walking
    assert len(transferts) == 16
    assert len(walking) == 14


@pytest.mark.parametrize(
    ("group", "column", "c", "b"),
    [("B", 7, -80, -40), ("D", 7, 200, 0), ("H", 6, 1000, 2000), ("B", 4, 60, 0), ("F", 7, 200, 0)],
    ids=["indoors against in B", "indoors B nothing in D", "transferts in H", "eating in B", "indoors in F"],
)
def test_cells_that_look_like_slips(group: str, column: int, c: int, b: int) -> None:
    line = next(line for line in aggir.GROUPS if line.name == group)
    assert (line.c[column], line.b[column]) == (c, b)


@pytest.mark.parametrize("group", aggir.GROUPS, ids=lambda group: group.name)
def test_the_help_prints_the_same_table(group: aggir.Group) -> None:
    text = Path("docs/volets/aggir.md").read_text("utf-8").replace("\u00a0", " ").replace("−", "-")
    table = next(table for table in text.split("\n\n") if f"Groupe {group.name} |" in table)
    rows = [[cell.strip() for cell in row.split("|")[1:-1]] for row in table.splitlines()]
    column = [row[rows[0].index(f"Groupe {group.name}")] for row in rows[2:]]
    assert column[:-1] == [f"{c} / {b}" for c, b in zip(group.c, group.b, strict=True)]
    asked = [f"{threshold or 'moins'} : rang {rang}" for threshold, rang in group.thresholds]
    assert column[-1] == ", ".join(asked)


@pytest.mark.parametrize("profile", ["AAAAAAAA", "CCCCCCCC", "CCBBAAAA", "AACCAAAA", "BBCCBCCC"])
def test_explanation_goes_through_the_groups_and_stops_at_the_deciding_one(profile: str) -> None:
    tried = aggir.explain(profile)
    result = aggir.gir(profile)
    assert "".join(each.group for each in tried) == "ABCDEFGH"[: len(tried)]
    assert [each.rang for each in tried[:-1]] == [None] * (len(tried) - 1)
    assert (tried[-1].rang, tried[-1].group, tried[-1].somme) == (result.rang, result.groupe, result.somme)
    for each in tried:
        assert sum(part.weight for part in each.weights) == each.somme
        assert "".join(part.letter for part in each.weights) == profile
        assert [part.variable.code for part in each.weights] == ["COH", "ORI", "TOI", "HAB", "ALI", "ELI", "TRA", "DIN"]


@pytest.mark.parametrize(
    "wrong",
    [
        *("", "A", "AAAAAAA", "AAAAAAAAA", "aaaaaaaa", "AAAAAAAa", "AAAAAAAD", "AAAA AAA", "AAAAAAAA\n", " AAAAAAAA"),
        *("\u0410AAAAAAA", "AAAAAAA1", "AAAAAAA\0", "A" * 100_000, "😀AAAAAAA", None, 8, b"AAAAAAAA", ["A"] * 8),
    ],
    ids=lambda wrong: repr(wrong)[:14],
)
def test_anything_but_eight_letters_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match="huit lettres"):
        aggir.gir(wrong)  # type: ignore[arg-type]


@given(st.text())
def test_no_other_text_has_a_gir(text: str) -> None:
    if re.fullmatch("[ABC]{8}", text) is None:
        with pytest.raises(ValueError, match="huit lettres"):
            aggir.gir(text)


ADVERBS = {"oooo": "A", "nnnn": "C"} | dict.fromkeys(
    ["ooon", "oono", "oonn", "onoo", "onon", "onno", "onnn", "nooo", "noon", "nono", "nonn", "nnoo", "nnon", "nnno"],
    "B",
)


@pytest.mark.parametrize(("adverbs", "letter"), ADVERBS.items())
def test_four_adverbs_give_a_letter(adverbs: str, letter: str) -> None:
    assert len(ADVERBS) == 16
    assert aggir.rate(adverbs) == letter


@pytest.mark.parametrize("wrong", ["", "ooo", "ooooo", "OOOO", "oo o", "ouin", "oooo\n", None, ["o"] * 4])
def test_other_adverbs_are_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match="quatre réponses"):
        aggir.rate(wrong)  # type: ignore[arg-type]


C_WINS = {"AA": "A", "AB": "B", "AC": "C", "BA": "B", "BB": "B", "BC": "C", "CA": "C", "CB": "C", "CC": "C"}
ALL_C = {"AA": "A", "AB": "B", "AC": "B", "BA": "B", "BB": "B", "BC": "B", "CA": "B", "CB": "B", "CC": "C"}
EATING = {"AA": "A", "AB": "B", "AC": "B", "BA": "B", "BB": "B", "BC": "C", "CA": "B", "CB": "C", "CC": "C"}
DRESSING = {"".join(three): "B" for three in itertools.product("ABC", repeat=3)} | {"AAA": "A", "CCC": "C"}
DIRECT = {"A": "A", "B": "B", "C": "C"}
COMBINED = [
    (variable, letters, letter)
    for variable, table in [
        ("coherence", C_WINS), ("orientation", C_WINS), ("elimination", C_WINS), ("toilette", ALL_C),
        ("habillage", DRESSING), ("alimentation", EATING), ("transferts", DIRECT),
        ("deplacements_interieurs", DIRECT), ("deplacements_exterieurs", DIRECT), ("alerter", DIRECT),
    ]
    for letters, letter in table.items()
]  # fmt: skip


@pytest.mark.parametrize(("variable", "letters", "letter"), COMBINED)
def test_sub_variables_make_a_letter(variable: str, letters: str, letter: str) -> None:
    assert aggir.combine(variable, letters) == letter


@pytest.mark.parametrize(
    ("variable", "letters"),
    [
        *(("coherence", "A"), ("coherence", "AAA"), ("habillage", "AA"), ("transferts", "AA"), ("alerter", "")),
        *(("toilette", "AD"), ("toilette", "ab"), ("menage", "A"), ("", "A"), ("Cohérence", "AA")),
    ],
)
def test_letters_that_are_not_the_variables_own_are_refused(variable: str, letters: str) -> None:
    with pytest.raises(ValueError, match=r"variable de la grille|A, B ou C"):
        aggir.combine(variable, letters)


def test_seventeen_lines_make_ten_variables_of_which_eight_weigh() -> None:
    assert len(aggir.LINES) == len(set(aggir.LINES)) == 17
    assert len(aggir.VARIABLES) == 10
    assert len(aggir.WEIGHED) == 8


def sheet(**changed: str) -> dict[str, object]:
    return dict.fromkeys(aggir.LINES, "A") | changed


@pytest.mark.parametrize(
    ("changed", "profile"),
    [
        ({}, "AAAAAAAA"),
        ({"coherence_comportement": "C"}, "CAAAAAAA"),
        ({"orientation_temps": "B:onon"}, "ABAAAAAA"),
        ({"toilette_haut": "C", "toilette_bas": "C"}, "AACAAAAA"),
        ({"habillage_haut": "C", "habillage_bas": "C:nnnn"}, "AAABAAAA"),
        ({"alimentation_servir": "C"}, "AAAABAAA"),
        ({"alimentation_servir": "C", "alimentation_manger": "B"}, "AAAACAAA"),
        ({"elimination_fecale": "C"}, "AAAAACAA"),
        ({"transferts": "B", "deplacements_interieurs": "C"}, "AAAAAABC"),
        ({"deplacements_exterieurs": "C", "alerter": "C", "menage": "C"}, "AAAAAAAA"),
    ],
)
def test_profile_of_a_sheet(changed: dict[str, str], profile: str) -> None:
    assert aggir.profile(sheet(**changed)) == profile


@pytest.mark.parametrize("missing", aggir.LINES)
def test_profile_needs_every_line_that_weighs(missing: str) -> None:
    answers = sheet()
    del answers[missing]
    weighs = missing not in ("deplacements_exterieurs", "alerter")
    assert aggir.profile(answers) == (None if weighs else "AAAAAAAA")


def test_going_out_and_raising_the_alarm_weigh_nothing() -> None:
    for out, alarm in itertools.product("ABC", repeat=2):
        answers = sheet(coherence_comportement="C", deplacements_exterieurs=out, alerter=alarm)
        assert aggir.profile(answers) == "CAAAAAAA"


def test_record_keeps_the_result_and_what_it_came_from() -> None:
    answers = sheet(transferts="B:onon", menage="C")
    assert aggir.record(answers) == {
        "profil": "AAAAAABA", "gir": 5, "rang": 12, "groupe": "H", "somme": 2000,
        "lignes": dict.fromkeys(aggir.LINES, "A") | {"transferts": "B:onon"},
    }  # fmt: skip


@pytest.mark.parametrize("missing", aggir.LINES)
def test_nothing_is_recorded_while_a_line_is_missing(missing: str) -> None:
    answers = sheet()
    del answers[missing]
    with pytest.raises(ValueError, match=f"non cotées.*{missing}"):
        aggir.record(answers)


def inputs(letter: str, adverbs: str) -> dict[str, str]:
    words = {"o": "oui", "n": "non", "-": ""}
    return {"": letter} | {key: words[said] for key, said in zip("sthc", adverbs, strict=True)}


@pytest.mark.parametrize(
    ("letter", "adverbs", "answer"),
    [
        *(("", "----", None), ("A", "----", "A"), ("C", "----", "C"), ("", "onon", "B:onon"), ("B", "onon", "B:onon")),
        *(("", "oooo", "A:oooo"), ("", "nnnn", "C:nnnn"), ("C", "nnnn", "C:nnnn")),
    ],
)
def test_inputs_of_a_line_are_read_and_shown_again(letter: str, adverbs: str, answer: str | None) -> None:
    assert aggir.read_line(inputs(letter, adverbs)) == answer
    assert aggir.read_line(aggir.show_line(answer)) == answer
    assert list(aggir.show_line(answer)) == ["", "s", "t", "h", "c"]


@pytest.mark.parametrize(
    ("letter", "adverbs", "why"),
    [
        ("", "o---", "Répondez aux quatre questions"),
        ("", "ooo-", "Répondez aux quatre questions"),
        ("B", "-n--", "Répondez aux quatre questions"),
        ("A", "onon", "donnent B et vous avez choisi A"),
        ("C", "oooo", "donnent A et vous avez choisi C"),
        ("B", "nnnn", "donnent C et vous avez choisi B"),
        ("D", "----", "Choisissez A, B ou C"),
        ("a", "----", "Choisissez A, B ou C"),
        ("B:onon", "----", "Choisissez A, B ou C"),
    ],
)
def test_inputs_that_say_two_things_or_half_a_thing_are_refused(letter: str, adverbs: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        aggir.read_line(inputs(letter, adverbs))


@pytest.mark.parametrize("word", ["peut-être", "o", "OUI", "oui\0", "true", "😀", "x" * 100_000])
def test_unknown_adverb_answer_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match="oui ou non"):
        aggir.read_line(inputs("", "oooo") | {"h": word})


def test_absent_inputs_count_as_empty() -> None:
    assert aggir.read_line({}) is None
    assert aggir.read_line({"": "B"}) == "B"


@pytest.mark.parametrize("kept", ["", "D", "b", "B:", "B:on", "B:onono", "A:onon", "B:oooo", "B\n", None, ["B"]])
def test_what_is_no_kept_answer_has_no_letter(kept: object) -> None:
    with pytest.raises(ValueError, match="A, B ou C"):
        aggir.letter(kept)  # type: ignore[arg-type]


def test_words_of_an_answer() -> None:
    assert aggir.words("A") == "A, fait seul"
    assert aggir.words("B:onon") == "B, partiellement (non\u00a0: totalement, correctement)"
    assert aggir.words("C:nnnn").startswith("C, ne fait pas (non\u00a0: spontanément, totalement")
