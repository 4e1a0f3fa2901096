"""The guide « Le certificat pour la MDPH »: one scenario a numbered step, in the guide's order."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from portal.db import database
from portal.dossiers import commands as dossiers
from portal.dossiers import queries
from portal.volets import commands as volets
from tests.e2e.gestes import given_a_session, then_i_am_told
from tests.support.espaces import ASKS
from tests.support.people import LEROUX
from tests.support.running import Running
from tests.support.volets import filled

Photo = Callable[..., None]

pytestmark = pytest.mark.usefixtures("portail")


def given_a_certificate(page: Page, portail: Running, *, signed: bool = False) -> str:
    """A handicap dossier of mine, whose certificate is begun or signed; returns its address."""
    given_a_session(page, portail, confirmed=True)
    with database.writing():
        made = dossiers.create(ASKS, "h", replace(LEROUX, prenom="ODETTE", sejours=("Adulte",)))
        if signed:
            answers = filled("h", "certificat") | {"pathologies": "Sclérose en plaques", "marcher": "b"}
            volets.first(ASKS, made, "certificat", answers)
            volets.validate(ASKS, queries.visible_dossier(10100000011, "h", made.numero), "certificat", 1)
    return f"/dossiers/handicap/{made.numero}"


def given_a_notification(page: Page, portail: Running) -> str:
    here = given_a_certificate(page, portail, signed=True)
    page.goto(f"{here}/notification")
    when_i_note_the_decision(page)
    return here


def when_i_note_the_decision(page: Page) -> None:
    page.get_by_label("Droit accordé").select_option("esms_adulte")
    page.get_by_label("Valable du").fill("01/03/2024")
    page.get_by_label("Valable jusqu’au").fill("31/12/2026")
    page.get_by_label("La personne, ou son représentant, accepte").check()
    page.get_by_label("Date de cet accord").fill("20/11/2026")
    page.get_by_role("button", name="Enregistrer la notification").click()
    then_i_am_told(page, "La notification est enregistrée.")


def test_01_creer(page: Page, portail: Running, photo: Photo) -> None:
    # given that I am logged in
    given_a_session(page, portail, confirmed=True)
    # when I look for it among the kinds of dossiers
    page.goto("/accueil")
    page.get_by_role("link", name="Créer un dossier").first.click()
    expect(page.get_by_role("heading", name="Certificat médical pour la MDPH")).to_be_visible()
    photo(page)
    page.get_by_role("link", name=re.compile("Créer un dossier.*MDPH")).click()
    # then I may fill in who it is about
    expect(page).to_have_url(re.compile("/dossiers/handicap/creer$"))


def test_02_certificat(page: Page, portail: Running, photo: Photo) -> None:
    # given a dossier of that kind
    here = given_a_certificate(page, portail)
    # when I open its certificate
    page.goto(here)
    page.get_by_role("link", name=re.compile("Remplir.*ertificat")).first.click()
    page.get_by_label("Pathologie principale et pathologies associées").fill("Sclérose en plaques")
    page.keyboard.press("Control+s")
    # then it is kept, with what is still missing
    expect(page.locator("#annonce")).to_have_text("Tout est enregistré.")
    photo(page)


def test_03_imprimer(page: Page, portail: Running, photo: Photo) -> None:
    # given a signed certificate
    here = given_a_certificate(page, portail, signed=True)
    # when I print it
    page.goto(f"{here}/imprimer/dossier?volet=certificat")
    # then it bears what I wrote
    expect(page.get_by_text("Sclérose en plaques")).to_be_visible()
    photo(page)


def test_04_notification(page: Page, portail: Running, photo: Photo) -> None:
    # given a signed certificate and the letter that the person brings
    here = given_a_certificate(page, portail, signed=True)
    page.goto(here)
    page.get_by_role("link", name="Suivre la notification").click()
    # when I note it
    when_i_note_the_decision(page)
    # then its validity is said in words
    expect(page.get_by_role("region", name="Où en est la notification")).to_contain_text("Moins de trois mois")
    photo(page)


def test_05_reponse(page: Page, portail: Running, photo: Photo) -> None:
    # given a notification
    given_a_notification(page, portail)
    # when an establishment has answered and I forget the motive, I read what is missing
    page.get_by_label("Établissement ou service").fill("EAM Les Érables")
    page.get_by_label("Statut", exact=False).first.select_option("45")
    page.get_by_label("Depuis le").fill("21/11/2026")
    page.watch.expect("422")
    page.get_by_role("button", name="Ajouter la réponse").click()
    expect(page.get_by_role("alert")).to_contain_text("motif")
    # then with it the answer is noted
    page.get_by_label("Motif").select_option("114")
    page.get_by_role("button", name="Ajouter la réponse").click()
    then_i_am_told(page, "La réponse est ajoutée.")
    expect(page.get_by_role("region", name="Réponses des établissements")).to_contain_text("EAM Les Érables")
    photo(page)
