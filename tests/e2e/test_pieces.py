"""Joining a piece without a script, with the keyboard, and with a file that is too large."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from portal.pieces.models import Piece
from tests.e2e.gestes import given_a_session, then_i_am_told
from tests.support import pieces
from tests.support.running import Running
from tests.support.volets import dossier

pytestmark = pytest.mark.usefixtures("portail")


def test_too_large_a_file_is_said_before_it_leaves(page: Page, portail: Running, tmp_path: Path) -> None:
    given_a_session(page, portail)
    page.goto(f"/dossiers/grand-age/{dossier().numero}/pieces")
    large = tmp_path / "radio.pdf"
    large.write_bytes(bytes(11 * 1024 * 1024))
    page.get_by_label("Nature de la pièce").select_option("identite")
    page.get_by_label("Fichier").set_input_files(large)
    expect(page.get_by_text("trop gros : 11 Mo, pour 10 Mo au plus".replace(" :", "\u00a0:"))).to_be_visible()
    sent = []
    page.on("request", lambda request: sent.append(request.method))
    page.get_by_role("button", name="Joindre la pièce").click()
    expect(page.get_by_label("Fichier")).to_be_focused()
    assert "POST" not in sent
    # Another file takes its place, and leaves by the keyboard.
    page.get_by_label("Fichier").set_input_files([
        {"name": "radio.pdf", "mimeType": "application/pdf", "buffer": pieces.pdf()}])
    expect(page.get_by_text("trop gros")).to_have_count(0)
    page.get_by_role("button", name="Joindre la pièce").press("Enter")
    expect(page.get_by_role("link", name="radio.pdf", exact=True)).to_be_visible()


def test_everything_works_without_a_script(new_page: Callable[..., Page], portail: Running) -> None:
    page = new_page(java_script_enabled=False)
    given_a_session(page, portail)
    page.goto(f"/dossiers/grand-age/{dossier().numero}/pieces")
    page.get_by_label("Nature de la pièce").select_option("mutuelle")
    page.get_by_label("Fichier").set_input_files([
        {"name": "carte.pdf", "mimeType": "application/pdf", "buffer": pieces.pdf()}])
    page.get_by_role("button", name="Joindre la pièce").click()
    expect(page.get_by_role("link", name="carte.pdf", exact=True)).to_be_visible()
    page.get_by_role("link", name="Retirer").click()
    page.get_by_role("button", name="Retirer la pièce").click()
    then_i_am_told(page, "La pièce est retirée")
    assert Piece.get().nom is None
