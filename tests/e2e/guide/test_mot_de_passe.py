"""The guide « Changer ou retrouver son mot de passe »: one scenario a numbered step, in the guide's order.

The mail's link is of a fixed secret and a stopped clock, so that its picture stays the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from portal.compte.motdepasse import commands
from portal.db import crypto, database, outbox
from tests.e2e.gestes import given_a_session, given_an_account, then_i_am_logged_out
from tests.support.codes import given_an_application, shown
from tests.support.running import Running

Photo = Callable[..., None]
EMAIL, OLD, NEW = "alice.martin@exemple.fr", "Coquelicot14", "Trois-Sapins-Bleus-7"

pytestmark = pytest.mark.usefixtures("portail")


def when_i_choose_it(page: Page, password: str) -> None:
    """Type the new password twice."""
    page.locator("#mot_de_passe").fill(password)
    page.locator("#mot_de_passe_2").fill(password)


def when_i_ask_for_a_link(page: Page) -> str:
    """Ask for a link by its page; returns what the mail holds."""
    page.goto("/compte/mot-de-passe/oublie")
    page.get_by_label(re.compile("^Email")).fill(EMAIL)
    page.get_by_role("button", name="Recevoir un lien").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Regardez vos courriels")
    database.connect()
    found = re.search(r"/compte/mot-de-passe/nouveau/\S+", outbox.latest(1)[0].body)
    assert found
    return found.group()


def when_i_set_it(page: Page, link: str) -> None:
    """Open the link and save the new password."""
    page.goto(link)
    when_i_choose_it(page, NEW)
    page.get_by_role("button", name="Enregistrer ce mot de passe").click()
    expect(page.locator("#messages")).to_contain_text("une seconde preuve reste demandée")


def test_01_ouvrir(page: Page, portail: Running, photo: Photo) -> None:
    # given a physician logged in with her card
    given_a_session(page, portail, confirmed=True)
    # when she opens the section of « Mon compte »
    page.goto("/compte")
    page.get_by_role("link", name="Mot de passe et codes").click()
    photo(page)
    # then the button leads to the form
    page.get_by_role("link", name="Changer mon mot de passe").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Changer mon mot de passe")


def test_02_nouveau(page: Page, new_page: Callable[..., Page], portail: Running, photo: Photo) -> None:
    # given two browsers of the same physician
    given_a_session(page, portail, confirmed=True)
    other = new_page()
    given_a_session(other, portail)
    page.goto("/compte/mot-de-passe")
    # when she types the new password, its rules are ticked
    page.get_by_label(re.compile("^Mot de passe actuel")).fill(OLD)
    when_i_choose_it(page, NEW)
    expect(page.locator(".regles li.tenue")).to_have_count(4)
    photo(page)
    page.get_by_role("button", name="Changer mon mot de passe").click()
    # then it is changed, and the other browser is out
    expect(page.locator("#messages")).to_contain_text("L’autre session ouverte a été fermée.")
    then_i_am_logged_out(other)


def test_03_demander(page: Page, portail: Running, photo: Photo) -> None:
    # given an account, and neither card nor password
    given_an_account(portail, confirmed=True)
    page.goto("/connexion/otp")
    # when the link below the password is followed
    page.get_by_role("link", name="Mot de passe oublié").click()
    page.get_by_label(re.compile("^Email")).fill(EMAIL)
    photo(page)
    # then the answer is the same as for an address that nobody has
    answers = []
    for email in (EMAIL, "inconnue@exemple.fr"):
        page.goto("/compte/mot-de-passe/oublie")
        page.get_by_label(re.compile("^Email")).fill(email)
        page.get_by_role("button", name="Recevoir un lien").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Regardez vos courriels")
        answers.append(page.locator("main").inner_text().replace(email, "X"))
    assert answers[0] == answers[1]


def test_04_courriel(page: Page, portail: Running, photo: Photo, monkeypatch: pytest.MonkeyPatch) -> None:
    # given a link asked for
    given_an_account(portail, confirmed=True)
    monkeypatch.setattr(commands.secrets, "token_urlsafe", lambda size: "exemple-de-lien")
    signed = type("Signed", (), {"dumps": lambda self, content: "WzEsImV4ZW1wbGUiXQ.exemple.de-lien"})
    with monkeypatch.context() as fixed:
        fixed.setattr(crypto.KeyRing, "serializer", lambda ring, purpose: signed())
        when_link = "/compte/mot-de-passe/nouveau/WzEsImV4ZW1wbGUiXQ.exemple.de-lien"
        with database.writing():
            commands.ask_link(EMAIL, portail.settings)
    # when the mail is read in the demonstration
    page.goto("/demonstration/messages")
    # then it holds the link and says how long it lasts
    expect(page.get_by_text(re.compile("valable 24 heures"))).to_be_visible()
    expect(page.get_by_text(re.compile(re.escape(when_link))).first).to_be_visible()
    photo(page)


def test_05_choisir(page: Page, portail: Running, photo: Photo) -> None:
    # given the link of the mail
    given_an_account(portail, confirmed=True)
    link = when_i_ask_for_a_link(page)
    # when it is opened and a password typed
    page.goto(link)
    when_i_choose_it(page, NEW)
    expect(page.locator(".regles li.tenue")).to_have_count(4)
    photo(page)
    page.get_by_role("button", name="Enregistrer ce mot de passe").click()
    # then it is set, nobody is logged in, and the link serves no more
    expect(page.locator("#messages")).to_contain_text("une seconde preuve reste demandée")
    then_i_am_logged_out(page)
    page.watch.expect("410")
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("Ce lien ne sert plus")


def test_06_entrer(page: Page, portail: Running, photo: Photo) -> None:
    # given a password just set by a mailed link, and an application
    given_an_application(given_an_account(portail, confirmed=True), portail.settings)
    when_i_set_it(page, when_i_ask_for_a_link(page))
    # when it is given
    page.goto("/connexion/otp")
    page.get_by_label(re.compile("^Email")).fill(EMAIL)
    page.get_by_label(re.compile("^Mot de passe")).first.fill(NEW)
    page.get_by_role("button", name="Continuer").click()
    page.wait_for_url("**/connexion/otp/code")
    # then the page says why there is no code by mail this time, and the application opens
    expect(page.get_by_text("ne prouverait rien de plus")).to_be_visible()
    expect(page.get_by_role("button", name="Recevoir un code par courriel")).to_have_count(0)
    photo(page, cible=page.locator("main"))
    page.get_by_role("textbox", name="Code de l’application").fill(shown())
    page.get_by_role("button", name="Me connecter", exact=True).click()
    page.wait_for_url("**/accueil")
