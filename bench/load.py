"""The load client, in a process of its own on its own core.

Reads one job (JSON) on standard input and writes its result (JSON) on standard output. Every answer is checked:
its status, its length and the marker in its body; anything else ends the run.
"""

from __future__ import annotations

import json
import os
import random
import select
import sys
import time
from typing import Any

from bench import proc, stats
from bench.wire import PATIENCE, Connection, Target


class Pool:
    """Connections to one target and the poll that says which were answered."""

    def __init__(self, target: Target) -> None:
        self.target, self.requests, self.poll = target, target.requests(), select.epoll()
        self.busy: dict[int, Connection] = {}
        self.idle: list[Connection] = []

    def ask(self) -> Connection:
        """Send one request, on a connection that waits for none if there is one."""
        connection = self.idle.pop() if self.idle else Connection(self.target, self.requests)
        before = connection.socket
        connection.send()
        if connection.socket is not before:
            self.poll.register(connection, select.EPOLLIN)
        self.busy[connection.fileno()] = connection
        return connection

    def answered(self, seconds: float) -> list[Connection]:
        """The connections whose answer became whole, after ``seconds`` at most. Raises Refused, OSError."""
        done = []
        for number, _ in self.poll.poll(seconds):
            connection = self.busy.get(number)
            if connection is None:
                # A server that closes a connection nobody uses.
                closed = next(one for one in self.idle if one.fileno() == number)
                self.idle.remove(closed)
                closed.close()
            elif connection.receive():
                self.idle.append(self.busy.pop(number))
                done.append(connection)
        return done


def throughput(target: Target, *, connections: int, warmup: float, seconds: float) -> dict[str, Any]:
    """Requests per second that ``connections`` get, each asking again as soon as it is answered."""
    pool, times = Pool(target), list[float]()
    for _ in range(connections):
        pool.ask()
    _serve(pool, warmup, [])
    before = proc.Meter.read(target.pid)
    _serve(pool, seconds, times)
    after = proc.Meter.read(target.pid)
    return {"rate": len(times) / (after.at - before.at), **stats.times(times), **after.shares_since(before)}


def _serve(pool: Pool, seconds: float, times: list[float]) -> None:
    """Ask on for that long."""
    end, heard = time.perf_counter() + seconds, time.perf_counter()
    while (now := time.perf_counter()) < end:
        for connection in pool.answered(0.1):
            heard = time.perf_counter()
            times.append(heard - connection.asked_at)
            pool.ask()
        if now - heard > PATIENCE:
            raise TimeoutError(f"port {pool.target.port} answers no more")


def fixed(target: Target, *, rate: float, warmup: float, seconds: float) -> dict[str, Any]:
    """Times of requests that are sent at a fixed rate whether answers come or not, each from when it was due."""
    pool, times = Pool(target), list[float]()
    first = round(rate * warmup)
    count, start = first + round(rate * seconds), time.perf_counter()
    due: dict[Connection, tuple[int, float]] = {}
    sent = 0
    before = None
    while sent < count or pool.busy:
        if sent < count and (at := start + sent / rate) <= time.perf_counter():
            if sent == first:
                before = proc.Meter.read(target.pid)
            due[pool.ask()] = sent, at
            sent += 1
        # The last millisecond is spent looking: the kernel's clock for waits is no finer.
        left = start + sent / rate - time.perf_counter() - 0.001 if sent < count else 0.1
        found = pool.answered(max(left, 0.0))
        for connection in found:
            number, at = due.pop(connection)
            if number >= first:
                times.append(time.perf_counter() - at)
        if time.perf_counter() > start + count / rate + PATIENCE:
            raise TimeoutError(f"port {target.port} answers no more")
    assert before is not None
    return {"requests": len(times), **stats.times(times), **proc.Meter.read(target.pid).shares_since(before)}


def latency(targets: list[Target], *, warmup: int, requests: int) -> list[dict[str, float]]:
    """Times of single requests, the targets taking turns so that a noisy moment strikes all alike.

    Each turn has its own order: nobody always finds the processor's caches as the same neighbour left them.
    """
    times: list[list[float]] = [[] for _ in targets]
    turns, order = list(zip(map(Connection, targets), times, strict=True)), random.Random(1)
    for number in range(warmup + requests):
        for connection, kept in order.sample(turns, len(turns)):
            taken = connection.ask()
            if number >= warmup:
                kept.append(taken)
    return [stats.times(kept) for kept in times]


def main() -> int:
    """Run the job of standard input."""
    os.sched_setaffinity(0, {proc.CLIENT_CORE})
    job = json.load(sys.stdin)
    targets = [Target(**target) for target in job.pop("targets")]
    kind = job.pop("kind")
    if kind == "throughput":
        found: Any = throughput(targets[0], **job)
    else:
        found = fixed(targets[0], **job) if kind == "fixed" else latency(targets, **job)
    json.dump(found, sys.stdout)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
