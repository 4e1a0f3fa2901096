"""The guide « Aide à l’orientation »: one scenario a numbered step, in the guide's order."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.gestes import given_a_session, then_i_am_told
from tests.e2e.guide.test_vagues import DOSSIER, given_a_whole_dossier, leroux
from tests.support import vagues
from tests.support.running import Running

Photo = Callable[..., None]

pytestmark = pytest.mark.usefixtures("portail")


def given_a_need() -> None:
    """Its volet orientation asks for geriatrics, with contact isolation."""
    given_a_whole_dossier()
    vagues.say(leroux(), prise_en_charge="smr", mention="geriatrie", hospitalisation="complet", isolement="contact",
               lieu_recherche="14000 CAEN", rayon="50")


def given_a_page(page: Page) -> None:
    """The list, for who is logged in."""
    given_a_need()
    page.goto(f"{DOSSIER}/orientation")


def given_the_list(page: Page, portail: Running) -> None:
    given_a_session(page, portail, confirmed=True)
    given_a_need()
    page.goto(DOSSIER)
    page.get_by_role("link", name="Aide à l’orientation").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Aide à l’orientation")


def test_01_lire(page: Page, portail: Running, photo: Photo) -> None:
    given_the_list(page, portail)
    first = page.get_by_role("region", name="à considérer").get_by_role("listitem").first
    expect(first).to_contain_text("SMR de la Baie")
    expect(first).to_contain_text("Gériatrie")
    photo(page)


def test_02_ecartees(page: Page, portail: Running, photo: Photo) -> None:
    given_the_list(page, portail)
    apart = page.get_by_role("region", name="d’après ce qui est déclaré")
    expect(apart.get_by_role("listitem").first).to_contain_text("Ne convient pas")
    apart.get_by_role("heading").evaluate("title => title.scrollIntoView()")
    photo(page, from_top=False)


def test_03_choisir(page: Page, portail: Running, photo: Photo) -> None:
    given_the_list(page, portail)
    page.get_by_label("SMR de la Baie").check()
    page.get_by_role("button", name="Ajouter à ma sélection").click()
    then_i_am_told(page, "ajoutée à votre sélection")
    expect(page.get_by_text("SMR de la Baie").first).to_be_visible()
    photo(page)
