"""The guide « Confier ses dossiers »: one scenario a numbered step, in the guide's order."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from portal.db import database
from portal.db.outbox import Courriel
from portal.delegations.models import Delegation
from tests.e2e.gestes import ALICE, CHLOE, enter, given_a_session
from tests.support.delegues import SOPHIE, lent, physician
from tests.support.running import Running
from tests.support.sessions import open_session

Photo = Callable[..., None]
DOSSIER = "/dossiers/grand-age/43009190"
MODULES = ("Personnes âgées", "SSR, HAD, Soins Palliatifs")
PASSWORD = "Pommier-2031-Bocage"

pytestmark = pytest.mark.usefixtures("portail")


def given_chloe_may_act(page: Page, portail: Running) -> None:
    """Dr Alice MARTIN lent her access to Dr Chloé PETIT, who has come by card and looks at her delegations."""
    given_a_session(page, portail, confirmed=True)
    lent(portail.settings)
    chloe = physician(CHLOE)
    enter(page, portail, open_session(portail.settings, CHLOE, chloe.name, compte_id=chloe.id))
    page.goto("/delegations")


def when_i_act(page: Page) -> None:
    page.get_by_role("button", name="Agir pour le Dr Alice MARTIN").click()
    expect(page.get_by_role("region", name="Délégation")).to_contain_text("Vous agissez pour le Dr Alice MARTIN")


def when_i_fill_in_the_form(page: Page) -> None:
    page.get_by_label(re.compile("^Numéro RPPS")).fill(str(CHLOE))
    page.get_by_label(re.compile("^Premier jour")).fill("21/12/2026")
    page.get_by_label(re.compile("^Dernier jour")).fill("03/01/2027")
    for name in MODULES:
        page.get_by_label(name).check()
    for name in ("Lire", "Rédiger", "Répondre"):
        page.get_by_label(name, exact=True).check()


def test_01_mes_delegations(page: Page, portail: Running, photo: Photo) -> None:
    # given what I lent and what I was lent
    given_a_session(page, portail, confirmed=True)
    lent(portail.settings)
    page.goto("/accueil")
    # when I choose « Mon compte », then « Mes délégations »
    page.get_by_role("navigation", name="Menu principal").get_by_role("link", name="Mon compte").click()
    page.get_by_role("navigation", name="Mon compte").get_by_role("link", name="Mes délégations").click()
    # then I see what is lent, to whom and until when
    given = page.get_by_role("region", name="Confiées par moi")
    expect(given).to_contain_text("Dr Chloé PETIT")
    expect(given).to_contain_text("31/12/2026")
    photo(page)


def test_02_nouvelle(page: Page, portail: Running, photo: Photo) -> None:
    # given a colleague who has her account
    given_a_session(page, portail, confirmed=True)
    physician(CHLOE)
    page.goto("/delegations")
    # when I fill in a new delegation
    page.get_by_role("link", name="Nouvelle délégation").click()
    when_i_fill_in_the_form(page)
    photo(page, cible=page.locator("main"))
    page.get_by_role("button", name="Vérifier").click()
    # then nothing is lent before I confirm
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirmer la délégation")
    database.connect()
    assert not Delegation.select().where(Delegation.principal == physician(ALICE).id).exists()


def test_03_confirmer(page: Page, portail: Running, photo: Photo) -> None:
    # given a delegation filled in
    given_a_session(page, portail, confirmed=True)
    physician(CHLOE)
    page.goto("/delegations/nouvelle")
    when_i_fill_in_the_form(page)
    page.get_by_role("button", name="Vérifier").click()
    expect(page.get_by_text("Dr Chloé PETIT")).to_be_visible()
    photo(page)
    # when I confirm
    page.get_by_role("button", name="Confirmer la délégation").click()
    # then it is listed, and both have a mail without any patient
    expect(page.get_by_role("region", name="Confiées par moi")).to_contain_text("à venir")
    subjects = {mail.subject.partition(" — ")[0] for mail in Courriel.select()}
    assert {"Vous avez créé une délégation", "Une délégation du Dr Alice MARTIN"} <= subjects


def test_04_agir(page: Page, portail: Running, photo: Photo) -> None:
    # given a delegation to me that has begun
    given_chloe_may_act(page, portail)
    # when I act for Dr Alice MARTIN
    when_i_act(page)
    # then her patients are shown, under a banner
    expect(page).to_have_url(re.compile("/accueil$"))
    photo(page)
    page.get_by_role("link", name="Accéder à mes dossiers").first.click()
    expect(page.get_by_role("region", name="Délégation")).to_be_visible()
    expect(page.get_by_role("row")).not_to_have_count(1)


def test_05_signature(page: Page, portail: Running, photo: Photo) -> None:
    # given a dossier of Dr Alice MARTIN's that I opened for her
    given_chloe_may_act(page, portail)
    when_i_act(page)
    page.goto(DOSSIER)
    # when its history is read
    page.reload()
    history = page.get_by_role("region", name="Historique")
    # then my act bears both names
    expect(history).to_contain_text(re.compile("par délégation du Dr Alice MARTIN"))
    photo(page, history)


def test_06_revenir(page: Page, portail: Running, photo: Photo) -> None:
    # given that I act for Dr Alice MARTIN, with one of her pages open in another tab
    given_chloe_may_act(page, portail)
    when_i_act(page)
    other = page.context.new_page()
    other.goto(f"{DOSSIER}/retirer")
    # when I come back to my own
    page.get_by_role("button", name="Revenir à mes dossiers").click()
    # then the banner is gone, and the other tab's form changes nothing
    expect(page.get_by_role("region", name="Délégation")).to_have_count(0)
    photo(page)
    page.watch.expect("409")
    other.get_by_role("button", name=re.compile("patientèle")).click()
    expect(other.get_by_role("heading", level=1)).to_have_text("Vous n’agissez plus au nom de la même personne")


def test_07_revoquer(page: Page, new_page: Callable[..., Page], portail: Running, photo: Photo) -> None:
    # given Dr Chloé PETIT at work for me
    chloe = new_page()
    given_chloe_may_act(chloe, portail)
    when_i_act(chloe)
    given_a_session(page, portail, confirmed=True)
    # when I revoke
    page.goto("/delegations")
    page.get_by_role("link", name=re.compile("^Révoquer")).click()
    photo(page)
    page.get_by_role("button", name="Mettre fin à la délégation").click()
    # then it is over here, and at her next click
    expect(page.get_by_role("region", name="Historique")).to_contain_text("révoquée")
    chloe.goto(DOSSIER)
    expect(chloe).to_have_url(re.compile("/delegations$"))
    expect(chloe.locator("#messages")).to_contain_text("La délégation sous laquelle vous agissiez a pris fin")


def test_08_secretariat(page: Page, portail: Running, photo: Photo) -> None:
    # given my delegations
    given_a_session(page, portail, confirmed=True)
    page.goto("/delegations")
    # when I invite my secretary
    page.get_by_role("link", name="Inviter mon secrétariat").click()
    page.get_by_label(re.compile("^Prénom")).fill(SOPHIE.prenom)
    page.get_by_label(re.compile("^Nom")).fill("Legrand")
    page.get_by_label(re.compile("^Email")).fill(SOPHIE.email)
    page.get_by_label(MODULES[0]).check()
    photo(page)
    page.get_by_role("button", name="Envoyer l’invitation").click()
    # then the invitation waits for her
    expect(page.get_by_role("region", name="Confiées par moi")).to_contain_text("Sophie LEGRAND")


def test_09_invitation(page: Page, new_page: Callable[..., Page], portail: Running, photo: Photo) -> None:
    # given the mail that my physician's invitation sent me
    test_08_secretariat(page, portail, lambda *_, **__: None)
    mail = Courriel.select().where(Courriel.to == SOPHIE.email).get()
    link = re.search(r"/delegations/invitation/\S+", mail.body)
    assert link is not None
    hers = new_page()
    hers.goto(link.group())
    photo(hers)
    # when I choose a password and accept the charter
    hers.get_by_label(re.compile("^Mot de passe")).fill(PASSWORD)
    hers.get_by_label(re.compile("^Répéter le mot de passe")).fill(PASSWORD)
    hers.get_by_role("button", name="Créer mon compte").click()
    hers.get_by_label(re.compile("J’ai lu et accepte")).check()
    hers.get_by_role("button", name="Valider").click()
    # then a second means of login comes before any dossier
    expect(hers.get_by_role("heading", level=1)).to_have_text("Mes délégations")
    hers.get_by_role("button", name="Agir pour le Dr Alice MARTIN").click()
    expect(hers).to_have_url(re.compile("/facteurs$"))
