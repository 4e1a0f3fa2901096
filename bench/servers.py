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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bench import proc
from bench.data import FOLDER, MEASURED, Base
from bench.peers import fastify_app
from bench.wire import Target

PAGE = "/dossiers/grand-age"
# Printed by the page once the table is there: the id of the part that htmx swaps.
MARKER = "</table>"
START_SECONDS = 40
# In the data's folder: what the servers of the last run said.
SAID = "serveurs.log"
GUNICORN = ("-m", "gunicorn", "--workers=1", "--keep-alive=75", "--log-level=warning", "--no-control-socket")
UVICORN = ("-m", "uvicorn", "--log-level=warning", "--no-access-log", "--no-server-header")


class Absent(Exception):
    """A peer that this machine can't run; says why."""


@dataclass(frozen=True)
class Server:
    """One running server: its name in the report and its page."""

    name: str
    target: Target

    def fetch(self, path: str = "", **headers: str) -> tuple[dict[str, str], bytes, int]:
        """One answer (of the measured page, if no path is given): headers (lower case), body as sent, bytes on the
        wire. Raises OSError, LookupError.
        """
        path = path or self.target.path
        connection = http.client.HTTPConnection("127.0.0.1", self.target.port, timeout=10)
        with contextlib.closing(connection):
            connection.request("GET", path, headers=self.target.asked() | _names(headers))
            answer = connection.getresponse()
            body = answer.read()
        if answer.status != self.target.status:
            raise LookupError(f"{self.name} answers {answer.status} for {path}")
        lines = answer.getheaders()
        wire = len("HTTP/1.1 200 OK\r\n\r\n") + sum(len(f"{name}: {value}\r\n") for name, value in lines) + len(body)
        return {name.lower(): value for name, value in lines}, body, wire

    def variant(self, name: str, *, path: str = "", marker: str = MARKER, status: int = 200,
                others: Sequence[str] = (), **headers: str) -> Server:
        """The same server, asked for something else; ``others``: addresses to ask for in turn."""
        return Server(name, replace(self.target, path=path or self.target.path, marker=marker, status=status,
                                    others=list(others), headers=self.target.headers | _names(headers)))


