"""``python -m bench``: data, servers, measures and report, in one command without questions."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

from bench import (
    aide,
    croissance,
    data,
    ecritures,
    filled,
    journee,
    layer,
    navigateur,
    pairs,
    plot,
    report,
    servers,
    steady,
    weight,
)
from bench.data import Base
from bench.sections import Pace, Part, Run, Section
from bench.servers import Server

# In the report's order.
PARTS = {module.__name__.removeprefix("bench."): cast("Part", module)
         for module in (pairs, steady, layer, aide, croissance, filled, ecritures, journee, weight, navigateur)}
THOROUGH = Pace(connections=8, rounds=5, warmup=1.0, seconds=4.0, latency_rounds=7, requests=250)
QUICK = Pace(connections=8, rounds=2, warmup=0.5, seconds=1.0, latency_rounds=2, requests=60, day=20.0)


def main() -> int:
    """Measure and report; returns 1 when a goal is not met, or was not measured as it must be."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a rough run of a minute or two")
    parser.add_argument("--portal-only", action="store_true", help="leave the peers out")
    parser.add_argument("--day", type=float, metavar="SECONDS", help="how long the physicians' day lasts")
    parser.add_argument("--large", action="store_true",
                        help="growth up to ten million dossiers: 25 GB, and half an hour the first time")
    parser.add_argument("--only", metavar="PART", nargs="+", choices=PARTS, default=list(PARTS),
                        help=f"measure these parts alone: {', '.join(PARTS)}")
    options = parser.parse_args()
    if not Path("/proc/stat").exists():
        parser.error("the CPU meters read /proc: run this on Linux")
    bases = [Base(size) for size in data.SIZES]
    for base in bases:
        base.ensure()
    bases[-1].build_help()
    (data.FOLDER / servers.SAID).unlink(missing_ok=True)
    pace = QUICK if options.quick else THOROUGH
    if options.day:
        pace = replace(pace, day=options.day)
    with running(bases, pace, peers=not options.portal_only, large=options.large) as run:
        sections = [part.section(part.measure(run)) for name, part in PARTS.items() if name in options.only]
        write(run, sections)
    return 0 if all(goal.kept for part in sections for goal in part.goals) else 1


@contextlib.contextmanager
def running(bases: list[Base], pace: Pace, *, peers: bool, large: bool) -> Iterator[Run]:
    """Every server, started; all wait while one is measured."""
    with contextlib.ExitStack() as stack:
        ours = [stack.enter_context(servers.portal(base)) for base in bases]
        theirs: dict[str, Server] = {}
        absent: dict[str, str] = {}
        if peers:
            weight_of_page = len(ours[-1].fetch()[1])
            for kind, start in servers.peers(bases[-1], weight_of_page).items():
                try:
                    theirs[kind] = stack.enter_context(start)
                except servers.Absent as why:
                    absent[kind] = str(why)
                    print(f"Absent: {why}.", flush=True)
        yield Run(pace, bases, ours, theirs, absent, large)


def write(run: Run, sections: list[Section]) -> None:
    """The report and its picture, in the data's folder; the report on the screen too."""
    drawn = {name: rounds for part in sections for name, rounds in part.drawing.items()}
    if drawn:
        plot.write(data.FOLDER / "rapport.svg", drawn)
    text = report.markdown(run, sections, "rapport.svg" if drawn else "")
    (data.FOLDER / "rapport.md").write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    raise SystemExit(main())
