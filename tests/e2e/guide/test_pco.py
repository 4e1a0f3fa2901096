"""The guide « L’espace d’une plateforme TND »: one scenario a numbered step, in the guide's order."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from portal.demandes import rules
from portal.demandes.models import Demande
from portal.parcours import rules as of_paths
from tests.e2e.gestes import given_a_member
from tests.support.running import Running

Photo = Callable[..., None]

pytestmark = pytest.mark.usefixtures("portail")
NADIA, REMI = "nadia.ferrand@pco-calvados.example", "remi.hamel@pco-calvados.example"


def given_a_request(page: Page, portail: Running, etat: str) -> str:
    """The platform's physician, and the address of a path whose request stands there."""
    given_a_member(page, portail, REMI)
    return path_of(etat)


def path_of(etat: str) -> str:
    """The address of the platform's oldest path whose request stands there."""
    found = Demande.select().where(Demande.module == "tnd", Demande.etat == etat).order_by(Demande.id).first()
    assert found is not None
    return f"/espaces/etablissement/parcours/{found.id}"


def test_01_territoire(page: Page, portail: Running, photo: Photo) -> None:
    given_a_member(page, portail, NADIA)
    page.goto("/espaces/etablissement/fiche")
    page.get_by_role("link", name="Notre territoire").click()
    page.get_by_label("Départements", exact=True).fill("14 50")
    page.get_by_role("button", name="Enregistrer le territoire").click()
    expect(page.get_by_text("Départements 14 et 50, jusqu’à la veille des 7 ans")).to_be_visible()
    photo(page)


def test_02_valider(page: Page, portail: Running, photo: Photo) -> None:
    page.goto(f"{given_a_request(page, portail, rules.LUE)}/valider")
    for words in of_paths.CONFORMITE.values():
        page.get_by_label(words).check()
    photo(page)
    page.get_by_role("button", name="Valider et ouvrir le parcours").click()
    expect(page.get_by_text("Parcours validé").first).to_be_visible()


def test_03_professionnels(page: Page, portail: Running, photo: Photo) -> None:
    page.goto(given_a_request(page, portail, rules.PARCOURS))
    page.get_by_role("link", name="Ajouter un professionnel").click()
    page.get_by_label("Nom du professionnel").fill("Inès BRUN")
    page.get_by_label("Profession et prise en charge").select_option("psychomot_bilan")
    page.get_by_role("button", name="Ajouter un professionnel").click()
    expect(page.get_by_text("Psychomotricien, bilan, forfait de 140")).to_be_visible()
    photo(page)


def test_04_suivre(page: Page, portail: Running, photo: Photo) -> None:
    page.goto(f"{given_a_request(page, portail, rules.BILANS)}/synthese")
    page.get_by_label("Synthèse").fill("Trouble du langage\u00a0: orthophonie et soutien à l’école.")
    page.get_by_role("button", name="Rendre la synthèse").click()
    expect(page.get_by_role("heading", name="Synthèse")).to_be_visible()
    photo(page)
