"""The load client: HTTP/1.1 over raw sockets, in a process of its own on its own core.

Reads one job (JSON) on standard input and writes its result (JSON) on standard output. Every
answer is checked: status 200 and the marker in its body; anything else ends the run.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import time
from dataclasses import dataclass
from typing import Any, cast

import uvloop

from bench import proc, stats


class Refused(Exception):
    """The server answered something else than the page."""


@dataclass(frozen=True)
class Target:
    """A page of a server on loopback, and what proves that it is the right one."""

    port: int
    path: str
    cookie: str
    marker: str
    pid: int = 0

    def request(self) -> bytes:
        return (
            f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nCookie: {self.cookie}\r\n"
            "Accept: text/html\r\nAccept-Encoding: identity\r\nUser-Agent: bench\r\n\r\n"
        ).encode()


class Connection(asyncio.Protocol):
    """One HTTP/1.1 connection, one request at a time; answers carry a Content-Length."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.answer: asyncio.Future[bytes] | None = None
        self.last = False

    async def ask(self, wire: bytes) -> bytes:
        """Send a request; returns the body of its answer. Raises Refused, ConnectionError."""
        assert self.transport is not None
        self.answer = asyncio.get_running_loop().create_future()
        self.buffer, self.body_at, self.end = bytearray(), 0, 0
        self.transport.write(wire)
        return await self.answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.end:
            self._head()
        if self.end and len(self.buffer) >= self.end and self.answer and not self.answer.done():
            self.answer.set_result(bytes(self.buffer[self.body_at:self.end]))

    def _head(self) -> None:
        at = self.buffer.find(b"\r\n\r\n")
        if at < 0:
            return
        head = bytes(self.buffer[:at]).lower()
        _, found, length = head.partition(b"\r\ncontent-length:")
        if not head.startswith(b"http/1.1 200") or not found:
            self._fail(Refused(head.partition(b"\r\n")[0].decode("latin-1")))
            return
        self.body_at = at + 4
        self.end = self.body_at + int(length.partition(b"\r\n")[0])
        self.last = b"\r\nconnection: close" in head

    def connection_lost(self, error: Exception | None) -> None:
        self.last = True
        self._fail(error or ConnectionResetError("closed before the answer"))

    def _fail(self, error: Exception) -> None:
        if self.answer and not self.answer.done():
            self.answer.set_exception(error)


class Visitor:
    """Asks for one page again and again, on a new connection only where the server closed the last."""

    def __init__(self, target: Target) -> None:
        self.target, self.wire, self.marker = target, target.request(), target.marker.encode()
        self.connection: Connection | None = None

    async def get(self) -> bytes:
        """The page, checked. Raises Refused."""
        if self.connection is None or self.connection.last:
            await self._connect()
        assert self.connection is not None
        body = await self.connection.ask(self.wire)
        if self.marker not in body:
            raise Refused(f"port {self.target.port}: the page lacks « {self.target.marker} »")
        return body

    async def _connect(self) -> None:
        if self.connection and self.connection.transport:
            self.connection.transport.close()
        loop = asyncio.get_running_loop()
        _, self.connection = await loop.create_connection(Connection, "127.0.0.1", self.target.port)


async def throughput(target: Target, *, connections: int, warmup: float, seconds: float) -> dict[str, Any]:
    """Requests per second that ``connections`` get, each asking again as soon as it is answered."""
    times: list[float] = []
    stop = asyncio.Event()
    counting = False

    async def ask_on() -> None:
        visitor = Visitor(target)
        while not stop.is_set():
            start = time.perf_counter()
            await visitor.get()
            if counting:
                times.append(time.perf_counter() - start)

    async with asyncio.timeout(warmup + seconds + 30), asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(ask_on())
        await asyncio.sleep(warmup)
        counting, before = True, proc.Meter.read(target.pid)
        await asyncio.sleep(seconds)
        counting, after = False, proc.Meter.read(target.pid)
        stop.set()
    return {"rate": len(times) / (after.at - before.at), **stats.times(times), **after.shares_since(before)}


async def latency(targets: list[Target], *, warmup: int, requests: int) -> list[dict[str, float]]:
    """Times of single requests, the targets taking turns so that a noisy moment strikes all alike.

    Each turn has its own order: nobody always finds the processor's caches as the same neighbour left them.
    """
    visitors = [Visitor(target) for target in targets]
    times: list[list[float]] = [[] for _ in targets]
    turns, order = list(zip(visitors, times, strict=True)), random.Random(1)
    async with asyncio.timeout(60 + (warmup + requests) * len(targets) * 0.1):
        for number in range(warmup + requests):
            for visitor, kept in order.sample(turns, len(turns)):
                start = time.perf_counter()
                await visitor.get()
                if number >= warmup:
                    kept.append(time.perf_counter() - start)
    return [stats.times(kept) for kept in times]


def main() -> int:
    """Run the job of standard input."""
    os.sched_setaffinity(0, {proc.CLIENT_CORE})
    job = json.load(sys.stdin)
    targets = [Target(**target) for target in job.pop("targets")]
    kind = job.pop("kind")
    work = throughput(targets[0], **job) if kind == "throughput" else latency(targets, **job)
    json.dump(uvloop.run(work), sys.stdout)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
