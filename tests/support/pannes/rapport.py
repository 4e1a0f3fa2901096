"""The figures of the crash tests: one row a trial, one table at the end, on the screen and in ``var/crash``."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

RAPPORT = Path("var/crash/rapport.md")
HEADS = ("what was tried", "rounds", "acknowledged", "found", "lost", "seconds")


@dataclass
class Essai:
    """One row: what was tried, how often, what was acknowledged and what was found of it."""

    what: str
    rounds: int = 0
    acknowledged: int = 0
    found: int = 0
    seconds: float = 0.0

    @property
    def lost(self) -> int:
        """What was acknowledged and is not there."""
        return self.acknowledged - self.found

    def add(self, acknowledged: int, lost: int = 0, rounds: int = 1) -> None:
        """One more round."""
        self.rounds += rounds
        self.acknowledged += acknowledged
        self.found += acknowledged - lost


@dataclass
class Rapport:
    """The rows in the order in which they were tried."""

    essais: list[Essai] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def remark(self, text: str) -> None:
        """A line below the table, for what is no count."""
        self.remarks.append(text)

    @contextmanager
    def essai(self, what: str) -> Iterator[Essai]:
        """A row that is kept whatever becomes of the trial, and timed."""
        one = Essai(what)
        self.essais.append(one)
        start = time.monotonic()
        try:
            yield one
        finally:
            one.seconds = time.monotonic() - start

    def lines(self) -> list[str]:
        """The table, in Markdown."""
        rows = [HEADS, tuple("---" if not rank else "---:" for rank in range(len(HEADS)))]
        rows += [(one.what, str(one.rounds), str(one.acknowledged), str(one.found), str(one.lost),
                  f"{one.seconds:.1f}") for one in self.essais]
        return [*(f"| {' | '.join(row)} |" for row in rows), *([""] if self.remarks else []), *self.remarks]

    def write(self) -> None:
        """Leave the table in ``RAPPORT``."""
        RAPPORT.parent.mkdir(parents=True, exist_ok=True)
        RAPPORT.write_text("\n".join(self.lines()) + "\n", encoding="utf-8")
