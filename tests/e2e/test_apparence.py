"""Every page in three looks (wide light, wide dark, telephone): axe finds nothing, nothing overflows, one h1.

One portal and one browser context a look serve the whole list, so that the list may be long.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from portal.delegations import queries as delegations
from portal.web.session import Access
from tests.e2e import gestes
from tests.e2e.conftest import TIMEOUT_MS, Watch, accessible
from tests.e2e.gestes import CHLOE, enter, given_a_card_read, given_a_session, when_i_choose_the_card
from tests.e2e.vues import SIGHTS, Sight
from tests.support.delegues import physician
from tests.support.running import Running, demonstration
from tests.support.sessions import open_session

LOOKS = {
    "large-clair": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"},
    "large-sombre": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
    "telephone": {"viewport": {"width": 320, "height": 640}, "color_scheme": "light"},
}
CONSOLE = "Failed to load resource"  # pages with a status of 404, 409 or 422
# WCAG 1.4.12: what a reader may set without losing anything.
SPACING = "* {line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important;} " \
          "p {margin-bottom: 2em !important;}"
# Elements that show less than their text: hidden ones and scrolling frames aside.
CUT = """() => [...document.querySelectorAll('main *, header *')].filter((one) => {
  const style = getComputedStyle(one);
  return one.checkVisibility() && style.overflowX !== 'visible' && !one.closest('.hors-ecran, .invisible')
    && !one.matches('input, select, textarea') && one.scrollWidth > one.clientWidth + 1;
}).map((one) => one.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def portail(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One demonstration for the whole list; each page brings its own session."""
    with demonstration(prepared, tmp_path_factory.mktemp("apparence") / "data") as running:
        yield running


@pytest.fixture(scope="module")
def opened(browser: Browser, portail: Running) -> Iterator[Callable[..., Page]]:
    """The page of a look, made at its first use."""
    pages: dict[str, Page] = {}

    def opener(look: str, **more: object) -> Page:
        name = f"{look} {more}"
        if name not in pages:
            options = {"base_url": portail.origin, "locale": "fr-FR", "timezone_id": "Europe/Paris",
                       "reduced_motion": "reduce"} | LOOKS[look] | more
            context = browser.new_context(**options)
            context.set_default_timeout(TIMEOUT_MS)
            page = context.new_page()
            page.watch = Watch(context)
            page.watch.expect(CONSOLE)
            pages[name] = page
        return pages[name]

    yield opener
    for page in pages.values():
        assert not page.watch.surprises()
        page.context.close()


def given(page: Page, portail: Running, sight: Sight) -> None:
    """Stand before the page as it should be looked at."""
    page.context.clear_cookies()
    if sight.state is Access.CARTE:
        given_a_card_read(page, portail)
    elif sight.state is Access.STRUCTURE:
        gestes.given_a_member(page, portail, sight.who)
    elif sight.state is not Access.PUBLIC:
        given_a_session(page, portail, state=sight.state)
    page.goto(sight.path)
    sight.then(page)


def looks_right(page: Page) -> None:
    """No axe violation, nothing to scroll sideways for, one h1."""
    accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.locator("h1").count() == 1


@pytest.mark.proves("W4")
@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("sight", SIGHTS.values(), ids=SIGHTS)
def test_page_looks_right(opened: Callable[..., Page], portail: Running, look: str, sight: Sight) -> None:
    # given a page, in one of the looks
    page = opened(look)
    given(page, portail, sight)
    # then nobody is kept out of it
    looks_right(page)


@pytest.mark.parametrize("look", LOOKS)
def test_pages_under_the_banner_look_right(opened: Callable[..., Page], portail: Running, look: str) -> None:
    # given Dr Chloé PETIT, whom Dr Bob DURAND lent his access to for two modules of three
    page = opened(look)
    page.context.clear_cookies()
    chloe = physician(CHLOE)
    made = delegations.usable(chloe.id)[0].delegation
    enter(page, portail, open_session(
        portail.settings, CHLOE, chloe.name, compte_id=chloe.id, delegation_id=made.id))
    refused = "/dossiers/tnd"
    for path in ("/accueil", "/dossiers/grand-age", "/delegations", f"/delegations/{made.id}/revoquer", refused):
        page.goto(path)
        # then the banner is there, and nobody is kept out of the page
        expect(page.get_by_role("region", name="Délégation")).to_be_visible()
        looks_right(page)


@pytest.mark.parametrize("look", LOOKS)
def test_card_reader_windows_look_right(opened: Callable[..., Page], portail: Running, look: str) -> None:
    # given the agent's windows: the tray, the code, the reader without a card
    page = opened(look)
    page.context.clear_cookies()
    page.goto(f"{portail.settings.agent_url}/plateau")
    looks_right(page)
    page.goto("/connexion")
    window = when_i_choose_the_card(page)
    window.set_viewport_size(page.viewport_size or {"width": 520, "height": 680})
    looks_right(window)
    # when a code is refused and the card taken out
    window.get_by_label("Code porteur").fill("12")
    window.get_by_role("button", name="Valider").click()
    expect(window.get_by_role("alert")).to_be_visible()
    looks_right(window)
    portail.insert("aucune")
    window.get_by_label("Code porteur").fill("1234")
    window.get_by_role("button", name="Valider").click()
    expect(window.locator("#etat")).to_be_visible()
    # then its words stand there as well
    looks_right(window)
    portail.insert("alice-martin")
    window.close()


@pytest.mark.parametrize("path", ["/accueil", "/dossiers/grand-age", "/dossiers/grand-age/creer", "/connexion"])
def test_wider_text_is_not_cut_on_a_telephone(opened: Callable[..., Page], portail: Running, path: str) -> None:
    # given a telephone whose reader spaces letters, words and lines out
    page = opened("telephone", bypass_csp=True)
    given(page, portail, Sight(path, Access.PUBLIC if path == "/connexion" else Access.MEDECIN))
    # when the spacing is set
    page.add_style_tag(content=SPACING)
    # then nothing is cut, and nothing needs scrolling sideways
    assert page.evaluate(CUT) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.parametrize("path", ["/accueil", "/dossiers/grand-age", "/dossiers/grand-age/43009190"])
def test_paper_keeps_the_words_and_drops_the_menus(opened: Callable[..., Page], portail: Running, path: str) -> None:
    # given a page in the dark look
    page = opened("large-sombre")
    given(page, portail, Sight(path))
    # when it is printed
    page.emulate_media(media="print")
    # then the heading and the content are black on white, without menu
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("navigation", name="Menu principal")).to_be_hidden()
    ink = page.get_by_role("heading", level=1).evaluate("one => getComputedStyle(one).color")
    assert max(int(part) for part in re.findall(r"\d+", ink)[:3]) < 96, ink
    page.emulate_media(media="screen")


@pytest.mark.parametrize("path", ["/accueil", "/dossiers/grand-age"])
def test_forced_colours_keep_what_is_current_visible(
        opened: Callable[..., Page], portail: Running, path: str) -> None:
    # given the colours that the reader's system imposes
    page = opened("large-clair")
    given(page, portail, Sight(path))
    page.emulate_media(forced_colors="active")
    # then the heading is there, and the present item of the menu keeps its line
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    current = page.locator("#menu [aria-current]").first
    width = "one => parseFloat(getComputedStyle(one).borderBottomWidth)"
    assert current.evaluate(width) >= 2
    page.emulate_media(forced_colors="none")
