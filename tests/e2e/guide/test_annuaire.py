"""The guide « Chercher un établissement »: one scenario a numbered step, in the guide's order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Locator, Page, expect

from portal import clock
from portal.annuaire.models import Etablissement, Reponse
from portal.db import database
from tests.support.annuaire import BAYEUX, place
from tests.support.running import Running

Photo = Callable[..., None]
PATH = "/annuaire/etablissements"
DECLARED = date(2026, 11, 20)

pytestmark = pytest.mark.usefixtures("portail", "bessin")


def _prices(day: int) -> list[dict[str, object]]:
    tariffs = {"dep12": 2210, "dep34": 1402, "dep56": 595, "valable_du": date(2026, 1, 1)}
    return [{"hebergement": day, **tariffs}, {"hebergement": day - 620, "chambre": "double", **tariffs}]


@pytest.fixture
def bessin(portail: Running) -> None:
    """Some establishments around Bayeux: prices, places and habits of answering that differ."""
    database.connect()
    if Etablissement.get_or_none(Etablissement.nom == "EHPAD Les Glycines"):
        return
    rows = (("EHPAD Les Glycines", 0.8, 6480, "ehpad", "permanent temporaire", 2, "jardin couple alzheimer", (18, 30)),
            ("Résidence autonomie du Vallon", 2.4, 2950, "ra", "permanent", 1, "jardin animal", (9, 76)),
            ("EHPAD La Closeraie", 6.2, 7120, "ehpad", "permanent", 0, "pasa nuit_ide", (31, 120)),
            ("EHPAD Saint-Exupère", 11, 6010, "ehpad", "permanent jour", 1, "jardin kine", (3, None)))
    for nom, km, day, genre, stays, free, services, (n, median) in rows:
        made = place(
            nom, km, near=BAYEUX, prices=_prices(day), services=services, incomplets=n == 18, aide_sociale=day < 7000,
            code_postal="14400", ville="BAYEUX", insee="14047" if km < 1 else None, adresse="12 rue des Jardins", rappel_heures=8,
            statut_juridique="Privé à but non lucratif", telephone=f"02 31 00 0{free} 1{free}",
            courriel="accueil@ehpad.example",
            units=[{"genre": genre, "sejours": stays, "capacite": 40 + n, "places": free, "places_le": DECLARED}])
        with database.writing():
            refusals = '[["Ressources insuffisantes", 6]]' if n == 31 else "[]"
            Reponse.create(etablissement_id=made.id, n=n, mediane=median, refus=refusals, maj=clock.now())


def results(page: Page) -> Locator:
    return page.get_by_role("region", name="Établissements trouvés")


def when_i_search_near_bayeux(page: Page) -> None:
    page.goto(PATH)
    page.get_by_label("Autour de").fill("14400 Bayeux")
    page.get_by_label("Rayon en km").fill("15")
    page.get_by_role("button", name="Chercher").click()
    expect(results(page).get_by_role("heading", level=2)).to_contain_text("km de Bayeux (14400)")


def test_01_chercher(page: Page, photo: Photo) -> None:
    # given a visitor who has no account
    page.goto("/")
    # when she opens the directory and gives a town and a radius
    page.get_by_role("link", name="Annuaire des établissements").click()
    when_i_search_near_bayeux(page)
    # then the nearest comes first, and the address holds the search
    expect(results(page).get_by_role("row").nth(1)).to_contain_text("EHPAD Les Glycines")
    assert "rayon=15" in page.url
    photo(page)


def test_02_filtrer(page: Page, photo: Photo) -> None:
    # given a search near a town
    when_i_search_near_bayeux(page)
    # when I narrow it by a price and a service
    page.get_by_text("Plus de critères").click()
    page.get_by_label("Prix maximum en euros").fill("2200")
    page.get_by_label("Jardin").check()
    page.get_by_label("Trier par").select_option("Le prix")
    page.get_by_role("button", name="Chercher").click()
    # then only what fits stays, the cheapest first
    expect(results(page).get_by_role("row").nth(1)).to_contain_text("Résidence autonomie du Vallon")
    expect(results(page)).not_to_contain_text("La Closeraie")
    photo(page, full_page=True)


def test_03_elargir(page: Page, photo: Photo) -> None:
    # given a search that finds nothing
    page.goto(f"{PATH}?ville=14400+Bayeux&rayon=1&genre=ra&nom=vallon")
    expect(results(page)).to_contain_text("Aucun établissement ne correspond")
    photo(page, full_page=True)
    # when I take what it offers
    results(page).get_by_role("link", name="Chercher jusqu’à").click()
    # then there is something
    expect(results(page)).to_contain_text("Résidence autonomie du Vallon")


def test_04_fiche(page: Page, photo: Photo) -> None:
    # given a list
    when_i_search_near_bayeux(page)
    # when I choose a name
    results(page).get_by_role("link", name="EHPAD Les Glycines").click()
    # then its sheet says what it offers and how it answers
    expect(page.get_by_role("heading", level=1)).to_have_text("EHPAD Les Glycines")
    expect(page.get_by_role("region", name="Ses réponses aux demandes")).to_contain_text("30 heures")
    expect(page.get_by_role("region", name="Prix par jour")).to_contain_text("64,80")
    photo(page, full_page=True)


def test_05_cout(page: Page, photo: Photo) -> None:
    # given a sheet
    found = Etablissement.get(Etablissement.nom == "EHPAD Les Glycines")
    page.goto(f"{PATH}/{found.finess}")
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
