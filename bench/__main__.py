"""``python -m bench``: data, servers, measures and report, in one command without questions."""

from __future__ import annotations

import argparse
import contextlib
import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench import data, filled, proc, report, servers, weight
from bench.data import Base
from bench.report import Pace, Result
from bench.servers import Server

# Other programs may take this share of the servers' core; beyond it a measure is made again.
CALM, TRIES = 0.05, 3
THOROUGH = Pace(connections=8, rounds=5, warmup=1.0, seconds=4.0, latency_rounds=7, requests=250)
QUICK = Pace(connections=8, rounds=2, warmup=0.5, seconds=1.0, latency_rounds=2, requests=60)


def main() -> int:
    """Measure and report; returns 1 when a goal is not met."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a rough run of half a minute")
    parser.add_argument("--portal-only", action="store_true", help="leave the peers out")
    options = parser.parse_args()
    if not Path("/proc/stat").exists():
        parser.error("the CPU meters read /proc: run this on Linux")
    bases = [Base(size) for size in data.SIZES]
    for base in bases:
        base.ensure()
    result = measure(bases, QUICK if options.quick else THOROUGH, peers=not options.portal_only)
    text = report.markdown(result)
    (data.FOLDER / "rapport.md").write_text(text, "utf-8")
    print(text)
    return 0 if all(goal.met for goal in report.goals(result)) else 1


def measure(bases: list[Base], pace: Pace, *, peers: bool) -> Result:
    """Start every server, then let them take turns."""
    large = bases[-1]
    with contextlib.ExitStack() as stack:
        ours = [stack.enter_context(servers.portal(base)) for base in bases]
        theirs: list[Server] = []
        if peers:
            theirs = [stack.enter_context(servers.django(base, "gthread", "--threads=4")) for base in bases]
            theirs.append(stack.enter_context(servers.django(large, "sync")))
        busy = [ours[-1], *theirs[1:]]
        path = filled.fill(large)
        return Result(
            pace=pace, facts={base.size: base.facts() for base in bases},
            pages={server.name: servers.page_facts(server) for server in busy},
            throughput=throughput(busy, pace),
            latency=latency([*ours, *theirs[:2]], pace),
            opening=latency([ours[-1], filled.opened(ours[-1], path)], pace),
            saving=[filled.saves(ours[-1], path, warmup=pace.requests // 10, count=pace.requests)
                    for _ in range(pace.latency_rounds)],
            first_load=weight.first_load(ours[-1]), swap=weight.swap(ours[-1]),
            memory={server.name: proc.memory(server.target.pid) for server in busy},
        )


def throughput(busy: list[Server], pace: Pace) -> dict[str, list[dict[str, float]]]:
    """Rounds A B C, C B A, …: each server once a round, under the load of the same connections."""
    found: dict[str, list[dict[str, float]]] = {server.name: [] for server in busy}
    for number in range(pace.rounds):
        for server in busy if number % 2 == 0 else reversed(busy):
            one = calmest(server, pace)
            found[server.name].append(one)
            print(f"round {number + 1}/{pace.rounds}  {server.name:<28} {one['rate']:7.0f} req/s", flush=True)
    return found


def calmest(server: Server, pace: Pace) -> dict[str, float]:
    """One measure; made again, at most twice, while other programs take the servers' core. The calmest counts."""
    tries: list[dict[str, float]] = []
    for _ in range(TRIES):
        tries.append(client("throughput", [server], connections=pace.connections, warmup=pace.warmup,
                            seconds=pace.seconds))
        if tries[-1]["foreign"] <= CALM:
            break
    return min(tries, key=lambda one: one["foreign"]) | {"again": len(tries) - 1}


def latency(turns: list[Server], pace: Pace) -> dict[str, list[dict[str, float]]]:
    """Times of single requests, server after server within each round."""
    found: dict[str, list[dict[str, float]]] = {server.name: [] for server in turns}
    for _ in range(pace.latency_rounds):
        times = client("latency", turns, warmup=pace.requests // 10, requests=pace.requests)
        for server, one in zip(turns, times, strict=True):
            found[server.name].append(one)
    return found


def client(kind: str, targets: list[Server], **options: float) -> Any:
    """One job of the load client, in its own process; raises CalledProcessError when an answer was wrong."""
    job = {"kind": kind, "targets": [asdict(server.target) for server in targets], **options}
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"], input=json.dumps(job), stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


if __name__ == "__main__":
    raise SystemExit(main())
