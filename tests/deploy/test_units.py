"""The systemd units: hardened as the docs say, and asking for commands that exist."""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from portal.cli import GROUPS
from tools import deploy

SERVICES = sorted(deploy.DEPLOY.glob("*.service"))
TIMERS = sorted(deploy.DEPLOY.glob("*.timer"))
# « systemd-analyze security »: 0 is closed, 10 is open. What is left: a network, and a disk to read.
MOST_EXPOSED = 1.1


@pytest.mark.proves("V13.2.2")
@pytest.mark.parametrize("unit", SERVICES, ids=lambda path: path.name)
def test_exposure_is_what_the_docs_say(unit: Path) -> None:
    done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", str(unit)],
                          capture_output=True, text=True, check=False)
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert found and float(found[1]) <= MOST_EXPOSED, done.stdout + done.stderr


@pytest.mark.parametrize("unit", [*SERVICES, *TIMERS], ids=lambda path: path.name)
def test_systemd_understands_every_line(unit: Path, tmp_path: Path) -> None:
    """With the program in its place; another one would be said to be missing."""
    text = unit.read_text("utf-8").replace("/opt/portail/bin/portal", str(shutil.which("true")))
    for other in [*SERVICES, *TIMERS]:
        shutil.copy(other, tmp_path)
    (tmp_path / unit.name).write_text(text, "utf-8")
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", str(tmp_path / unit.name)],
                          capture_output=True, text=True, check=False)
    assert not [line for line in done.stderr.splitlines() if str(tmp_path) in line or line.startswith(unit.name)], (
        done.stderr)


@pytest.mark.parametrize("unit", SERVICES, ids=lambda path: path.name)
def test_the_command_exists(unit: Path) -> None:
    found = re.search(r"^ExecStart=/opt/portail/bin/portal (.+)$", unit.read_text("utf-8"), re.MULTILINE)
    assert found
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(required=True)
    for module in GROUPS:
        module.register(commands)
    assert callable(parser.parse_args(found[1].split()).run)


def test_every_timer_has_its_service() -> None:
    assert {path.stem for path in TIMERS} < {path.stem for path in SERVICES}
