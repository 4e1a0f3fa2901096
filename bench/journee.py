"""A real day: fifty physicians at once on one portal, who read, think and write, on each database."""

from __future__ import annotations

import argparse
import random
import time
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from bench import medecins, mondes, stats
from bench.medecins import Medecin
from bench.sections import Goal, Run, Section, table
from portal.aide import construction
from portal.db import anchors
from tests.support.pannes import comptes, monde, portail

PHYSICIANS = 50
# Seconds between an answer and the next act.
THINKING = (2.0, 6.0)
LIMIT = 250.0


@dataclass
class Day:
    """One database's day: milliseconds by act, and what went wrong."""

    database: str
    seconds: float
    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wrong: list[str] = field(default_factory=list)

    @property
    def everything(self) -> list[float]:
        return [one for times in self.times.values() for one in times]


def measure(run: Run) -> list[Day]:
    """A day on each database."""
    return [_day(database, run.pace.day) for database in mondes.kinds()]


def _day(database: str, seconds: float) -> Day:
    day = Day(database, seconds)
    with mondes.empty(database) as settings:
        construction.build(settings, settings.help_site)
        with monde.opened(settings):
            people = medecins.furnish(settings, PHYSICIANS, seconds)
            with portail.running(settings):
                _work(people, day)
        with monde.opened(settings):
            day.wrong += comptes.unsound(sqlite=database == mondes.SQLITE)
            day.wrong += [f"lost: {one}" for person in people for one in person.missing()]
            fault = anchors.verify(settings).fault
            day.wrong += [f"audit: {fault}"] if fault else []
    return day


def _work(people: Sequence[Medecin], day: Day) -> None:
    """Everybody at his desk until the day ends."""
    end = time.perf_counter() + day.seconds

    def live(person: Medecin) -> list[tuple[str, float, str]]:
        chance, seen = random.Random(person.rpps), []
        # Nobody begins at the same moment.
        time.sleep(chance.uniform(0, THINKING[1]))
        while time.perf_counter() < end:
            act = person.next_act(chance)
            start = time.perf_counter()
            wrong = act.done(person)
            seen.append((act.name, time.perf_counter() - start, wrong))
            # The portal hangs up on who is silent for five seconds; a browser then calls anew.
            person.browser.close()
            time.sleep(chance.uniform(*THINKING))
        return seen

    with ThreadPoolExecutor(len(people)) as pool:
        for seen in pool.map(live, people):
            for name, taken, wrong in seen:
                day.times[name].append(taken)
                day.wrong += [f"{name}: {wrong}"] if wrong else []


def section(found: list[Day]) -> Section:
    """Each act's times, and whether everybody was served."""
    lines = [(day.database, name, str(len(times)), *_figures(times))
             for day in found for name, times in [("**all**", day.everything), *sorted(day.times.items())]]
    seconds = found[0].seconds
    text = table(("", "act", "times done", "p50 ms", "p99 ms", "max ms"), lines) + (
        f"\n\n{PHYSICIANS} physicians for {seconds:.0f} s, {THINKING[0]:.0f} to {THINKING[1]:.0f} s between an answer "
        "and the next act; one portal process, both cores shared with the physicians and the database; each answer's "
        "status and words are checked. Afterwards every acknowledged write is looked for, the audit's chain and its "
        "anchors are followed and the counters are counted again.")
    absent = "" if mondes.POSTGRESQL in mondes.kinds() else mondes.MISSING
    wrong = [f"{day.database}: {one}" for day in found for one in day.wrong]
    worst = max(stats.times(day.everything)["p99"] for day in found)
    return Section("A day of fifty physicians", text, [
        Goal("no error, nothing lost, the audit and the counters hold",
             "; ".join(wrong[:3]) or f"{sum(len(day.everything) for day in found):,} answers", not wrong, absent),
        Goal(f"p99 of all answers under {LIMIT:.0f} ms", f"{worst:.0f} ms", worst < LIMIT, absent),
    ])


def _figures(times: list[float]) -> tuple[str, str, str]:
    found = stats.times(times)
    return f"{found['p50']:.1f}", f"{found['p99']:.1f}", f"{max(times) * 1000:.1f}"


def main() -> int:
    """``python -m bench.journee --seconds 300``: the day alone."""
    parser = argparse.ArgumentParser(prog="python -m bench.journee", description=__doc__)
    parser.add_argument("--seconds", type=float, default=300.0, help="how long the day lasts")
    options = parser.parse_args()
    found = section([_day(database, options.seconds) for database in mondes.kinds()])
    print(found.text)
    for goal in found.goals:
        print(f"- {goal.text}: {goal.measured}: {goal.verdict}")
    return 0 if all(goal.kept for goal in found.goals) else 1


if __name__ == "__main__":
    raise SystemExit(main())
