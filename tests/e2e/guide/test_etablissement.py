"""The guide « Répondre aux demandes »: one scenario a numbered step, in the guide's order."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from portal.db import database
from portal.demandes import rules
from portal.demandes.models import Demande
from portal.demonstration.espaces import tilleuls
from portal.dossiers.models import Dossier
from portal.espaces.etablissement.papier.models import Papier
from tests.e2e.gestes import PAUL, given_a_member
from tests.support import espaces as people
from tests.support.running import Running
from tests.support.volets import dossier, sign

Photo = Callable[..., None]
HOME = "/espaces/etablissement"

pytestmark = pytest.mark.usefixtures("portail")


def given_a_request(etat: str) -> Demande:
    """Mme LEROUX's request, her volets validated, as far as this state."""
    made = dossier()
    for code in ("administratif", "medical", "autonomie"):
        sign(made.numero, code)
    return people.demande(Dossier.get_by_id(made.id), tilleuls(), etat)


def when_i_choose(page: Page, demande: Demande, answer: str) -> None:
    """From the request's page to the form of an answer."""
    page.goto(f"{HOME}/demandes/{demande.id}")
    page.get_by_role("region", name="Répondre").get_by_role("link", name=answer).click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def then_it_stands(demande: Demande, etat: str) -> None:
    database.connect()
    assert Demande.get_by_id(demande.id).etat == etat


def test_01_demandes(page: Page, portail: Running, photo: Photo) -> None:
    # given requests of every kind
    given_a_member(page, portail)
    # when I open my space
    page.goto(HOME)
    # then the most urgent comes first, with its clock
    first = page.locator("tbody tr").first
    expect(first).to_contain_text("Rappel promis dépassé")
    expect(page.get_by_role("navigation", name="Onglets des demandes").get_by_role("link")).to_have_count(5)
    photo(page)


def test_02_lire(page: Page, portail: Running, photo: Photo) -> None:
    # given a request that nobody has opened
    given_a_member(page, portail)
    demande = given_a_request(rules.ENVOYEE)
    page.goto(HOME)
    # when I open its dossier
    page.get_by_role("button", name="Ouvrir le dossier de LEROUX JOSETTE").first.click()
    # then I read what my roles open, and the asking side knows it
    expect(page.get_by_role("heading", level=1)).to_contain_text("Demande ga")
    then_it_stands(demande, rules.LUE)
    photo(page, cible=page.locator("main"))
    page.get_by_role("link", name="Lire : Volet administratif et social").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Volet administratif et social")


def test_03_avis(page: Page, portail: Running, photo: Photo) -> None:
    # given a dossier that the médecin coordonnateur reads
    given_a_member(page, portail, PAUL)
    demande = given_a_request(rules.LUE)
    # when he gives his opinion
    when_i_choose(page, demande, "Donner l’avis médical")
    page.get_by_label("Favorable", exact=True).check()
    page.get_by_label("Précisions").fill("Projet de soins compatible avec l’unité protégée.")
    photo(page, cible=page.locator("main"))
    page.get_by_role("button", name="Donner l’avis médical").click()
    # then his establishment reads it
    expect(page.get_by_text("Favorable, par Paul ROY")).to_be_visible()


def test_04_complement(page: Page, portail: Running, photo: Photo) -> None:
    # given a dossier in which something misses
    given_a_member(page, portail)
    demande = given_a_request(rules.LUE)
    # when I ask for it
    when_i_choose(page, demande, "Demander un complément")
    page.get_by_label(re.compile("^Ce qui vous manque")).fill("Pouvez-vous joindre le dernier avis d’imposition ?")
    photo(page)
    page.get_by_role("button", name="Demander un complément").click()
    # then the request waits for the answer
    then_it_stands(demande, rules.COMPLEMENT)


def test_05_liste(page: Page, portail: Running, photo: Photo) -> None:
    # given a dossier that has been read
    given_a_member(page, portail)
    demande = given_a_request(rules.LUE)
    # when I put the person on my list
    when_i_choose(page, demande, "Inscrire sur la liste d’attente")
    page.get_by_label("Admissible", exact=True).check()
    page.get_by_label("Rang sur la liste").fill("3")
    photo(page)
    page.get_by_role("button", name="Inscrire sur la liste d’attente").click()
    # then she is there, with her rank
    expect(page.get_by_text("Admissible, rang 3")).to_be_visible()


