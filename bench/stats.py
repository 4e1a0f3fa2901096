"""The arithmetic of the report."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

SAME_BYTES = 0.10


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that ``share`` of the values do not exceed (nearest rank)."""
    ranked = sorted(values)
    return ranked[max(0, -int(-share * len(ranked) // 1) - 1)]


def times(seconds: Sequence[float]) -> dict[str, float]:
    """Median and 99th percentile of times, in milliseconds."""
    return {"p50": median(seconds) * 1000, "p99": percentile(seconds, 0.99) * 1000}


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Ours over theirs, round by round: what was measured side by side is compared side by side."""
    return [one / other for one, other in zip(ours, theirs, strict=True)]


def same_size(ours: int, theirs: int) -> bool:
    """Whether two pages weigh the same within 10 %, so that comparing their rates is fair."""
    return abs(ours - theirs) / theirs <= SAME_BYTES
