"""The guide « Chercher un établissement »: one scenario a numbered step, in the guide's order."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from portal.annuaire.recherche import PAGE_SIZE
from portal.db import database
from portal.demandes import statistiques
from portal.demonstration.espaces import tilleuls
from tests.support.running import Running

Photo = Callable[..., None]
PATH = "/annuaire/etablissements"
pytestmark = pytest.mark.usefixtures("portail", "habits")


@pytest.fixture
def habits(portail: Running) -> None:
    """How the establishments have answered is counted, as the clocks do each day."""
    database.connect()
    statistiques.refresh(portail.settings)


def results(page: Page) -> Locator:
    return page.get_by_role("region", name="Établissements trouvés")


def when_i_search_near_caen(page: Page) -> None:
    page.get_by_label("Autour de").fill("14000 Caen")
    page.get_by_label("Rayon en km").fill("15")
    page.get_by_role("button", name="Chercher").click()
    expect(results(page).get_by_role("heading", level=2)).to_have_text(re.compile(r"à moins de 15\skm de Caen"))


def test_01_chercher(page: Page, photo: Photo) -> None:
    # given a visitor who has no account
    page.goto("/")
    # when she opens the directory and gives a town and a radius
    page.get_by_role("link", name="Annuaire des établissements").click()
    when_i_search_near_caen(page)
    # then a page of the nearest is listed, and the address holds the search
    expect(results(page).get_by_role("row")).to_have_count(1 + PAGE_SIZE)
    expect(page).to_have_url(re.compile("rayon=15"))
    photo(page)


def test_02_filtrer(page: Page, photo: Photo) -> None:
    # given a search near a town
    page.goto(PATH)
    when_i_search_near_caen(page)
    # when I narrow it by a price and a service, the cheapest first
    page.get_by_text("Plus de critères").click()
    page.get_by_label("Prix maximum en euros").fill("2400")
    page.get_by_label("Jardin").check()
    page.get_by_label("Trier par").select_option("Le prix")
    page.get_by_role("button", name="Chercher").click()
    # then only what fits stays
    prices = results(page).locator("[data-libelle=Prix]")
    expect(prices.first).to_contain_text("par mois")
    expect(results(page)).not_to_contain_text("Non communiqué")
    found = [int(re.sub(r"\D", "", text.partition("€")[0])) for text in prices.all_inner_texts()]
    assert found == sorted(found)
    assert found[-1] <= 2400
    photo(page, cible=page.locator("main"))


def test_03_elargir(page: Page, photo: Photo) -> None:
    # given a search that finds nothing
    page.goto(f"{PATH}?ville=14400+Bayeux&rayon=1&genre=usp&places=oui")
    expect(results(page)).to_contain_text("Aucun établissement ne correspond")
    photo(page, cible=page.locator("main"))
    # when I take what it offers
    results(page).get_by_role("link", name="Chercher").first.click()
    # then there is something
    expect(results(page).get_by_role("table")).to_be_visible()


def test_04_fiche(page: Page, photo: Photo) -> None:
    # given a list
    page.goto(f"{PATH}?nom=tilleuls")
    # when I choose a name
    results(page).get_by_role("link", name="EHPAD Les Tilleuls").click()
    # then its sheet says what it offers and how it answers
    expect(page.get_by_role("heading", level=1)).to_have_text("EHPAD Les Tilleuls")
    expect(page.get_by_role("region", name="Ses réponses aux demandes")).to_contain_text("réponses comptées")
    expect(page.get_by_role("region", name="Prix par jour").get_by_role("row")).to_have_count(3)
    photo(page, cible=page.locator("main"))


def test_05_cout(page: Page, photo: Photo) -> None:
    # given a sheet
    page.goto(f"{PATH}/{tilleuls().finess}")
    # when I ask what it would cost
    page.get_by_role("link", name="Estimer le reste à charge").click()
    page.get_by_label("Degré de dépendance").select_option("GIR 2")
    page.get_by_label("Ressources, en euros par mois").fill("1850")
    page.get_by_label("Aide au logement, en euros par mois").fill("180")
    page.get_by_role("button", name="Estimer").click()
    # then each line says where it comes from, and what I typed is in no address
    expect(page.get_by_role("region", name="Reste à payer")).to_contain_text("Allocation personnalisée d’autonomie")
    assert "1850" not in page.url
    photo(page)
