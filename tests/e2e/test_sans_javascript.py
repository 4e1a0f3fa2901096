"""The portal without JavaScript: everything after the card login works, with more page loads."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.gestes import (
    ALICE,
    given_a_session,
    given_an_account,
    then_i_am_logged_out,
    when_i_fill_in_a_dossier,
)
from tests.support.running import Running
from tests.support.sessions import open_session

TO_ANSWER, LABEL = "/dossiers/grand-age/43084209", "ga 43084209"


@pytest.fixture
def plain(new_page: Callable[..., Page]) -> Page:
    """A page of a browser whose scripts are switched off."""
    return new_page(java_script_enabled=False)


@pytest.fixture
def inside(plain: Page, portail: Running) -> Page:
    """The same, with Dr Alice MARTIN logged in."""
    given_a_session(plain, portail)
    return plain


def test_login_page_says_that_only_the_card_needs_javascript(plain: Page) -> None:
    # when a browser without scripts opens the login
    plain.goto("/connexion")
    # then it is told what needs them, and that nothing else does; a browser whose scripts are stopped by remote
    # control keeps the words of <noscript> without showing them
    words = plain.locator("#etat-carte noscript").text_content() or ""
    assert "La connexion par carte a besoin de JavaScript" in words
    assert "toutes les autres pages fonctionnent sans" in words


def test_card_button_pressed_anyway_is_answered_in_words(plain: Page) -> None:
    # given the login
    plain.goto("/connexion")
    plain.watch.expect("403")
    # when the card is chosen all the same
    plain.get_by_role("button", name="Se connecter par CPS").click()
    # then the page says what to allow
    expect(plain.get_by_role("alert")).to_contain_text("Autorisez JavaScript")


def test_table_is_sorted_filtered_and_paged_by_links_and_a_form(inside: Page) -> None:
    # given the dashboard
    inside.goto("/accueil")
    inside.get_by_role("region", name="Hébergement pour Personnes Agées").get_by_role(
        "link", name="Accéder à mes dossiers").click()
    rows = inside.locator("tbody tr")
    expect(rows).to_have_count(25)
    first = rows.first.inner_text()
    # when I go to the next page, it is another one
    inside.get_by_role("link", name="Suivants").click()
    expect(rows.first).not_to_have_text(first)
    inside.get_by_role("link", name="Précédents").click()
    expect(rows.first).to_have_text(first, use_inner_text=True)
    # when I sort, the column says so
    inside.get_by_role("link", name=re.compile("^Patient")).click()
    expect(inside.get_by_role("columnheader", name=re.compile("^Patient"))).to_have_attribute(
        "aria-sort", "ascending")
    # when I open another tab, then filter inside it, tab and sort are kept
    inside.get_by_role("link", name=re.compile("^Admis")).click()
    expect(inside.get_by_role("link", name=re.compile("^Admis"))).to_have_attribute("aria-current", "page")
    inside.get_by_label("Rechercher dans le tableau").fill("caen")
    inside.get_by_role("button", name="Filtrer").click()
    expect(inside).to_have_url(re.compile(r"(?=.*onglet=admis)(?=.*tri=patient)(?=.*q=caen)"))
    for row in rows.all_inner_texts():
        assert "CAEN" in row


def test_dossier_is_refused_taken_back_and_accepted(inside: Page) -> None:
    # given the preview of a dossier that waits for an answer
    inside.goto("/dossiers/grand-age")
    inside.get_by_role("link", name=f"Accepter ou refuser le dossier {LABEL}").click()
    expect(inside.get_by_text("M JULIEN").first).to_be_visible()
    # when I refuse it, the undo is offered on the next page
    inside.get_by_role("button", name="Refuser le dossier").click()
    expect(inside.get_by_text("Vous avez refusé le dossier")).to_be_visible()
    inside.get_by_role("button", name="Annuler").click()
    expect(inside.get_by_text("attend de nouveau votre réponse")).to_be_visible()
    # and when I accept it, it opens
    inside.get_by_role("link", name=f"Accepter ou refuser le dossier {LABEL}").click()
    inside.get_by_role("button", name="Accepter le dossier").click()
    expect(inside.get_by_role("heading", level=1)).to_have_text(f"Dossier {LABEL}")
    expect(inside.get_by_text("Vous avez accepté le dossier")).to_be_visible()


def test_number_leads_to_its_dossier(inside: Page) -> None:
    # given the dashboard
    inside.goto("/accueil")
    block = inside.get_by_role("region", name="Hébergement pour Personnes Agées")
    # when I type a number
    block.get_by_label("N° de dossier").fill("43009190")
    block.get_by_role("button", name="Rechercher").click()
    # then its dossier opens
    expect(inside).to_have_url(re.compile("/dossiers/grand-age/43009190$"))


def test_help_button_leads_to_the_section_of_the_page(inside: Page) -> None:
    # given the table
    inside.goto("/dossiers/grand-age")
    # when I ask for help
    inside.get_by_role("link", name="Aide sur cette page").click()
    # then the help's page opens at the section about tables
    expect(inside).to_have_url(re.compile("/aide/dossiers/#mes-dossiers$"))
    expect(inside.locator("#mes-dossiers")).to_be_visible()
    # and its search answers
    inside.goto("/aide/recherche?q=carte")
    expect(inside.locator("#resultats-aide li").first).to_be_visible()


def test_dossier_is_created_after_an_error(inside: Page) -> None:
    # given an empty form
    inside.goto("/accueil")
    inside.watch.expect("422")
    inside.get_by_role("link", name="Créer un dossier").first.click()
    inside.get_by_role("link", name=re.compile("Créer un dossier.*Hébergement")).click()
    # when I send it empty, each fault is named
    inside.get_by_role("button", name="Créer le dossier").click()
    expect(inside.locator(".resume-erreurs")).to_contain_text("Indiquez le nom de naissance.")
    # and when I fill it in, the dossier opens
    when_i_fill_in_a_dossier(inside)
    inside.get_by_role("button", name="Créer le dossier").click()
    expect(inside.get_by_role("heading", level=1)).to_contain_text("Dossier ga")
    expect(inside.get_by_text("LEMARCHAND").first).to_be_visible()


def test_submenu_of_the_dossiers_opens(inside: Page) -> None:
    # given any page
    inside.goto("/accueil/contact")
    menu = inside.get_by_role("navigation", name="Menu principal")
    # when I open the submenu and choose a module
    menu.locator("summary").click()
    menu.get_by_role("link", name="Plateformes TND").click()
    # then its table is shown
    expect(inside).to_have_url(re.compile("/dossiers/tnd$"))


def test_my_account_keeps_choices_and_closes_another_session(inside: Page, portail: Running) -> None:
    # given my account open elsewhere too
    compte_id = given_an_account(portail)
    open_session(portail.settings, ALICE, "Dr Alice MARTIN", compte_id=compte_id, device="Safari, iPhone")
    # when I decline a kind of mail
    inside.goto("/compte/notifications")
    inside.get_by_label("Refus", exact=True).uncheck()
    inside.get_by_role("button", name="Enregistrer").click()
    # then it stays declined
    expect(inside.get_by_text("Vos choix sont enregistrés.")).to_be_visible()
    expect(inside.get_by_label("Refus", exact=True)).not_to_be_checked()
    # and when I close the other session, it is gone
    inside.get_by_role("link", name="Sessions et connexions").click()
    inside.get_by_role("row").filter(has_text="Safari, iPhone").get_by_role("button", name="Déconnecter").click()
    expect(inside.get_by_text("La session est fermée.")).to_be_visible()
    expect(inside.get_by_text("Safari, iPhone")).to_have_count(0)


def test_logout_closes_the_session(inside: Page) -> None:
    # given a session
    inside.goto("/accueil")
    # when I leave
    inside.get_by_role("button", name="Se déconnecter").first.click()
    # then I am told so, and the portal is closed
    expect(inside.get_by_text("Vous êtes déconnecté.")).to_be_visible()
    then_i_am_logged_out(inside)
