"""Whether the table page takes longer in a larger base: the same rows of one physician among many or few others."""

from __future__ import annotations

from statistics import median

from bench import client
from bench.sections import Goal, Pace, Rounds, Run, Section, figure, table

GROWTH_GOAL = 1.3


def measure(run: Run) -> tuple[Pace, dict[str, Rounds]]:
    """Single requests to the portal on each base, taking turns."""
    return run.pace, client.latency(run.ours, run.pace)


def section(found: tuple[Pace, dict[str, Rounds]]) -> Section:
    """Median times and their ratio."""
    pace, rounds = found
    small, large = rounds.values()
    grown = [one["p50"] / other["p50"] for one, other in zip(large, small, strict=True)]
    lines = [(name, figure([one["p50"] for one in times], "{:.2f}"), figure([one["p99"] for one in times], "{:.2f}"))
             for name, times in rounds.items()]
    text = table(("one request at a time", "p50 ms: median (range)", "p99 ms: median (range)"), lines) + (
        f"\n\n{pace.latency_rounds} rounds of {pace.requests} requests to each, taking turns.")
    goal = f"median time × {GROWTH_GOAL} at most from 10,000 to 1,000,000 dossiers"
    return Section("Growth", text, [Goal(goal, figure(grown, "{:.2f}"), median(grown) <= GROWTH_GOAL)])
