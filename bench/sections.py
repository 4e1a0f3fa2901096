"""What each part of the bench is given, and what it gives back.

A part is a module with two functions: ``measure(run)`` takes the times, and ``section(found)`` says in Markdown what
they were and which goals they meet. ``bench.__main__`` names the parts in their order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Protocol

from bench import stats
from bench.data import Base
from bench.servers import Server

# A throughput says something of the server only if it kept its core busy, and hardly anybody else did.
BUSY, CALM = 0.9, 0.05

Rounds = list[dict[str, float]]


@dataclass(frozen=True)
class Pace:
    """How long a run takes; seconds. ``day``: of the physicians' day, on each database."""

    connections: int
    rounds: int
    warmup: float
    seconds: float
    latency_rounds: int
    requests: int
    day: float = 60.0


@dataclass(frozen=True)
class Run:
    """One run: its servers are up. ``peers``: by kind, on the large base; ``absent``: why a peer is not there;
    ``large``: growth is measured up to ten million dossiers.
    """

    pace: Pace
    bases: Sequence[Base]
    ours: Sequence[Server]
    peers: dict[str, Server]
    absent: dict[str, str] = field(default_factory=dict)
    large: bool = False

    @property
    def base(self) -> Base:
        """The large base."""
        return self.bases[-1]

    @property
    def portal(self) -> Server:
        """The portal on the large base."""
        return self.ours[-1]


@dataclass(frozen=True)
class Goal:
    """One promise and what was measured; ``invalid`` says why the measure proves nothing."""

    text: str
    measured: str
    met: bool
    invalid: str = ""

    @property
    def verdict(self) -> str:
        """The last column of the goals' table."""
        if self.invalid:
            return f"**not valid**: {self.invalid}"
        return "yes" if self.met else "**no**"

    @property
    def kept(self) -> bool:
        return self.met and not self.invalid


@dataclass(frozen=True)
class Section:
    """One part of the report; ``drawing``: rounds of rates to plot, by name."""

    title: str
    text: str
    goals: Sequence[Goal]
    drawing: dict[str, Rounds] = field(default_factory=dict)


class Part(Protocol):
    """A module that measures one thing."""

    def measure(self, run: Run) -> Any:
        """Take the times. Raises CalledProcessError when a server gave a wrong answer."""

    def section(self, found: Any) -> Section:
        """Say what they were."""


def counts(one: dict[str, float], *, busy: float = BUSY) -> bool:
    """Whether one measure says something of its server."""
    return one["server"] >= busy and one["foreign"] <= CALM


@dataclass(frozen=True)
class Ratio:
    """Ours over theirs, by round; ``values`` of the rounds where both measures count, or of all if none does."""

    values: list[float]
    valid: int
    rounds: int

    @property
    def invalid(self) -> str:
        """Empty when more than half of the rounds count."""
        if self.valid * 2 > self.rounds:
            return ""
        return f"{self.valid} of {self.rounds} rounds count"


def compare(ours: Rounds, theirs: Rounds, key: str = "rate", *, busy: float = BUSY) -> Ratio:
    """The ratios of two servers that took turns. ``busy=0``: where a server is not meant to be."""
    pairs = list(zip(ours, theirs, strict=True))
    good = [pair for pair in pairs if all(counts(one, busy=busy) for one in pair)]
    values = stats.ratios(*([one[key] for one in side] for side in zip(*(good or pairs), strict=True)))
    return Ratio(values, len(good), len(pairs))


def at_least(text: str, ratio: Ratio, wanted: float) -> Goal:
    """A ratio whose median should reach ``wanted``."""
    return Goal(text, figure(ratio.values, "{:.2f}"), median(ratio.values) >= wanted, ratio.invalid)


def at_most(text: str, ratio: Ratio, wanted: float) -> Goal:
    """A ratio whose median should not pass ``wanted``."""
    return Goal(text, figure(ratio.values, "{:.2f}"), median(ratio.values) <= wanted, ratio.invalid)


def figure(values: Sequence[float], form: str) -> str:
    """« median (lowest–highest) »."""
    low, high = form.format(min(values)), form.format(max(values))
    return f"{form.format(median(values))} ({low}–{high})"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
