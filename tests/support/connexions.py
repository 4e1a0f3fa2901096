"""Card logins through the pages, for every test module that is about them."""

from __future__ import annotations

import json
import shutil
from typing import Any

from starlette.applications import Starlette

from portal.app import create_app
from portal.compte import commands as comptes
from portal.compte.commands import Contact, Identity
from portal.compte.rules import CHARTE
from portal.connexion.rules import Refusal
from portal.db import database
from portal.db.audit import Actor, Trace
from portal.db.base import rows
from portal.settings import Settings
from tests.support import cartes
from tests.support.client import Answer, Client

ALICE, BOB = 10100000011, 10100000022


def trusting(settings: Settings) -> Starlette:
    """A portal that trusts the demonstration's authorities; the caller may look into its database."""
    shutil.copytree(cartes.deck() / "confiance", settings.trust, dirs_exist_ok=True)
    portal = create_app(settings)
    database.connect()
    return portal


def account_of_bob(settings: Settings) -> int:
    """Dr Bob DURAND has an account and accepted the charter; its id."""
    actor = Actor(BOB, "Dr Bob DURAND", "cps")
    identity = Identity("DURAND", "Bob", "Médecin", "SM53", "Spécialiste en Médecine générale (SM)")
    contact = Contact("bob@exemple.fr", "", "", "14118", "14000", "CAEN")
    with database.writing():
        compte = comptes.create(actor, f"8{BOB}", identity, contact, "Bocage-2031-Pommier", settings)
        comptes.accept_charte(actor, compte, CHARTE)
    return int(compte.id)


def nonce_for(client: Client) -> str:
    """A fresh challenge of this browser's session."""
    client.get("/connexion")
    found: str = json.loads(client.post("/connexion/defi", status=200).html)["nonce"]
    return found


def answer_of(card: str, nonce: str, **changes: Any) -> dict[str, str]:
    """The form that the page posts once the agent has answered."""
    return {"jeton": json.dumps(cartes.token(card, nonce, **changes))}


def log_in(client: Client, card: str, status: int = 303, *, suite: str = "", **changes: Any) -> Answer:
    """Click, type the code, come back."""
    return client.post("/connexion/cps", answer_of(card, nonce_for(client), **changes) | {"suite": suite}, status)


def events() -> list[tuple[str, str, int | None, str]]:
    """The audit so far: event, detail, RPPS number, name."""
    return list(Trace.select(Trace.event, Trace.detail, Trace.rpps, Trace.name).order_by(Trace.id).tuples())


def refused(client: Client, page: Answer, reason: Refusal, *, entered: int = 0) -> None:
    """The page says why and what to do, nobody is inside, and one audit row tells it without a name."""
    assert page.errors == [" ".join(text.split()) for text in (reason.explanation, reason.advice)]
    assert reason.title in page.soup.select_one(".resume-erreurs").get_text()
    assert page.soup.select_one(f'.resume-erreurs a[href$="#{reason.aide.partition("#")[2]}"]')
    assert client.get("/accueil", 303).location.startswith("/connexion")
    assert rows("SELECT COUNT(*) FROM session WHERE state > 0") == [(0,)]
    assert events()[-1] == ("connexion.refus", reason.name.lower(), None, "Visiteur")
    assert sum(event == "connexion.cps" for event, *_ in events()) == entered
