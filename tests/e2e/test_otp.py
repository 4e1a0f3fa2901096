"""Logging in by code in a browser: without scripts, and when a page then asks for the card."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from portal.compte import queries as comptes
from portal.db import database
from portal.demonstration import comptes as people
from portal.facteurs import queries as facteurs
from tests.e2e.conftest import accessible
from tests.e2e.gestes import when_i_choose_the_card, when_i_type_the_code
from tests.support.codes import SECRET, given_an_application, shown
from tests.support.running import Running


def given_bob_s_application(portail: Running) -> int:
    """Dr Bob DURAND, whom every demonstration knows, has an application; returns his account's id."""
    database.connect()
    bob = comptes.by_email(people.BOB.contact.email)
    assert bob is not None
    given_an_application(bob.id, portail.settings)
    return int(bob.id)


def when_i_log_in_by_code(page: Page) -> None:
    """From the login page to the dashboard, with a password and the application's code."""
    page.goto("/connexion")
    page.get_by_role("link", name="Se connecter par code OTP").click()
    page.get_by_label(re.compile("^Email")).fill(people.BOB.contact.email)
    page.get_by_label(re.compile("^Mot de passe")).fill(people.PASSWORD)
    page.get_by_role("button", name="Continuer").click()
    page.get_by_role("textbox", name="Code de l’application").fill(shown())
    page.get_by_role("button", name="Me connecter", exact=True).click()
    page.wait_for_url("**/accueil")


def test_it_works_without_scripts(new_page: Callable[..., Page], portail: Running) -> None:
    # given a browser whose scripts are switched off
    given_bob_s_application(portail)
    page = new_page(java_script_enabled=False)
    # when the code is given, the portal opens
    when_i_log_in_by_code(page)
    # then a sensitive page says that a code is not enough
    page.goto("/facteurs")
    expect(page.get_by_text("Cette page demande une connexion plus sûre.")).to_be_visible()


def test_a_sensitive_page_asks_for_the_card_and_comes_back(page: Page, portail: Running) -> None:
    # given Dr Bob DURAND logged in by code, his card in the reader
    bob = given_bob_s_application(portail)
    portail.insert("bob-durand")
    when_i_log_in_by_code(page)
    # when he opens his codes and keys
    page.goto("/facteurs")
    expect(page.get_by_text("Cette page demande une connexion plus sûre.")).to_be_visible()
    accessible(page)
    # then his card leads back there, and he may remove the application
    when_i_type_the_code(when_i_choose_the_card(page))
    page.wait_for_url("**/facteurs")
    page.get_by_role("link", name="Retirer Téléphone").click()
    accessible(page)
    page.get_by_role("button", name="Retirer cette application").click()
    expect(page.locator("#messages")).to_contain_text("L’application est retirée.")
    database.connect()
    assert not facteurs.has_application(bob)


def test_the_secret_is_gone_from_the_screen_once_confirmed(page: Page, portail: Running) -> None:
    # given Dr Bob DURAND logged in by card
    portail.insert("bob-durand")
    page.goto("/connexion?suite=/facteurs/application")
    when_i_type_the_code(when_i_choose_the_card(page))
    page.wait_for_url("**/facteurs/application")
    # when an application is enrolled and the codes are kept
    page.get_by_role("button", name=re.compile("afficher le code QR")).click()
    secret = page.locator("#cle-secrete").inner_text().replace(" ", "")
    page.get_by_label(re.compile("^Code de l’application")).fill(shown(secret=secret))
    page.get_by_role("button", name="Confirmer l’ajout").click()
    expect(page.locator("ol code")).to_have_count(10)
    page.get_by_role("button", name="J’ai conservé mes codes").click()
    page.wait_for_url("**/facteurs")
    # then going back shows neither the secret nor the codes
    assert secret != SECRET
    for _ in range(2):
        page.go_back()
        assert secret not in (page.text_content("body") or "").replace(" ", "")
        assert page.locator("ol code").count() == 0
