"""Passkeys through the pages, for every test module that is about them."""

from __future__ import annotations

import json
from typing import Any

from portal.compte import commands as comptes
from portal.compte import queries
from portal.compte.rules import CHARTE
from portal.db import database
from portal.db.audit import Actor
from tests.support.authentificateur import Authentificateur
from tests.support.client import Answer, Client
from tests.support.people import account

BOB, EMAIL, PASSWORD = 10100000022, "10100000022@exemple.fr", "Bocage-2031"
KEYS, LOGIN, STRENGTHEN = "/facteurs/cles", "/connexion/otp/cle", "/facteurs/cles/renforcer"


def account_of(rpps: int) -> int:
    """A physician's account with everything done; its id."""
    compte = queries.get(account(rpps))
    assert compte is not None
    with database.writing():
        comptes.accept_charte(Actor(rpps, "Dr Bob DURAND", "cps"), compte, CHARTE)
        comptes.confirm_email(compte)
    return int(compte.id)


def asked(client: Client, address: str, status: int = 200) -> dict[str, Any]:
    """What the portal's script is told to ask the browser for."""
    found: dict[str, Any] = json.loads(client.post(f"{address}/defi", status=status).html)
    return found


def add(client: Client, device: Authentificateur, status: int = 303, nom: str = "Téléphone", **told: Any) -> Answer:
    """Enrol a device in « Mes clés d’accès »."""
    return client.post(KEYS, {"nom": nom, "reponse": device.create(asked(client, KEYS), **told)}, status)


def password(client: Client, email: str = EMAIL, suite: str = "") -> Answer:
    """Give the right password; the second step is to be done."""
    return client.post("/connexion/otp", {"email": email, "mot_de_passe": PASSWORD, "suite": suite})


def prove(client: Client, device: Authentificateur, status: int = 303, *, address: str = LOGIN, suite: str = "",
          **told: Any) -> Answer:
    """Answer a fresh challenge with this device."""
    answer = device.get(asked(client, address), **told)
    return client.post(address, {"reponse": answer, "suite": suite}, status)
