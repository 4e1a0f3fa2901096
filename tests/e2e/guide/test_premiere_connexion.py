"""The guide « Première connexion »: one scenario a numbered step, in the guide's order.

Each walks the real portal as a physician would, is checked by axe, and takes the step's picture.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from portal.web.session import Access
from tests.e2e.gestes import (
    given_a_card_read,
    given_a_session,
    then_i_am_told,
    when_i_choose_the_card,
    when_i_log_in,
    when_i_type_the_code,
)
from tests.support.running import Running

Photo = Callable[..., None]
EMAIL, PASSWORD = "alice.martin@exemple.fr", "Coquelicot14"

pytestmark = pytest.mark.usefixtures("portail")


def test_01_accueil(page: Page, photo: Photo) -> None:
    # given the portal's address
    page.goto("/")
    door = page.locator(".espaces .carte").first
    photo(page, [page.locator(".bienvenue > div").first, door], montrer=[door.get_by_role("link")])
    # when I choose my space
    page.get_by_role("link", name=re.compile("médecins libéraux", re.I)).first.click()
    # then the ways to log in are shown
    expect(page.get_by_role("heading", level=1)).to_have_text("Connexion au site ViaTrajectoire Libéral")
    expect(page.get_by_role("button", name="Se connecter par CPS")).to_be_visible()


def test_02_carte(page: Page, portail: Running, photo: Photo) -> None:
    # given no card in the reader
    portail.insert("aucune")
    page.goto("/connexion")
    # when I ask how to check it
    with page.expect_popup() as opened:
        page.get_by_role("button", name=re.compile("Comment faire")).click()
    diagnosis = opened.value
    # then the diagnosis says what is missing, and notices the card when it comes
    expect(diagnosis.get_by_text("Aucune carte", exact=False).first).to_be_visible()
    portail.insert("alice-martin")
    expect(diagnosis.get_by_text("Carte prête", exact=False).first).to_be_visible()
    photo(diagnosis, [diagnosis.locator("h1"), diagnosis.locator("main > *").nth(1)], marge=24)


def test_03_code_porteur(page: Page, portail: Running, photo: Photo) -> None:
    # given the card of a physician who comes for the first time
    page.goto("/connexion")
    # when I choose the card
    window = when_i_choose_the_card(page)
    # then the agent shows who asks, and takes the code
    expect(window.get_by_text(page.url.removesuffix("/connexion")).first).to_be_visible()
    photo(window, montrer=[window.get_by_text(portail.origin).first,
                           window.get_by_label("Code porteur")])
    # and when I type it, the portal knows me
    when_i_type_the_code(window)
    expect(page.get_by_role("heading", level=1)).to_have_text("Vos informations personnelles")


def test_04_compte(page: Page, portail: Running, photo: Photo) -> None:
    # given a card that the portal has verified
    given_a_card_read(page, portail)
    page.goto("/compte/creer")
    # then what the card says is there, and can't be changed
    expect(page.get_by_text("MARTIN").first).to_be_visible()
    assert page.locator("input[name=nom]").count() == 0
    # when I fill in the rest
    page.get_by_label(re.compile("^Email")).fill(EMAIL)
    page.get_by_label(re.compile("^Mot de passe")).fill(PASSWORD)
    page.get_by_label(re.compile("^Répéter le mot de passe")).fill(PASSWORD)
    page.get_by_label(re.compile("^Téléphone")).fill("0231000000")
    page.get_by_label(re.compile("^Code Postal / Ville")).press_sequentially("14000 ca")
    page.get_by_role("option", name="14000 CAEN").click()
    photo(page, page.locator(".deux-colonnes"), montrer=[
        page.locator(".deux-colonnes > :not(form)"), page.get_by_label(re.compile("^Email")),
        page.get_by_role("button", name="Créer mon compte")])
    page.get_by_role("button", name="Créer mon compte").click()
    # then the charter is shown
    page.wait_for_url("**/compte/charte")


def test_05_courriel(page: Page, portail: Running, photo: Photo) -> None:
    # given a new account, whose mail was written
    given_a_session(page, portail)
    page.goto("/demonstration/messages")
    # when I follow the link of the mail
    page.locator("a[href*='/compte/confirmer/']").first.click()
    photo(page, [page.locator("h1"), page.locator("main form")],
          montrer=[page.get_by_role("button", name="Confirmer mon adresse")])
    page.get_by_role("button", name="Confirmer mon adresse").click()
    # then my address is confirmed
    expect(page.get_by_text("confirmée", exact=False).first).to_be_visible()


def test_06_charte(page: Page, portail: Running, photo: Photo) -> None:
    # given an account that has accepted nothing yet
    given_a_session(page, portail, state=Access.CHARTE)
    page.goto("/accueil")
    page.wait_for_url("**/compte/charte")
    box = page.get_by_label("J’ai lu et accepte les conditions ci-dessus")
    box.check()
    form = page.locator("#acceptation")
    photo(page, form, montrer=[box, form.get_by_role("button")], from_top=False)
    # when I validate without having ticked the box
    box.uncheck()
    page.watch.expect("422")
    page.get_by_role("button", name="Valider").click()
    # then I am told so
    expect(page.get_by_role("alert").first).to_be_visible()
    # and when I tick it, the portal opens
    box.check()
    page.get_by_role("button", name="Valider").click()
    page.wait_for_url("**/accueil")


def test_07_tableau_de_bord(page: Page, portail: Running, photo: Photo) -> None:
    # given a physician who has done everything
    given_a_session(page, portail, confirmed=True)
    # when he opens the portal
    page.goto("/accueil")
    # then the three tiles offer three actions each
    expect(page.get_by_role("heading", level=1)).to_have_text("Mes patients")
    for tile in ("Hébergement pour Personnes Agées", "SSR, HAD, Soins Palliatifs",
                 "Plateforme de Coordination et d’Orientation TND"):
        block = page.get_by_role("region", name=tile)
        expect(block.get_by_role("link", name="Accéder à mes dossiers")).to_be_visible()
        expect(block.get_by_role("link", name="Créer un dossier")).to_be_visible()
        expect(block.get_by_label("N° de dossier")).to_be_visible()
    photo(page, [page.get_by_role("heading", level=1), page.locator(".tuiles")])


def test_08_tableaux(page: Page, portail: Running, photo: Photo) -> None:
    # given the dossiers of the practical guide
    given_a_session(page, portail)
    page.goto("/accueil")
    page.get_by_role("region", name="Hébergement pour Personnes Agées").get_by_role(
        "link", name="Accéder à mes dossiers").click()
    # then the five tabs and the seven columns are there
    for tab in ("Dossiers en cours", "Admis", "Annulés", "Hors patientèle", "Dossiers historisés"):
        expect(page.get_by_role("link", name=re.compile(f"^{tab}"))).to_be_visible()
    assert [text.strip().split("\n")[0] for text in page.locator("thead th").all_inner_texts()] == [
        "N° de dossier", "Patient", "Référent actuel du dossier", "Action", "Dossier accepté", "Statut",
        "Dossier lié"]
    photo(page, [page.locator("h1"), page.locator("tbody tr").nth(3)], montrer=[
        page.get_by_role("navigation", name="Onglets"), page.get_by_label(re.compile("Rechercher")).first])
    # and when I type, the table follows without a new page
    page.evaluate("window.unchanged = true")
    page.get_by_label(re.compile("Rechercher")).first.fill("rocky")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody").get_by_text("Admission proposée")).to_be_visible()
    assert page.evaluate("window.unchanged") is True
    assert "q=rocky" in page.url


def test_09_rechercher(page: Page, portail: Running, photo: Photo) -> None:
    # given a number somebody gave me
    given_a_session(page, portail)
    page.goto("/accueil")
    block = page.get_by_role("region", name="Hébergement pour Personnes Agées")
    # when I type it as it was written
    block.get_by_label("N° de dossier").fill("GA 43009190")
    photo(page, block, montrer=[block.get_by_label("N° de dossier"), block.get_by_role("button", name="Rechercher")])
    block.get_by_role("button", name="Rechercher").click()
    # then the dossier opens
    expect(page.get_by_text("ROCKY").first).to_be_visible()
    assert page.url.endswith("/dossiers/grand-age/43009190")


def test_10_accepter(page: Page, portail: Running, photo: Photo) -> None:
    # given a dossier that names me
    given_a_session(page, portail)
    page.goto("/dossiers/grand-age/43084209")
    # then I see what I need to know the patient by, and nothing more
    expect(page.get_by_text("M JULIEN").first).to_be_visible()
    expect(page.get_by_text("Permanent, Jour")).to_be_visible()
    photo(page, page.locator("main"), montrer=[page.get_by_role("button", name="Accepter le dossier"),
                                               page.get_by_role("button", name="Refuser le dossier")])
    # when I accept it
    page.get_by_role("button", name="Accepter le dossier").click()
    # then it opens
    expect(page.get_by_role("button", name="Accepter le dossier")).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_contain_text("43084209")


def test_11_hors_patientele(page: Page, portail: Running, photo: Photo) -> None:
    # given a dossier that I refused
    given_a_session(page, portail)
    page.goto("/dossiers/grand-age/43851209")
    page.get_by_role("button", name="Refuser le dossier").click()
    then_i_am_told(page, "Vous avez refusé le dossier")
    # then the home page's banner leads to it
    page.goto("/accueil")
    page.get_by_role("link", name=re.compile("dossiers refusés.*Personnes âgées")).click()
    expect(page.get_by_text("HOMER").first).to_be_visible()
    photo(page, [page.locator("h1"), page.locator("tbody tr").nth(2)])
    # and when I change my mind, it is mine
    page.goto("/dossiers/grand-age/43851209")
    page.get_by_role("button", name="Accepter le dossier").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("43851209")


def test_12_deconnexion(page: Page, portail: Running, photo: Photo) -> None:
    # given a session that is about to end
    given_a_session(page, portail)
    page.clock.install()
    page.goto("/accueil")
    page.clock.fast_forward("28:30")
    # then I am warned, and can stay
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    photo(page, dialog, marge=24)
    dialog.get_by_role("button", name="Rester connecté").click()
    expect(dialog).to_be_hidden()
    # and when I leave, the session is dead
    page.get_by_role("button", name="Se déconnecter").first.click()
    then_i_am_told(page, "Vous êtes déconnecté.")
    page.goto("/accueil")
    page.wait_for_url("**/connexion?*")
    when_i_log_in(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Mes patients")
