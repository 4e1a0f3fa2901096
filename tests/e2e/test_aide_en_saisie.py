"""Asking for help in the middle of a form: nothing typed is lost, and none of it leaves with the question."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Request, expect

from tests.e2e.gestes import given_a_session
from tests.support.running import Running
from tests.support.volets import dossier

pytestmark = pytest.mark.usefixtures("portail")


def test_a_section_s_help_keeps_what_is_typed(page: Page, portail: Running) -> None:
    # given words typed in a volet and not saved yet
    given_a_session(page, portail)
    page.goto(f"/dossiers/grand-age/{dossier().numero}/volets/medical")
    history = page.get_by_label(re.compile("^Antécédents"))
    history.fill("Fracture du col du fémur droit en 2024.")
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request) if "/aide/" in request.url else None)
    # when I ask for help on that section
    page.locator("#rubrique-etat").get_by_role("link", name="Aide sur cette rubrique").click()
    drawer = page.locator("#tiroir-aide")
    expect(drawer.get_by_role("heading", name="État de santé")).to_be_visible()
    # then the question carries nothing of the form, the words stay, and closing gives the focus back
    assert [request.url.partition("?")[2] for request in asked] == ["ancre=ga-medical-etat"]
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(history).to_have_value("Fracture du col du fémur droit en 2024.")
    expect(page.locator("#rubrique-etat").get_by_role("link", name="Aide sur cette rubrique")).to_be_focused()


def test_the_code_of_a_message_opens_its_help(page: Page, portail: Running) -> None:
    # given a form that was not accepted
    given_a_session(page, portail)
    page.watch.expect("422")  # type: ignore[attr-defined]
    page.goto("/dossiers/grand-age/creer")
    page.get_by_label(re.compile("^Nom de naissance")).fill("LEROUX")
    page.get_by_role("button", name=re.compile("^Cr")).click()
    message = page.locator(".resume-erreurs li").first
    expect(message).to_be_visible()
    # when I press the code of a message
    code = message.get_by_role("link", name=re.compile(r"^F\d\d"))
    words = code.inner_text()[:3]
    code.click()
    # then its help opens beside the form, which keeps its words
    expect(page.locator("#tiroir-aide")).to_contain_text(f"Code : {words}")
    page.keyboard.press("Escape")
    expect(page.get_by_label(re.compile("^Nom de naissance"))).to_have_value("LEROUX")
