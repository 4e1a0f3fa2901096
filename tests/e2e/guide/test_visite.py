"""The guide « Visite guidée »: offered, followed on the real pages, replayed."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.gestes import given_a_session, then_i_am_told
from tests.support.running import Running

Photo = Callable[..., None]


def region(page: Page, number: int) -> object:
    return page.get_by_role("region", name=f"Visite, étape {number} sur 9")


def test_01_commencer(page: Page, portail: Running, photo: Photo) -> None:
    # given a physician who comes for the first time
    given_a_session(page, portail, confirmed=True)
    page.goto("/accueil")
    offer = page.get_by_role("region", name="Visite guidée")
    begin = offer.get_by_role("button", name="Commencer la visite")
    photo(page, [page.locator("h1"), offer], montrer=[begin, offer.get_by_role("button", name="Ne plus proposer")])
    # when she declines it
    offer.get_by_role("button", name="Ne plus proposer").click()
    # then it is not offered any more
    then_i_am_told(page, "ne vous sera plus proposée")
    expect(begin).to_have_count(0)


def test_02_suivre(page: Page, portail: Running, photo: Photo) -> None:
    # given a visit begun
    given_a_session(page, portail, confirmed=True)
    page.goto("/accueil")
    page.get_by_role("button", name="Commencer la visite").click()
    expect(region(page, 1)).to_be_visible()
    expect(page.get_by_role("heading", name="Visite, étape 1 sur 9")).to_be_focused()
    # when she goes on by the keyboard alone
    for number in (2, 3):
        page.get_by_role("button", name="Étape suivante").press("Enter")
        expect(region(page, number)).to_be_visible()
    # then the step speaks of the page that is shown
    expect(page.get_by_role("heading", level=1)).to_have_text("Dossiers de demandes d’admission médico-sociale")
    here = region(page, 3)
    photo(page, [here, page.locator("h1")], montrer=[here.get_by_role("heading"), here.get_by_role("button").first])
    # and when she wanders off, it waits
    page.goto("/compte")
    page.get_by_role("button", name="Reprendre la visite").click()
    expect(region(page, 3)).to_be_visible()
    assert page.url.endswith("/dossiers/grand-age")


def test_03_rejouer(page: Page, portail: Running, photo: Photo) -> None:
    # given a visit followed to its end
    given_a_session(page, portail, confirmed=True)
    page.goto("/accueil")
    page.get_by_role("button", name="Commencer la visite").click()
    for number in range(2, 10):
        page.get_by_role("button", name="Étape suivante").click()
        expect(region(page, number)).to_be_visible()
    page.get_by_role("button", name="Finir la visite").click()
    then_i_am_told(page, "La visite est finie")
    expect(page.get_by_role("button", name="Commencer la visite")).to_have_count(0)
    # when she wants to see it again
    page.goto("/accueil/en-savoir-plus")
    page.get_by_role("link", name="Faire la visite guidée").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Visite guidée")
    photo(page)
    page.get_by_role("button", name="Commencer la visite").click()
    # then it begins anew
    expect(region(page, 1)).to_be_visible()
