"""From measures to Markdown, and to the goals met or not."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from statistics import median
from typing import Any

from bench import proc, stats
from bench.weight import Part

RATIO_GOAL = 3.0
GROWTH_GOAL = 1.3
FIRST_LOAD_GOAL = 30_000
SWAP_GOAL = 4_000
OPENING_GOAL = 3.0
SAVING_GOAL = 20.0
BUSY = 0.9
PACKAGES = ("starlette", "uvicorn", "uvloop", "httptools", "Jinja2", "peewee", "apsw", "Django", "gunicorn")

Rounds = dict[str, list[dict[str, float]]]


@dataclass(frozen=True)
class Pace:
    """How long a run takes."""

    connections: int
    rounds: int
    warmup: float
    seconds: float
    latency_rounds: int
    requests: int


@dataclass(frozen=True)
class Result:
    """All that a run measured. The first of ``throughput`` is the portal; ``latency`` names every server.

    ``opening``: the table page and a filled dossier of the same server; ``saving``: autosaves, a round each.
    """

    pace: Pace
    facts: dict[int, dict[str, int]]
    pages: dict[str, dict[str, Any]]
    throughput: Rounds
    latency: Rounds
    opening: Rounds
    saving: list[dict[str, float]]
    first_load: list[Part]
    swap: Part
    memory: dict[str, float]

    @property
    def ours(self) -> str:
        return next(iter(self.throughput))

    @property
    def best_peer(self) -> str | None:
        """The peer with the best median rate."""
        return max(list(self.throughput)[1:], key=lambda name: median(rates(self, name)), default=None)


@dataclass(frozen=True)
class Goal:
    """One promise and what was measured."""

    text: str
    measured: str
    met: bool


def rates(result: Result, name: str) -> list[float]:
    """The rate of each round."""
    return [one["rate"] for one in result.throughput[name]]


def growth(result: Result, kind: str) -> list[float]:
    """Median time at the large size over that at the small one, round by round."""
    small, large = [rounds for name, rounds in result.latency.items() if name.startswith(kind)]
    return stats.ratios([one["p50"] for one in large], [one["p50"] for one in small])


def opening(result: Result) -> list[float]:
    """Median time of a filled dossier over that of the table page, round by round."""
    table_page, dossier = result.opening.values()
    return stats.ratios([one["p50"] for one in dossier], [one["p50"] for one in table_page])


def goals(result: Result) -> list[Goal]:
    """The issue's promises, each with its measure."""
    grown = growth(result, "portal")
    opened, saved = opening(result), [one["p50"] for one in result.saving]
    loaded, swapped = sum(part.wire for part in result.first_load), result.swap.body
    found = [
        Goal(f"median time × {GROWTH_GOAL} at most from 10,000 to 1,000,000 dossiers", figure(grown, "{:.2f}"),
             median(grown) < GROWTH_GOAL),
        Goal(f"a filled dossier opens in {OPENING_GOAL:.0f} × the time of the table page at most",
             figure(opened, "{:.2f}"), median(opened) <= OPENING_GOAL),
        Goal(f"an autosave, durable, takes {SAVING_GOAL:.0f} ms at most at the median",
             figure(saved, "{:.1f}") + " ms", median(saved) <= SAVING_GOAL),
        Goal("first load of the dashboard ≤ 30 kB over the wire", f"{loaded:,} bytes", loaded <= FIRST_LOAD_GOAL),
        Goal("table swap of 25 rows ≤ 4 kB compressed", f"{swapped:,} bytes", swapped <= SWAP_GOAL),
    ]
    if (peer := result.best_peer) is not None:
        gains = stats.ratios(rates(result, result.ours), rates(result, peer))
        pages = [result.pages[name] for name in (result.ours, peer)]
        same = stats.same_size(pages[0]["bytes"], pages[1]["bytes"]) and pages[0]["dossiers"] == pages[1]["dossiers"]
        found = [
            Goal("same page: same dossiers in the same order, bytes within 10 %",
                 f"{pages[0]['bytes']:,} and {pages[1]['bytes']:,} bytes", same),
            Goal(f"at least {RATIO_GOAL:.0f} × the requests per second of {peer}", figure(gains, "{:.2f}"),
                 median(gains) >= RATIO_GOAL),
            *found,
        ]
    return found


def markdown(result: Result) -> str:
    """The whole report."""
    return "\n\n".join((
        "# Speed of the table page",
        _circumstances(result),
        "## Goals\n\n" + table(("goal", "measured", "met"), [
            (goal.text, goal.measured, "yes" if goal.met else "**no**") for goal in goals(result)]),
        "## Requests per second\n\n" + _throughput(result),
        "## Growth\n\n" + _growth(result),
        "## A filled dossier\n\n" + _filled(result),
        "## Weight\n\n" + _weight(result),
    )) + "\n"


