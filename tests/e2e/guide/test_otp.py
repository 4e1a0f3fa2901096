"""The guide « Se connecter par mot de passe et code »: one scenario a numbered step, in the guide's order.

Pictures must not change from run to run: the secret and the recovery codes of a scenario are fixed.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from portal.db import database, outbox
from portal.facteurs import commands
from tests.e2e.gestes import given_a_session, given_an_account, then_i_am_logged_out
from tests.support.codes import SECRET, given_an_application, given_recovery_codes, shown
from tests.support.running import Running

Photo = Callable[..., None]
EMAIL, PASSWORD = "alice.martin@exemple.fr", "Coquelicot14"
CODES = [f"{pair}{pair}{pair[0]}-{rank}{rank}{rank}{rank}{rank}" for rank, pair in enumerate(
    ("AB", "CD", "EF", "GH", "JK", "LM", "NP"), start=2)] + ["QRQRQ-22222", "STSTS-33333", "VWVWV-44444"]

pytestmark = pytest.mark.usefixtures("portail")


@pytest.fixture(autouse=True)
def fixed_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "new_secret", lambda: SECRET)
    wanted = iter("".join(CODES).replace("-", "") * 2)
    monkeypatch.setattr(commands.secrets, "choice", lambda signs: next(wanted))


def given_the_password_step(page: Page) -> None:
    """The password is given; the code is asked for."""
    page.goto("/connexion/otp")
    page.get_by_label(re.compile("^Email")).fill(EMAIL)
    page.get_by_label(re.compile("^Mot de passe")).fill(PASSWORD)
    page.get_by_role("button", name="Continuer").click()
    page.wait_for_url("**/connexion/otp/code")


def then_i_am_inside(page: Page) -> None:
    """The dashboard is open."""
    page.wait_for_url("**/accueil")
    expect(page.get_by_text("Dr Alice MARTIN").first).to_be_visible()


def test_01_choisir(page: Page, portail: Running, photo: Photo) -> None:
    # given a physician logged in with her card
    given_a_session(page, portail)
    page.goto("/facteurs")
    # when she asks to add an application
    page.get_by_role("link", name="Ajouter une application").click()
    # then the page says which one to install
    expect(page.get_by_role("heading", name="Installez une application")).to_be_visible()
    photo(page)


def test_02_scanner(page: Page, portail: Running, photo: Photo) -> None:
    # given the choice of an application
    given_a_session(page, portail)
    page.goto("/facteurs/application")
    # when she asks for the QR code
    page.get_by_role("button", name=re.compile("afficher le code QR")).click()
    # then the picture is drawn, and the key can be copied by hand
    picture = page.get_by_alt_text("Code QR à scanner avec l’application d’authentification")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.complete && image.naturalWidth > 100")
    assert page.locator("#cle-secrete").inner_text().replace(" ", "") == SECRET
    page.get_by_label(re.compile("^Nom de cette application")).fill("Téléphone")
    photo(page, cible=page.locator("main"))
    # and the first code adds it
    page.get_by_label(re.compile("^Code de l’application")).fill(shown())
    page.get_by_role("button", name="Confirmer l’ajout").click()
    page.wait_for_url("**/facteurs/secours")


def test_03_secours(page: Page, portail: Running, photo: Photo) -> None:
    # given an application just added
    given_a_session(page, portail)
    page.goto("/facteurs/application")
    page.get_by_role("button", name=re.compile("afficher le code QR")).click()
    page.get_by_label(re.compile("^Code de l’application")).fill(shown())
    page.get_by_role("button", name="Confirmer l’ajout").click()
    # then ten codes are shown, to be printed
    expect(page.locator("ol code")).to_have_text(CODES)
    expect(page.get_by_role("button", name="Imprimer")).to_be_visible()
    page.get_by_role("button", name="Fermer ce message").first.click()
    photo(page)
    # when they are kept, they are shown no more
    with page.expect_navigation():
        page.get_by_role("button", name="J’ai conservé mes codes").click()
    page.goto("/facteurs/secours")
    expect(page.get_by_text("Il vous reste 10 codes sur 10.")).to_be_visible()


def test_04_pret(page: Page, portail: Running, photo: Photo) -> None:
    # given an application and its recovery codes
    given_recovery_codes(given_an_application(given_an_account(portail, confirmed=True), portail.settings),
                         portail.settings)
    given_a_session(page, portail)
    # when the list is opened
    page.goto("/facteurs")
    # then it says what is ready
    expect(page.get_by_role("cell", name="Téléphone", exact=True)).to_be_visible()
    expect(page.get_by_text("10 codes restants")).to_be_visible()
    photo(page, cible=page.locator("main"))


def test_05_mot_de_passe(page: Page, portail: Running, photo: Photo) -> None:
    # given an account, and no card today
    given_an_account(portail, confirmed=True)
    page.goto("/connexion")
    # when the third way is chosen
    page.get_by_role("link", name="Se connecter par code OTP").click()
    page.get_by_label(re.compile("^Email")).fill(EMAIL)
    photo(page)
    # then a wrong password is refused without saying what was wrong
    page.watch.expect("422")
    page.get_by_label(re.compile("^Mot de passe")).fill("Pavot-2031")
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("alert")).to_contain_text("Adresse électronique ou mot de passe incorrect")
    # and the right one leads on
    page.get_by_label(re.compile("^Mot de passe")).fill(PASSWORD)
    page.get_by_role("button", name="Continuer").click()
    page.wait_for_url("**/connexion/otp/code")


def test_06_code(page: Page, portail: Running, photo: Photo) -> None:
    # given an application, its recovery codes, and the right password
    given_recovery_codes(given_an_application(given_an_account(portail, confirmed=True), portail.settings),
                         portail.settings)
    given_the_password_step(page)
    photo(page, cible=page.locator("main"))
    # when the application's code is given
    page.get_by_role("textbox", name="Code de l’application").fill(shown())
    page.get_by_role("button", name="Me connecter", exact=True).click()
    # then the portal opens, until the logout
    then_i_am_inside(page)
    page.get_by_role("button", name="Se déconnecter").first.click()
    page.wait_for_url("**/")
    then_i_am_logged_out(page)


def test_07_courriel(page: Page, portail: Running, photo: Photo) -> None:
    # given the right password and a confirmed address
    given_an_account(portail, confirmed=True)
    given_the_password_step(page)
    # when a code by mail is asked for
    page.get_by_role("button", name="Recevoir un code par courriel").click()
    field = page.get_by_role("textbox", name="Code reçu par courriel")
    expect(field).to_be_visible()
    page.get_by_role("button", name="Fermer ce message").first.click()
    photo(page)
    # then the code of the mail opens the portal
    database.connect()
    found = re.search(r"\b\d{6}\b", outbox.latest(1)[0].body)
    assert found
    field.fill(found.group())
    page.get_by_role("button", name="Me connecter avec ce code").click()
    then_i_am_inside(page)


def test_08_code_de_secours(page: Page, portail: Running, photo: Photo) -> None:
    # given an application that was left at home, and the printed codes
    codes = given_recovery_codes(
        given_an_application(given_an_account(portail, confirmed=True), portail.settings), portail.settings)
    given_the_password_step(page)
    # when one of them is given
    page.get_by_role("textbox", name="Code de secours").fill(codes[0].lower())
    photo(page, cible=page.locator("main"))
    page.get_by_role("button", name="Me connecter avec un code de secours").click()
    # then the portal opens, and a mail says what is left
    then_i_am_inside(page)
    database.connect()
    assert "Il vous en reste 9." in outbox.latest(1)[0].body
