"""The guide « L’espace de l’assistance »: find what to point at, how the service is, what readers say."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from portal.assistance import commands
from portal.db import database
from tests.e2e import gestes
from tests.e2e.gestes import then_i_am_told
from tests.support.running import Running

Photo = Callable[..., None]
SAM = "sam.leroy@assistance.example"


def given_the_support(page: Page, portail: Running) -> None:
    gestes.given_a_member(page, portail, SAM)
    page.goto("/assistance")


def test_01_chercher(page: Page, portail: Running, photo: Photo) -> None:
    # given a caller who lost his card's code
    given_the_support(page, portail)
    # when I type his words
    field = page.get_by_label("Les mots de l’appelant, ou le code du message")
    field.fill("code porteur")
    page.get_by_role("button", name="Chercher").click()
    # then the step to point at is there, with its address
    found = page.get_by_role("region", name="Trouver l’aide à indiquer")
    expect(found.get_by_role("link", name="Code porteur").first).to_be_visible()
    expect(found.get_by_text(f"{portail.origin}/aide/connexion/carte/#code-porteur").first).to_be_visible()
    photo(page, [page.locator("h1"), found.locator("ol li").nth(3)],
          montrer=[found.get_by_label("Les mots de l’appelant, ou le code du message"),
                   found.get_by_role("button", name="Chercher")])


def test_02_etat(page: Page, portail: Running, photo: Photo) -> None:
    # given the support's page
    given_the_support(page, portail)
    # then each part of the service says how it is
    state = page.get_by_role("region", name="État du service")
    for part in ("Base de données", "Aide", "Cartes CPS", "Courriels", "Rappels et échéances"):
        expect(state.get_by_text(part, exact=True)).to_be_visible()
    photo(page, state)


def test_03_avis(page: Page, portail: Running, photo: Photo) -> None:
    # given readers whom a section did not help
    database.connect()
    with database.writing():
        for _ in range(3):
            commands.count("connexion/otp", "scanner", "different")
        commands.count("dossiers", "onglets", "oui")
    # when another one answers below a page
    page.goto("/aide/connexion/carte/")
    page.get_by_role("link", name="non", exact=True).click()
    page.get_by_label("Non, je n’ai pas compris les explications").check()
    page.get_by_role("button", name="Envoyer").click()
    expect(page).to_have_url(f"{portail.origin}/aide/connexion/carte/#ma-carte")
    # then the support reads numbers, the least helpful first
    given_the_support(page, portail)
    then_i_am_told(page, "Merci")
    read = page.get_by_role("region", name="Ce que les lecteurs pensent de l’aide")
    expect(read.locator("> ul > li").first).to_contain_text("non 3")
    expect(read).to_contain_text("Non, je n’ai pas compris les explications\u00a0: 1")
    photo(page, read, montrer=[read.locator("> ul > li").first])