def _circumstances(result: Result) -> str:
    pace = result.pace
    sizes = "; ".join(f"{size:,} dossiers of {facts['physicians']:,} physicians, {facts['shown']} in the measured tab"
                      for size, facts in result.facts.items())
    return "\n".join((
        f"- date: {datetime.now(UTC):%Y-%m-%d}; command: `make bench`",
        f"- machine: {proc.machine()}; servers on one core, load on {'another' if len(proc.CORES) > 1 else 'the same'}",
        f"- versions: Python {platform.python_version()}, "
        + ", ".join(f"{name} {version(name)}" for name in PACKAGES),
        f"- data: {sizes}",
        f"- load: {pace.connections} keep-alive connections, {pace.rounds} interleaved rounds of {pace.seconds:g} s "
        f"after {pace.warmup:g} s, no compression, each answer checked",
    ))


def _throughput(result: Result) -> str:
    peer = result.best_peer
    lines = []
    for name, rounds in result.throughput.items():
        mine = rates(result, name)
        ratio = figure(stats.ratios(mine, rates(result, peer)), "{:.2f}") if peer else "-"
        idle = sum(one["server"] < BUSY for one in rounds)
        lines.append((
            name, figure(mine, "{:.0f}"), ratio, f"{median(one['p50'] for one in rounds):.1f}",
            f"{median(one['p99'] for one in rounds):.1f}",
            f"{median(one['server'] / one['rate'] for one in rounds) * 1e6:.0f}",
            f"{median(one['server'] for one in rounds):.2f}" + (f" ({idle} idle rounds)" if idle else ""),
            f"{max(one['foreign'] for one in rounds):.2f}", f"{max(one['client'] for one in rounds):.2f}",
            f"{result.pages[name]['bytes']:,}", f"{result.memory[name]:.0f}",
        ))
    return table(("one process", "req/s: median (range)", "ratio by round: median (range)", "p50 ms", "p99 ms",
                  "CPU µs a request", "server busy", "foreign, worst", "client, worst", "bytes", "MB"), lines) + (
        "\n\nAn idle round is one where the server used less than 0.9 of its core; « foreign » is what other "
        f"programs took of that core; {_again(result):.0f} measures were made again because that was more than 5 %.")


def _again(result: Result) -> float:
    return sum(one["again"] for rounds in result.throughput.values() for one in rounds)


def _growth(result: Result) -> str:
    lines = [
        (name, figure([one["p50"] for one in rounds], "{:.2f}"), figure([one["p99"] for one in rounds], "{:.2f}"))
        for name, rounds in result.latency.items()
    ]
    kinds = dict.fromkeys(name.partition(",")[0] for name in result.latency)
    ratios = "; ".join(f"{kind} × {figure(growth(result, kind), '{:.2f}')}" for kind in kinds)
    return table(("one request at a time", "p50 ms: median (range)", "p99 ms: median (range)"), lines) + (
        f"\n\n{result.pace.latency_rounds} rounds of {result.pace.requests} requests to each, taking turns. "
        f"Median time at the large size over the small one, by round: {ratios}.")


def _filled(result: Result) -> str:
    lines = [(name, figure([one["p50"] for one in rounds], "{:.2f}"), figure([one["p99"] for one in rounds], "{:.2f}"))
             for name, rounds in [*result.opening.items(), ("autosave of one text", result.saving)]]
    return table(("one request at a time", "p50 ms: median (range)", "p99 ms: median (range)"), lines) + (
        "\n\nThe dossier's three volets hold an answer to every question; its page decrypts them. An autosave is "
        "answered once it is on the disk (WAL, synchronous=FULL); its time is the client's.")


def _weight(result: Result) -> str:
    parts = [(f"`{part.path}`", f"{part.body:,}", f"{part.wire:,}", part.encoding) for part in result.first_load]
    total = ("**first load**", f"{sum(part.body for part in result.first_load):,}",
             f"{sum(part.wire for part in result.first_load):,}", "")
    swap = (f"table swap, `{result.swap.path}`", f"{result.swap.body:,}", f"{result.swap.wire:,}", result.swap.encoding)
    return table(("dashboard, empty cache", "body bytes", "with headers", "encoding"), [*parts, total, swap])


def figure(values: Sequence[float], form: str) -> str:
    """« median (lowest-highest) »."""
    low, high = form.format(min(values)), form.format(max(values))
    return f"{form.format(median(values))} ({low}–{high})"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
