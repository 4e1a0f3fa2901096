"""``portal serve --workers``: one that is killed is replaced, figures are one sum, the log is one log."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.support import processus
from tests.support.processus import Portal, free_port, wait_until

ORIGIN = "https://portail.test"
HOST = {"host": "portail.test"}


@pytest.fixture
def metrics_port() -> int:
    return free_port()


@pytest.fixture
def pair(tmp_path: Path, metrics_port: int) -> Iterator[Portal]:
    """Two workers, both ready."""
    with processus.portal(tmp_path, origin=ORIGIN, arguments=("serve", "--workers", "2"), log_format="json",
                          metrics_port=metrics_port, drain_pause=1) as portal:
        wait_until(lambda: len(workers(portal)) == 2 and ready(portal), 60)
        yield portal


def workers(portal: Portal) -> list[int]:
    """The workers' process ids; the supervisor's other child keeps track of its semaphores."""
    said = subprocess.run(["ps", "-ww", "--ppid", str(portal.process.pid), "-o", "pid=,args="], capture_output=True,
                          text=True, check=False).stdout
    return [int(line.split()[0]) for line in said.splitlines() if "spawn_main" in line]


def ready(portal: Portal) -> bool:
    try:
        return httpx2.get(f"http://{portal.address}/sante/pret", timeout=5).status_code == 200
    except httpx2.HTTPError:
        return False


def counted(port: int) -> float:
    text = httpx2.get(f"http://127.0.0.1:{port}/metrics").text
    found = re.search(r'portal_http_requests_total\{method="GET",route="/connexion",status="200"\} (\S+)', text)
    return float(found[1]) if found else 0


def ask(portal: Portal, times: int) -> None:
    for _ in range(times):
        assert httpx2.get(f"http://{portal.address}/connexion", headers=HOST, timeout=20).status_code == 200


@pytest.mark.proves("R1")
def test_a_killed_worker_is_replaced_and_what_it_counted_stays(pair: Portal, metrics_port: int) -> None:
    ask(pair, 12)
    assert counted(metrics_port) == 12
    before = workers(pair)
    os.kill(before[0], signal.SIGKILL)
    wait_until(lambda: len(set(workers(pair)) - set(before)) == 1 and ready(pair), 60)
    ask(pair, 12)
    assert counted(metrics_port) == 24
    figures = httpx2.get(f"http://127.0.0.1:{metrics_port}/metrics").text
    assert "portal_http_in_flight 0.0" in figures and "portal_db_up 1.0" in figures


@pytest.mark.proves("R7")
def test_sigterm_is_announced_then_obeyed_by_all(pair: Portal) -> None:
    mine = workers(pair)
    pair.process.send_signal(signal.SIGTERM)
    wait_until(lambda: not ready(pair), 5)
    assert pair.process.wait(20) == 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in mine)


def test_workers_do_not_outlive_a_killed_supervisor(pair: Portal) -> None:
    mine = workers(pair)
    pair.process.kill()
    pair.process.wait()
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in mine), 30)
    assert not processus.answers(pair.port)


@pytest.mark.proves("R6", "V16.2.1", "V16.2.2")
def test_one_log_of_json_lines_and_one_migration(pair: Portal) -> None:
    ask(pair, 3)
    lines = [json.loads(line) for line in pair.log.read_text("utf-8").splitlines()]
    migrations = [line["message"] for line in lines if line["logger"] == "peewee.migrations"]
    assert migrations and len(migrations) == len(set(migrations))
    asked = [line for line in lines if line.get("route") == "/connexion"]
    assert len(asked) == 3 and len({line["request"] for line in asked}) == 3


def test_figures_are_for_this_machine_alone(pair: Portal, metrics_port: int) -> None:
    said = subprocess.run(["ss", "-Hltn"], capture_output=True, text=True, check=True).stdout
    [where] = [line.split()[3] for line in said.splitlines() if line.split()[3].endswith(f":{metrics_port}")]
    assert where == f"127.0.0.1:{metrics_port}"
