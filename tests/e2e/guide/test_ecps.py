"""The guide « Se connecter par e-CPS », step by step, on the demonstration's simulator."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.support.running import Running

Photo = Callable[..., None]


def when_i_choose_the_ecps(page: Page, address: str = "/connexion") -> None:
    """From the login page to the provider's."""
    page.goto(address)
    page.get_by_role("button", name="Se connecter par e-CPS").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("S’identifier")


def when_i_say_who_i_am(page: Page, person: str = "Dr Bob Durand") -> None:
    """From the provider's page to the request on the telephone."""
    page.get_by_label(person).check()
    page.get_by_role("button", name="Envoyer la demande au téléphone").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Approuver sur le téléphone")


def when_i_log_in_by_ecps(page: Page, address: str = "/connexion") -> None:
    """The whole way, to wherever the portal sends Dr Bob DURAND."""
    when_i_choose_the_ecps(page, address)
    when_i_say_who_i_am(page)
    page.get_by_role("button", name="Valider sur mon téléphone").click()
    page.wait_for_url(lambda url: "/connexion" not in url)


def test_01_choisir(page: Page, portail: Running, photo: Photo) -> None:
    # given the login page
    page.goto("/connexion")
    expect(page.get_by_role("button", name="Se connecter par e-CPS")).to_be_visible()
    photo(page)
    # when I choose the e-CPS
    page.get_by_role("button", name="Se connecter par e-CPS").click()
    # then I am at the provider's, at another address
    expect(page.get_by_text("Simulateur e-CPS — données fictives")).to_be_visible()
    assert page.url.startswith(portail.settings.ecps_issuer)


def test_02_numero(page: Page, portail: Running, photo: Photo) -> None:
    # given the provider's page
    when_i_choose_the_ecps(page)
    # when I say who I am
    page.get_by_label("Dr Bob Durand").check()
    photo(page)
    page.get_by_role("button", name="Envoyer la demande au téléphone").click()
    # then my telephone is asked
    expect(page.get_by_role("heading", level=1)).to_have_text("Approuver sur le téléphone")


def test_03_approuver(page: Page, portail: Running, photo: Photo) -> None:
    # given a request on my telephone, which names the site
    when_i_choose_the_ecps(page)
    when_i_say_who_i_am(page)
    expect(page.get_by_text(portail.origin)).to_be_visible()
    photo(page)
    # when I approve it
    page.get_by_role("button", name="Valider sur mon téléphone").click()
    # then the portal knows me
    expect(page.get_by_role("heading", level=1)).to_have_text("Mes patients")


def test_04_retour(page: Page, portail: Running, photo: Photo) -> None:
    # when I log in by e-CPS
    when_i_log_in_by_ecps(page)
    # then I am among my patients, with nothing more to click
    expect(page.get_by_role("heading", level=1)).to_have_text("Mes patients")
    expect(page.get_by_text("Dr Bob DURAND").first).to_be_visible()
    photo(page)


def test_05_deconnexion(page: Page, portail: Running, photo: Photo) -> None:
    # given a session opened by e-CPS
    when_i_log_in_by_ecps(page)
    # when I leave
    page.get_by_role("button", name="Se déconnecter").first.click()
    # then both sessions are over
    page.wait_for_url(f"{portail.origin}/")
    expect(page.locator("#messages")).to_contain_text("Vous êtes déconnecté du portail et de Pro Santé Connect.")
    photo(page)
    page.goto("/accueil")
    expect(page).to_have_url(re.compile(r"/connexion\?suite="))


def test_the_page_i_asked_for_is_where_i_arrive(page: Page, portail: Running) -> None:
    when_i_log_in_by_ecps(page, "/connexion?suite=/dossiers/tnd")
    assert page.url == f"{portail.origin}/dossiers/tnd"


def test_a_refusal_on_the_telephone_leaves_a_way_on(page: Page, portail: Running) -> None:
    when_i_choose_the_ecps(page)
    when_i_say_who_i_am(page)
    page.get_by_role("button", name="Refuser").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Connexion annulée")
    # and another try from there goes all the way
    page.get_by_role("button", name="Réessayer avec l’e-CPS").click()
    when_i_say_who_i_am(page)
    page.get_by_role("button", name="Valider sur mon téléphone").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mes patients")


def test_without_javascript_one_button_more(new_page: Callable[..., Page], portail: Running) -> None:
    page = new_page(java_script_enabled=False)
    when_i_choose_the_ecps(page)
    when_i_say_who_i_am(page)
    page.get_by_role("button", name="Valider sur mon téléphone").click()
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mes patients")
    page.get_by_role("button", name="Se déconnecter").first.click()
    page.get_by_role("link", name="Fermer aussi ma session Pro Santé Connect").click()
    page.wait_for_url(f"{portail.origin}/")
    expect(page.locator("#messages")).to_contain_text("Vous êtes déconnecté du portail et de Pro Santé Connect.")
