"""The proposed range of ages in a browser: written with the first answer, never by looking, with and without script."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from portal.dossiers.models import Dossier
from portal.volets.models import Volet
from tests.e2e.gestes import given_a_session
from tests.e2e.guide.test_tnd import LEO, given_a_grid, question, when_i_answer
from tests.support.running import Running

pytestmark = pytest.mark.usefixtures("portail")


def written() -> int:
    """How many volets the child's dossiers have."""
    mine = Dossier.select().where(Dossier.nom_naissance == LEO.nom)
    return int(Volet.select().where(Volet.dossier_id.in_([one.id for one in mine])).count())


def test_looking_and_leaving_writes_nothing(page: Page, portail: Running) -> None:
    given_a_grid(page, portail)
    expect(page.get_by_label("24-35 mois", exact=True)).to_be_checked()
    # a hidden page saves what is not: here there is nothing, and nothing keeps one from leaving
    page.evaluate("""() => {
        Object.defineProperty(document, "hidden", {value: true, configurable: true});
        document.dispatchEvent(new Event("visibilitychange"));
    }""")
    page.goto("/accueil")
    expect(page.get_by_role("heading", level=1)).to_have_text("Mes patients")
    assert written() == 0


def test_a_range_that_i_untick_is_not_proposed_again(page: Page, portail: Running) -> None:
    given_a_grid(page, portail)
    page.get_by_label("24-35 mois", exact=True).uncheck()
    expect(question(page, "m24_mg_court")).to_be_hidden()
    when_i_answer(page, regression="non")
    expect(page.locator("#suivi [data-etat]")).to_contain_text("Enregistré à")
    page.reload()
    expect(page.get_by_label("24-35 mois", exact=True)).not_to_be_checked()
    expect(page.get_by_text("Proposé d’après l’âge")).to_have_count(0)


def test_without_script_the_proposed_range_goes_with_the_form(
        new_page: Callable[..., Page], portail: Running) -> None:
    page = new_page(java_script_enabled=False)
    given_a_session(page, portail)
    given_a_grid(page, portail)
    when_i_answer(page, m24_la_dix_mots="non")
    page.get_by_role("complementary", name="Suivi de la saisie").get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_label("24-35 mois", exact=True)).to_be_checked()
    expect(page.get_by_text("Proposé d’après l’âge")).to_have_count(0)
    page.get_by_text("Âge, comptes et seuils").click()
    expect(page.locator(".aggir-resultat").get_by_role("row", name="Langage")).to_contain_text("1")
