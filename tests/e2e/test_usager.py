"""The person's space in a browser: every page in four looks, without scripts, by keyboard."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from portal.demandes import rules
from portal.demonstration.espaces import tilleuls
from tests.e2e.conftest import accessible
from tests.e2e.gestes import given_a_relative
from tests.support import espaces
from tests.support.running import Running
from tests.support.usagers import HOME, given_a_family, latest_link

pytestmark = pytest.mark.usefixtures("portail")
NARROW = {"width": 320, "height": 640}
LOOKS = {"clair": {}, "sombre": {"color_scheme": "dark"}, "320": {"viewport": NARROW},
         "320-sombre": {"viewport": NARROW, "color_scheme": "dark"}}
PUBLIC = ("/espaces/usager", "/espaces/usager/creer", "/espaces/usager/lien/x")
MINE = (HOME, f"{HOME}/annuler", *(f"/espaces/usager/{name}" for name in (
    "medecin", "proches", "courriel", "ouvertures", "lettre")))


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_looks_right(new_page: Callable[..., Page], portail: Running, look: str) -> None:
    # given a family whose dossier has an offered place
    page = new_page(**LOOKS[look])
    page.watch.expect("404")
    page.watch.expect("422")
    dossier, one = given_a_family("patient", read=True)
    espaces.demande(dossier, tilleuls(), rules.PROPOSEE)
    # when each page is read, before and after the link
    for path in PUBLIC:
        page.goto(path)
        then_it_is_right(page, path)
    page.goto("/espaces/usager/creer")
    page.get_by_role("button", name="Créer le dossier").click()
    expect(page.locator(".resume-erreurs")).to_be_focused()
    then_it_is_right(page, "errors")
    given_a_relative(page, portail, one)
    for path in MINE:
        page.goto(path)
        then_it_is_right(page, path)
    page.goto("/espaces/usager/medecin")
    page.get_by_label("Nom du médecin").fill("martin")
    page.get_by_role("button", name="Chercher").click()
    expect(page.get_by_role("heading", level=2, name="trouvé")).to_be_focused()
    then_it_is_right(page, "found")


def then_it_is_right(page: Page, path: str) -> None:
    accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
    small = page.locator("main a.bouton:visible, main button:visible").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().height).filter(height => height < 24)")
    assert not small, path


def test_from_the_number_to_the_dossier_without_scripts(new_page: Callable[..., Page]) -> None:
    # given a family, and a browser without scripts
    dossier, _ = given_a_family("patient")
    page = new_page(java_script_enabled=False)
    page.goto("/espaces/usager")
    # when the number and the birth date are typed, and the mailed link opened
    page.get_by_label("Numéro du dossier").fill(str(dossier.numero))
    page.get_by_label("Date de naissance de la personne").fill("17/04/1931")
    with page.expect_navigation():
        page.get_by_role("button", name="Recevoir mon lien").click()
    page.goto(latest_link())
    page.get_by_role("button", name="Entrer dans le dossier").click()
    # then the dossier is there, and it can be cancelled and taken up again
    expect(page.get_by_role("heading", level=1)).to_have_text("Mon dossier")
    page.get_by_role("link", name="Annuler ce dossier").click()
    page.get_by_label("Le dossier a été créé par erreur").check()
    page.get_by_role("button", name="Annuler ce dossier").click()
    page.get_by_role("button", name="Rouvrir ce dossier").click()
    expect(page.get_by_text("Votre dossier n’est pas encore envoyé.")).to_be_visible()


def test_the_link_is_opened_by_keyboard_alone(page: Page) -> None:
    # given the page of a number
    dossier, _ = given_a_family("patient")
    page.goto("/espaces/usager")
    # when no mouse is used
    page.get_by_label("Numéro du dossier").focus()
    page.keyboard.type(f"ga {dossier.numero}")
    page.keyboard.press("Tab")
    page.keyboard.type("17/04/1931")
    page.keyboard.press("Enter")
    # then a mail leaves
    expect(page.get_by_role("heading", level=1)).to_have_text("Regardez vos courriels")
    assert latest_link()
