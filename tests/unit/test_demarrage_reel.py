"""``portal serve`` as a process: it starts where it may, and says why where it may not."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.db import crypto
from portal.settings import ROOT, load
from tests.support.public import free_port

pytestmark = pytest.mark.proves("V13.4.2")
SECONDS = 60
PUBLIC = {"PORTAL_ORIGIN": "https://portail.exemple.fr", "PORTAL_TRUSTED_PROXIES": "127.0.0.1"}


@contextlib.contextmanager
def serving(data: Path, **environ: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The command on this data folder and a free port; killed at the end of the block."""
    port = free_port()
    given = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT.parent), "PORTAL_DATA": str(data), "PORT": str(port),
             "PORTAL_CLOCKS_PAUSE": "0"} | environ
    process = subprocess.Popen([sys.executable, "-m", "portal", "serve"], env=given, cwd=data.parent, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        yield process, port
    finally:
        process.kill()
        process.wait(SECONDS)
        assert process.stdout
        process.stdout.close()


def answer(process: subprocess.Popen[str], port: int, host: str) -> int:
    """The status of the home page, once the portal answers."""
    end = time.monotonic() + SECONDS
    while True:
        assert process.poll() is None and time.monotonic() < end, "it did not start"
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            with contextlib.closing(connection):
                connection.request("GET", "/", headers={"Host": host})
                return connection.getresponse().status
        except OSError:
            time.sleep(0.05)


def stopped(process: subprocess.Popen[str]) -> str:
    """All that it has said, once it was asked to stop."""
    process.send_signal(signal.SIGTERM)
    return process.communicate(timeout=SECONDS)[0]


def test_it_starts_on_this_machine_alone_and_says_aloud_what_is_missing(tmp_path: Path) -> None:
    with serving(tmp_path / "donnees") as (process, port):
        assert answer(process, port, f"127.0.0.1:{port}") == 200
        said = stopped(process)
    assert "ESSAI SUR CETTE MACHINE SEULEMENT" in said and "PORTAL_ORIGIN" in said and "PORTAL_TRUSTED_PROXIES" in said
    modes = {path.name: path.stat().st_mode & 0o077 for path in (tmp_path / "donnees").iterdir()}
    assert modes and not any(modes.values()), "what it writes is its user's alone"
    assert not (tmp_path / "donnees").stat().st_mode & 0o077


def test_it_starts_without_a_word_where_all_is_set(tmp_path: Path) -> None:
    with serving(tmp_path / "donnees", **PUBLIC) as (process, port):
        assert answer(process, port, "portail.exemple.fr") == 200
        assert "ESSAI" not in stopped(process)


def test_it_does_not_start_and_says_every_reason(tmp_path: Path) -> None:
    data = tmp_path / "donnees"
    crypto.load_keys(load({}, data=data, demonstration=True))
    (data / "cles.json").chmod(0o600)
    data.chmod(0o755)
    with serving(data, PORTAL_ORIGIN="http://portail.exemple.fr", PORTAL_LOG_LEVEL="DEBUG") as (process, _):
        said = process.communicate(timeout=SECONDS)[0]
    assert process.returncode == 2
    for word in ("vient d’une démonstration", "PORTAL_ORIGIN", "PORTAL_TRUSTED_PROXIES", "PORTAL_LOG_LEVEL", "o-rwx"):
        assert word in said
    assert "Traceback" not in said and said.count("\n- ") == 5
