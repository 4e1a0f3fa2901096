"""What the bench says of its own measures: a goal is met, missed, or not proved."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from bench import aide, layer, pairs, plot, report, sections, steady
from bench.sections import Goal, Pace, Rounds, Run, Section


def round_(rate: float, *, server: float = 1.0, foreign: float = 0.0, client: float = 0.1,
           p99: float = 2.0) -> dict[str, float]:
    return {"rate": rate, "server": server, "foreign": foreign, "client": client, "p50": 1.0, "p99": p99, "again": 0}


@pytest.mark.parametrize(("server", "foreign", "counted"), [
    (1.0, 0.0, True), (0.9, 0.05, True), (0.89, 0.0, False), (1.0, 0.06, False)])
def test_a_measure_counts_when_its_server_is_busy_and_nobody_else(server: float, foreign: float, counted: bool) -> None:
    assert sections.counts(round_(1, server=server, foreign=foreign)) is counted


def test_a_ratio_is_taken_within_each_round_where_both_count() -> None:
    ours = [round_(300), round_(100), round_(900, foreign=0.5)]
    theirs = [round_(100), round_(50), round_(1)]
    ratio = sections.compare(ours, theirs)
    assert ratio.values == [3.0, 2.0]
    assert (ratio.valid, ratio.rounds, ratio.invalid) == (2, 3, "")


@pytest.mark.parametrize("bad", [{"server": 0.5}, {"foreign": 0.2}])
def test_a_goal_is_not_met_by_measures_that_prove_nothing(bad: dict[str, float]) -> None:
    ratio = sections.compare([round_(300, **bad), round_(300)], [round_(100), round_(100)])
    goal = sections.at_least("faster", ratio, 2)
    assert goal.met and not goal.kept
    assert goal.verdict.startswith("**not valid**: 1 of 2 rounds")


def test_an_idle_server_counts_where_it_should_be_idle() -> None:
    ours, theirs = [round_(60, server=0.1, p99=4.0)], [round_(60, server=0.3, p99=8.0)]
    assert sections.compare(ours, theirs, "p99", busy=0).values == [0.5]
    assert sections.compare(ours, theirs, "p99", busy=0).invalid == ""


def test_goals_at_their_limit_are_met() -> None:
    ratio = sections.Ratio([1.0, 1.2, 1.4], 3, 3)
    assert sections.at_most("", ratio, 1.2).met and sections.at_least("", ratio, 1.2).met
    assert not sections.at_most("", ratio, 1.19).met and not sections.at_least("", ratio, 1.21).met
    assert sections.at_most("", ratio, 1.2).measured == "1.20 (1.00–1.40)"


RATES = {
    "portal": 1000.0, pairs.FRAGMENT: 1600.0, pairs.UNCHANGED: 2100.0, "Django nu": 99.0, "Flask": 150.0,
    "FastAPI": 210.0, "Fastify": 900.0, "bare": 12_000.0,
}
KINDS = {"django nu": "Django nu", "flask": "Flask", "fastapi": "FastAPI", "fastify": "Fastify", "bare": "bare"}


def found(**changed: object) -> pairs.Found:
    page = {"bytes": 30_000, "dossiers": ["1", "2"]}
    whole = ["portal", "Django nu", "Flask", "FastAPI", "Fastify"]
    values: dict[str, object] = {
        "ours": "portal", "rounds": {name: [round_(rate)] * 3 for name, rate in RATES.items()}, "kinds": KINDS,
        "absent": {}, "unasked": {}, "pages": dict.fromkeys(whole, page), "memory": dict.fromkeys(RATES, 80.0),
    }
    return pairs.Found(**(values | changed))  # type: ignore[arg-type]


def verdicts(section: Section) -> dict[str, str]:
    return {goal.text: goal.verdict for goal in section.goals}


def test_each_peer_has_its_own_goal() -> None:
    said = verdicts(pairs.section(found()))
    assert said == {
        "same page: same dossiers in the same order, bytes within 10 %": "yes",
        "the table page ≥ 10 × Django nu": "yes",
        "the table page ≥ 5 × Flask": "yes",
        "the table page ≥ 5 × FastAPI": "**no**",
        "the table page ≥ 1.1 × Fastify": "yes",
        "the table page ≥ 8 % of bare ASGI": "yes",
        "the table's fragment ≥ 1.5 × the full page": "yes",
        "an unchanged table ≥ 2 × the full page": "yes",
        "memory of the portal's process ≤ 90 MB": "yes",
    }


def test_a_peer_that_is_not_there_proves_nothing() -> None:
    why = "Fastify, since Node is not installed"
    section = pairs.section(found(
        kinds={kind: name for kind, name in KINDS.items() if kind != "fastify"}, absent={"fastify": why}))
    assert verdicts(section)["the table page ≥ 1.1 × fastify"] == f"**not valid**: absent: {why}"
    assert why in section.text


def test_peers_that_were_left_out_are_no_goal() -> None:
    said = verdicts(pairs.section(found(kinds={}, pages={"portal": {"bytes": 9, "dossiers": ["1"]}})))
    assert not any("×" in text and "full page" not in text for text in said) and len(said) == 4
    rounds = {"portal": [round_(60, server=0.1)]}
    assert steady.section(steady.Found("portal", rounds, [], 4.0)).goals == []


def test_a_page_without_etag_misses_its_goal() -> None:
    rounds = {name: one for name, one in found().rounds.items() if name != pairs.UNCHANGED}
    goals = pairs.section(found(rounds=rounds, unasked={pairs.UNCHANGED: "not met: no ETag"})).goals
    goal = next(goal for goal in goals if goal.text.startswith("an unchanged"))
    assert (goal.measured, goal.kept) == ("not met: no ETag", False)


@pytest.mark.parametrize("page", [
    {"bytes": 26_000, "dossiers": ["1", "2"]}, {"bytes": 30_000, "dossiers": ["2", "1"]},
    {"bytes": 30_000, "dossiers": []}])
def test_a_peer_with_another_page_is_named(page: dict[str, object]) -> None:
    goal = pairs.section(found(pages=found().pages | {"Flask": page})).goals[0]
    assert not goal.met and "other: Flask" in goal.measured


def test_a_row_whose_client_was_the_limit_says_so() -> None:
    rounds = found().rounds | {"bare": [round_(12_000, server=0.6, client=0.99)] * 3}
    section = pairs.section(found(rounds=rounds))
    assert "0.60 (3 idle, client)" in section.text
    assert verdicts(section)["the table page ≥ 8 % of bare ASGI"].startswith("**not valid**")


def test_the_fixed_rate_is_held_against_the_best_python_peer() -> None:
    rounds = {"portal": [round_(60, server=0.1, p99=9.0)], "Flask": [round_(60, server=0.2, p99=10.0)],
              "FastAPI": [round_(60, server=0.2, p99=40.0)], "Fastify": [round_(60, server=0.1, p99=3.0)]}
    goal = steady.section(steady.Found("portal", rounds, ["Flask", "FastAPI"], 4.0)).goals[0]
    assert goal.kept and "(Flask)" in goal.text and goal.measured.startswith("0.90")


def test_the_data_layer_and_the_help_are_ratios_too() -> None:
    measured: dict[str, Rounds] = {layer.OURS: [{"us": 13.0}], layer.RAW: [{"us": 10.0}]}
    assert not layer.section(layer.Found(measured, ["SELECT 1"])).goals[0].met
    rates = {aide.OURS: 8000.0, aide.OURS_KNOWN: 9000.0, aide.THEIRS: 1000.0, aide.THEIRS_KNOWN: 2000.0}
    page, known = aide.section(aide.Found(
        {name: [round_(rate)] for name, rate in rates.items()}, dict.fromkeys(rates, 1))).goals
    assert page.kept and not known.kept and known.measured.startswith("4.50")


def test_the_picture_shows_each_row_by_its_rate() -> None:
    drawn = plot.draw({"slow & <small>": [100.0, 120.0], "portal": [1000.0, 1000.0]})
    text = ET.tostring(drawn, "unicode")
    assert text.index("portal") < text.index("slow &amp; &lt;small&gt;")
    dots = {circle.get("fill"): float(circle.get("cx", "0")) for circle in drawn.iter("circle")}
    assert dots[plot.OURS] > dots[plot.THEIRS] > plot.LEFT
    assert all(plot.LEFT <= float(line.get("x1", "0")) <= plot.WIDTH - plot.RIGHT for line in drawn.iter("line"))


def test_the_report_puts_every_goal_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "_circumstances", lambda run: "- here")
    parts = [Section("One", "words", [Goal("fast", "3", True)]), Section("Two", "more", [Goal("flat", "2", False)])]
    text = report.markdown(Run(Pace(1, 1, 1, 1, 1, 1), [], [], {}), parts, "rapport.svg")
    places = [text.index(word) for word in ("- here", "| fast | 3 | yes |", "| flat | 2 | **no** |", "rapport.svg",
                                            "## One", "## Two")]
    assert places == sorted(places)


def test_the_report_names_the_run_that_was_made() -> None:
    assert report.command([]) == "make bench"
    assert report.command(["--quick", "--only", "pairs"]) == 'make bench ARGS="--quick --only pairs"'
