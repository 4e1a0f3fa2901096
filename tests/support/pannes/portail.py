"""A real portal in a process of its own, on loopback: started, killed, told to stop, always cleaned up."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from portal.settings import ROOT, Settings

START_SECONDS, STOP_SECONDS = 40, 20


@dataclass
class Portail:
    """A running portal; its output goes to ``journal``."""

    process: subprocess.Popen[bytes]
    port: int
    journal: Path

    def kill(self) -> None:
        """kill -9 of the whole group, in the middle of whatever it does."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(STOP_SECONDS)

    def limit(self, size: int | None) -> None:
        """Bound from now on how large a file it may write; None: as it likes."""
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE,
                         (resource.RLIM_INFINITY if size is None else size, resource.RLIM_INFINITY))

    def terminate(self) -> None:
        """Ask it to stop (SIGTERM), without waiting."""
        os.killpg(self.process.pid, signal.SIGTERM)

    def wait(self) -> int:
        """Wait for its end; returns its exit code."""
        return self.process.wait(STOP_SECONDS)


@contextlib.contextmanager
def running(settings: Settings, **environ: str) -> Iterator[Portail]:
    """Start a portal on the settings' data and port, wait until it answers, and leave none of its processes behind."""
    journal = settings.data / f"portail-{settings.port}.log"
    with journal.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "portal", "serve"], env=_environment(settings) | environ, cwd=ROOT.parent,
            stdout=log, stderr=log, start_new_session=True)
    portail = Portail(process, settings.port, journal)
    try:
        _answers(portail)
        yield portail
    finally:
        portail.kill()


def _answers(portail: Portail) -> None:
    """Wait until the port takes calls; an exit before that shows what the portal said."""
    end = time.monotonic() + START_SECONDS
    while True:
        if portail.process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"the portal did not start: {portail.journal.read_text('utf-8')[-2000:]}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", portail.port), 1):
            return
        time.sleep(0.02)


def free_port() -> int:
    """A free port of loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def command(settings: Settings, *arguments: str, seconds: float = 60) -> subprocess.CompletedProcess[str]:
    """Run another ``portal`` command on these data, in a process of its own."""
    return subprocess.run([sys.executable, "-m", "portal", *arguments], env=_environment(settings), cwd=ROOT.parent,
                          capture_output=True, text=True, timeout=seconds, check=False)


def _environment(settings: Settings) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT.parent), "PORTAL_DATA": str(settings.data),
            "PORTAL_DEMONSTRATION": "oui", "PORTAL_CLOCKS_PAUSE": "0", "PORTAL_DATABASE": settings.database,
            "PORT": str(settings.port), "PORTAL_ORIGIN": settings.origin}
