"""The data layer: the portal's question for one page of the table beside the same statements in plain sqlite3.

Runs as ``python -m bench.layer SIZE ROUNDS`` in a process of its own on the servers' core; prints JSON.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

from bench import proc
from bench.data import RPPS, Base
from bench.sections import Ratio, Rounds, Run, Section, at_most, figure, table
from portal.db import database
from portal.db.base import db
from portal.dossiers import queries
from portal.dossiers.queries import Selection

GOAL = 1.2
REPEATS = 1000
OURS, RAW = "portal: `queries.tableau`", "sqlite3: the same statements, `fetchall`"
PRAGMAS = ("cache_size = -64000", "mmap_size = 1073741824", "temp_store = memory")


@dataclass(frozen=True)
class Found:
    """Microseconds by round of each, and the statements that both run."""

    rounds: dict[str, Rounds]
    statements: list[str]


def measure(run: Run) -> Found:
    """In a process of its own, as a server is."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.layer", str(run.base.size), str(run.pace.latency_rounds)],
        check=True, stdout=subprocess.PIPE, text=True)
    return Found(**json.loads(done.stdout))


def section(found: Found) -> Section:
    """Microseconds and their ratio."""
    ours, raw = found.rounds[OURS], found.rounds[RAW]
    ratio = Ratio([one["us"] / other["us"] for one, other in zip(ours, raw, strict=True)], len(ours), len(ours))
    lines = [(name, figure([one["us"] for one in rounds], "{:.1f}")) for name, rounds in found.rounds.items()]
    said = "\n".join(f"- `{statement}`" for statement in found.statements)
    text = table(("one page of the table, in one process", "µs: median (range)"), lines) + (
        f"\n\n{len(ours)} rounds by turns of {REPEATS} each, of which the median counts. The statements:\n\n{said}")
    return Section("Data layer", text, [at_most(f"data layer ≤ {GOAL:g} × raw sqlite3", ratio, GOAL)])


def main(arguments: list[str]) -> int:
    """Measure in the base of this size; raises LookupError if both do not find the same dossiers."""
    base, rounds = Base(int(arguments[0])), int(arguments[1])
    os.sched_setaffinity(0, {proc.SERVER_CORE})
    with base.opened():
        database.connect()
        chosen = Selection("ga")
        statements = watched(lambda: queries.tableau(RPPS, chosen))
        plain = sqlite3.connect(f"file:{base.folder / 'portail.sqlite'}?mode=ro", uri=True)
        for pragma in PRAGMAS:
            plain.execute(f"PRAGMA {pragma}")

        def ask() -> list[list[Any]]:
            return [plain.execute(sql, values).fetchall() for sql, values in statements]

        ours = [ligne.numero for ligne in queries.tableau(RPPS, chosen).lignes]
        # The longest answer is the list; the other holds the counters.
        if not ours or ours != [row[0] for row in max(ask(), key=len)][:len(ours)]:
            raise LookupError("the two do not find the same dossiers")
        found: dict[str, Rounds] = {OURS: [], RAW: []}
        for _ in range(rounds):
            found[OURS].append({"us": timed(lambda: queries.tableau(RPPS, chosen))})
            found[RAW].append({"us": timed(ask)})
    json.dump({"rounds": found, "statements": [sql for sql, _ in statements]}, sys.stdout)
    return 0


def watched(ask: Callable[[], object]) -> list[tuple[str, Any]]:
    """The statements that ``ask`` runs, with their values, as apsw sees them."""
    found: list[tuple[str, Any]] = []
    connection = db.connection()

    def note(_cursor: Any, sql: str, values: Any) -> bool:
        found.append((sql, values))
        return True

    connection.exec_trace = note
    ask()
    connection.exec_trace = None
    return found


def timed(ask: Callable[[], object]) -> float:
    """The median of ``REPEATS`` calls, in microseconds."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter_ns()
        ask()
        times.append(time.perf_counter_ns() - start)
    return median(times) / 1000


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
