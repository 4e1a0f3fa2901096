"""The guide « Remplir un dossier »: one scenario a numbered step, in the guide's order."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.gestes import given_a_session
from tests.support.running import Running
from tests.support.volets import ALICE_ACTS, BOB_ACTS, complete, dossier, sign, stored, twin, write

Photo = Callable[..., None]
HISTORY = "Hypertension, fracture du col du fémur droit en 2024."
STATE = "Marche avec une canne. Insuffisance cardiaque stable."

pytestmark = pytest.mark.usefixtures("portail")


def given_a_dossier(page: Page, portail: Running) -> int:
    """Dr Alice MARTIN and a new dossier of hers, Mme LEROUX's; returns its number."""
    given_a_session(page, portail)
    return int(dossier().numero)


def medical(numero: int) -> str:
    """The address of a dossier's medical volet."""
    return f"/dossiers/grand-age/{numero}/volets/medical"


def then_it_is_saved(page: Page) -> None:
    expect(page.locator("#suivi [data-etat]")).to_have_text(re.compile("^Enregistré à"))


def when_i_fill_in_the_beginning(page: Page) -> None:
    page.get_by_label("Motif", exact=False).first.select_option(label="Perte d’autonomie")
    page.get_by_label(re.compile("^Antécédents")).fill(HISTORY)
    page.get_by_role("group", name=re.compile("^Allergies")).get_by_label("Oui").check()
    page.get_by_label(re.compile("^Lesquelles")).fill("Pénicilline")
    page.keyboard.press("Control+s")
    expect(page.locator("#annonce")).to_have_text("Tout est enregistré.")


def test_01_ouvrir(page: Page, portail: Running, photo: Photo) -> None:
    # given an accepted dossier
    numero = given_a_dossier(page, portail)
    page.goto(f"/dossiers/grand-age/{numero}")
    # when I open its medical volet
    page.goto(medical(numero))
    # then its questions stand under the patient's name
    expect(page.get_by_role("heading", level=1)).to_have_text("Volet médical")
    expect(page.get_by_role("region", name="Identité du patient")).to_contain_text("LEROUX")
    expect(page.get_by_text("Rien n’est encore enregistré")).to_be_visible()
    photo(page)


def test_02_remplir(page: Page, portail: Running, photo: Photo) -> None:
    # given an empty volet
    numero = given_a_dossier(page, portail)
    page.goto(medical(numero))
    expect(page.get_by_label(re.compile("^Lesquelles"))).to_be_hidden()
    # when I fill it in
    when_i_fill_in_the_beginning(page)
    # then it saves itself, and an answer has brought up its question
    then_it_is_saved(page)
    assert stored(numero).answers["antecedents"] == HISTORY
    photo(page)


def test_03_manque(page: Page, portail: Running, photo: Photo) -> None:
    # given a volet begun
    numero = given_a_dossier(page, portail)
    page.goto(medical(numero))
    when_i_fill_in_the_beginning(page)
    # when I open the list of what is missing
    page.locator("#manques summary").click()
    photo(page)
    # then each leads to its field
    page.locator("#manques").get_by_role("link", name=re.compile("^Pathologies")).click()
    expect(page.get_by_label(re.compile("^Pathologies"))).to_be_focused()


def test_04_conflit(page: Page, portail: Running, photo: Photo) -> None:
    # given words of a colleague, written while I was reading
    numero = given_a_dossier(page, portail)
    page.goto(medical(numero))
    write(BOB_ACTS, numero, {"pathologies": "Insuffisance cardiaque stable sous traitement."})
    page.watch.expect("409")
    # when I write mine
    page.get_by_label(re.compile("^Pathologies")).fill(STATE)
    page.keyboard.press("Control+s")
    box = page.get_by_role("group", name=re.compile("^Deux versions"))
    expect(box).to_contain_text("Dr Bob DURAND")
    box.scroll_into_view_if_needed()
    photo(page, from_top=False)
    # then I keep both
    box.get_by_role("button", name="Garder les deux").click()
    expect(box).to_have_count(0)
    then_it_is_saved(page)
    expect(page.get_by_label(re.compile("^Pathologies"))).to_have_value(
        f"Insuffisance cardiaque stable sous traitement.\n\n{STATE}")


def test_05_valider(page: Page, portail: Running, photo: Photo) -> None:
    # given a complete volet
    numero = given_a_dossier(page, portail)
    write(ALICE_ACTS, numero, {"antecedents": HISTORY, "pathologies": STATE})
    complete(numero)
    page.goto(medical(numero))
    # when I validate it
    page.get_by_role("button", name="Valider le volet").click()
    # then it bears my name, and is read
    expect(page.get_by_role("complementary", name="État du volet")).to_contain_text("Validé par Dr Alice MARTIN")
    expect(page.get_by_text(HISTORY)).to_be_visible()
    photo(page)


def test_06_rouvrir(page: Page, portail: Running, photo: Photo) -> None:
    # given a validated volet
    numero = given_a_dossier(page, portail)
    sign(numero)
    page.goto(medical(numero))
    # when I reopen it
    page.get_by_role("link", name="Rouvrir le volet").click()
    photo(page)
    page.get_by_role("button", name="Rouvrir le volet").click()
    # then it can be written again, and what was signed can be read
    expect(page.get_by_role("button", name="Valider le volet")).to_be_visible()
    page.get_by_role("link", name=re.compile("^Validé par")).click()
    expect(page.get_by_text("Version signée.")).to_be_visible()


def test_07_reprendre(page: Page, portail: Running, photo: Photo) -> None:
    # given a new dossier of a person whose earlier one is filled in
    numero = given_a_dossier(page, portail)
    write(ALICE_ACTS, numero, {"antecedents": HISTORY, "pathologies": STATE, "allergies": "non"})
    page.goto(medical(twin(numero).numero))
    # when I take over what it holds
    page.get_by_role("link", name="Reprendre du dernier dossier").click()
    expect(page.get_by_text(HISTORY)).to_be_visible()
    photo(page)
    page.get_by_role("button", name="Reprendre 3 réponses").click()
    # then each answer says where it comes from, until I have read them
    expect(page.get_by_text(f"Repris de ga {numero}, à relire")).to_have_count(3)
    page.get_by_role("button", name="Tout confirmer").click()
    expect(page.locator("#messages")).to_contain_text("Les réponses reprises sont confirmées.")
    expect(page.get_by_text(f"Repris de ga {numero}, à relire")).to_have_count(0)
