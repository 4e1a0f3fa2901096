"""The e-CPS login against an OpenID provider that nobody of this house wrote."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urljoin, urlsplit

import httpx2
import pytest
from bs4 import BeautifulSoup
from starlette.applications import Starlette

from portal import clock
from portal.connexion.ecps.refus import Refusal
from portal.db import database
from portal.demonstration import comptes
from portal.settings import Settings
from tests.conftest import ORIGIN
from tests.support.client import Answer, Client
from tests.support.fournisseur import BOB, begin, come_back, query_of


@pytest.fixture(autouse=True)
def bob(app: Starlette) -> None:
    """Dr Bob DURAND has an account."""
    database.connect()
    comptes.ensure()


@pytest.fixture
def visitor() -> Iterator[httpx2.Client]:
    """His browser, at the provider's."""
    with httpx2.Client(trust_env=False) as http:
        yield http


def walk(visitor: httpx2.Client, address: str, person: str = BOB, acr: str = "eidas1") -> str:
    """Follow the provider's redirects until one leads back to the portal; its path and query."""
    for _ in range(10):
        answer = visitor.get(address, headers={"x-personne": person, "x-acr": acr})
        assert answer.status_code in (302, 303), answer.text[:500]
        address = urljoin(address, answer.headers["location"])
        if address.startswith(ORIGIN):
            parts = urlsplit(address)
            return f"{parts.path}?{parts.query}"
    raise AssertionError("the provider never sent us back")


def refused(page: Answer, reason: Refusal) -> None:
    assert page.soup.select_one(".page-erreur")["data-refus"] == reason.name.lower()


def test_a_physician_enters(client: Client, visitor: httpx2.Client) -> None:
    path = walk(visitor, begin(client, "/dossiers/tnd"))
    assert query_of(path)["iss"]
    assert come_back(client, path).location == "/dossiers/tnd"
    assert "Bob DURAND" in client.get("/accueil").text


def test_a_refusal_is_said_kindly(client: Client, visitor: httpx2.Client) -> None:
    refused(come_back(client, walk(visitor, begin(client), "refus"), 200), Refusal.ANNULEE)


def test_a_level_too_low_is_refused(client: Client, visitor: httpx2.Client) -> None:
    refused(come_back(client, walk(visitor, begin(client), acr="eidas0"), 403), Refusal.NIVEAU)


def test_a_code_serves_once(client: Client, another_client: Client, visitor: httpx2.Client) -> None:
    used = walk(visitor, begin(client))
    come_back(client, used)
    fresh = query_of(walk(visitor, begin(another_client)))
    stolen = fresh | {"code": query_of(used)["code"]}
    refused(another_client.post("/connexion/ecps/retour", stolen, 403), Refusal.CODE_REFUSE)


def test_a_code_without_its_verifier_is_worthless(client: Client, another_client: Client,
                                                  visitor: httpx2.Client) -> None:
    stolen = query_of(walk(visitor, begin(client)))["code"]
    mine = query_of(walk(visitor, begin(another_client)))
    refused(another_client.post("/connexion/ecps/retour", mine | {"code": stolen}, 403), Refusal.CODE_REFUSE)


def test_a_wrong_secret_is_the_supports_matter(app: Starlette, client: Client, settings: Settings,
                                               visitor: httpx2.Client) -> None:
    path = walk(visitor, begin(client))
    app.state.settings = replace(settings, ecps_client_secret="autre")
    refused(come_back(client, path, 503), Refusal.RACCORDEMENT)


def test_a_token_is_not_good_for_ever(client: Client, visitor: httpx2.Client) -> None:
    """The portal's clock an hour ahead of the provider's: what it signs has just expired."""
    with clock.shift(timedelta(hours=1, minutes=1)):
        refused(come_back(client, walk(visitor, begin(client)), 403), Refusal.PERIMEE)


def test_leaving_ends_the_session_there_too(client: Client, visitor: httpx2.Client) -> None:
    come_back(client, walk(visitor, begin(client)))
    link = client.post("/connexion/quitter", {}, 200).soup.select_one("#sortie-ecps")["href"]
    page = BeautifulSoup(visitor.get(link).text, "html5lib")
    form = page.select_one("form")
    fields = {field["name"]: field["value"] for field in form.select("input[name]")} | {"logout": "yes"}
    answer = visitor.post(urljoin(link, form["action"]), data=fields)
    assert answer.headers["location"].startswith(f"{ORIGIN}/connexion/ecps/sortie?state=")
    client.get(answer.headers["location"].removeprefix(ORIGIN), 303)
    assert "Pro Santé Connect" in client.get("/").text
    # A second login asks who I am again: « refus » is heard.
    refused(come_back(client, walk(visitor, begin(client), "refus"), 200), Refusal.ANNULEE)
