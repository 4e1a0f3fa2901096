"""The guide « Adresser un enfant à une plateforme TND »: one scenario a numbered step, in the guide's order."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from portal.demandes import rules
from portal.demandes.models import Demande
from portal.demonstration.dossiers import ALICE
from portal.dossiers import queries
from portal.dossiers.models import Dossier, Lien
from tests.e2e.gestes import given_a_session, then_i_am_told
from tests.support.running import Running

Photo = Callable[..., None]

pytestmark = pytest.mark.usefixtures("portail")


def given_a_child_whose_path_has_its_synthesis(page: Page, portail: Running) -> str:
    """The address of a dossier of Dr Alice MARTIN's whose platform gave its synthesis."""
    given_a_session(page, portail)
    found = (Demande.select().join(Lien, on=(Lien.dossier_id == Demande.dossier_id))
             .where(Demande.module == "tnd", Demande.etat == rules.SYNTHESE, Lien.rpps == ALICE, Lien.etat == "accepte")
             .order_by(Demande.id).first())
    assert found is not None
    return f"/dossiers/tnd/{queries.by_id(found.dossier_id).numero}"


def given_the_platforms(page: Page) -> None:
    """The platforms for Léo MERCIER, of Caen."""
    page.goto(f"{leo()}/plateforme")


def leo() -> str:
    """The address of the dossier of a child of Dr Alice MARTIN's."""
    found = Dossier.get(Dossier.module == "tnd", Dossier.nom_naissance == "MERCIER", Dossier.prenom == "LÉO")
    return f"/dossiers/tnd/{found.numero}"


def test_01_plateforme(page: Page, portail: Running, photo: Photo) -> None:
    given_a_session(page, portail)
    page.goto(leo())
    page.get_by_role("link", name="Trouver la plateforme", exact=True).click()
    expect(page.get_by_role("heading", name="Sa plateforme")).to_be_visible()
    photo(page)
    page.get_by_role("button", name="Choisir cette plateforme").click()
    then_i_am_told(page, "rien n’est encore envoyé")


def test_02_suivre(page: Page, portail: Running, photo: Photo) -> None:
    page.goto(given_a_child_whose_path_has_its_synthesis(page, portail))
    page.get_by_role("link", name="Voir le parcours et la synthèse").click()
    expect(page.get_by_role("heading", name="Synthèse")).to_be_visible()
    expect(page.get_by_text("Les bilans vont dans le sens d’un trouble du langage.")).to_be_visible()
    photo(page)


def test_03_renouveler(page: Page, portail: Running, photo: Photo) -> None:
    page.goto(f"{given_a_child_whose_path_has_its_synthesis(page, portail)}/parcours")
    page.get_by_role("button", name="Demander le renouvellement").click()
    then_i_am_told(page, "la plateforme en est avertie")
    expect(page.get_by_text("Le renouvellement est déjà demandé.")).to_be_visible()
    photo(page)
