"""How long a page takes when people ask at a fixed rate that every server can follow."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from bench import client, pairs
from bench.sections import Goal, Rounds, Run, Section, at_most, compare, figure, table

# Requests a second; they are sent when they are due, whether the last was answered or not.
RATE = 60
PYTHON_PEERS = ("django nu", "django", "django sync", "flask", "fastapi", "datasette")


@dataclass(frozen=True)
class Found:
    """Rounds by row; ``python``: the rows of the Python peers; ``seconds`` of each round."""

    ours: str
    rounds: dict[str, Rounds]
    python: list[str]
    seconds: float


def measure(run: Run) -> Found:
    """Rounds over every row, one server at a time."""
    everyone = [*pairs.rows(run)[0], *run.peers.values()]
    rounds = client.turns("fixed", everyone, run.pace.rounds, rate=RATE, warmup=run.pace.warmup,
                          seconds=run.pace.seconds)
    python = [run.peers[kind].name for kind in PYTHON_PEERS if kind in run.peers]
    return Found(run.portal.name, rounds, python, run.pace.seconds)


def section(found: Found) -> Section:
    """Median and 99th percentile of each, and whether ours passes the best Python peer's."""
    lines = [(name, *(figure([one[key] for one in rounds], "{:.1f}") for key in ("p50", "p99")),
              f"{median(one['server'] for one in rounds):.0%}", f"{max(one['foreign'] for one in rounds):.2f}")
             for name, rounds in found.rounds.items()]
    text = table((f"{RATE} requests a second", "p50 ms: median (range)", "p99 ms: median (range)",
                  "of its core", "foreign, worst"), lines) + (
        f"\n\nRounds of {found.seconds:g} s; the time of a request runs from the moment it was due.")
    return Section("At a fixed rate", text, [_goal(found)] if found.python else [])


def _goal(found: Found) -> Goal:
    best = min(found.python, key=lambda name: median(one["p99"] for one in found.rounds[name]))
    ratio = compare(found.rounds[found.ours], found.rounds[best], "p99", busy=0)
    return at_most(f"p99 at {RATE} requests a second ≤ the best Python peer's ({best})", ratio, 1.0)
