"""The two commands' helpers: what they install, when they do nothing, and what they say when they can't."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from portal import cli
from portal import settings as configuration
from portal.db import audit, database
from portal.settings import Settings
from tools import browser, prepare


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with pins and no environment yet."""
    (tmp_path / "requirements").mkdir()
    for name in prepare.SETS:
        (tmp_path / "requirements" / f"{name}.txt").write_text(f"{name}\n", "utf-8")
    (tmp_path / "pyproject.toml").write_text("[project]\n", "utf-8")
    monkeypatch.setattr(prepare, "ROOT", tmp_path)
    monkeypatch.setattr(prepare, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(prepare, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    return tmp_path


def installed(house: Path, name: str) -> None:
    (house / ".venv" / "bin").mkdir(parents=True, exist_ok=True)
    (house / ".venv" / "bin" / "python").touch()
    prepare.stamp(name).write_text(prepare.fingerprint(name), "utf-8")


def test_a_fresh_checkout_is_not_ready(house: Path) -> None:
    assert not prepare.is_ready("run")


def test_a_larger_set_serves_a_smaller_one(house: Path) -> None:
    installed(house, "dev")
    assert prepare.is_ready("run") and prepare.is_ready("dev") and not prepare.is_ready("bench")


@pytest.mark.parametrize("changed", ["requirements/run.txt", "pyproject.toml"])
def test_changed_pins_are_installed_again(house: Path, changed: str) -> None:
    installed(house, "run")
    assert prepare.is_ready("run")
    (house / changed).write_text("other\n", "utf-8")
    assert not prepare.is_ready("run")


@pytest.fixture
def node(house: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """A checkout with the bench's set installed, Node and npm; gives the commands that are run."""
    installed(house, "bench")
    peer = house / "bench" / "peers" / "fastify_app"
    peer.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        (peer / name).write_text("{}", "utf-8")
    commands: list[tuple[object, ...]] = []
    monkeypatch.setattr(prepare, "run", lambda *command: commands.append(command))
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(sys, "argv", ["prepare.py", "bench"])
    return commands


def test_the_peer_in_node_is_installed_from_its_lock_and_once(
        house: Path, node: list[tuple[object, ...]], capsys: pytest.CaptureFixture[str]) -> None:
    assert prepare.main() == 0 and prepare.main() == 0
    assert [command[:2] for command in node] == [("npm", "ci")]
    (house / "bench" / "peers" / "fastify_app" / "package-lock.json").write_text('{"other": 1}', "utf-8")
    assert prepare.main() == 0
    assert len(node) == 2
    assert "sans Fastify" not in capsys.readouterr().err


def test_without_node_the_comparison_says_which_peer_is_missing(
        node: list[tuple[object, ...]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert prepare.main() == 0
    assert not node
    assert "sans Fastify" in capsys.readouterr().err


def test_packages_that_cannot_be_installed_are_tried_again_next_time(
        house: Path, node: list[tuple[object, ...]], monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str]) -> None:
    def refuse(*command: object) -> None:
        raise subprocess.CalledProcessError(1, [str(part) for part in command])

    monkeypatch.setattr(prepare, "run", refuse)
    assert prepare.main() == 0
    assert "sans Fastify" in capsys.readouterr().err
    assert not (house / ".venv" / "fastify" / ".pret").exists()


def test_an_old_python_is_told_which_one_is_needed(
        house: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 4))
    assert prepare.main() == 1
    assert "Python 3.11" in capsys.readouterr().err


def test_without_ensurepip_it_says_which_package(
        house: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(prepare, "run", lambda *command, **options: 1)
    with pytest.raises(SystemExit) as stopped:
        prepare.make_venv()
    assert stopped.value.code == 1
    assert "apt-get install python3-venv" in capsys.readouterr().err


def test_without_ensurepip_root_gets_it_installed(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[str] = []
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/apt-get" if name == "apt-get" else None)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(prepare, "run", lambda *command, **options: commands.append(" ".join(map(str, command))) or 1)
    prepare.make_venv()
    assert any(f"python{sys.version_info.major}.{sys.version_info.minor}-venv" in command for command in commands)


def test_the_chosen_browser_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_BROWSER", sys.executable)
    assert browser.find() == sys.executable


def test_a_chosen_browser_that_is_not_there_is_an_error_and_not_replaced(
        monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PORTAL_BROWSER", "/nowhere/chromium")
    assert browser.main() == 1
    assert capsys.readouterr().err.strip() == browser.ADVICE


def test_a_taken_port_is_one_clear_sentence(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        monkeypatch.setenv("PORT", str(holder.getsockname()[1]))
        monkeypatch.setenv("PORTAL_DATA", str(tmp_path))
        assert cli.main(["demo"]) == 2
    message = capsys.readouterr().err.strip()
    assert "déjà pris" in message and "PORT=" in message and "\n" not in message


def test_an_unknown_setting_stops_the_start(
        monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PORTAL_PASSWORD_POLICY", "facile")
    assert cli.main(["serve"]) == 2
    assert "password_policy" in capsys.readouterr().err


def test_make_alone_lists_the_targets() -> None:
    targets = [line.partition(":")[0] for line in Path("Makefile").read_text("utf-8").splitlines() if ":  ## " in line
               or (" ## " in line and not line.startswith(("#", "\t")))]
    assert {"run", "test", "setup", "check", "unit", "e2e", "guide", "bench"} <= set(targets)


def test_the_audit_command_finds_a_changed_row(
        tables: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with database.writing():
        audit.record(audit.SYSTEM, "essai")
    monkeypatch.setattr(configuration, "load", lambda **_: tables)
    assert cli.main(["audit"]) == 0
    with database.writing():
        audit.Trace.update(event="autre").execute()
    assert cli.main(["audit"]) == 1
    assert "ligne 1" in capsys.readouterr().out
