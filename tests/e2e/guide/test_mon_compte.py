"""The guide « Mon compte, pas à pas »: one scenario a numbered step, in the guide's order."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, expect

from portal import clock
from portal.compte.rules import CHARTE
from portal.db import audit, database
from portal.db.audit import Actor, Mandate
from tests.e2e.conftest import NOON
from tests.e2e.gestes import ALICE, CHLOE, given_a_session, given_an_account, then_i_am_told
from tests.support.running import Running
from tests.support.sessions import open_session

Photo = Callable[..., None]
DOSSIER = "ga 43009190"

pytestmark = pytest.mark.usefixtures("portail")


def when_i_open(page: Page, section: str) -> None:
    """« Mon compte », then one of its sections."""
    page.goto("/accueil")
    page.get_by_role("link", name="Mon compte").click()
    page.get_by_role("navigation", name="Mon compte").get_by_role("link", name=section).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(section)


def test_01_ouvrir(page: Page, portail: Running, photo: Photo) -> None:
    # given a physician who is inside
    given_a_session(page, portail, confirmed=True)
    # when she chooses « Mon compte » in the menu
    page.goto("/accueil")
    page.get_by_role("link", name="Mon compte").click()
    # then the first section shows what her card says, and the list leads to the others
    expect(page.get_by_role("heading", level=1)).to_have_text("Mes informations")
    expect(page.get_by_text("Qualifié en médecine générale (SM)")).to_be_visible()
    sections = page.get_by_role("navigation", name="Mon compte")
    expect(sections.get_by_role("link", name="Mes informations")).to_have_attribute("aria-current", "page")
    assert sections.get_by_role("link").count() >= 8
    photo(page)


def test_02_coordonnees(page: Page, portail: Running, photo: Photo) -> None:
    # given a confirmed address
    given_a_session(page, portail, confirmed=True)
    page.goto("/compte")
    # when I type another one and another phone
    page.get_by_label(re.compile("^Email")).fill("cabinet.martin@exemple.fr")
    page.get_by_label("Téléphone").fill("0231000099")
    page.get_by_role("button", name="Enregistrer").click()
    # then it is kept, to be confirmed, and both addresses are written to
    expect(page.get_by_text("à confirmer", exact=True)).to_be_visible()
    expect(page.get_by_label("Téléphone")).to_have_value("02 31 00 00 99")
    photo(page)
    page.goto("/demonstration/messages")
    expect(page.get_by_text("a été modifiée").first).to_be_visible()
    expect(page.get_by_text("cabinet.martin@exemple.fr").first).to_be_visible()


def test_03_exercice(page: Page, portail: Running, photo: Photo) -> None:
    given_a_session(page, portail, confirmed=True)
    when_i_open(page, "Exercice et recherches")
    # when I say where my searches begin and how far they go
    page.get_by_label(re.compile("^Autour de")).press_sequentially("14400 bay")
    page.get_by_role("option", name="14400 BAYEUX").click()
    page.get_by_label(re.compile("^Distance")).fill("45 km")
    page.get_by_label("Signature").fill("Dr Alice MARTIN\nMédecine générale, Caen")
    photo(page, cible=page.locator("main"))
    page.get_by_role("button", name="Enregistrer").click()
    # then it is all there when I come back
    expect(page.locator("#messages")).to_contain_text("Vos informations sont enregistrées.")
    page.goto("/compte/exercice")
    expect(page.get_by_label(re.compile("^Autour de"))).to_have_value("14400 BAYEUX")
    expect(page.get_by_label(re.compile("^Distance"))).to_have_value("45")


def test_04_notifications(page: Page, portail: Running, photo: Photo) -> None:
    given_a_session(page, portail, confirmed=True)
    when_i_open(page, "Notifications")
    # given that all mails are on
    expect(page.get_by_role("checkbox", checked=False)).to_have_count(0)
    # when I decline one and choose a delay
    page.get_by_label("Refus", exact=True).uncheck()
    page.get_by_label(re.compile("^Une demande est sans réponse")).select_option("14 jours")
    photo(page, cible=page.locator("main"))
    page.get_by_role("button", name="Enregistrer").click()
    then_i_am_told(page, "Vos choix sont enregistrés.")
    # then it stays declined
    page.goto("/compte/notifications")
    expect(page.get_by_role("checkbox", checked=False)).to_have_count(1)
    expect(page.get_by_label("Refus", exact=True)).not_to_be_checked()


def test_05_sessions(page: Page, new_page: Callable[..., Page], portail: Running, photo: Photo) -> None:
    # given my account open here and in another browser
    compte_id = given_an_account(portail, confirmed=True)
    with database.writing():
        audit.record(Actor(ALICE, "Dr Alice MARTIN", "ecps"), "connexion.ecps")
        audit.record(Actor(ALICE, "Dr Alice MARTIN", "cps"), "connexion.cps")
    # Minutes apart: the list has its order from the time.
    other = new_page()
    with clock.freeze(NOON - timedelta(minutes=20)):
        given_a_session(other, portail)
        other.goto("/accueil")
        expect(other.get_by_role("heading", level=1)).to_have_text("Mes patients")
    with clock.freeze(NOON - timedelta(minutes=10)):
        open_session(portail.settings, ALICE, "Dr Alice MARTIN", compte_id=compte_id, level="ecps",
                     device="Safari, iPhone")
    given_a_session(page, portail)
    when_i_open(page, "Sessions et connexions")
    expect(page.get_by_text("cette session")).to_have_count(1)
    photo(page, cible=page.locator("main"))
    # when I close one, then all others
    page.get_by_role("row").filter(has_text="Safari, iPhone").get_by_role("button", name="Déconnecter").click()
    expect(page.get_by_text("Safari, iPhone")).to_have_count(0)
    page.get_by_role("button", name="Déconnecter toutes les autres").click()
    expect(page.get_by_role("button", name="Déconnecter toutes les autres")).to_have_count(0)
    # then the next click over there asks to log in
    other.get_by_role("link", name="Mon compte").click()
    other.wait_for_url("**/connexion?*")


def test_06_acces(page: Page, portail: Running, photo: Photo) -> None:
    # given a dossier that I opened, and that my replacement opened in my place
    given_a_session(page, portail, confirmed=True)
    mandate = Mandate(1, ALICE, "Dr Alice MARTIN", "medecin", frozenset({"ga"}), frozenset({"lire"}), None)
    page.goto(f"/dossiers/grand-age/{DOSSIER.split()[1]}")
    with database.writing():
        audit.record(Actor(CHLOE, "Dr Chloé PETIT", "cps", mandate), "dossier.ouvert", dossier=DOSSIER)
    # when I look for its number
    when_i_open(page, "Accès à mes dossiers")
    page.get_by_label("N° de dossier").fill("GA 43009190")
    page.get_by_role("button", name="Filtrer").click()
    # then each act is there with its author, the newest first
    rows = page.locator("tbody tr")
    expect(rows.nth(0)).to_contain_text("Dr Chloé PETIT, par délégation du Dr Alice MARTIN")
    expect(rows.nth(1)).to_contain_text("vous")
    photo(page)


def test_07_charte(page: Page, portail: Running, photo: Photo) -> None:
    given_a_session(page, portail, confirmed=True)
    when_i_open(page, "Charte d’utilisation")
    photo(page)
    # when I ask for the text
    page.get_by_role("link", name=f"Relire la charte {CHARTE.version}").click()
    # then I read it, with the date of my agreement
    expect(page.get_by_text("Vous avez accepté cette version")).to_be_visible()


def test_08_export(page: Page, portail: Running, photo: Photo) -> None:
    given_a_session(page, portail, confirmed=True)
    when_i_open(page, "Mes données")
    photo(page)
    # when I ask for the copy
    with page.expect_download() as started:
        page.get_by_role("button", name="Télécharger mes données").click()
    # then the archive holds my account
    with ZipFile(started.value.path()) as folder:
        data = json.loads(folder.read("donnees.json"))
    assert data["compte"]["rpps"] == ALICE
    assert started.value.suggested_filename.startswith("mon-compte-")