def test_06_proposer(page: Page, portail: Running, photo: Photo) -> None:
    # given a person on my list
    given_a_member(page, portail)
    demande = given_a_request(rules.LISTE)
    # when I offer a place
    when_i_choose(page, demande, "Proposer une place")
    page.get_by_label(re.compile("^Date d’entrée proposée")).fill("07/12/2026")
    page.get_by_label("Chambre").fill("Chambre 12, rez-de-chaussée")
    page.get_by_label(re.compile("^Prix d’une journée")).fill("65,40")
    page.get_by_label(re.compile("^Réponse attendue avant")).fill("30/11/2026")
    photo(page, cible=page.locator("main"))
    page.get_by_role("button", name="Proposer une place").click()
    # then it waits for the answer
    expect(page.get_by_text("avant le 30/11/2026")).to_be_visible()
    then_it_stands(demande, rules.PROPOSEE)


def test_07_admettre(page: Page, portail: Running, photo: Photo) -> None:
    # given a proposal that was accepted
    given_a_member(page, portail)
    demande = given_a_request(rules.ACCEPTEE)
    # when the person has come
    when_i_choose(page, demande, "Déclarer l’entrée")
    page.get_by_label(re.compile("^Date d’entrée")).fill("23/11/2026")
    photo(page)
    page.get_by_role("button", name="Déclarer l’entrée").click()
    # then she is admitted
    expect(page.locator("#messages")).to_contain_text("L’entrée est déclarée")
    then_it_stands(demande, rules.ADMIS)


def test_08_refuser(page: Page, portail: Running, photo: Photo) -> None:
    # given a dossier that we can't admit
    given_a_member(page, portail)
    demande = given_a_request(rules.LUE)
    # when I say so, with its motive
    when_i_choose(page, demande, "Signaler une admission impossible")
    page.get_by_label(re.compile("^Motif")).select_option(label="Plateau technique ou accompagnement non adapté")
    page.get_by_label("Précisions").fill("Notre unité protégée est fermée jusqu’en mars.")
    photo(page, cible=page.locator("main"))
    page.get_by_role("button", name="Signaler une admission impossible").click()
    # then only the name stays
    expect(page.get_by_role("note")).to_contain_text("Le dossier n’est plus lisible")
    then_it_stands(demande, rules.REFUS)


def test_09_reactiver(page: Page, portail: Running, photo: Photo) -> None:
    # given a request that we refused
    given_a_member(page, portail)
    demande = given_a_request(rules.REFUS)
    # when I take it up again
    when_i_choose(page, demande, "Reprendre la demande")
    photo(page)
    page.get_by_role("button", name="Reprendre la demande").click()
    # then its dossier is open again
    expect(page.get_by_role("region", name="Identité du patient")).to_contain_text("LEROUX")
    then_it_stands(demande, rules.LUE)


def test_10_papier(page: Page, portail: Running, photo: Photo) -> None:
    # given a dossier that came by post
    given_a_member(page, portail)
    page.goto(HOME)
    page.get_by_role("link", name="Dossiers papier").click()
    # when I note it down
    page.get_by_role("link", name="Enregistrer un dossier papier").click()
    page.get_by_label(re.compile("^Nom")).fill("Lemarchand")
    page.get_by_label(re.compile("^Prénom")).fill("Odette")
    page.get_by_label("Téléphone à rappeler").fill("02 61 91 45 12")
    page.get_by_label(re.compile("^Séjour demandé")).select_option(label="Permanent")
    page.get_by_label(re.compile("^Reçu le")).fill("20/11/2026")
    photo(page, cible=page.locator("main"))
    page.get_by_role("button", name="Enregistrer").click()
    # then it is listed apart
    expect(page.get_by_role("heading", name="LEMARCHAND ODETTE")).to_be_visible()
    assert Papier.select().count() == 4


def test_11_fiche(page: Page, portail: Running, photo: Photo) -> None:
    # given the sheet that the directory shows
    given_a_member(page, portail)
    page.goto(f"{HOME}/fiche")
    # when I promise to call back sooner, and have one place less
    page.get_by_label(re.compile("^Nous rappelons")).fill("4")
    page.get_by_label(re.compile("^Places libres")).first.fill("2")
    photo(page, cible=page.locator("main"))
    page.get_by_role("button", name="Enregistrer la fiche").click()
    # then the public sheet says so
    page.get_by_role("link", name="Voir la fiche publique").click()
    expect(page.get_by_text("4 heures ouvrées")).to_be_visible()
