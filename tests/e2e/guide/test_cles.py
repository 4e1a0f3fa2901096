"""The guide « Se servir d’une clé d’accès »: one scenario a numbered step, in the guide's order.

Chromium's virtual authenticator stands for the telephone. A passkey needs a host name: the portal of these
scenarios is opened as ``localhost``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import CDPSession, Page, expect

from portal.db import database, outbox
from portal.facteurs.cles import queries
from portal.web.session import Access
from tests.e2e.gestes import ALICE, given_an_account
from tests.support import running
from tests.support.running import Running, demonstration, free_ports
from tests.support.sessions import open_session

Photo = Callable[..., None]
EMAIL, PASSWORD = "alice.martin@exemple.fr", "Coquelicot14"
USE = "Utiliser ma clé d’accès"


@pytest.fixture
def portail(prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """A fresh demonstration whose address has a name."""
    ports = free_ports()
    monkeypatch.setattr(running, "free_ports", lambda: ports)
    with demonstration(prepared, tmp_path / "data", origin=f"http://localhost:{ports[0]}") as found:
        yield found


class Telephone:
    """A device that keeps passkeys, plugged into one page of the browser."""

    def __init__(self, page: Page) -> None:
        self.cdp: CDPSession = page.context.new_cdp_session(page)
        self.cdp.send("WebAuthn.enable")
        self.id = self.cdp.send("WebAuthn.addVirtualAuthenticator", {"options": {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserVerified": True, "automaticPresenceSimulation": True}})["authenticatorId"]

    def unlocks(self, right: bool) -> None:
        """Whether its holder types the right code."""
        self.cdp.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": right})

    def credentials(self) -> list[dict[str, object]]:
        """The passkeys it keeps."""
        return self.cdp.send("WebAuthn.getCredentials", {"authenticatorId": self.id})["credentials"]

    def rewind(self) -> None:
        """Become a copy made before the last uses: the counter starts afresh."""
        (kept,) = self.credentials()
        self.cdp.send("WebAuthn.removeCredential", {
            "authenticatorId": self.id, "credentialId": kept["credentialId"]})
        self.cdp.send("WebAuthn.addCredential", {"authenticatorId": self.id, "credential": kept | {"signCount": 0}})


def enter(page: Page, portail: Running, level: str = "cps") -> int:
    """Dr Alice MARTIN is logged in by this means."""
    compte_id = given_an_account(portail, confirmed=True)
    cookie = open_session(portail.settings, ALICE, "Dr Alice MARTIN", state=Access.MEDECIN, compte_id=compte_id,
                          level=level)
    page.context.add_cookies([{
        "name": "__Host-session", "value": cookie, "url": portail.origin.replace("http:", "https:"), "secure": True,
        "httpOnly": True, "sameSite": "Lax"}])
    return compte_id


def given_a_key(page: Page, portail: Running, nom: str = "Téléphone") -> Telephone:
    """Dr Alice MARTIN, logged in by card, has added her telephone."""
    telephone = Telephone(page)
    enter(page, portail)
    page.goto("/facteurs/cles")
    page.get_by_label(re.compile("^Nom de cette clé")).fill(nom)
    page.get_by_role("button", name="Ajouter une clé d’accès").click()
    expect(page.locator("#messages")).to_contain_text("La clé d’accès est ajoutée.")
    return telephone


def given_the_password_step(page: Page) -> None:
    """The password is given in a browser where nobody is logged in."""
    page.context.clear_cookies()
    page.goto("/connexion/otp")
    page.get_by_label(re.compile("^Email")).fill(EMAIL)
    page.get_by_label(re.compile("^Mot de passe")).first.fill(PASSWORD)
    page.get_by_role("button", name="Continuer").click()
    page.wait_for_url("**/connexion/otp/code")


def test_01_ajouter(page: Page, portail: Running, photo: Photo) -> None:
    # given a physician logged in with her card, and her telephone
    telephone = Telephone(page)
    compte_id = enter(page, portail)
    page.goto("/facteurs")
    page.get_by_role("link", name="Ajouter une clé d’accès").click()
    page.get_by_label(re.compile("^Nom de cette clé")).fill("Téléphone")
    photo(page)
    # when its holder does not unlock it, nothing is added and the page says so
    telephone.unlocks(False)
    page.get_by_role("button", name="Ajouter une clé d’accès").click()
    expect(page.get_by_text("Vous avez annulé")).to_be_visible()
    assert telephone.credentials() == []
    # when she unlocks it
    telephone.unlocks(True)
    page.get_by_role("button", name="Ajouter une clé d’accès").click()
    # then the key is in the account, and a second time it is refused as already there
    expect(page.locator("#messages")).to_contain_text("La clé d’accès est ajoutée.")
    database.connect()
    assert queries.count(compte_id) == 1 and len(telephone.credentials()) == 1
    page.get_by_role("button", name="Ajouter une clé d’accès").click()
    expect(page.get_by_text("Cette clé est déjà dans votre compte.")).to_be_visible()


def test_02_liste(page: Page, portail: Running, photo: Photo) -> None:
    # given a key just added
    given_a_key(page, portail)
    page.get_by_role("button", name="Fermer ce message").first.click()
    # then the list shows it, and a mail tells it
    expect(page.get_by_role("cell", name="Téléphone", exact=True)).to_be_visible()
    database.connect()
    assert "Une clé d’accès a été ajoutée" in outbox.latest(1)[0].subject
    photo(page)


def test_03_connexion(page: Page, portail: Running, photo: Photo) -> None:
    # given a key, and no card today
    telephone = given_a_key(page, portail)
    given_the_password_step(page)
    photo(page)
    # when its holder does not unlock it, nobody comes in
    telephone.unlocks(False)
    page.get_by_role("button", name=USE).click()
    expect(page.get_by_text("Vous avez annulé")).to_be_visible()
    # when she does
    telephone.unlocks(True)
    page.get_by_role("button", name=USE).click()
    # then the portal opens, pages that ask for more included
    page.wait_for_url("**/accueil")
    page.goto("/facteurs/cles")
    expect(page.get_by_role("heading", level=1)).to_have_text("Mes clés d’accès")


def test_04_renforcer(page: Page, portail: Running, photo: Photo) -> None:
    # given a session opened by a code, and a key
    given_a_key(page, portail)
    enter(page, portail, level="otp")
    # when she opens a page that asks for more
    page.goto("/facteurs/cles")
    expect(page).to_have_url(re.compile("renforcer=1"))
    page.get_by_role("link", name=USE).click()
    photo(page)
    page.get_by_role("button", name=USE).click()
    # then she is on that page
    page.wait_for_url("**/facteurs/cles")
    expect(page.get_by_role("heading", level=1)).to_have_text("Mes clés d’accès")


def test_05_retirer(page: Page, portail: Running, photo: Photo) -> None:
    # given a key whose copy is used
    telephone = given_a_key(page, portail)
    given_the_password_step(page)
    page.get_by_role("button", name=USE).click()
    page.wait_for_url("**/accueil")
    given_the_password_step(page)
    telephone.rewind()
    page.watch.expect("403")
    page.get_by_role("button", name=USE).click()
    # then it is refused, and a mail says so
    expect(page.get_by_role("alert")).to_contain_text("elle a peut-être été copiée")
    database.connect()
    assert "Une clé d’accès a été refusée" in outbox.latest(1)[0].subject
    # when she removes it
    enter(page, portail)
    page.goto("/facteurs/cles")
    page.get_by_role("link", name=re.compile("^Renommer ou retirer")).click()
    photo(page)
    page.get_by_role("button", name="Retirer cette clé").click()
    # then the account has none
    expect(page.get_by_text("Aucune pour l’instant.")).to_be_visible()