def _names(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


@contextlib.contextmanager
def portal(base: Base) -> Iterator[Server]:
    """``portal serve``, as in production."""
    port = free_port()
    # Its clocks would change, while it is measured, what the peers' copy still holds.
    environment = {"PORTAL_DATA": str(base.folder), "PORT": str(port), "PORTAL_CLOCKS_PAUSE": "0"}
    with running(("-m", "portal", "serve"), environment) as pid:
        yield ready(Server(f"portal, {base.size:,}", Target(port, PAGE, base.portal_cookie(), MARKER, pid)))


def peers(base: Base, weight: int) -> dict[str, contextlib.AbstractContextManager[Server]]:
    """Every peer by its kind, not started yet; ``weight``: bytes of the portal's page. Starting may raise Absent."""
    return {
        "django nu": django("Django gthread, no middleware", base, "gthread", "--threads=4", bare=True),
        "django": django("Django gthread", base, "gthread", "--threads=4"),
        "django sync": django("Django sync", base, "sync"),
        "flask": flask(base), "fastapi": fastapi(base), "datasette": datasette(base), "fastify": fastify(base),
        "bare": bare(weight),
    }


@contextlib.contextmanager
def django(name: str, base: Base, *worker: str, bare: bool = False) -> Iterator[Server]:
    """gunicorn with one worker process of the class named by the first word of ``worker``; ``bare``: no middleware."""
    environment = {"BENCH_DJANGO": str(base.peers)} | ({"BENCH_DJANGO_NU": str(MEASURED.rpps)} if bare else {})
    with _gunicorn("bench.peers.django_app.wsgi:application", environment, *worker) as (port, pid):
        yield ready(Server(name, Target(port, PAGE, base.django_cookie(), MARKER, pid)))


@contextlib.contextmanager
def flask(base: Base) -> Iterator[Server]:
    """Flask with SQLAlchemy: gunicorn, one process of four threads."""
    with _gunicorn("bench.peers.flask_app:app", {"BENCH_PEERS": str(base.peers)}, "gthread", "--threads=4") as run:
        port, pid = run
        yield ready(Server("Flask + SQLAlchemy", Target(port, PAGE, base.peer_cookie("flask_app"), MARKER, pid)))


@contextlib.contextmanager
def fastapi(base: Base) -> Iterator[Server]:
    """FastAPI with SQLAlchemy: uvicorn, one process."""
    with uvicorn("bench.peers.fastapi_app:app", {"BENCH_PEERS": str(base.peers)}) as (port, pid):
        yield ready(Server("FastAPI + SQLAlchemy", Target(port, PAGE, base.peer_cookie("fastapi_app"), MARKER, pid)))


@contextlib.contextmanager
def datasette(base: Base) -> Iterator[Server]:
    """Datasette with a canned query and the peers' template."""
    path = f"/{base.peers.stem}/liste?rpps={MEASURED.rpps}&module=ga&onglet=en_cours"
    with uvicorn("bench.peers.datasette_app.asgi:app", {"BENCH_PEERS": str(base.peers)}) as (port, pid):
        yield ready(Server("Datasette", Target(port, path, "ds=0", MARKER, pid)))


@contextlib.contextmanager
def fastify(base: Base) -> Iterator[Server]:
    """Fastify, EJS and better-sqlite3: one Node process. Raises Absent."""
    if why := fastify_app.missing():
        raise Absent(why)
    port, program = free_port(), fastify_app.ready()
    facts = fastify_app.facts(base.folder / "fastify.json")
    command = (str(program), str(port), str(base.peers), str(facts))
    with running(command, {"NODE_ENV": "production"}, program="node") as pid:
        yield ready(Server("Fastify + EJS", Target(port, PAGE, fastify_app.cookie(str(MEASURED.rpps)), MARKER, pid)))


@contextlib.contextmanager
def bare(weight: int) -> Iterator[Server]:
    """The limit: bytes of the page's weight, under uvicorn as the portal runs."""
    with uvicorn("bench.peers.bare:app", {"BENCH_BYTES": str(weight)}) as (port, pid):
        yield ready(Server("bare ASGI", Target(port, PAGE, "none=0", MARKER, pid)))


@contextlib.contextmanager
def uvicorn(application: str, environment: dict[str, str]) -> Iterator[tuple[int, int]]:
    """One process of uvicorn without its access log; gives its port and process number."""
    port = free_port()
    with running((*UVICORN, f"--port={port}", application), environment) as pid:
        yield port, pid


@contextlib.contextmanager
def _gunicorn(application: str, environment: dict[str, str], *worker: str) -> Iterator[tuple[int, int]]:
    """One worker process of the class named first; gives its port and process number."""
    port = free_port()
    options = (f"--bind=127.0.0.1:{port}", f"--worker-class={worker[0]}", *worker[1:])
    with running((*GUNICORN, application, *options), environment) as pid:
        yield port, pid


def free_port() -> int:
    """A port of loopback that nobody holds."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(arguments: tuple[str, ...], environment: dict[str, str], program: str = sys.executable) -> Iterator[int]:
    """A program on the servers' core; gives its process number, and stops it at the end."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("PORTAL_", "GUNICORN_"))}
    # The portal writes a line a request, as in production.
    with (FOLDER / SAID).open("ab") as said:
        process = subprocess.Popen(
            [program, *arguments], env=inherited | environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said,
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


def ready(server: Server) -> Server:
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
        if server.target.marker.encode() not in body:
            raise LookupError(f"{server.name}: the page lacks « {server.target.marker} »")
        return server
    raise TimeoutError(f"{server.name} did not start: {said}; see {FOLDER / SAID}")


def page_facts(server: Server) -> dict[str, Any]:
    """What the page holds: its bytes without compression and the numbers of its dossiers, in order."""
    _, body, _ = server.fetch()
    return {"bytes": len(body), "dossiers": re.findall(r"/dossiers/grand-age/(\d+)\"", body.decode())}
