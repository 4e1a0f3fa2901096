"""The guide « Espace usager »: one scenario a numbered step, in the guide's order."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from portal.db import database
from portal.dossiers.models import Dossier
from portal.dossiers.queries import physicians
from portal.espaces import queries as espaces
from tests.e2e.gestes import ALICE, given_a_relative, given_an_account
from tests.support.running import Running
from tests.support.usagers import ANNE, HOME, given_a_family, latest_link

Photo = Callable[..., None]

pytestmark = pytest.mark.usefixtures("portail")


def when_i_fill_the_form(page: Page) -> None:
    page.get_by_label("Un proche, ou quelqu’un qui l’aide").check()
    for label, text in ANNE.items():
        page.get_by_label(label, exact=False).first.fill(text)
    page.get_by_label("Votre lien avec la personne").select_option(label="Fils ou fille")
    page.get_by_label("Féminin").check()
    page.get_by_label("Permanent").check()
    page.get_by_label("J’ai lu ces conditions").check()


def test_01_creer(page: Page, portail: Running, photo: Photo) -> None:
    # given the door of the space
    page.goto("/espaces/usager")
    # when a daughter creates a dossier for her mother
    page.get_by_role("link", name="Créer un dossier").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Créer un dossier")
    when_i_fill_the_form(page)
    # then all is said before anything is sent
    photo(page)


def test_02_confirmer(page: Page, portail: Running, photo: Photo) -> None:
    # given the form filled in
    page.goto("/espaces/usager/creer")
    when_i_fill_the_form(page)
    # when it is sent
    page.get_by_role("button", name="Créer le dossier").click()
    # then the number is shown, and the mailed link leads in
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre dossier est créé")
    photo(page)
    page.goto(latest_link())
    page.get_by_role("button", name="Entrer dans le dossier").click()
    expect(page).to_have_url(re.compile(f"{HOME}$"))


def test_03_entrer(page: Page, portail: Running, photo: Photo) -> None:
    # given a dossier that a family follows
    dossier, _ = given_a_family()
    page.goto("/espaces/usager")
    # when I type its number and the birth date
    page.get_by_label("Numéro du dossier").fill(f"ga {dossier.numero}")
    page.get_by_label("Date de naissance de la personne").fill("17/04/1931")
    photo(page)
    page.get_by_role("button", name="Recevoir mon lien").click()
    # then a mail leaves, and its button lets me in
    expect(page.get_by_role("heading", level=1)).to_have_text("Regardez vos courriels")
    page.goto(latest_link())
    page.get_by_role("button", name="Entrer dans le dossier").click()
    expect(page).to_have_url(re.compile(f"{HOME}$"))


def test_04_dossier(page: Page, portail: Running, photo: Photo) -> None:
    # given a person whose dossier has just been created
    dossier, one = given_a_family("patient")
    # when she opens it
    given_a_relative(page, portail, one)
    page.goto(HOME)
    # then it says what to do, and leads there and back
    expect(page.get_by_text("À faire maintenant.")).to_be_visible()
    photo(page)
    page.get_by_role("link", name="Remplir").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Volet administratif")
    page.get_by_role("navigation", name="Fil d’Ariane").get_by_role("link", name=f"Dossier ga {dossier.numero}").click()
    expect(page).to_have_url(re.compile(f"{HOME}$"))


def test_05_medecin(page: Page, portail: Running, photo: Photo) -> None:
    # given physicians who have an account
    given_an_account(portail, confirmed=True)
    dossier, one = given_a_family("patient")
    given_a_relative(page, portail, one)
    page.goto(HOME)
    # when I look for mine and choose her
    page.get_by_role("link", name="Choisir mon médecin").click()
    page.get_by_label("Nom du médecin").fill("martin")
    page.get_by_label("Ville").fill("Caen")
    page.get_by_role("button", name="Chercher").click()
    expect(page.get_by_role("heading", name="Dr Alice MARTIN")).to_be_visible()
    photo(page)
    page.get_by_role("button", name="Choisir Dr Alice MARTIN").click()
    # then she is named, and has not answered yet
    expect(page.get_by_text("Il n’a pas encore répondu.")).to_be_visible()
    database.connect()
    assert physicians(Dossier.get_by_id(dossier.id)) == {ALICE: "attente"}


def test_06_proches(page: Page, portail: Running, photo: Photo) -> None:
    # given a person who follows her own dossier
    dossier, one = given_a_family("patient")
    given_a_relative(page, portail, one)
    page.goto(HOME)
    # when she invites her son to follow
    page.get_by_role("link", name="Les proches qui suivent").click()
    for label, text in (("Prénom", "Luc"), ("Nom", "MOREAU"), ("Adresse électronique", "luc.moreau@exemple.fr")):
        page.get_by_label(re.compile(f"^{label}")).fill(text)
    page.get_by_label(re.compile("^Il suit")).check()
    page.get_by_role("button", name="Envoyer l’invitation").click()
    # then he is on the list, his link not opened yet
    expect(page.get_by_text("Invitation envoyée, pas encore ouverte")).to_be_visible()
    photo(page)
    database.connect()
    assert [found.prenom for found in espaces.usagers(dossier.id)] == ["Anne", "Luc"]


def test_07_ouvertures(page: Page, portail: Running, photo: Photo) -> None:
    # given a dossier that others have opened
    _, one = given_a_family("patient", read=True)
    given_a_relative(page, portail, one)
    page.goto(HOME)
    # when I ask who
    page.get_by_role("link", name="Qui a ouvert le dossier").click()
    # then names and days are there
    expect(page.get_by_text("Dr Alice MARTIN").first).to_be_visible()
    photo(page)


def test_08_lettre(page: Page, portail: Running, photo: Photo) -> None:
    # given the page of my dossier
    dossier, one = given_a_family("patient")
    given_a_relative(page, portail, one)
    page.goto(HOME)
    # when I ask for the letter
    page.get_by_role("link", name="Imprimer la lettre").click()
    # then it holds the number, and no name
    expect(page.locator(".papier-numero")).to_have_text(f"ga {dossier.numero}")
    expect(page.locator(".papier")).not_to_contain_text("LEROUX")
    photo(page)


def test_09_courriel(page: Page, portail: Running, photo: Photo) -> None:
    # given the page of my dossier
    _, one = given_a_family("patient")
    given_a_relative(page, portail, one)
    page.goto(HOME)
    # when I give another address
    page.get_by_role("link", name="Changer mon adresse").click()
    page.get_by_label("Nouvelle adresse électronique").fill("anne.nouvelle@exemple.fr")
    page.get_by_role("button", name="Changer mon adresse").click()
    # then both mailboxes have to say yes
    expect(page.get_by_text("anne.nouvelle@exemple.fr")).to_be_visible()
    photo(page)


def test_10_annuler(page: Page, portail: Running, photo: Photo) -> None:
    # given the page of my dossier
    dossier, one = given_a_family("patient")
    given_a_relative(page, portail, one)
    page.goto(HOME)
    # when I cancel it, saying why
    page.get_by_role("link", name="Annuler ce dossier").click()
    page.get_by_label("Une autre solution est trouvée").check()
    photo(page)
    page.get_by_role("button", name="Annuler ce dossier").click()
    # then it is cancelled, and can be taken up again
    expect(page.get_by_text("Ce dossier est annulé.")).to_be_visible()
    page.get_by_role("button", name="Rouvrir ce dossier").click()
    expect(page.get_by_text("Votre dossier n’est pas encore envoyé.")).to_be_visible()
    database.connect()
    assert Dossier.get_by_id(dossier.id).etat == "redaction"
