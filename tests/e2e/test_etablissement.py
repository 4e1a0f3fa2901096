"""An establishment's space in a browser: without scripts, by keyboard alone, on a telephone, in the dark."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from portal.db import database
from portal.demandes import commands, rules
from portal.demandes.models import Demande
from tests.e2e.conftest import accessible
from tests.e2e.gestes import PAUL, given_a_member
from tests.e2e.guide.test_etablissement import HOME, given_a_request, then_it_stands
from tests.support.running import Running
from tests.support.volets import ALICE_ACTS

LOOKS = {
    "sombre": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
    "telephone": {"viewport": {"width": 320, "height": 640}},
}


def test_a_request_is_opened_and_answered_without_scripts(
        new_page: Callable[..., Page], portail: Running) -> None:
    # given a browser whose scripts are switched off, and a request that nobody has opened
    page = new_page(java_script_enabled=False)
    given_a_member(page, portail)
    demande = given_a_request(rules.ENVOYEE)
    page.goto(HOME)
    # when it is filtered, opened, and a place is offered with a mistake first
    page.get_by_label("Dépendance").select_option(label="GIR 6")
    page.get_by_role("button", name="Filtrer").click()
    page.get_by_role("button", name="Ouvrir le dossier de LEROUX JOSETTE").first.click()
    page.get_by_role("link", name="Proposer une place").click()
    page.get_by_label(re.compile("^Date d’entrée proposée")).fill("31/02/2027")
    page.get_by_label(re.compile("^Réponse attendue avant")).fill("30/11/2026")
    page.watch.expect("422")
    page.get_by_role("button", name="Proposer une place").click()
    expect(page.get_by_role("alert")).to_contain_text("donnez une date qui existe")
    page.get_by_label(re.compile("^Date d’entrée proposée")).fill("07/12/2026")
    page.get_by_role("button", name="Proposer une place").click()
    # then it is offered
    expect(page.locator("#messages")).to_contain_text("La place est proposée")
    then_it_stands(demande, rules.PROPOSEE)


def test_tabs_and_filters_change_the_rows_alone(page: Page, portail: Running) -> None:
    # given the worklist, whose page is marked so that a new load would show
    given_a_member(page, portail)
    page.goto(HOME)
    page.evaluate("document.body.dataset.marque = 'la'")
    # when a tab is chosen, then a filter by keyboard
    tabs = page.get_by_role("navigation", name="Onglets des demandes")
    tabs.get_by_role("link", name="Liste d’attente").click()
    expect(tabs.get_by_role("link", name="Liste d’attente")).to_have_attribute("aria-current", "page")
    expect(page).to_have_url(re.compile(r"\?onglet=liste$"))
    level = page.get_by_label("Liste d’attente", exact=True)
    level.focus()
    level.select_option(label="Admissible")
    # then the rows follow, the address says so, and the focus stays
    expect(page).to_have_url(re.compile(r"\?onglet=liste&niveau=admissible$"))
    expect(page.locator("tbody tr").first).to_contain_text("Admissible")
    expect(level).to_be_focused()
    assert page.evaluate("document.body.dataset.marque") == "la"
    # and the reader is told how many there are
    expect(page.locator("#annonce")).to_contain_text("demande")
    page.go_back()
    expect(page).to_have_url(re.compile(r"/espaces/etablissement$"))


def test_an_answer_is_given_by_keyboard_alone(page: Page, portail: Running) -> None:
    # given a dossier that was opened
    given_a_member(page, portail)
    demande = given_a_request(rules.LUE)
    page.goto(f"{HOME}/demandes/{demande.id}")
    # when I walk to « Inscrire sur la liste d’attente » and fill its form without a mouse
    link = page.get_by_role("link", name="Inscrire sur la liste d’attente")
    for _ in range(40):
        page.keyboard.press("Tab")
        if link.evaluate("one => one === document.activeElement"):
            break
    expect(link).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_label("En cours d’analyse").focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("12")
    page.keyboard.press("Enter")
    # then it is done
    expect(page.get_by_text("Admissible, rang 12")).to_be_visible()
    then_it_stands(demande, rules.LISTE)


def test_who_acted_before_is_said_and_takes_the_focus(page: Page, portail: Running) -> None:
    # given a refusal that is being written while the physician cancels
    given_a_member(page, portail)
    demande = given_a_request(rules.LUE)
    page.goto(f"{HOME}/demandes/{demande.id}/refuser")
    page.get_by_label(re.compile("^Motif")).select_option(index=2)
    page.get_by_label("Précisions").fill("Toutes nos places sont prises.")
    database.connect()
    with database.writing():
        commands.cancel(ALICE_ACTS, demande.id, Demande.get_by_id(demande.id).version, "89")
    page.watch.expect("409")
    page.get_by_role("button", name="Signaler une admission impossible").click()
    # then the page says who and what, and keeps the words
    said = page.get_by_role("alert")
    expect(said).to_be_focused()
    expect(said).to_contain_text("Dr Alice MARTIN a agi avant vous")
    expect(said).to_contain_text("Toutes nos places sont prises.")
    accessible(page)


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_of_the_space_looks_right(new_page: Callable[..., Page], portail: Running, look: str) -> None:
    # given a member, and a request in each state
    page = new_page(**LOOKS[look])
    given_a_member(page, portail)
    page.watch.expect("422")
    page.watch.expect("409")
    read, accepted, refused, sent = (given_a_request(etat).id for etat in (
        rules.LUE, rules.ACCEPTEE, rules.REFUS, rules.ENVOYEE))
    one = f"{HOME}/demandes"
    for path in (HOME, f"{HOME}?onglet=liste&gir=1", f"{HOME}?onglet=closes", f"{one}/{sent}", f"{one}/{read}",
                 f"{one}/{refused}", f"{one}/{read}/proposer", f"{one}/{accepted}/retirer", f"{one}/{read}/corriger",
                 f"{HOME}/papier", f"{HOME}/papier/1", f"{HOME}/papier/nouveau", f"{HOME}/fiche"):
        page.goto(path)
        # then nobody is kept out of any page, and nothing overflows
        accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
        assert page.locator("h1").count() == 1
    for button in ("Enregistrer la fiche",):
        page.get_by_label("Téléphone").fill("douze")
        page.get_by_role("button", name=button).click()
        expect(page.locator(".resume-erreurs")).to_be_focused()
        accessible(page)


def test_the_medical_role_reads_what_the_admissions_do_not(page: Page, portail: Running) -> None:
    # given a dossier opened at the establishment
    demande = given_a_request(rules.LUE)
    # when the médecin coordonnateur reads it
    given_a_member(page, portail, PAUL)
    page.goto(f"{HOME}/demandes/{demande.id}")
    page.get_by_role("link", name="Lire : Volet médical").click()
    # then the medical volet is open to him, and the way back is his own
    expect(page.get_by_role("heading", level=1)).to_have_text("Volet médical")
    page.get_by_role("navigation", name="Fil d’Ariane").get_by_role("link", name="Dossier").first.click()
    expect(page).to_have_url(re.compile(rf"{HOME}/demandes/{demande.id}$"))
