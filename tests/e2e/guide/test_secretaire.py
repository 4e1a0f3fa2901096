"""The guide « Travailler au secrétariat »: acts for the physician, never reads what is medical."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from portal.web.session import Access
from tests.e2e.gestes import enter, given_a_session
from tests.e2e.guide.test_delegations import DOSSIER
from tests.support.codes import given_an_application
from tests.support.delegues import secretary
from tests.support.running import Running
from tests.support.sessions import open_session

Photo = Callable[..., None]


def given_a_secretary(page: Page, portail: Running) -> None:
    """Sophie LEGRAND, whom Dr Alice MARTIN invited and who has a second means of login, looks at her delegations."""
    given_a_session(page, portail, confirmed=True)
    found, _ = secretary(portail.settings)
    given_an_application(found.id, portail.settings)
    enter(page, portail, open_session(portail.settings, None, found.name, state=Access.SECRETARIAT,
                                      compte_id=found.id, level="otp", subject=found.subject))
    page.goto("/delegations")


def when_she_acts(page: Page) -> None:
    page.get_by_role("button", name="Agir pour le Dr Alice MARTIN").click()
    expect(page.get_by_role("region", name="Délégation")).to_contain_text("Vous agissez pour le Dr Alice MARTIN")


def test_01_agir(page: Page, portail: Running, photo: Photo) -> None:
    # given an invitation accepted
    given_a_secretary(page, portail)
    photo(page, montrer=[page.get_by_role("button", name="Agir pour le Dr Alice MARTIN")])
    # when she acts for her physician, then the banner says so
    when_she_acts(page)


def test_02_voir(page: Page, portail: Running, photo: Photo) -> None:
    # given that she acts
    given_a_secretary(page, portail)
    when_she_acts(page)
    # when she opens the table
    page.goto("/dossiers/grand-age")
    # then her physician's dossiers are there
    banner = page.get_by_role("region", name="Délégation")
    expect(page.locator("tbody").get_by_text("ROCKY")).to_be_visible()
    photo(page, [banner, page.locator("tbody tr").nth(2)], montrer=[banner.locator("p")])


def test_03_preparer(page: Page, portail: Running, photo: Photo) -> None:
    # given that she acts
    given_a_secretary(page, portail)
    when_she_acts(page)
    # when she opens a dossier
    page.goto(DOSSIER)
    volets = page.get_by_role("region", name="Volets")
    # then the medical volet says where it stands, and opens to nobody but a physician
    medical = volets.locator("li").filter(has_text="Volet médical")
    expect(medical).to_be_visible()
    expect(medical.get_by_role("link")).to_have_count(0)
    photo(page, volets, montrer=[medical])
