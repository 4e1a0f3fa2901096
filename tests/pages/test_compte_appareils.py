"""A login from a browser that the account does not know is told by mail; a known one, and the very first, is not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from starlette.applications import Starlette

from portal import clock
from portal.compte.appareils import LIFE
from portal.compte.models import Appareil
from portal.db import database, outbox
from portal.db.base import rows
from portal.settings import Settings
from portal.web.session import Access
from tests.support.client import Client
from tests.support.connexions import account_of_bob, log_in
from tests.support.people import IDENTITY

COOKIE = "__Host-appareil"
FIRST = {"email": "alice@exemple.fr", "mot_de_passe": "Bocage-2031-Pommier", "mot_de_passe_2": "Bocage-2031-Pommier",
         "ville": "14000 Caen"}


pytestmark = pytest.mark.usefixtures("midday")


@pytest.fixture
def app(trusting_app: Starlette) -> Starlette:
    return trusting_app


@pytest.fixture
def bob(app: Starlette, settings: Settings) -> int:
    return account_of_bob(settings)


def mails() -> list[tuple[str, str]]:
    return [(mail.to, mail.body) for mail in outbox.latest() if mail.subject.startswith("Nouvelle connexion")]


def log_in_again(client: Client, card: str) -> None:
    """Leave if one is inside, then come back from the same browser."""
    client.post("/connexion/quitter")
    log_in(client, card)


def test_the_first_browser_is_remembered_without_a_mail(client: Client, bob: int) -> None:
    answer = log_in(client, "bob-durand")
    cookie = next(line for line in answer.headers.get_list("set-cookie") if line.startswith(COOKIE))
    for part in ("HttpOnly", "Secure", "Path=/", "SameSite=lax", f"Max-Age={int(LIFE.total_seconds())}"):
        assert part.lower() in cookie.lower(), cookie
    assert mails() == []
    assert rows("SELECT compte_id FROM appareil") == [(bob,)]


def test_another_browser_is_told_once(client: Client, another_client: Client, bob: int) -> None:
    log_in(client, "bob-durand")
    another_client.http.headers["user-agent"] = "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0"
    log_in(another_client, "bob-durand")
    [(to, body)] = mails()
    assert to == "bob@exemple.fr"
    words = " ".join(body.split())
    for part in ("22/11/2026 à 13 h 00", "Firefox, Windows", "Carte CPS", "https://portail.test/compte/sessions"):
        assert part in words, words
    log_in_again(another_client, "bob-durand")
    log_in_again(client, "bob-durand")
    assert len(mails()) == 1
    assert rows("SELECT COUNT(*) FROM appareil") == [(2,)]


@pytest.mark.parametrize("forged", ["x", "abc.def", "x" * 3000])
def test_a_forged_cookie_is_no_known_browser(client: Client, another_client: Client, bob: int, forged: str) -> None:
    log_in(client, "bob-durand")
    another_client.http.cookies.set(COOKIE, forged, domain="portail.test")
    log_in(another_client, "bob-durand")
    assert len(mails()) == 1


def test_the_table_says_nothing_of_the_cookie(client: Client, bob: int) -> None:
    log_in(client, "bob-durand")
    device = str(client.http.cookies.get(COOKIE)).partition(".")[0]
    [(kept,)] = rows("SELECT hash FROM appareil")
    assert len(kept) == 64 and device not in kept


def test_a_browser_not_seen_for_long_is_forgotten(client: Client, another_client: Client, bob: int) -> None:
    log_in(client, "bob-durand")
    with database.writing():
        Appareil.update(used=clock.now() - LIFE + timedelta(days=1)).execute()
    log_in(another_client, "bob-durand")
    assert len(mails()) == 1 and Appareil.select().count() == 2
    with database.writing():
        Appareil.update(used=clock.now() - LIFE - timedelta(days=1)).where(Appareil.used < clock.now()).execute()
    log_in_again(another_client, "bob-durand")
    assert len(mails()) == 1 and Appareil.select().count() == 1


def test_the_browser_of_the_registration_is_the_first(client: Client, another_client: Client) -> None:
    """Whoever then comes from elsewhere is told of, though it is the first login of the account."""
    client.enter(Access.CARTE, 10100000011, identity=vars(IDENTITY))
    answer = client.post("/compte/creer", FIRST)
    assert any(line.startswith(COOKIE) for line in answer.headers.get_list("set-cookie"))
    log_in(another_client, "alice-martin")
    assert [to for to, _ in mails()] == ["alice@exemple.fr"]
    log_in_again(client, "alice-martin")
    assert len(mails()) == 1


def test_no_other_answer_sets_the_cookie(client: Client, bob: int) -> None:
    log_in(client, "bob-durand")
    answer = client.get("/compte")
    assert not any(line.startswith(COOKIE) for line in answer.headers.get_list("set-cookie"))
