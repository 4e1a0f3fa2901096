"""Jobs of the load client, and who takes turns with whom."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from bench.sections import CALM, Pace, Rounds
from bench.servers import Server

# A measure during which other programs took more than ``CALM`` of the servers' core is made again.
TRIES = 3


def job(kind: str, targets: Sequence[Server], **options: float) -> Any:
    """One job of the load client, in its own process; raises CalledProcessError when an answer was wrong."""
    asked = {"kind": kind, "targets": [asdict(server.target) for server in targets], **options}
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"], input=json.dumps(asked), stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def turns(kind: str, servers: Sequence[Server], rounds: int, **options: float) -> dict[str, Rounds]:
    """Rounds A B C, C B A, …: each server once a round, under the same load.

    A first round is not counted: Node compiles what runs often, SQLite and the system read their files.
    """
    found: dict[str, Rounds] = {server.name: [] for server in servers}
    for server in servers:
        job(kind, [server], **options)
    for number in range(rounds):
        for server in servers if number % 2 == 0 else reversed(servers):
            one = calmest(kind, server, **options)
            found[server.name].append(one)
            said = f"{one['rate']:7.0f} req/s" if "rate" in one else f"{one['p99']:6.1f} ms at p99"
            print(f"{kind} {number + 1}/{rounds}  {server.name:<28} {said}", flush=True)
    return found


def throughput(servers: Sequence[Server], pace: Pace) -> dict[str, Rounds]:
    """As many requests as each server can answer."""
    return turns("throughput", servers, pace.rounds, connections=pace.connections, warmup=pace.warmup,
                 seconds=pace.seconds)


def calmest(kind: str, server: Server, **options: float) -> dict[str, float]:
    """One measure; made again, at most twice, while other programs take the servers' core. The calmest counts."""
    tries: list[dict[str, float]] = []
    for _ in range(TRIES):
        tries.append(job(kind, [server], **options))
        if tries[-1]["foreign"] <= CALM:
            break
    return min(tries, key=lambda one: one["foreign"]) | {"again": len(tries) - 1}


def latency(servers: Sequence[Server], pace: Pace) -> dict[str, Rounds]:
    """Times of single requests, server after server within each round."""
    found: dict[str, Rounds] = {server.name: [] for server in servers}
    for _ in range(pace.latency_rounds):
        times = job("latency", servers, warmup=pace.requests // 10, requests=pace.requests)
        for server, one in zip(servers, times, strict=True):
            found[server.name].append(one)
    return found
