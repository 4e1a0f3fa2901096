"""The guide « Messages et notifications »: one scenario a numbered step, in the guide's order."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from portal.annuaire.models import Etablissement
from portal.avis import commands as avis
from portal.db import database
from portal.db.audit import Actor
from portal.demandes import rules
from portal.demandes.models import Demande
from portal.demonstration.espaces import tilleuls
from portal.dossiers import queries as dossiers
from portal.dossiers.models import Dossier
from portal.messages import commands
from portal.messages import rules as sides
from tests.e2e.gestes import ALICE, given_a_member, given_a_session, given_no_notice
from tests.support import espaces as people
from tests.support.running import Running
from tests.support.volets import ALICE_ACTS, dossier

Photo = Callable[..., None]
CLAIRE = Actor(None, "Claire DUBOIS, EHPAD Les Tilleuls", "otp", None, "S00000000001")
QUESTION = ("Bonjour, Mme LEROUX est prête à visiter la chambre double cette semaine.\n"
            "Peut-elle venir avec son lit médicalisé\u202f?")
ANSWER = "Bonjour docteur, oui. Nous l’attendons jeudi à 14\u00a0h, avec sa fille."

pytestmark = pytest.mark.usefixtures("portail")


def given_a_request(etat: str = rules.LISTE) -> Demande:
    """Mme LEROUX's request to Les Tilleuls."""
    made = dossier()
    return people.demande(Dossier.get_by_id(made.id), tilleuls(), etat)


def given_words(demande: Demande, side: str, text: str) -> None:
    """One of the two sides has written."""
    actor = ALICE_ACTS if side == sides.DEMANDEUR else CLAIRE
    with database.writing():
        commands.send(actor, dossiers.by_id(demande.dossier_id), Demande.get_by_id(demande.id), side, text,
                      f"{len(text):032x}")


def asking(demande: Demande) -> str:
    """The dossier's address."""
    return f"/dossiers/grand-age/{dossiers.by_id(demande.dossier_id).numero}"


def test_01_fils(page: Page, portail: Running, photo: Photo) -> None:
    # given a dossier sent to two establishments, one of which has written
    given_a_session(page, portail, confirmed=True)
    demande = given_a_request()
    elsewhere = Etablissement.id != demande.etablissement_id
    other = Etablissement.select().where(elsewhere).order_by(Etablissement.nom).first()
    people.demande(dossiers.by_id(demande.dossier_id), other)
    given_words(demande, sides.RECEVEUR, ANSWER)
    # when I open its messages
    page.goto(asking(demande))
    page.get_by_role("main").get_by_role("link", name="Messages").click()
    # then what is new comes first
    expect(page.get_by_role("listitem").filter(has_text="EHPAD Les Tilleuls").first).to_contain_text("1 à lire")
    photo(page)


def test_02_ecrire(page: Page, portail: Running, photo: Photo) -> None:
    # given the thread of a request
    given_a_session(page, portail, confirmed=True)
    demande = given_a_request()
    page.goto(f"{asking(demande)}/demandes/{demande.id}/messages")
    # when I write
    page.get_by_label(re.compile("^Votre message")).fill(QUESTION)
    # then I see what is left, and sending adds it to the thread
    expect(page.locator("#texte-aide")).to_contain_text("Il reste 3")
    photo(page)
    page.get_by_role("button", name="Envoyer").click()
    expect(page.locator(".mot")).to_contain_text("Peut-elle venir avec son lit médicalisé")
    expect(page.locator(".mot")).to_contain_text("Pas encore lu")


def test_03_repondre(page: Page, portail: Running, photo: Photo) -> None:
    # given a message of the physician
    given_a_member(page, portail)
    demande = given_a_request()
    given_words(demande, sides.DEMANDEUR, QUESTION)
    # when I open the thread from the request
    page.goto(f"/espaces/etablissement/demandes/{demande.id}")
    page.get_by_role("link", name="Échanger des messages (1 message non lu)").click()
    # then it is marked as read by itself, and I answer
    expect(page.locator(".mot")).to_contain_text("Nouveau")
    expect(page.locator("#lecture")).to_have_count(0)
    page.get_by_label(re.compile("^Votre message")).fill(ANSWER)
    photo(page)
    page.get_by_role("button", name="Envoyer").click()
    expect(page.locator(".mot")).to_have_count(2)


def test_04_lu(page: Page, portail: Running, photo: Photo) -> None:
    # given a message that the establishment has read and answered
    given_a_session(page, portail, confirmed=True)
    demande = given_a_request()
    given_words(demande, sides.DEMANDEUR, QUESTION)
    with database.writing():
        commands.read(CLAIRE, dossiers.by_id(demande.dossier_id), Demande.get_by_id(demande.id), sides.RECEVEUR, 99)
    given_words(demande, sides.RECEVEUR, ANSWER)
    # when I come back to the thread
    page.goto(f"{asking(demande)}/demandes/{demande.id}/messages")
    # then I know who has read it
    expect(page.locator(".mot").first).to_contain_text("par Claire DUBOIS, EHPAD Les Tilleuls")
    photo(page)


def test_05_avis(page: Page, portail: Running, photo: Photo) -> None:
    # given things that have happened since
    given_a_session(page, portail, confirmed=True)
    given_no_notice()
    demande = given_a_request(rules.PROPOSEE)
    given_words(demande, sides.RECEVEUR, ANSWER)
    # when I click on the bell
    page.goto("/accueil")
    bell = page.locator("[data-avis]")
    expect(bell).to_contain_text("3")
    bell.click()
    # then each notice leads to what it tells
    photo(page)
    page.locator(".tache").first.get_by_role("button", name="Voir").click()
    expect(page).to_have_url(re.compile("/messages$"))
    expect(bell).to_contain_text("2")


def test_06_courriels(page: Page, portail: Running, photo: Photo) -> None:
    # given my account
    given_a_session(page, portail, confirmed=True)
    with database.writing():
        avis.tell([f"medecin:{ALICE}"], "lecture", dossier="ga 43009190")
    page.goto("/compte/notifications")
    # when I choose one mail a day
    page.get_by_label("Un courriel par jour").check()
    photo(page, cible=page.locator("main"))
    page.get_by_role("button", name="Enregistrer").click()
    # then it is kept
    expect(page.get_by_label("Un courriel par jour")).to_be_checked()
