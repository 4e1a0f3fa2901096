"""The guide « Pièces jointes »: one scenario a numbered step, in the guide's order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from portal import clock
from portal.pieces.models import Piece
from portal.web.session import Access
from tests.e2e.conftest import NOON
from tests.e2e.gestes import acts, enter, given_a_session
from tests.support import pieces
from tests.support.delegues import secretary
from tests.support.running import Running
from tests.support.sessions import open_session
from tests.support.volets import dossier

Photo = Callable[..., None]
BILAN = pieces.pdf(pages=2)

pytestmark = pytest.mark.usefixtures("portail")


def given_the_pieces(page: Page, portail: Running) -> int:
    """Dr Alice MARTIN is before the pieces of a new dossier of Mme LEROUX."""
    given_a_session(page, portail)
    numero = int(dossier().numero)
    page.goto(f"/dossiers/grand-age/{numero}/pieces")
    return numero


def when_i_join(page: Page, nature: str, name: str, content: bytes, media: str = "application/pdf") -> None:
    page.get_by_label("Nature de la pièce").select_option(label=nature)
    page.get_by_label("Fichier").set_input_files([{"name": name, "mimeType": media, "buffer": content}])
    page.get_by_role("button", name="Joindre la pièce").click()


def test_01_joindre(page: Page, portail: Running, photo: Photo) -> None:
    # given a dossier without pieces
    given_the_pieces(page, portail)
    expect(page.get_by_text("Aucune pièce n’est jointe")).to_be_visible()
    # when I send a Word document, I read what to do, and the kind I chose is kept
    page.watch.expect("422")
    when_i_join(page, "Avis d’imposition", "avis.docx", b"PK\x03\x04" + bytes(50))
    expect(page.get_by_role("alert")).to_contain_text("Convertissez-le en PDF")
    expect(page.get_by_label("Nature de la pièce")).to_have_value("imposition")
    photo(page)
    # when I send it as a PDF, it is joined
    when_i_join(page, "Avis d’imposition", "avis 2026.pdf", BILAN)
    expect(page.locator("#messages")).to_contain_text("La pièce est jointe au dossier.")
    expect(page.get_by_role("link", name="avis 2026.pdf", exact=True)).to_be_visible()


def test_02_ouvrir(page: Page, portail: Running, photo: Photo) -> None:
    # given two pieces, one of them medical
    numero = given_the_pieces(page, portail)
    when_i_join(page, "Pièce d’identité", "carte.png", pieces.picture("PNG"), "image/png")
    expect(page.get_by_role("link", name="carte.png", exact=True)).to_be_visible()
    # A minute later: the list has its order from the time.
    with clock.freeze(NOON + timedelta(minutes=1)):
        when_i_join(page, "Ordonnance (médecins seulement)", "ordonnance du 12.11.2026.pdf", BILAN)
        expect(page.get_by_role("listitem").filter(has_text="Ordonnance (médecins seulement)")).to_be_visible()
    photo(page)
    # when I choose a name, I get the very file
    with page.expect_download() as waiting:
        page.get_by_role("link", name="ordonnance du 12.11.2026.pdf", exact=True).click()
    assert waiting.value.suggested_filename == "ordonnance du 12.11.2026.pdf"
    assert Path(waiting.value.path()).read_bytes() == BILAN
    # then the dossier remembers it
    assert acts("piece.ouverte", f"ga {numero}") == 1


def test_03_retirer(page: Page, portail: Running, photo: Photo) -> None:
    # given a piece of the wrong patient
    given_the_pieces(page, portail)
    when_i_join(page, "Attestation de mutuelle", "mutuelle.pdf", BILAN)
    # when I remove it, I am asked first
    page.get_by_role("link", name="Retirer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Retirer la pièce")
    photo(page)
    page.get_by_role("button", name="Retirer la pièce").click()
    # then its content is gone and its trace stays
    expect(page.get_by_text("Aucune pièce n’est jointe")).to_be_visible()
    page.get_by_text("Pièces retirées (1)").click()
    expect(page.get_by_text("retirée par Dr Alice MARTIN")).to_be_visible()
    assert Piece.get().nom is None


def test_04_qui(page: Page, portail: Running, photo: Photo) -> None:
    # given an administrative and a medical piece
    numero = given_the_pieces(page, portail)
    when_i_join(page, "Livret de famille", "livret.pdf", BILAN)
    when_i_join(page, "Compte rendu médical (médecins seulement)", "hospitalisation.pdf", pieces.pdf(pages=3))
    # when the secretary looks at them
    given_the_secretary(page, portail)
    page.goto(f"/dossiers/grand-age/{numero}/pieces")
    # then she sees the first only, and may join no medical one
    expect(page.get_by_role("link", name="livret.pdf", exact=True)).to_be_visible()
    expect(page.get_by_text("hospitalisation.pdf")).to_have_count(0)
    expect(page.get_by_role("option", name="Ordonnance")).to_have_count(0)
    photo(page)


def given_the_secretary(page: Page, portail: Running) -> None:
    """Sophie LEGRAND acts for Dr Alice MARTIN."""
    found, made = secretary(portail.settings)
    more: dict[str, Any] = {"level": "otp", "subject": found.subject, "delegation_id": made.id}
    enter(page, portail, open_session(
        portail.settings, None, found.name, state=Access.SECRETARIAT, compte_id=found.id, **more))
