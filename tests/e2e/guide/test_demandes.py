"""The guide « Demander une place »: one scenario a numbered step, in the guide's order."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from portal import clock
from portal.annuaire.models import Etablissement
from portal.db import database
from portal.demandes import commands, queries, rules
from portal.demandes.models import Demande
from portal.demonstration.espaces import tilleuls
from portal.dossiers.models import Dossier
from tests.e2e.gestes import given_a_session, then_i_am_told
from tests.support import espaces as people
from tests.support.running import Running
from tests.support.volets import dossier

Photo = Callable[..., None]

pytestmark = pytest.mark.usefixtures("portail")


def given_a_dossier(page: Page, portail: Running) -> Dossier:
    """Dr Alice MARTIN is logged in and has Mme LEROUX's new dossier."""
    given_a_session(page, portail)
    return Dossier.get_by_id(dossier().id)


def given_requests(of: Dossier, *etats: str) -> list[Demande]:
    """One request for each state, the first to Les Tilleuls."""
    others = Etablissement.select().where(Etablissement.id != tilleuls().id).order_by(Etablissement.nom).limit(9)
    return [people.demande(of, place, etat) for place, etat in zip([tilleuls(), *others], etats, strict=False)]


def here(of: Dossier, more: str = "") -> str:
    return f"/dossiers/grand-age/{of.numero}/demandes{more}"


def given_a_page(page: Page, more: str, click: str = "") -> None:
    """A page of a dossier whose requests stand in many states, the first a proposal ("…{}…"); then a click."""
    found = Dossier.get_by_id(dossier().id)
    etats = (rules.PROPOSEE, rules.ENVOYEE, rules.COMPLEMENT, rules.REFUS, rules.NON_ENVOYEE)
    page.goto(here(found, more.format(given_requests(found, *etats)[0].id)))
    if click:
        page.locator(click).first.click()


def test_01_choisir(page: Page, portail: Running, photo: Photo) -> None:
    # given a dossier that nothing was asked for
    found = given_a_dossier(page, portail)
    page.goto(here(found))
    expect(page.get_by_text("Aucun établissement n’est choisi")).to_be_visible()
    # when I look for establishments and add the first for a stay
    page.get_by_role("main").get_by_role("link", name="Choisir des établissements").click()
    row = page.locator("form.choix-sejours").first
    row.get_by_role("checkbox").first.check()
    row.evaluate("form => form.scrollIntoView({block: 'center'})")
    photo(page)
    row.get_by_role("button", name=re.compile("^Ajouter")).click()
    # then it is chosen, and nothing has left
    expect(page.get_by_text("Une demande est choisie et n’est pas partie.")).to_be_visible()
    assert queries.states(found.id) == [rules.NON_ENVOYEE]


def test_02_envoyer(page: Page, portail: Running, photo: Photo) -> None:
    # given two chosen establishments, one of which takes incomplete dossiers
    found = given_a_dossier(page, portail)
    first, second = given_requests(found, rules.NON_ENVOYEE, rules.NON_ENVOYEE)
    with database.writing():
        Etablissement.update(incomplets=False).where(Etablissement.id == first.etablissement_id).execute()
        Etablissement.update(incomplets=True).where(Etablissement.id == second.etablissement_id).execute()
    # when I am about to send
    page.goto(here(found, "/envoyer"))
    # then what is missing is said, and only one may leave
    expect(page.get_by_role("heading", name="Ce qui manque au dossier")).to_be_visible()
    expect(page.locator(f"#demande-{first.id}")).to_be_disabled()
    photo(page)
    page.get_by_role("button", name="Envoyer", exact=True).click()
    expect(page.get_by_text("envoyée incomplète")).to_be_visible()
    assert sorted(queries.states(found.id)) == [rules.ENVOYEE, rules.NON_ENVOYEE]


def test_03_suivre(page: Page, portail: Running, photo: Photo) -> None:
    # given requests in several states, one silent for twelve days
    found = given_a_dossier(page, portail)
    silent = given_requests(found, rules.ENVOYEE, rules.LISTE, rules.PROPOSEE, rules.REFUS)[0]
    with database.writing():
        Demande.update(envoyee_le=clock.now() - timedelta(days=12)).where(Demande.id == silent.id).execute()
    # when I open the list
    page.goto(here(found))
    expect(page.get_by_text("sans réponse depuis 12 jours")).to_be_visible()
    photo(page)
    # and chase by the keyboard alone
    page.get_by_role("link", name=re.compile("^Relancer l’établissement")).first.press("Enter")
    page.get_by_role("button", name="Relancer", exact=True).press("Enter")
    # then it is said, and counted
    then_i_am_told(page, "L’établissement est relancé.")
    assert queries.one(silent.id).relances == 1


def test_04_repondre(page: Page, portail: Running, photo: Photo) -> None:
    # given a question of the establishment
    found = given_a_dossier(page, portail)
    asked = given_requests(found, rules.COMPLEMENT)[0]
    # when I answer
    page.goto(here(found))
    page.get_by_role("link", name=re.compile("^Répondre à l’établissement")).first.click()
    expect(page.get_by_text("Précisez le traitement.")).to_be_visible()
    page.get_by_label("Votre réponse").fill("L’ordonnance du 12 novembre est jointe au dossier.")
    photo(page)
    page.get_by_role("button", name="Envoyer la réponse").click()
    # then the request has gone again
    then_i_am_told(page, "Votre réponse est envoyée")
    assert queries.one(asked.id).etat == rules.ENVOYEE


def test_05_decider(page: Page, portail: Running, photo: Photo) -> None:
    # given a place that is offered
    found = given_a_dossier(page, portail)
    offered = given_requests(found, rules.PROPOSEE)[0]
    page.goto(here(found))
    page.get_by_role("link", name=re.compile("^Décider")).click()
    # when I decline it and forget the motive, I read what is missing
    page.get_by_role("link", name="Décliner la proposition").click()
    page.get_by_label("Oui, la demande continue").check()
    page.watch.expect("422")
    page.get_by_role("button", name="Décliner la proposition").click()
    expect(page.get_by_role("link", name="Choisissez un motif dans la liste.")).to_be_visible()
    expect(page.get_by_label("Oui, la demande continue")).to_be_checked()
    page.get_by_label("Motif").select_option(label="Éloignement géographique")
    photo(page)
    page.get_by_role("button", name="Décliner la proposition").click()
    # then the person stays on the list
    then_i_am_told(page, "La proposition est déclinée")
    assert queries.one(offered.id).etat == rules.DECLINEE


def test_06_agir(page: Page, portail: Running, photo: Photo) -> None:
    # given a request that I am cancelling
    found = given_a_dossier(page, portail)
    sent = given_requests(found, rules.ENVOYEE)[0]
    page.goto(here(found, f"/{sent.id}/annuler"))
    page.get_by_label("Motif").select_option(label="Volonté de la personne ou de ses proches")
    page.get_by_label("Précisions").fill("Retour chez sa fille.")
    photo(page)
    # when the establishment opens it meanwhile
    with database.writing():
        commands.read(people.ANSWERS, sent.id)
    page.watch.expect("409")
    page.get_by_role("button", name="Annuler la demande").click()
    # then I read who did what, my words are there, and I go on
    expect(page.get_by_role("alert").filter(has_text="Claire DUBOIS")).to_be_visible()
    expect(page.get_by_label("Précisions")).to_have_value("Retour chez sa fille.")
    page.get_by_role("button", name="Annuler la demande").click()
    then_i_am_told(page, "La demande est annulée")
    assert queries.one(sent.id).etat == rules.ANNULEE
