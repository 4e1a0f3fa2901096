"""The card's own environment: what root gets installed, and that its absence stops nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tools import prepare


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A checkout with pins, a machine where Debian's packages are all there, and what would be run."""
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "carte.txt").write_text("pyscard\n", "utf-8")
    (tmp_path / "pyproject.toml").write_text("[project]\n", "utf-8")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").touch()
    (tmp_path / "Python.h").touch()
    monkeypatch.setattr(prepare, "ROOT", tmp_path)
    monkeypatch.setattr(prepare, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(prepare, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(prepare, "CARD_PACKAGES", {"gcc": str(tmp_path / "Python.h")})
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(tmp_path))
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}" if name == "apt-get" else None)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("DEBIAN_FRONTEND", "")
    ran: list[str] = []
    monkeypatch.setattr(prepare, "run", lambda *command, **options: ran.append(" ".join(map(str, command))) or 0)
    return ran


def test_the_pins_are_installed_with_their_hashes_once(commands: list[str]) -> None:
    assert prepare.prepare_card() == 0
    assert len(commands) == 1 and "--require-hashes -r" in commands[0]
    assert prepare.prepare_card() == 0
    assert len(commands) == 1


def test_root_gets_the_missing_packages(
        commands: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(prepare, "CARD_PACKAGES", {"pcscd": str(tmp_path / "none"), "gcc": str(tmp_path / "Python.h")})
    prepare.prepare_card()
    assert commands[1].endswith("--no-install-recommends pcscd")


def test_the_headers_of_python_come_with_its_version(
        commands: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "Python.h").rename(tmp_path / "gcc")
    monkeypatch.setattr(prepare, "CARD_PACKAGES", {"gcc": str(tmp_path / "gcc")})
    prepare.prepare_card()
    assert commands[1].endswith(f"python3.{sys.version_info.minor}-dev")


def test_who_is_not_root_installs_no_package(
        commands: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(prepare, "CARD_PACKAGES", {"pcscd": str(tmp_path / "none")})
    prepare.prepare_card()
    assert not any("apt-get" in command for command in commands)


def test_a_machine_without_compiler_loses_those_tests_and_nothing_else(
        commands: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(*command: object, **options: object) -> int:
        raise subprocess.CalledProcessError(1, list(map(str, command)))

    monkeypatch.setattr(prepare, "run", broken)
    assert prepare.prepare_card() == 0
    assert "seront sautés" in capsys.readouterr().err
    assert not prepare.is_ready(prepare.CARD)


def test_the_other_sets_do_not_wait_for_the_card(commands: list[str]) -> None:
    """`make run` needs neither root nor headers."""
    assert prepare.CARD not in prepare.SETS
    assert not {"agent", "pkcs11"} & {extra for extras in prepare.SETS.values() for extra in extras}


def test_the_pins_name_the_card_and_agree_with_the_tests_own() -> None:
    def versions(name: str) -> dict[str, str]:
        lines = Path("requirements", f"{name}.txt").read_text("utf-8").splitlines()
        pins = [line.split(";")[0].strip(" \\") for line in lines if "==" in line]
        return dict(line.split("==") for line in pins)

    card, dev = versions("carte"), versions("dev")
    assert {"pyscard", "python-pkcs11"} <= set(card)
    assert {name: dev[name] for name in set(card) & set(dev)} == {name: card[name] for name in set(card) & set(dev)}
