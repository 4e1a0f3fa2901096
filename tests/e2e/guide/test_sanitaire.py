"""The guide « Sanitaire : de la demande à l’arrivée »: one scenario a numbered step, in the guide's order."""

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
from portal.demonstration.espaces import HAD, SMR, TEAMS, place
from portal.dossiers import commands as dossiers
from portal.dossiers.models import Dossier
from portal.web import dates
from tests.e2e.gestes import given_a_member, given_a_session, then_i_am_told
from tests.support import espaces as people
from tests.support.people import LEROUX
from tests.support.running import Running
from tests.support.volets import ALICE_ACTS

Photo = Callable[..., None]
HOME = "/espaces/etablissement"
ADMISSIONS = {nom: people_[0].email for (_, nom, _), people_ in TEAMS.items()}

pytestmark = pytest.mark.usefixtures("portail")


def given_a_request(etat: str, nom: str = SMR, sejour: str = "", *, of: Dossier | None = None) -> Demande:
    """Mme LEROUX's request to a unit, as far as this state."""
    database.connect()
    if of is None:
        with database.writing():
            of = dossiers.create(ALICE_ACTS, "s", LEROUX)
    return people.demande(of, place(nom), etat, sejour=sejour)


def given_dates(one: Demande, **days: int) -> Demande:
    """Days of a request, counted from today."""
    values = {name: clock.today() + timedelta(days=number) for name, number in days.items()}
    with database.writing():
        Demande.update(chambre="", tarif=None, **values).where(Demande.id == one.id).execute()
    return queries.one(one.id)


def here(one: Demande, more: str = "") -> str:
    return f"/dossiers/sanitaire/{Dossier.get_by_id(one.dossier_id).numero}/demandes/{one.id}{more}"


def then_it_stands(one: Demande, etat: str) -> None:
    database.connect()
    assert queries.one(one.id).etat == etat


def closed(one: Demande, *, ferme: bool) -> None:
    """Its unit leaves the directory, or comes back."""
    with database.writing():
        Etablissement.update(ferme=ferme).where(Etablissement.id == one.etablissement_id).execute()


def given_a_page(page: Page) -> None:
    """A care at home that waits for the médecin traitant, asked of an HAD that has left the directory since."""
    one = given_a_request(rules.PROPOSEE, HAD, "domicile")
    with database.writing():
        Demande.update(accord="").where(Demande.id == one.id).execute()
    closed(one, ferme=True)
    page.goto(here(one))
    expect(page.get_by_text("n’est plus dans l’annuaire")).to_be_visible()
    closed(one, ferme=False)  # several pages are looked at in one demonstration


def test_01_etudier(page: Page, portail: Running, photo: Photo) -> None:
    # given a request that the unit has opened
    one = given_a_request(rules.LUE)
    given_a_member(page, portail, ADMISSIONS[SMR])
    # when I open the list: the tabs speak of accords
    page.goto(HOME)
    expect(page.get_by_role("navigation", name="Onglets des demandes")).to_contain_text("Accords sans place")
    photo(page)
    # and study it
    page.goto(f"{HOME}/demandes/{one.id}")
    page.get_by_role("region", name="Répondre").get_by_role("link", name="Mettre à l’étude").click()
    page.get_by_role("button", name="Mettre à l’étude").click()
    # then the asking side knows
    then_i_am_told(page, "La demande est à l’étude")
    then_it_stands(one, rules.ETUDE)


def test_02_accord(page: Page, portail: Running, photo: Photo) -> None:
    # given a request being studied
    one = given_a_request(rules.ETUDE)
    given_a_member(page, portail, ADMISSIONS[SMR])
    page.goto(f"{HOME}/demandes/{one.id}")
    page.get_by_role("region", name="Répondre").get_by_role("link", name="Donner un accord avec une date").click()
    # when I forget the day until which the place is kept, I read it
    page.get_by_label("Date d’entrée proposée").fill(dates.day(clock.today() + timedelta(days=5)))
    page.get_by_label("Chambre").fill("214, aile nord")
    page.watch.expect("422")
    page.get_by_role("button", name="Donner un accord avec une date").click()
    expect(page.get_by_role("alert")).to_contain_text("Réponse attendue")
    page.get_by_label("Réponse attendue avant le").fill(dates.day(clock.today() + timedelta(days=3)))
    photo(page)
    page.get_by_role("button", name="Donner un accord avec une date").click()
    # then the accord awaits its confirmation
    then_i_am_told(page, "L’accord est donné avec une date")
    then_it_stands(one, rules.PROPOSEE)


