"""The guide « Remplacer un confrère »: the delegate's side, with one's own card."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.guide.test_delegations import DOSSIER, given_chloe_may_act, when_i_act
from tests.support.running import Running

Photo = Callable[..., None]


def test_01_ouvrir(page: Page, portail: Running, photo: Photo) -> None:
    # given a colleague who has trusted me
    given_chloe_may_act(page, portail)
    # then I see who, until when and for what
    lent = page.get_by_role("region", name="Confiées à moi")
    expect(lent).to_contain_text("Dr Alice MARTIN")
    expect(lent).to_contain_text("31/12/2026")
    photo(page, [page.locator("h1"), lent], montrer=[lent])


def test_02_agir(page: Page, portail: Running, photo: Photo) -> None:
    # given a delegation that has begun
    given_chloe_may_act(page, portail)
    # when I act for her
    when_i_act(page)
    # then her patients are shown, under a banner
    banner = page.get_by_role("region", name="Délégation")
    expect(page.get_by_role("heading", level=1)).to_have_text("Mes patients")
    photo(page, [banner, page.locator("h1")], montrer=[banner.locator("p")])


def test_03_dossier(page: Page, portail: Running, photo: Photo) -> None:
    # given that I act for her
    given_chloe_may_act(page, portail)
    when_i_act(page)
    # when I open one of her dossiers
    page.goto(DOSSIER)
    page.reload()
    # then its history bears both names
    history = page.get_by_role("region", name="Historique")
    expect(history).to_contain_text("par délégation du Dr Alice MARTIN")
    photo(page, history, montrer=[history.locator("li").first])


def test_04_revenir(page: Page, portail: Running, photo: Photo) -> None:
    # given that I act for her
    given_chloe_may_act(page, portail)
    when_i_act(page)
    banner = page.get_by_role("region", name="Délégation")
    back = banner.get_by_role("button", name="Revenir à mes dossiers")
    photo(page, [banner, page.locator("h1")], montrer=[back])
    # when I come back
    back.click()
    # then I am among my own patients
    expect(banner).to_have_count(0)
