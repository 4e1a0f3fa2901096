"""Who the patient is stays in sight on a dossier's page, whatever is scrolled and however narrow the window."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.gestes import given_a_session
from tests.support.running import Running
from tests.support.volets import ALICE_ACTS, dossier, sign, write

# A fifth of a telephone's window at most: the rest is for what one reads.
SHARE = 1 / 5


@pytest.fixture
def address(page: Page, portail: Running) -> str:
    """A dossier of Dr Alice MARTIN, its volet autonomie signed, its volet médical begun."""
    given_a_session(page, portail)
    numero = int(dossier().numero)
    sign(numero, "autonomie")
    write(ALICE_ACTS, numero, {"antecedents": "Hypertension."})
    return f"/dossiers/grand-age/{numero}"


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (320, 640)])
@pytest.mark.parametrize("below", ["", "/volets/medical", "/volets/autonomie", "/pieces"])
def test_the_banner_stays_in_sight(page: Page, address: str, width: int, height: int, below: str) -> None:
    # given a page of the dossier
    page.set_viewport_size({"width": width, "height": height})
    page.goto(address + below)
    banner = page.get_by_role("region", name="Identité du patient")
    # when I go down to its end
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    # then the patient is still named at the top, and the screen is not eaten up
    expect(banner).to_be_in_viewport(ratio=1)
    box = banner.bounding_box()
    assert box is not None and box["y"] >= 0 and box["height"] <= height * SHARE
    for words in ("LEROUX JOSETTE", "Née le 17/04/1931", "95 ans, sexe féminin", address.split("/")[3]):
        expect(banner).to_contain_text(words)


def test_the_banner_covers_no_field_that_has_the_focus(page: Page, address: str) -> None:
    # given a link to an answer that misses
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(address)
    page.get_by_text("Ce qui manque").last.click()
    link = page.locator("a[href*='/medical#']").last
    # when I follow it
    link.click()
    # then its field stands below the banner
    page.wait_for_url("**/medical#*")
    banner = page.get_by_role("region", name="Identité du patient").bounding_box()
    field = page.locator(":target").bounding_box()
    assert banner is not None and field is not None
    assert field["y"] >= banner["y"] + banner["height"] - 1


def test_the_banner_is_printed_with_the_page(page: Page, address: str) -> None:
    page.goto(address)
    page.emulate_media(media="print")
    expect(page.get_by_role("region", name="Identité du patient")).to_be_visible()
