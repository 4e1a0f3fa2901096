"""The jobs of the portal, and the running of those that are due: one lease each, one failure never stops the others."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from anyio import sleep, to_thread

from portal import clock
from portal.db import database
from portal.echeances import commands, queries
from portal.echeances.commands import RETRY
from portal.echeances.models import Bail
from portal.settings import Settings
from portal.web import dates

T = TypeVar("T")
log = logging.getLogger("portal.echeances")

BATCH = 200
"""What one run of a job does at most, so that it ends long before its lease."""

# A job that waits longer than this after its time is late.
LATE = timedelta(hours=1)


@dataclass(frozen=True)
class Job:
    """Something to do ``every`` so often. ``run`` opens its own transactions, does at most ``BATCH`` things, each
    only if it is still to do, and returns how many it did; ``title`` is French, for who runs the command.

    ``whole``: each run does all there is, whatever the number.
    """

    name: str
    title: str
    every: timedelta
    run: Callable[[Settings], int]
    whole: bool = False


@dataclass(frozen=True)
class Outcome:
    """What came of a job: ``done`` things, or the kind of its failure (never its words: they may hold names)."""

    job: Job
    done: int = 0
    failure: str = ""

    @property
    def good(self) -> bool:
        return not self.failure

    @property
    def line(self) -> str:
        """One French line for the terminal."""
        again = f"échec ({self.failure}), nouvel essai dans {RETRY.seconds // 60} min"
        return f"{self.job.title}\u00a0: {again if self.failure else self.done}"


def each(things: Iterable[T], act: Callable[[T], bool]) -> int:
    """Do it for each thing, in a transaction of its own, and count those for which there was something to do.

    One that fails stops none of the others; its error is raised in the end, so that the job is tried again.
    """
    done, last = 0, None
    for thing in things:
        try:
            with database.writing():
                done += act(thing)
        except Exception as error:
            log.error("one thing of a job failed (%s)", type(error).__name__)
            last = error
    if last:
        raise last
    return done


def run_due(settings: Settings, jobs: Iterable[Job], holder: str | None = None) -> list[Outcome]:
    """Run, one after the other, the jobs that are due and that nobody else runs; returns what came of each."""
    holder = holder or secrets.token_hex(8)
    found = [_run(settings, job, holder) for job in jobs]
    return [outcome for outcome in found if outcome]


def stand(jobs: Iterable[Job]) -> list[str]:
    """Where each job stands, one French line a job."""
    with database.reading():
        known = {row.nom: row for row in queries.states()}
    return ["Rien n’est à faire pour le moment.", *(_stands(job, known.get(job.name)) for job in jobs)]


def late(jobs: Iterable[Job]) -> list[str]:
    """The names of the jobs that should have run a good while ago, or never have."""
    known = {row.nom: row for row in queries.states()}
    limit = clock.now() - LATE
    return [job.title for job in jobs if job.name not in known or known[job.name].prochain < limit]


def _stands(job: Job, row: Bail | None) -> str:
    if row is None or row.dernier is None:
        return f"{job.title}\u00a0: jamais encore"
    again = f"prochaine fois le {dates.moment(row.prochain)}"
    return f"{job.title}\u00a0: {row.resultat} le {dates.moment(row.dernier)}, {again}"


async def run_forever(settings: Settings, jobs: tuple[Job, ...]) -> None:
    """Run what is due every ``settings.clocks_pause``, as long as the portal runs."""
    while True:
        await sleep(settings.clocks_pause.total_seconds())
        await to_thread.run_sync(run_due, settings, jobs)


def _run(settings: Settings, job: Job, holder: str) -> Outcome | None:
    try:
        database.connect()
        with database.writing():
            mine = commands.take(job.name, holder, job.every)
        if not mine:
            return None
        outcome = _attempt(settings, job)
        # Nothing of the database may be left open by a job that failed in the middle of a transaction.
        with database.writing():
            commands.give_back(job.name, holder, prochain=clock.now() + _pause(outcome),
                               resultat=outcome.failure or str(outcome.done))
    except Exception as error:
        # The database itself is away (locked, disk full): the lease, if any, expires by itself.
        log.error("job %s: no lease (%s)", job.name, type(error).__name__)
        return Outcome(job, failure=type(error).__name__)
    return outcome


def _attempt(settings: Settings, job: Job) -> Outcome:
    try:
        done = job.run(settings)
    except Exception as error:
        # The kind alone: an error's words may hold what the row held.
        log.error("job %s failed (%s), tried again in %s", job.name, type(error).__name__, RETRY)
        return Outcome(job, failure=type(error).__name__)
    if done:
        log.info("job %s: %s done", job.name, done)
    return Outcome(job, done)


def _pause(outcome: Outcome) -> timedelta:
    """Until the next run: shorter after a failure, none while more waits than one run does."""
    if outcome.failure:
        return min(RETRY, outcome.job.every)
    more = outcome.done >= BATCH and not outcome.job.whole
    return timedelta(0) if more else outcome.job.every
