"""The guide « Coordination et services hospitaliers »: one scenario a numbered step, in the guide's order."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from portal.db import database
from portal.db.audit import Actor
from portal.dossiers import queries as dossiers
from portal.espaces import queries
from portal.espaces.coordination import commands
from portal.espaces.models import Structure
from tests.e2e.gestes import ALICE, given_a_member, given_a_session, given_an_account, when_i_fill_in_a_dossier
from tests.support.running import Running

Photo = Callable[..., None]
TEAM = Actor(None, "Léa MARTEL, CLIC BESSIN — CLIC du Bessin", "otp")
LEA = "lea.martel@clic-bessin.example"
ROCKY = 43009190
HERE = f"/espaces/coordination/dossiers/grand-age/{ROCKY}"

pytestmark = pytest.mark.usefixtures("portail")


def given_a_transfer() -> None:
    """The team has offered Rocky's dossier to Dr Alice MARTIN."""
    database.connect()
    dossier = dossiers.by_number("ga", ROCKY)
    assert dossier is not None
    with database.writing():
        commands.offer(TEAM, Structure.get(Structure.nom == "CLIC BESSIN"), dossier, ALICE)


def test_01_dossiers(page: Page, portail: Running, photo: Photo) -> None:
    # given a team that leads dossiers
    given_a_member(page, portail, LEA)
    # when I come to its space
    page.goto("/espaces")
    # then its dossiers are there, and I find one by its name
    expect(page.get_by_role("heading", level=1)).to_have_text("Dossiers suivis")
    photo(page)
    page.get_by_role("searchbox").fill("rocky")
    page.get_by_role("button", name="Chercher").click()
    expect(page.get_by_role("link", name="ga 43009190")).to_be_visible()


def test_02_creer(page: Page, portail: Running, photo: Photo) -> None:
    # given a person who asks for help
    given_a_member(page, portail, LEA)
    page.goto("/espaces/coordination")
    # when I create her dossier
    page.get_by_role("link", name=re.compile("^Créer un dossier .Personnes")).click()
    when_i_fill_in_a_dossier(page)
    photo(page)
    page.get_by_role("button", name="Créer le dossier").last.click()
    # then my structure leads it
    expect(page.locator("#messages")).to_contain_text("Votre structure en est le référent")
    expect(page.get_by_text("CLIC BESSIN — CLIC du Bessin").last).to_be_visible()


def test_03_dossier(page: Page, portail: Running, photo: Photo) -> None:
    # given a dossier that we lead
    given_an_account(portail)
    given_a_member(page, portail, LEA)
    # when I open it
    page.goto(HERE)
    # then I see what is filled in, and nothing of what is the physicians'
    expect(page.get_by_text("son contenu ne vous est pas montré")).to_have_count(2)
    photo(page)
    answer = page.request.get(f"{portail.origin}/dossiers/grand-age/{ROCKY}/volets/medical")
    assert answer.status == 403


def test_04_medecin(page: Page, portail: Running, photo: Photo) -> None:
    # given a dossier whose médecin traitant I look for
    given_a_member(page, portail, LEA)
    page.goto(f"{HERE}/medecin")
    # when I search him by name and town
    page.get_by_label(re.compile("^Nom du médecin")).fill("durand")
    page.get_by_label("Ville").fill("caen")
    page.get_by_role("button", name="Chercher").click()
    expect(page.get_by_role("heading", name="Dr Bob DURAND")).to_be_visible()
    photo(page)
    page.get_by_role("button", name="Choisir Dr Bob DURAND").click()
    # then he is named, and told
    expect(page.locator("#messages")).to_contain_text("Dr Bob DURAND est désigné")


def test_05_transferer(page: Page, portail: Running, photo: Photo) -> None:
    # given a physician who has accepted the dossier
    given_an_account(portail)
    given_a_member(page, portail, LEA)
    page.goto(HERE)
    # when I offer him to take it over
    page.get_by_role("link", name="Transfert au médecin traitant").click()
    photo(page)
    page.get_by_role("button", name="Proposer le transfert").click()
    # then I keep it until he does, and may change my mind
    expect(page.get_by_text("Transfert proposé le")).to_be_visible()
    page.get_by_role("button", name="Retour au service").click()
    expect(page.locator("#messages")).to_contain_text("Le transfert est annulé")


def test_06_prendre(page: Page, portail: Running, photo: Photo) -> None:
    # given a dossier that a team offers me
    given_a_transfer()
    given_a_session(page, portail, confirmed=True)
    page.goto(f"/dossiers/grand-age/{ROCKY}")
    # when I take its responsibility
    page.get_by_role("link", name="Prendre la responsabilité du dossier").click()
    photo(page)
    page.get_by_role("button", name="Prendre la responsabilité").click()
    # then I lead it, and the team sees it no more
    expect(page.locator("#messages")).to_contain_text("Vous êtes maintenant le référent")
    structure, dossier = Structure.get(Structure.nom == "CLIC BESSIN"), dossiers.by_number("ga", ROCKY)
    assert dossier is not None
    assert queries.link(structure.id, dossier.id) == "transfere"
