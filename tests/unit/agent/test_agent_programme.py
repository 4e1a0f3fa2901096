"""The program on its own: its start, its tray, and what it says when it can't start."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from portal import agent
from portal.agent.__main__ import main

if TYPE_CHECKING:
    from tests.unit.agent.conftest import Window

SITE = "https://portail.test"


def test_the_tray_moves_cards_and_tells_the_code(window: Window, server: agent.Server) -> None:
    page = window.get("/plateau").page
    assert "1234" in page.main.get_text()
    assert page.select_one("input:checked")["value"] == "alice-martin"
    values = {choice["value"] for choice in page.select("input[type=radio]")}
    assert {"alice-martin", "carte-bloquee", "aucune", "debranche"} <= values
    moved = window.post("/plateau", {"carte": "bob-durand"})
    assert (moved.status, moved.headers["Location"]) == (303, "/plateau")
    assert "Dr Bob DURAND" in window.get("/plateau").page.select_one("#inseree").get_text()
    assert server.tray.inserted == "bob-durand"


@pytest.mark.parametrize("origin", [SITE, "https://pirate.test", "null", None])
def test_no_site_moves_a_card(window: Window, server: agent.Server, origin: str | None) -> None:
    assert window.post("/plateau", {"carte": "aucune"}, Origin=origin).status == 403
    assert window.post("/plateau", {"carte": "inconnue"}).status == 400
    assert server.tray.inserted == "alice-martin"


def test_a_taken_port_is_one_sentence_and_exit_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        assert main(["--port", str(port), "--origin", SITE]) == 1
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("arguments", [["--origin", "portail.test"], ["--origin", SITE, "--demonstration", "absent"]])
def test_arguments_that_can_not_serve_are_said(
        arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--port", "0", *arguments]) == 2
    assert capsys.readouterr().err


def test_the_program_announces_its_address(folder: Path) -> None:
    command = [sys.executable, "-m", "portal.agent", "--port", "0", "--origin", SITE, "--demonstration", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert "http://127.0.0.1:" in process.stdout.readline()
        process.terminate()


def test_it_needs_the_standard_library_alone() -> None:
    code = ("import sys; import portal.agent.__main__; "
            "print([name for name in sys.modules if name.startswith('portal.') and not name.startswith('portal.agent')"
            " or name.split('.')[0] in ('starlette', 'cryptography', 'peewee', 'jinja2', 'smartcard')])")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
