"""The servers that are compared: each a process of its own, pinned to the servers' core."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bench import proc
from bench.data import Base
from bench.load import Target

PAGE = "/dossiers/grand-age"
# Printed by the page once the table is there: the id of the part that htmx swaps.
MARKER = "</table>"
START_SECONDS = 40
GUNICORN = ("-m", "gunicorn", "bench.peers.django_app.wsgi:application", "--workers=1", "--keep-alive=75",
            "--log-level=warning", "--no-control-socket")


@dataclass(frozen=True)
class Server:
    """One running server: its name in the report and its page."""

    name: str
    target: Target

    def fetch(self, path: str = PAGE, **headers: str) -> tuple[dict[str, str], bytes, int]:
        """One answer: headers (lower case), body as sent, bytes on the wire. Raises OSError, LookupError."""
        connection = http.client.HTTPConnection("127.0.0.1", self.target.port, timeout=10)
        with contextlib.closing(connection):
            connection.request("GET", path, headers={
                "Cookie": self.target.cookie, "Accept-Encoding": "identity", "User-Agent": "bench",
            } | {name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            body = answer.read()
        if answer.status != 200:
            raise LookupError(f"{self.name} answers {answer.status} for {path}")
        lines = answer.getheaders()
        wire = len("HTTP/1.1 200 OK\r\n\r\n") + sum(len(f"{name}: {value}\r\n") for name, value in lines) + len(body)
        return {name.lower(): value for name, value in lines}, body, wire


@contextlib.contextmanager
def portal(base: Base) -> Iterator[Server]:
    """``portal serve``, as in production."""
    port = free_port()
    environment = {"PORTAL_DATA": str(base.folder), "PORT": str(port)}
    with _running(("-m", "portal", "serve"), environment) as pid:
        yield _ready(Server(f"portal, {base.size:,}", Target(port, PAGE, base.portal_cookie(), MARKER, pid)))


@contextlib.contextmanager
def django(base: Base, *worker: str) -> Iterator[Server]:
    """gunicorn with one worker process of the class named by the first word of ``worker``."""
    port = free_port()
    options = (f"--bind=127.0.0.1:{port}", f"--worker-class={worker[0]}", *worker[1:])
    with _running((*GUNICORN, *options), {"BENCH_DJANGO": str(base.django)}) as pid:
        name = f"Django {worker[0]}, {base.size:,}"
        yield _ready(Server(name, Target(port, PAGE, base.django_cookie(), MARKER, pid)))


def free_port() -> int:
    """A port of loopback that nobody holds."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def _running(arguments: tuple[str, ...], environment: dict[str, str]) -> Iterator[int]:
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("PORTAL_", "GUNICORN_"))}
    process = subprocess.Popen(
        [sys.executable, *arguments], env=inherited | environment, stdin=subprocess.DEVNULL,
        preexec_fn=lambda: os.sched_setaffinity(0, {proc.SERVER_CORE}),
    )
    try:
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _ready(server: Server) -> Server:
    """Wait until the server gives its page; raises TimeoutError with what it said last."""
    end = time.monotonic() + START_SECONDS
    said: Exception | None = None
    while time.monotonic() < end:
        try:
            _, body, _ = server.fetch()
        except (OSError, http.client.HTTPException) as error:
            said = error
            time.sleep(0.1)
            continue
        if MARKER.encode() not in body:
            raise LookupError(f"{server.name}: the page holds no table")
        return server
    raise TimeoutError(f"{server.name} did not start: {said}")


def page_facts(server: Server) -> dict[str, Any]:
    """What the page holds: its bytes without compression and the numbers of its dossiers, in order."""
    _, body, _ = server.fetch()
    return {"bytes": len(body), "dossiers": re.findall(r"/dossiers/grand-age/(\d+)\"", body.decode())}
