"""The guide « Ma liste À faire »: one scenario a numbered step, in the guide's order."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from portal.echeances import archives
from tests.e2e.gestes import given_a_session
from tests.support.running import Running

Photo = Callable[..., None]

pytestmark = pytest.mark.usefixtures("portail")


def tasks(page: Page) -> Locator:
    return page.locator(".tache")


def tab(page: Page, name: str) -> Locator:
    return page.get_by_role("navigation", name="Filtrer la liste").get_by_role("link", name=name)


def test_01_a_faire(page: Page, portail: Running, photo: Photo) -> None:
    # given patients for whom something waits
    given_a_session(page, portail, confirmed=True)
    # when I open my dashboard
    page.goto("/accueil")
    # then the most urgent is at its top
    block = page.get_by_role("region", name=re.compile("^À faire"))
    expect(block.get_by_role("listitem")).to_have_count(4)
    expect(block.get_by_role("listitem").first).to_contain_text(re.compile("Proposition à décider|Accord à confirmer"))
    photo(page)


def test_02_tout_voir(page: Page, portail: Running, photo: Photo) -> None:
    # given the dashboard
    given_a_session(page, portail, confirmed=True)
    page.goto("/accueil")
    # when I ask for everything
    page.get_by_role("link", name="Tout voir").click()
    # then I see how much waits of each kind
    expect(page.get_by_role("heading", level=1)).to_have_text("À faire")
    expect(tab(page, "Dossiers à accepter")).to_be_visible()
    assert tasks(page).count() > 4
    photo(page)


def test_03_filtrer(page: Page, portail: Running, photo: Photo) -> None:
    # given the whole list
    given_a_session(page, portail, confirmed=True)
    page.goto("/taches")
    # when I choose a kind
    tab(page, "Dossiers à accepter").click()
    # then only that kind is listed
    expect(tasks(page).first).to_contain_text("Dossier à accepter ou refuser")
    expect(tasks(page).filter(has_not_text="Dossier à accepter ou refuser")).to_have_count(0)
    photo(page)


def test_04_faire(page: Page, portail: Running, photo: Photo) -> None:
    # given the dossiers that I have to accept
    given_a_session(page, portail, confirmed=True)
    page.goto("/taches?genre=acceptation")
    number = tasks(page).first.locator(".tache-numero").inner_text()
    # when I press the one action of the first, and do it
    tasks(page).first.get_by_role("link").click()
    expect(page.get_by_role("button", name="Accepter le dossier")).to_be_visible()
    photo(page)
    page.get_by_role("button", name="Accepter le dossier").click()
    expect(page.get_by_role("button", name="Accepter le dossier")).to_have_count(0)
    # then it waits no more
    page.goto("/taches?genre=acceptation")
    expect(tasks(page).filter(has_text=number)).to_have_count(0)


def test_05_archivage(page: Page, portail: Running, photo: Photo) -> None:
    # given a dossier that nobody has touched for six months
    given_a_session(page, portail, confirmed=True)
    archives.warn(portail.settings)
    page.goto("/taches?genre=archivage")
    before = tasks(page).count()
    assert before
    # when I choose to keep it
    tasks(page).first.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Garder ce dossier")
    photo(page)
    page.get_by_role("button", name="Garder ce dossier").click()
    expect(page.locator("#messages")).to_contain_text("Le dossier est gardé actif")
    # then it is no longer about to be archived
    page.goto("/taches?genre=archivage")
    expect(tasks(page)).to_have_count(before - 1)
