"""The table's next view is fetched as the pointer nears its link, and shown at once; a dossier never is."""

from __future__ import annotations

from playwright.sync_api import Page, Request, expect

from tests.e2e.gestes import given_a_session
from tests.support.running import Running

TABLE = "/dossiers/grand-age"


def test_a_tab_that_was_pointed_at_is_shown_without_asking_again(page: Page, portail: Running) -> None:
    # given the table, watched over what it asks for
    given_a_session(page, portail)
    page.goto(TABLE)
    asked: list[Request] = []
    page.on("request", lambda one: asked.append(one))
    tab = page.locator("#onglet-admis")
    # when the pointer rests on a tab
    with page.expect_response(lambda answer: "onglet=admis" in answer.url):
        tab.hover()
    # then a click shows what came
    tab.click()
    expect(tab).to_have_attribute("aria-current", "page")
    assert [one.headers.get("hx-preloaded") for one in asked if "onglet=admis" in one.url] == ["true"]


def test_a_dossier_that_was_pointed_at_is_not_asked_for(page: Page, portail: Running) -> None:
    given_a_session(page, portail)
    page.goto(TABLE)
    asked: list[Request] = []
    page.on("request", lambda one: asked.append(one))
    page.locator("#resultats tbody a").first.hover()
    with page.expect_response(lambda answer: "onglet=admis" in answer.url):
        page.locator("#onglet-admis").hover()
    assert [one.url.rpartition("/")[2] for one in asked if "/static/" not in one.url] == ["grand-age?onglet=admis"]
