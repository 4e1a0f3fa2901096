"""What several scenarios do the same way: standing somewhere, and logging in with the card."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from portal import clock
from portal.avis.models import Avis
from portal.compte import commands, queries
from portal.compte.commands import Contact, Identity
from portal.compte.rules import CHARTE
from portal.db import audit, database
from portal.db.audit import Actor
from portal.dossiers.models import Dossier, Lien
from portal.espaces import queries as espaces
from portal.espaces.models import Usager
from portal.web.session import Access
from tests.support.running import Running
from tests.support.sessions import open_session

ALICE, BOB, CHLOE = 10100000011, 10100000022, 10100000033
CLAIRE, PAUL = "claire.dubois@tilleuls.example", "paul.roy@tilleuls.example"
CODE = "1234"
IDENTITY = Identity("MARTIN", "Alice", "Médecin", "SM26", "Qualifié en médecine générale (SM)")
CONTACT = Contact("alice.martin@exemple.fr", "02 31 00 00 11", "11 rue Froide", "14118", "14000", "CAEN")


def given_an_account(portail: Running, *, charte: bool = True, confirmed: bool = False) -> int:
    """Dr Alice MARTIN has an account; returns its id."""
    database.connect()
    found = queries.by_subject(f"8{ALICE}")
    if found:
        return int(found.id)
    alice = Actor(ALICE, "Dr Alice MARTIN", "cps")
    with database.writing():
        compte = commands.create(alice, f"8{ALICE}", IDENTITY, CONTACT, "Coquelicot14", portail.settings)
        if charte:
            commands.accept_charte(alice, compte, CHARTE)
        if confirmed:
            commands.confirm_email(compte)
    return int(compte.id)


def given_a_session(page: Page, portail: Running, *, state: Access = Access.MEDECIN, confirmed: bool = False) -> None:
    """Dr Alice MARTIN is logged in, as far as ``state`` says."""
    compte_id = given_an_account(portail, charte=state is Access.MEDECIN, confirmed=confirmed)
    enter(page, portail, open_session(
        portail.settings, ALICE, "Dr Alice MARTIN", state=state, compte_id=compte_id))


def given_a_member(page: Page, portail: Running, email: str = CLAIRE) -> None:
    """Somebody who works for a structure of the demonstration is logged in."""
    database.connect()
    compte = queries.by_email(email)
    assert compte is not None
    enter(page, portail, open_session(
        portail.settings, None, espaces.signature(compte), state=Access.STRUCTURE, compte_id=compte.id, level="otp",
        subject=compte.subject))


def given_a_relative(page: Page, portail: Running, one: Usager) -> None:
    """Somebody of the patient's side is let in, as by her mailed link."""
    enter(page, portail, open_session(
        portail.settings, None, one.name, state=Access.USAGER, level="courriel", subject=one.subject))


def given_a_card_read(page: Page, portail: Running) -> None:
    """The portal has verified Dr Alice MARTIN's card; she has no account yet."""
    database.connect()
    enter(page, portail, open_session(
        portail.settings, ALICE, "Dr Alice MARTIN", state=Access.CARTE, identity=vars(IDENTITY)))


def when_i_choose_the_card(page: Page) -> Page:
    """Click « Se connecter par CPS » and return the agent's window."""
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Se connecter par CPS").click()
    window = opened.value
    expect(window.get_by_role("heading", level=1)).to_be_visible()
    return window


def when_i_type_the_code(window: Page, code: str = CODE) -> None:
    """Type the code in the agent's window and send it."""
    window.get_by_label("Code porteur").fill(code)
    window.get_by_role("button", name="Valider").click()


def when_i_log_in(page: Page) -> None:
    """From the login page to wherever the portal sends the holder of the card in the reader."""
    page.goto("/connexion")
    when_i_type_the_code(when_i_choose_the_card(page))
    page.wait_for_url(lambda url: "/connexion" not in url)


def when_i_fill_in_a_dossier(page: Page, stay: str = "Permanent") -> None:
    """Type a person that no dossier of the demonstration is about, in « Créer un dossier »."""
    page.get_by_label(re.compile("^Nom de naissance")).fill("LEMARCHAND")
    page.get_by_label(re.compile("^Prénoms de naissance")).fill("Odette")
    page.get_by_label(re.compile("^Date de naissance")).fill("05/03/1941")
    page.get_by_label("Féminin").check()
    page.get_by_label(re.compile("^Code Postal / Ville")).fill("14000 Caen")
    page.get_by_label(stay).check()
    page.get_by_label(re.compile("^La personne, ou son représentant, est informée")).check()


def known_patient() -> Dossier:
    """Someone with a long name among Dr Alice MARTIN's accepted dossiers."""
    database.connect()
    own = Lien.select(Lien, Dossier).join(Dossier).where(
        Lien.rpps == ALICE, Lien.etat == "accepte", Lien.module == "ga").order_by(Lien.numero)
    return next(lien.dossier for lien in own if len(lien.dossier.nom_naissance) > 5)


def when_i_say_who(page: Page, dossier: Dossier, surname: str = "") -> None:
    """Type the identity of someone who has a dossier already, in « Créer un dossier »."""
    page.get_by_label(re.compile("^Nom de naissance")).fill(surname or dossier.nom_naissance)
    page.get_by_label(re.compile("^Prénoms de naissance")).fill(dossier.prenom)
    page.get_by_label(re.compile("^Date de naissance")).fill(f"{dossier.naissance:%d/%m/%Y}")


def given_no_notice() -> None:
    """The demonstration's own notices are read."""
    Avis.update(lu_le=clock.now()).execute()


def then_i_am_told(page: Page, words: str) -> None:
    """A message of the portal is there; the region for screen readers says the same a moment later."""
    expect(page.locator("#messages").get_by_text(words)).to_be_visible()


def then_i_am_logged_out(page: Page) -> None:
    """The portal sends whoever asks for the dashboard to the login."""
    page.goto("/accueil")
    expect(page).to_have_url(re.compile(r"/connexion\?suite="))


def acts(event: str, dossier: str) -> int:
    """How many times the audit says that this happened to a dossier (``ga 43084209``)."""
    database.connect()
    return sum(trace.event == event for trace in audit.timeline(dossier))


def enter(page: Page, portail: Running, cookie: str) -> None:
    """Give the page's browser a session's cookie."""
    # The browser takes a Secure cookie over http from loopback itself, but not from its remote control.
    page.context.add_cookies([{
        "name": "__Host-session", "value": cookie, "url": portail.origin.replace("http:", "https:"), "secure": True,
        "httpOnly": True, "sameSite": "Lax",
    }])
