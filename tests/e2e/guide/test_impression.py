"""The guide « Imprimer et exporter »: one scenario a numbered step, in the guide's order."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pypdf
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.gestes import acts, given_a_session
from tests.support.running import Running
from tests.support.volets import ALICE_ACTS, dossier, sign, write

Photo = Callable[..., None]
HISTORY = "Hypertension, fracture du col du fémur droit en 2024."
STAMP = "Édité par Dr Alice MARTIN le 23/11/2026 à 12:00"

pytestmark = pytest.mark.usefixtures("portail")


def given_a_filled_dossier(page: Page, portail: Running) -> int:
    """Dr Alice MARTIN's dossier of Mme LEROUX: volet autonomie signed, médical begun; she chooses what to print."""
    given_a_session(page, portail)
    numero = int(dossier().numero)
    sign(numero, "autonomie")
    write(ALICE_ACTS, numero, {"antecedents": HISTORY})
    page.goto(f"/dossiers/grand-age/{numero}/imprimer")
    return numero


def downloaded(page: Page, press: Callable[[], object]) -> tuple[str, bytes]:
    """The name and the bytes of the file that a press gives."""
    with page.expect_download() as waiting:
        press()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


def test_01_choisir(page: Page, portail: Running, photo: Photo) -> None:
    # given a dossier with a volet signed and one begun
    given_a_filled_dossier(page, portail)
    # then each volet is offered with its state
    expect(page.get_by_label("Volet autonomie")).to_be_checked()
    expect(page.get_by_text("En cours, imprimé avec la mention")).to_be_visible()
    photo(page)
    # when I take every box away, I am asked to choose
    for box in page.get_by_role("checkbox").all():
        box.uncheck()
    page.watch.expect("422")
    page.get_by_role("button", name="Afficher pour imprimer").click()
    expect(page.get_by_role("alert")).to_contain_text("Cochez au moins un volet à imprimer")


def test_02_imprimer(page: Page, portail: Running, photo: Photo) -> None:
    # given the choice
    numero = given_a_filled_dossier(page, portail)
    page.get_by_label("Volet administratif").uncheck()
    # when I show the paper
    page.get_by_role("button", name="Afficher pour imprimer").click()
    # then it holds what I chose, names what I left out, and says who printed it
    paper = page.get_by_role("article")
    expect(paper).to_contain_text(HISTORY)
    expect(page.get_by_role("region", name="Parties absentes")).to_contain_text("Volet administratif")
    expect(page.get_by_role("region", name="Volet médical").get_by_text("Non validé", exact=True)).to_be_visible()
    expect(page.get_by_text(STAMP)).to_be_visible()
    expect(page.get_by_role("button", name="Imprimer")).to_be_visible()
    assert acts("dossier.imprime", f"ga {numero}") == 1
    photo(page)


def test_03_pdf(page: Page, portail: Running, photo: Photo) -> None:
    # given the choice
    numero = given_a_filled_dossier(page, portail)
    button = page.get_by_role("button", name="Télécharger le PDF")
    button.focus()
    photo(page)
    # when I ask for the file
    name, content = downloaded(page, button.click)
    # then its name tells nobody's name, and its pages say what the paper says
    assert name == f"dossier-ga-{numero}.pdf"
    text = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)
    assert STAMP in text and "NON VALIDÉ" in text


def test_04_lettre(page: Page, portail: Running, photo: Photo) -> None:
    # given a dossier
    numero = given_a_filled_dossier(page, portail)
    # when I show the letter
    page.get_by_role("link", name="Afficher la lettre").click()
    # then it gives the number and the support, and nothing of the volets
    letter = page.get_by_role("article")
    expect(letter).to_contain_text(f"ga {numero}")
    expect(letter).to_contain_text("02 50 53 70 01")
    expect(letter).not_to_contain_text(HISTORY)
    photo(page, cible=page.locator("main"))


def test_05_fhir(page: Page, portail: Running, photo: Photo) -> None:
    # given a dossier with a volet begun
    numero = given_a_filled_dossier(page, portail)
    files = page.get_by_role("region", name="Échanger avec un autre logiciel")
    expect(files).to_contain_text("Chaque fichier est vérifié")
    photo(page, files)
    # when I take its file
    name, content = downloaded(page, files.get_by_role("link", name="Volet médical").click)
    # then another program finds the questions and the answers
    assert name == f"ga-{numero}-medical.fhir.json"
    made = json.loads(content)
    assert made["resourceType"] == "QuestionnaireResponse" and HISTORY in str(made)
