"""Durable writes: eight clients at once accept, save and send through ``portal serve``, on each database.

One answered POST is one transaction, forced to the disk before its answer. Each is looked for afterwards.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from bench import mondes, stats
from bench.sections import Goal, Run, Section, table
from tests.support.pannes import clients, comptes, monde, portail
from tests.support.pannes.clients import Browser, Ecrits, Step
from tests.support.pannes.monde import MARK, Monde
from tests.support.pannes.tempete import FIELD

WRITERS = 8
LIMIT = 250.0


@dataclass(frozen=True)
class Kind:
    """One kind of write on one database: how many a second, and milliseconds of each as its client saw it."""

    database: str
    name: str
    rate: float
    p50: float
    p99: float


@dataclass(frozen=True)
class Found:
    """``wrong``: answers that were refused, acknowledged writes that are not there, what is unsound."""

    kinds: list[Kind]
    wrong: list[str]
    writes: int


def measure(run: Run) -> Found:
    """Each kind of write on each database, in a world of its own."""
    each, found = max(12, run.pace.requests // 4), Found([], [], 0)
    for database in mondes.kinds():
        kinds, wrong, writes = _on(database, each)
        found = Found(found.kinds + kinds, found.wrong + wrong, found.writes + writes)
    return found


def _on(database: str, each: int) -> tuple[list[Kind], list[str], int]:
    with mondes.empty(database) as settings:
        world = monde.furnish(settings, waiting=each * WRITERS, written=WRITERS, asking=each * WRITERS)
        done, kinds = Ecrits(), []
        with monde.opened(settings), portail.running(settings):
            browsers = [Browser(settings) for _ in range(WRITERS)]
            for browser in browsers:
                browser.get("/accueil")
            for name, steps in _steps(world, each).items():
                kinds.append(_timed(database, name, browsers, steps, done))
            for browser in browsers:
                browser.close()
        with monde.opened(settings):
            wrong = [*done.refused, *comptes.missing(done, FIELD, MARK),
                     *comptes.unsound(sqlite=database == mondes.SQLITE)]
        return kinds, [f"{database}: {one}" for one in wrong], done.total


def _steps(world: Monde, each: int) -> dict[str, list[list[Step]]]:
    """By kind, what each writer has to do."""
    ranks = range(WRITERS)
    return {
        "accept a dossier": [clients.accepting(world.waiting[rank::WRITERS]) for rank in ranks],
        "autosave of an answer": [clients.typing(world.written[rank], each, FIELD, MARK) for rank in ranks],
        "send a request": [clients.sending(world.asking[rank::WRITERS]) for rank in ranks],
    }


def _timed(database: str, name: str, browsers: Sequence[Browser], steps: Sequence[list[Step]], done: Ecrits) -> Kind:
    """Everybody at work at once, each asking again as soon as he is answered. Raises Lost."""
    def work(browser: Browser, mine: list[Step]) -> list[float]:
        times = []
        for step in mine:
            start = time.perf_counter()
            step(browser, done)
            times.append(time.perf_counter() - start)
        return times

    start = time.perf_counter()
    with ThreadPoolExecutor(len(browsers)) as pool:
        times = [one for mine in pool.map(work, browsers, steps) for one in mine]
    taken = stats.times(times)
    return Kind(database, name, len(times) / (time.perf_counter() - start), taken["p50"], taken["p99"])


def section(found: Found) -> Section:
    """How many writes a second, how long each takes, and whether every one is there."""
    lines = [(one.database, one.name, f"{one.rate:.0f}", f"{one.p50:.1f}", f"{one.p99:.1f}") for one in found.kinds]
    text = table((f"{WRITERS} clients at once", "write", "durable writes/s", "p50 ms", "p99 ms"), lines) + (
        "\n\nOne portal process, both cores shared with the clients and the database. Each write is an HTTP POST of "
        "a logged-in physician, in one transaction on the disk before its answer (SQLite: WAL, synchronous=FULL; "
        "PostgreSQL: fsync and synchronous_commit on). Afterwards each is looked for, the audit's chain is followed "
        "and the counters are counted again.")
    worst = max(one.p99 for one in found.kinds)
    absent = "" if mondes.POSTGRESQL in mondes.kinds() else mondes.MISSING
    said = "; ".join(found.wrong[:3]) if found.wrong else f"{found.writes:,} of {found.writes:,}"
    return Section("Writes", text, [
        Goal("no write is refused or lost, the audit's chain and the counters hold", said, not found.wrong, absent),
        Goal(f"p99 of each kind of write ≤ {LIMIT:.0f} ms", f"{worst:.0f} ms", worst <= LIMIT, absent),
    ])