def test_03_traitant(page: Page, portail: Running, photo: Photo) -> None:
    # given a care at home on which the médecin traitant was not heard
    one = given_dates(given_a_request(rules.PROPOSEE, HAD, "domicile"), entree_prevue=4, reponse_avant=2)
    with database.writing():
        Demande.update(accord="", accord_par="", accord_le=None).where(Demande.id == one.id).execute()
    given_a_session(page, portail)
    page.goto(here(one))
    expect(page.get_by_text("Attendu", exact=True)).to_be_visible()
    # when he gives his agreement
    page.get_by_role("link", name="Donner l’accord du médecin traitant").click()
    expect(page.get_by_text("reste le médecin du patient")).to_be_visible()
    photo(page)
    page.get_by_role("button", name="Donner mon accord").click()
    # then it is told, by name
    then_i_am_told(page, "Votre accord est enregistré")
    expect(page.get_by_text(re.compile("^Donné par Dr Alice MARTIN"))).to_be_visible()


def test_04_confirmer(page: Page, portail: Running, photo: Photo) -> None:
    # given an accord, and another unit that still studies the request
    one = given_dates(given_a_request(rules.PROPOSEE), entree_prevue=4, reponse_avant=2)
    other = given_a_request(rules.ETUDE, HAD, "domicile", of=Dossier.get_by_id(one.dossier_id))
    given_a_session(page, portail)
    # when I decide, I read what it cancels
    page.goto(here(one))
    page.get_by_role("link", name="Confirmer l’accord").click()
    expect(page.get_by_text("vos autres demandes en cours sont annulées aussitôt")).to_be_visible()
    photo(page)
    page.get_by_role("button", name="Confirmer l’accord").press("Enter")
    # then one is confirmed and the other cancelled
    then_i_am_told(page, "L’accord est confirmé")
    then_it_stands(one, rules.ACCEPTEE)
    then_it_stands(other, rules.ANNULEE_AUTO)


def test_05_retirer(page: Page, portail: Running, photo: Photo) -> None:
    # given a confirmed accord that had cancelled another request
    one = given_dates(given_a_request(rules.PROPOSEE), entree_prevue=4, reponse_avant=2)
    other = given_a_request(rules.ETUDE, HAD, "domicile", of=Dossier.get_by_id(one.dossier_id))
    with database.writing():
        commands.accept(people.ASKS, one.id, one.version)
    given_a_member(page, portail, ADMISSIONS[SMR])
    # when the unit takes it back
    page.goto(f"{HOME}/demandes/{one.id}")
    page.get_by_role("region", name="Répondre").get_by_role("link", name="Retirer l’accord").click()
    expect(page.get_by_text("reprennent là où elles en étaient")).to_be_visible()
    photo(page)
    page.get_by_role("button", name="Retirer l’accord").click()
    # then the other stands where it stood
    then_i_am_told(page, "L’accord est retiré")
    then_it_stands(one, rules.LISTE)
    then_it_stands(other, rules.ETUDE)


def test_06_arrivee(page: Page, portail: Running, photo: Photo) -> None:
    # given a patient who was awaited today
    one = given_dates(given_a_request(rules.ACCEPTEE), entree_prevue=0)
    given_a_member(page, portail, ADMISSIONS[SMR])
    page.goto(f"{HOME}?onglet=propositions")
    # when the unit says that he came
    page.goto(f"{HOME}/demandes/{one.id}/admettre")
    expect(page.get_by_label("Date d’entrée")).to_have_value(dates.day(clock.today()))
    photo(page)
    page.get_by_role("button", name="Déclarer l’arrivée").click()
    # then the search is over
    then_i_am_told(page, "L’arrivée est déclarée.")
    then_it_stands(one, rules.ADMIS)
