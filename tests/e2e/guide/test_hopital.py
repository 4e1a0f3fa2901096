"""The guide « Service hospitalier: un dossier sanitaire »: one scenario a numbered step, in the guide's order."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from portal.db import database
from portal.demandes.models import Pas
from tests.e2e.gestes import given_a_member, given_an_account, when_i_fill_in_a_dossier
from tests.support.running import Running

Photo = Callable[..., None]
ELISE, MARC, HUGO = "elise.lamy@chu-caen.example", "marc.auvray@chu-caen.example", "hugo.leclerc@smr-baie.example"
DESPRES = 2034289
HERE = f"/espaces/coordination/dossiers/sanitaire/{DESPRES}"

pytestmark = pytest.mark.usefixtures("portail")


def in_the_middle(page: Page, selector: str) -> None:
    """Scroll so that a part of the page stands in the middle of the picture."""
    page.locator(selector).evaluate("part => part.scrollIntoView({block: 'center'})")


def when_i_open_what_changed(page: Page) -> None:
    """The request whose dossier was signed again since it left."""
    database.connect()
    page.goto(f"/espaces/etablissement/demandes/{Pas.get(Pas.evenement == 'changement').demande_id}")


def test_01_creer(page: Page, portail: Running, photo: Photo) -> None:
    # given a nurse of a hospital service
    given_a_member(page, portail, ELISE)
    page.goto("/espaces/coordination")
    # when she opens a sanitaire dossier for a patient of the ward
    page.locator("a[href$='/creer/sanitaire']").click()
    when_i_fill_in_a_dossier(page, "SSR")
    photo(page)
    page.get_by_role("button", name="Créer le dossier").last.click()
    # then the service is its referent, by its name and its ward's
    expect(page.locator("#messages")).to_contain_text("Votre structure en est le référent")
    expect(page.get_by_text("CHU COTE DE NACRE - CAEN — Addictologie").last).to_be_visible()


def test_02_remplir(page: Page, portail: Running, photo: Photo) -> None:
    # given a dossier that the service leads
    given_an_account(portail)
    given_a_member(page, portail, ELISE)
    # when she opens it
    page.goto(HERE)
    # then she fills in four volets, and the medical one is a physician's
    photo(page)
    expect(page.locator(".fiche-volet a")).to_have_count(4)
    expect(page.get_by_text("son contenu ne vous est pas montré")).to_have_count(1)
    assert page.request.get(f"{portail.origin}/dossiers/sanitaire/{DESPRES}/volets/medical").status == 403


def test_03_medical(page: Page, portail: Running, photo: Photo) -> None:
    # given the physician of the same service
    given_a_member(page, portail, MARC)
    # when he opens the dossier
    page.goto(HERE)
    # then the medical volet is his to fill in
    expect(page.locator(".fiche-volet a")).to_have_count(5)
    page.get_by_role("link", name="Remplir\u00a0: Volet médical").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("médical")
    photo(page)


def test_04_transferer(page: Page, portail: Running, photo: Photo) -> None:
    # given a médecin traitant who has accepted, and a volet that nobody has signed
    given_an_account(portail)
    given_a_member(page, portail, ELISE)
    page.goto(HERE)
    # then the transfer says what it waits for, and leads there
    part = page.get_by_role("region", name="Transfert au médecin traitant")
    expect(part).to_contain_text("Validez d’abord")
    in_the_middle(page, "#titre-transfert")
    photo(page, from_top=False)
    part.get_by_role("link").click()
    # when she signs it
    page.get_by_role("button", name="Valider le volet").first.click()
    expect(page.get_by_role("complementary", name="État du volet")).to_contain_text("Validé par")
    # then the transfer can be offered
    page.goto(HERE)
    expect(page.get_by_role("link", name="Transfert au médecin traitant")).to_be_visible()


def test_05_changement(page: Page, portail: Running, photo: Photo) -> None:
    # given a unit which studies a dossier that was signed again since
    given_a_member(page, portail, HUGO)
    # when its physician opens the request
    when_i_open_what_changed(page)
    # then he reads each answer before and now
    part = page.get_by_role("region", name="Ce qui a changé depuis l’envoi")
    expect(part).to_contain_text("Isolement")
    expect(part).to_contain_text("Maintenant")
    in_the_middle(page, "#titre-changements")
    photo(page, from_top=False)
