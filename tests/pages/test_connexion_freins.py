"""Waiting after too many tries, seen from the pages: who is slowed down, and who never is."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.testclient import TestClient

from portal import clock
from portal.connexion.rules import Refusal
from portal.db import database
from portal.db.base import rows
from portal.settings import Settings, SettingsError, load
from portal.web import throttle
from portal.web.throttle import CARD, FREE
from tests.support.client import Client
from tests.support.connexions import BOB, account_of_bob, answer_of, events, log_in, nonce_for, refused, trusting

pytestmark = pytest.mark.usefixtures("midday")


@pytest.fixture
def app(trusting_app: Starlette) -> Starlette:
    return trusting_app


def spend(client: Client) -> None:
    """Ask for challenges until the network has to wait."""
    client.get("/connexion")
    for _ in range(FREE[CARD]):
        client.post("/connexion/defi", status=200)


def test_a_network_that_only_asks_for_challenges_waits_and_is_told_how_long(client: Client) -> None:
    spend(client)
    page = client.post("/connexion/defi", status=429)
    assert page.headers["retry-after"] == "30"
    assert "Trop d’essais" in page.text and "Réessayez dans 30 secondes." in page.text
    with clock.shift(timedelta(seconds=30)):
        client.post("/connexion/defi", status=200)
        page = client.post("/connexion/defi", status=429)
    assert page.headers["retry-after"] == "60" and "Réessayez dans 1 minute." in page.text


def test_another_session_of_the_same_network_waits_too_and_a_session_is_no_way_out(
        client: Client, another_client: Client) -> None:
    spend(client)
    another_client.get("/connexion")
    another_client.post("/connexion/defi", status=429)


@pytest.mark.proves("N3")
def test_once_the_challenge_is_issued_a_valid_card_passes_whatever_others_do(
        client: Client, another_client: Client) -> None:
    answer = answer_of("alice-martin", nonce_for(client))
    spend_all = FREE[CARD] - 1
    another_client.get("/connexion")
    for _ in range(spend_all):
        another_client.post("/connexion/defi", status=200)
    another_client.post("/connexion/defi", status=429)
    assert client.post("/connexion/cps", answer).location == "/compte/creer"


@pytest.mark.proves("N3")
def test_a_card_passes_while_somebody_tries_passwords_on_its_account(
        client: Client, settings: Settings) -> None:
    """No account is locked for its own physician: a malicious lock-out stops at the password."""
    account_of_bob(settings)
    names = [throttle.account(name) for name in ("bob@exemple.fr", f"8{BOB}", str(BOB))]
    with database.writing():
        for _ in range(50):
            throttle.failed(*names)
    assert throttle.wait(*names) == timedelta(minutes=15)
    assert log_in(client, "bob-durand").location == "/accueil"


def test_a_whole_hospital_logs_in_behind_one_address(client: Client, settings: Settings) -> None:
    account_of_bob(settings)
    for _ in range(FREE[CARD] + 5):
        log_in(client, "bob-durand")
        client.post("/connexion/quitter")
    assert rows("SELECT tries FROM frein") == [(0,)]


def test_refused_answers_count_and_then_wait_without_filling_the_audit(client: Client) -> None:
    client.get("/connexion")
    for _ in range(FREE[CARD]):
        client.post("/connexion/cps", {"jeton": "{}"}, 403)
    page = client.post("/connexion/cps", {"jeton": "{}"}, 429)
    assert "Réessayez dans 30 secondes." in page.text
    assert len(events()) == FREE[CARD]


def test_a_wrong_card_is_still_told_why(client: Client) -> None:
    for _ in range(10):
        refused(client, log_in(client, "carte-expiree", 403), Refusal.CERTIFICAT_EXPIRE)


# --- whose address ---


@pytest.mark.proves("W8", "V4.1.3", "V15.3.4")
@pytest.mark.parametrize(("proxies", "peer", "forwarded", "counted"), [
    ("", "192.0.2.7", "203.0.113.5", "192.0.2.7"),
    ("", "127.0.0.1", "203.0.113.5", "127.0.0.1"),
    ("10.0.0.5", "192.0.2.7", "203.0.113.5", "192.0.2.7"),
    ("10.0.0.5", "10.0.0.5", "203.0.113.5", "203.0.113.5"),
    ("10.0.0.0/24, 10.1.0.1", "10.0.0.77", "203.0.113.5", "203.0.113.5"),
    ("10.0.0.5", "10.0.0.5", "198.51.100.9, 203.0.113.5", "203.0.113.5"),
    ("10.0.0.5 10.0.0.6", "10.0.0.5", "203.0.113.5, 10.0.0.6", "203.0.113.5"),
], ids=["nobody is trusted", "not even loopback", "a stranger", "the proxy", "a network of proxies",
        "what the client wrote itself", "two proxies in a row"])
def test_only_a_trusted_proxy_may_say_where_a_client_is(
        settings: Settings, proxies: str, peer: str, forwarded: str, counted: str) -> None:
    app = trusting(load({}, data=settings.data, database=settings.database, demonstration=True,
                               origin=settings.origin, trusted_proxies=proxies, clocks_pause=0))
    visitor = Client(app)
    with TestClient(app, base_url=settings.origin, client=(peer, 5000)) as http:
        visitor.http = http
        visitor.get("/connexion")
        headers = {"Sec-Fetch-Site": "same-origin", "X-Forwarded-For": forwarded}
        http.post("/connexion/defi", data={"_csrf": visitor.token()}, headers=headers).raise_for_status()
    expected = throttle.network(Request({"type": "http", "client": (counted, 1), "headers": []}), CARD)
    assert rows("SELECT key FROM frein") == [(expected,)]


@pytest.mark.proves("W8", "V4.1.3")
@pytest.mark.parametrize("proxies", ["*", "proxy.exemple.fr", "10.0.0.0/8 partout"])
def test_trusting_everybody_is_refused(settings: Settings, proxies: str) -> None:
    with pytest.raises(SettingsError, match="adresses IP"):
        load({}, data=settings.data, trusted_proxies=proxies)


def test_the_script_finds_its_words_for_it_in_the_page(client: Client) -> None:
    said = client.get("/connexion").soup.select_one("template[data-etat=trop]")
    assert "Trop de demandes de connexion viennent de votre réseau." in said.decode_contents()
    assert said.select_one("[data-duree]"), "the script writes here how long to wait"
    assert '"trop"' in Path("static/js/connexion.js").read_text("utf-8")
