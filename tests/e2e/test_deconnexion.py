"""What the browser itself does around a session: « back » after leaving, and messages of other windows."""

from __future__ import annotations

import functools

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.gestes import (
    given_a_session,
    known_patient,
    then_i_am_logged_out,
    then_i_am_told,
    when_i_choose_the_card,
)
from tests.support.running import Running


@pytest.mark.proves("N8", "V14.3.1", "V14.3.2")
def test_back_after_leaving_shows_nothing(page: Page, portail: Running) -> None:
    # given a dossier on the screen, and a table before it
    given_a_session(page, portail)
    patient = known_patient()
    page.goto("/dossiers/grand-age")
    page.goto(f"/dossiers/grand-age/{patient.numero}")
    expect(page.get_by_text(patient.nom_naissance).first).to_be_visible()
    # when I leave, and somebody presses « back » again and again
    page.get_by_role("button", name="Se déconnecter").first.click()
    then_i_am_told(page, "Vous êtes déconnecté.")
    for _ in range(2):
        page.go_back()
        # then each page is asked of the portal again, which shows nothing
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert patient.nom_naissance not in page.content()
    then_i_am_logged_out(page)
    # and the browser keeps nothing of the session
    assert not [one for one in page.context.cookies() if "session" in str(one.get("name"))
                and one.get("value") and page.request.get("/mes-patients", max_redirects=0).status == 200]
    assert page.evaluate("Object.keys(localStorage).length + Object.keys(sessionStorage).length") == 0


def _shows(html: str, route: Route) -> None:
    route.fulfill(body=html, content_type="text/html")


@pytest.mark.proves("W9", "V3.4.6")
def test_no_page_shows_inside_another_site_s(page: Page, portail: Running) -> None:
    # given somebody logged in, and another site that puts the portal in a frame under its own buttons
    given_a_session(page, portail)
    page.watch.expect("frame-ancestors")  # type: ignore[attr-defined]
    page.watch.expect("X-Frame-Options")  # type: ignore[attr-defined]
    for path in ("/connexion", "/dossiers/grand-age", "/nulle-part", "/aide/"):
        frame = f'<h1>Ailleurs</h1><iframe src="{portail.origin}{path}"></iframe>'
        page.route("http://ailleurs.test/", functools.partial(_shows, frame))
        page.goto("http://ailleurs.test/")
        # then the frame stays empty
        expect(page.get_by_role("heading", name="Ailleurs")).to_be_visible()
        inside = page.frames[1].content()
        assert "ViaTrajectoire" not in inside and "Connexion" not in inside, path
        page.unroute("http://ailleurs.test/")


@pytest.mark.proves("V3.5.5")
def test_a_message_of_another_window_than_the_card_s_is_ignored(page: Page) -> None:
    # given the login waiting for the card's window
    page.goto("/connexion")
    window = when_i_choose_the_card(page)
    before = page.locator("#etat-carte").inner_html()
    # when another window, here the page's own, says what the card's window would say
    page.evaluate("window.postMessage({ type: 'portail-cps', token: { faux: 1 } }, '*')")
    page.evaluate("window.postMessage({ type: 'portail-cps-annule' }, '*')")
    page.evaluate("window.postMessage('n’importe quoi', '*')")
    page.evaluate("new Promise(done => setTimeout(done))")
    # then nothing is sent, and the page still waits
    expect(page.locator("input[name=jeton]")).to_have_value("")
    expect(page).to_have_url("/connexion")
    assert page.locator("#etat-carte").inner_html() == before
    expect(window.get_by_label("Code porteur")).to_be_visible()
