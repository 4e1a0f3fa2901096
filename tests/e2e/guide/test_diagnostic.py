"""The guide « Que se passe-t-il ? »: choose, answer, check the workstation."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.support.running import Running

Photo = Callable[..., None]


def test_01_choisir(page: Page, portail: Running, photo: Photo) -> None:
    # given someone who can't go on
    page.goto("/accueil/contact")
    # when he asks what to do
    page.get_by_role("link", name=re.compile("^Que se passe-t-il")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^Que se passe-t-il"))
    choices = page.locator("main ul")
    photo(page, [page.locator("h1"), choices], montrer=[choices.get_by_role("link").first])
    # then one instruction ends the questions
    page.get_by_role("link", name="Je ne vois pas mon patient").click()
    page.get_by_role("link", name="Oui", exact=True).click()
    page.get_by_role("link", name=re.compile("Page introuvable")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("À faire")
    expect(page.locator("main strong")).to_contain_text("vous désigner comme médecin traitant")


def test_02_suivre(page: Page, portail: Running, photo: Photo) -> None:
    # given a reader without its card
    portail.insert("aucune")
    page.goto("/diagnostic/carte")
    ask = page.get_by_role("button", name=re.compile("^Interroger mon poste"))
    photo(page, [page.locator("h1"), page.locator("main ul")], montrer=[ask, page.locator("main ul a").nth(5)])
    # when I ask the workstation
    with page.expect_popup() as opened:
        ask.click()
    # then its window says what to choose, and the choice what to do
    expect(opened.value.get_by_text("Aucune carte", exact=False).first).to_be_visible()
    page.get_by_role("link", name="Aucune carte").click()
    expect(page.locator("main strong")).to_contain_text("Enfoncez la carte CPS")


def test_03_poste(page: Page, portail: Running, photo: Photo) -> None:
    # given the page of the workstation
    page.goto("/diagnostic/poste")
    check = page.get_by_role("button", name="Vérifier", exact=True)
    # when I check
    check.click()
    # then each line says whether it is well
    expect(page.locator("[data-verifie=navigateur]")).to_have_text("Votre navigateur convient.")
    expect(page.locator("[data-verifie=fenetres]")).to_have_text("Les fenêtres s’ouvrent.")
    line = page.locator("[data-verifie=ligne]")
    expect(line).to_contain_text("Votre ligne suffit")
    # and a screen reader hears the three together
    expect(page.locator("#annonce")).to_have_text(re.compile("navigateur convient.*fenêtres s’ouvrent.*ligne suffit"))
    photo(page, page.locator("main .lecture"), montrer=[check], fixe={line: "Votre ligne suffit\u00a0: 48\u00a0Mb/s."})
