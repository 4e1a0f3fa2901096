"""Messages and notices in a browser: the poll, a hidden tab, no JavaScript, a draft and its limit."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from portal.avis import commands
from portal.db import database
from portal.messages import rules as sides
from portal.messages.models import Message
from portal.messages.rules import LONGEST
from portal.web.session import Session
from tests.e2e.conftest import accessible
from tests.e2e.gestes import ALICE, given_a_member, given_a_session, given_no_notice
from tests.e2e.guide.test_messages import asking, given_a_request, given_words
from tests.support.running import Running

pytestmark = pytest.mark.usefixtures("portail", "nothing_new")
MINUTE = 61_000


@pytest.fixture
def nothing_new(portail: Running) -> None:
    database.connect()
    given_no_notice()


def tell() -> None:
    with database.writing():
        commands.tell([f"medecin:{ALICE}"], "refus", dossier="ga 43009190")


def test_the_count_follows_without_loading_the_page_again(page: Page, portail: Running) -> None:
    page.clock.install()
    given_a_session(page, portail, confirmed=True)
    page.goto("/accueil")
    seen = Session.get().last_seen
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/avis/etat" in request.url else None)
    bell = page.locator("[data-avis]")
    bell.focus()
    tell()
    page.clock.run_for(MINUTE)
    expect(bell).to_contain_text("1 non lu")
    expect(bell).to_be_focused()
    tell()
    page.clock.run_for(MINUTE)
    expect(bell).to_contain_text("2 non lus")
    assert len(asked) == 2 and Session.get().last_seen == seen
    accessible(page)


def test_a_hidden_tab_asks_nothing_and_catches_up(page: Page, portail: Running) -> None:
    page.clock.install()
    given_a_session(page, portail, confirmed=True)
    page.goto("/accueil")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/avis/etat" in request.url else None)
    hide = ("hidden => { Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});"
            " document.dispatchEvent(new Event('visibilitychange')); }")
    page.evaluate(hide, True)
    tell()
    page.clock.run_for(3 * MINUTE)
    assert not asked
    page.evaluate(hide, False)
    expect(page.locator("[data-avis]")).to_contain_text("1 non lu")


def test_a_portal_that_does_not_answer_is_not_said_each_minute(page: Page, portail: Running) -> None:
    page.watch.expect("Failed to load resource")
    page.watch.expect("Failed to fetch")
    page.watch.expect("htmx")
    page.clock.install()
    given_a_session(page, portail, confirmed=True)
    page.goto("/accueil")
    page.route("**/avis/etat", lambda route: route.fulfill(status=500, body="<html><body>panne</body></html>"))
    with page.expect_response("**/avis/etat"):
        page.clock.run_for(MINUTE)
    page.unroute("**/avis/etat")
    tell()
    page.clock.run_for(MINUTE)
    expect(page.locator("[data-avis]")).to_contain_text("1 non lu")
    expect(page.locator("#messages .message")).to_have_count(0)


def test_everything_without_javascript(new_page: Callable[..., Page], portail: Running) -> None:
    page = new_page(java_script_enabled=False)
    given_a_member(page, portail)
    demande = given_a_request()
    given_words(demande, sides.DEMANDEUR, "Bonjour")
    page.goto("/avis")
    page.locator(".tache").filter(has_text="Un message").get_by_role("button", name="Voir").click()
    page.get_by_role("button", name="Marquer comme lu").click()
    expect(page.locator(".mot")).not_to_contain_text("Nouveau")
    expect(page.locator("#texte-aide")).to_contain_text("4\u202f000 caractères au plus")
    page.get_by_label(re.compile("^Votre message")).fill("Bien reçu")
    page.get_by_role("button", name="Envoyer").click()
    expect(page.locator(".mot")).to_have_count(2)
    page.goto("/avis")
    page.get_by_role("button", name="Tout marquer comme lu").click()
    expect(page.get_by_text("Nouveau")).to_have_count(0)


def test_too_long_a_message_is_said_while_typing_and_kept(page: Page, portail: Running) -> None:
    page.watch.expect("422")
    given_a_session(page, portail, confirmed=True)
    demande = given_a_request()
    page.goto(f"{asking(demande)}/demandes/{demande.id}/messages")
    field = page.get_by_label(re.compile("^Votre message"))
    field.fill("é" * (LONGEST + 2))
    expect(page.locator("#texte-aide")).to_contain_text("2 caractères de trop")
    page.get_by_role("button", name="Envoyer").click()
    expect(page.locator(".resume-erreurs")).to_be_focused()
    expect(field).to_have_value("é" * (LONGEST + 2))
    accessible(page)
    assert not Message.select().exists()
