"""How the bench judges what a browser waited for and what it fetched."""

from __future__ import annotations

from bench import navigateur, weight
from bench.navigateur import Found
from bench.weight import Part

FIRST = [("/accueil", 4_000), ("/static/css/commun.css", 6_000), ("/static/js/app.js", 5_000)]


def found(*, swap: float = 150, ahead: float = 60, first: list[tuple[str, int]] = FIRST) -> Found:
    times = {"first": [400.0], "full": [250.0], "swap": [100.0, swap, 900.0], "ahead": [10.0, ahead, 900.0]}
    return Found(times, first, part=3_000, full=4_100)


def unmet(one: Found) -> list[str]:
    return [goal.text for goal in navigateur.section(one).goals if not goal.kept]


def test_the_median_counts_and_not_the_slowest_round() -> None:
    assert unmet(found()) == []


def test_each_goal_can_fail_alone() -> None:
    heavy = [("/accueil", 21_000)]
    many = [(f"/static/{number}", 100) for number in range(5)]
    told = [unmet(one) for one in (found(swap=201), found(ahead=101), found(first=heavy), found(first=many))]
    assert [len(one) for one in told] == [1, 1, 1, 1]
    assert len({one[0] for one in told}) == 4


def test_weights_are_judged_by_what_travels() -> None:
    swapped, whole = Part("/dossiers", 2_501, 3_000, "br"), Part("/dossiers", 4_001, 4_600, "br")
    light = [Part("/accueil", 3_300, 4_000, "br")]
    goals = weight.section((light, swapped, whole)).goals
    assert [goal.kept for goal in goals] == [True, False, False]
