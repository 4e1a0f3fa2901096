"""A whole demonstration running in this process: portal, card agent, e-CPS provider, data, all on loopback."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from portal import agent
from portal.app import create_app
from portal.db import database
from portal.demonstration import fournisseur, preparation
from portal.settings import Settings, load
from tests.support import bases

# Pictures of the guide show addresses: the same ones on every machine where these are free.
FIRST_PORT, PORTS = 8100, 3


@dataclass
class Running:
    """A running demonstration."""

    settings: Settings
    tray: agent.Server

    @property
    def origin(self) -> str:
        return self.settings.origin

    def insert(self, card: str) -> None:
        """Put a card of the tray into the reader (``alice-martin``, …; see the tray for the others)."""
        self.tray.insert(card)


def prepare(folder: Path) -> Path:
    """Make a demonstration's data folder once; tests run on copies."""
    preparation.prepare(load({}, data=folder, demonstration=True, **bases.where(folder)))
    return folder


@contextlib.contextmanager
def demonstration(prepared: Path, folder: Path, **overrides: object) -> Iterator[Running]:
    """Run a copy of the prepared demonstration until the end of the block."""
    bases.copy(prepared, folder)
    port, agent_port, ecps_port = free_ports()
    # The clocks wait for who calls them: what a page shows depends on no minute.
    settings = load({}, **({"data": folder, "demonstration": True, "port": port, "agent_port": agent_port,
                            "ecps_port": ecps_port, "clocks_pause": 0} | bases.where(folder) | overrides))
    tray = agent.start(agent_port, [settings.origin], settings.data / "demonstration")
    server = uvicorn.Server(uvicorn.Config(
        create_app(settings), host="127.0.0.1", port=port, log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        wait_until(lambda: server.started)
        with fournisseur.running(settings):
            try:
                yield Running(settings, tray)
            finally:
                # Told before the provider is waited for: both stop in the same tenths of a second.
                server.should_exit = True
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        tray.stop()
        database.close()


def free_ports() -> list[int]:
    """Three free ports of loopback, the preferred ones if nobody holds them; each test process has its own."""
    found = []
    first = FIRST_PORT + 10 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    for preferred in range(first, first + PORTS):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", preferred))
            except OSError:
                probe.bind(("127.0.0.1", 0))
            found.append(probe.getsockname()[1])
    return found


def wait_until(condition: object, seconds: float = 10) -> None:
    """Wait for something of another thread; fails loudly rather than for ever."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("the server did not start")
        time.sleep(0.01)
