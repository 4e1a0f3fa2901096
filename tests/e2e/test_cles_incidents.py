"""Passkeys where they cannot work: an IP address, a browser without them, no JavaScript, a page grown old."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.guide.test_cles import Telephone, enter
from tests.e2e.guide.test_cles import portail as named_portail
from tests.support.running import Running

portail = named_portail
ADD = "Ajouter une clé d’accès"


def test_a_browser_that_knows_no_passkeys(page: Page, portail: Running) -> None:
    # given a browser without WebAuthn
    page.add_init_script("delete window.PublicKeyCredential")
    enter(page, portail)
    page.goto("/facteurs/cles")
    # when a key is asked for
    page.get_by_role("button", name=ADD).click()
    # then the page says so
    expect(page.get_by_text("Ce navigateur ne connaît pas les clés d’accès.")).to_be_visible()


def test_without_javascript_the_other_means_are_named(new_page: Callable[..., Page], portail: Running) -> None:
    # given a browser without JavaScript
    page = new_page(java_script_enabled=False)
    enter(page, portail)
    page.goto("/facteurs/cles")
    # then there is no button that does nothing
    words = page.locator("#ajouter-cle noscript").text_content() or ""
    assert "Une clé d’accès a besoin de JavaScript." in words
    expect(page.get_by_role("button", name=ADD)).to_be_hidden()


def test_a_session_that_ended_meanwhile(page: Page, portail: Running) -> None:
    # given a page whose session has been closed since
    Telephone(page)
    enter(page, portail)
    page.goto("/facteurs/cles")
    page.context.clear_cookies()
    page.watch.expect("403")
    # when a key is asked for
    page.get_by_role("button", name=ADD).click()
    # then the page says to load it again
    expect(page.get_by_text("Cette page n’est plus à jour.")).to_be_visible()
