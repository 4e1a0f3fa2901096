"""The guards around every page: host, origin, form token, doors, errors, sessions."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import peewee
import pytest
from starlette.applications import Starlette
from starlette.requests import Request

from portal import clock
from portal.db import database
from portal.db.audit import Actor
from portal.db.base import rows
from portal.dossiers import commands
from portal.routes import pages
from portal.settings import load
from portal.web import session
from portal.web.handlers import Page
from portal.web.session import Access
from tests.support.client import Client
from tests.support.people import LEROUX, account

ALICE = 10100000011
PAGES = pages(load({}, demonstration=True))


def path_of(page: Page) -> str:
    path = page.path.replace("{module}", "grand-age").replace("{jeton}", "x").replace("{page:path}", "")
    return re.sub(r"\{\w+:int\}", "43009190", path)


@pytest.mark.proves("V3.5.1")
def test_a_request_that_no_browser_sends_is_refused(client: Client) -> None:
    client.login(ALICE)
    response = client.http.post("/connexion/quitter", data={"_csrf": client.token()})
    assert response.status_code == 403


@pytest.mark.proves("W8")
@pytest.mark.parametrize("host", ["evil.example", "portail.test.evil.example", "portail.test:8080", ""])
def test_another_host_is_refused(client: Client, host: str) -> None:
    response = client.http.get("/", headers={"Host": host})
    assert response.status_code == 421
    assert response.headers["content-security-policy"].startswith("default-src 'none'")


@pytest.mark.proves("W8", "V4.2.1")
@pytest.mark.parametrize("hosts", [("portail.test", "evil.example"), ("evil.example", "portail.test"),
                                   ("portail.test", "portail.test")])
def test_two_hosts_are_refused_whichever_comes_first(client: Client, hosts: tuple[str, str]) -> None:
    response = client.http.get("/connexion", headers=[("Host", host) for host in hosts])
    assert response.status_code == 421


@pytest.mark.proves("W8")
@pytest.mark.parametrize("header", ["X-Forwarded-Host", "X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Prefix",
                                    "Forwarded", "X-Host", "X-HTTP-Method-Override"])
def test_no_other_header_names_the_portal_or_the_page(client: Client, header: str) -> None:
    plain = client.get("/connexion").soup
    told = client.get("/connexion", **{header: "evil.example/accueil"})
    assert "evil.example" not in told.html and told.soup.title == plain.title


@pytest.mark.parametrize("page", [page for page in PAGES if page.get and page.access is Access.MEDECIN],
                         ids=lambda page: page.path)
@pytest.mark.proves("A5", "V8.2.1")
class TestEveryPrivatePage:
    def test_visitor_is_sent_to_the_login(self, page: Page, client: Client) -> None:
        answer = client.get(path_of(page), 303)
        assert answer.location.startswith("/connexion?suite=%2F")

    def test_htmx_is_sent_to_the_login_too(self, page: Page, client: Client) -> None:
        if page.quiet:  # asked for by the page itself: nothing takes it away
            assert client.get(path_of(page), 204, htmx=True).html == ""
            return
        answer = client.get(path_of(page), htmx=True)
        assert answer.location.startswith("/connexion?suite=%2F") and not answer.html

    def test_nothing_before_the_charter(self, page: Page, client: Client) -> None:
        client.enter(Access.CHARTE, ALICE)
        assert client.get(path_of(page), 303).location == "/compte/charte"

    def test_nothing_before_the_account(self, page: Page, client: Client) -> None:
        client.enter(Access.CARTE, ALICE)
        assert client.get(path_of(page), 303).location == "/compte/creer"


@pytest.mark.proves("A5")
def test_a_new_charter_closes_the_door_again(client: Client, app: Starlette) -> None:
    client.login(ALICE)
    app.state.charte = "2031-01"
    assert client.get("/dossiers/grand-age", 303).location == "/compte/charte"


@pytest.mark.proves("N8", "V7.3.1")
def test_session_ends_after_thirty_idle_minutes(client: Client, midday: datetime) -> None:
    client.login(ALICE)
    with clock.shift(timedelta(minutes=29)):
        client.get("/dossiers/grand-age")
    with clock.shift(timedelta(minutes=58)):
        client.get("/dossiers/grand-age")
    with clock.shift(timedelta(minutes=89)):
        assert "expiree=1" in client.get("/dossiers/grand-age", 303).location


@pytest.mark.proves("N8", "V7.3.2")
def test_session_ends_after_twelve_hours_whatever_happens(client: Client, midday: datetime) -> None:
    client.login(ALICE)
    for minutes in range(20, 12 * 60, 20):
        with clock.shift(timedelta(minutes=minutes)):
            client.get("/dossiers/grand-age")
    with clock.shift(timedelta(hours=12)):
        client.get("/dossiers/grand-age", 303)


def test_ended_sessions_do_not_pile_up(client: Client, app: Starlette, midday: datetime) -> None:
    client.login(ALICE)
    with clock.shift(timedelta(days=2)), database.writing():
        session.login(a_request(app), state=Access.MEDECIN, subject=f"8{ALICE}", rpps=ALICE, name="Dr", level="cps")
    assert rows("SELECT COUNT(*) FROM session WHERE rpps = ?", ALICE) == [(1,)]


@pytest.mark.proves("N8", "V7.4.1", "V14.3.1")
def test_logout_kills_the_row_and_the_old_cookie(client: Client) -> None:
    client.login(ALICE)
    old = client.cookie
    answer = client.post("/connexion/quitter")
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    assert rows("SELECT COUNT(*) FROM session WHERE rpps = ?", ALICE) == [(0,)]
    client.http.cookies.set("__Host-session", old or "")
    client.get("/dossiers/grand-age", 303)


@pytest.mark.proves("V7.2.1")
@pytest.mark.parametrize("cookie", ["", "x", "a.b", "é", "0" * 5000, "id.signature"])
def test_a_forged_cookie_opens_nothing(client: Client, cookie: str) -> None:
    response = client.http.get("/accueil", headers={"Cookie": f"__Host-session={cookie}".encode("latin-1", "replace")})
    assert response.status_code == 303


def test_unknown_page_is_french_and_says_what_to_do(client: Client) -> None:
    answer = client.get("/nulle-part", 404)
    assert "introuvable" in answer.text


def test_wrong_method_is_french(client: Client) -> None:
    assert "impossible" in client.post("/accueil/contact", status=405).text


@pytest.mark.proves("D8", "V16.3.4", "V16.5.1", "V16.5.4")
def test_failure_shows_a_reference_and_no_detail(
        client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    patient = "LEROUX".title()

    def broken(*_: object) -> int:
        raise ValueError(patient)

    monkeypatch.setattr("portal.dossiers.queries.counts", broken)
    client.login(ALICE, compte_id=1)
    answer = client.get("/accueil", 500)
    assert "référence" in answer.text.lower()
    for text in (answer.html, caplog.text):
        assert patient not in text
    assert "ValueError" in caplog.text and "ValueError" not in answer.html


@pytest.mark.proves("V2.3.3", "V16.5.3")
@pytest.mark.parametrize("broken", ["portal.compte.pages.commands.update_contact", "portal.web.handlers.audit.record"])
def test_a_write_that_fails_says_so_and_changes_nothing(
        client: Client, monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    def full(*_: object, **__: object) -> None:
        raise peewee.OperationalError("database or disk is full")

    with database.writing():
        dossier = commands.create(Actor(ALICE, "Dr Alice MARTIN", "cps"), "ga", LEROUX)
    client.login(ALICE, compte_id=account(ALICE))
    monkeypatch.setattr(broken, full)
    if "record" in broken:
        answer = client.get(f"/dossiers/grand-age/{dossier.numero}", 503)
        assert "LEROUX" not in answer.html  # no opening without its trace
    else:
        answer = client.post("/compte", {"email": "autre@exemple.fr", "ville": "14000 Caen"}, 503)
    assert "rien n’a été modifié" in answer.text


@pytest.mark.proves("W12")
def test_a_body_too_large_is_refused(client: Client) -> None:
    client.login(ALICE)
    client.post("/compte", {"adresse": "a" * 300_000}, status=413)


@pytest.mark.proves("W12", "W13")
def test_ten_thousand_fields_are_refused(client: Client) -> None:
    client.login(ALICE)
    client.post("/compte", {f"champ{number}": "x" for number in range(10_000)}, status=400)


def a_request(app: Starlette) -> Request:
    """A request of a visitor without a session."""
    request = Request({"type": "http", "app": app, "headers": [], "state": {}})
    request.state.visit = session.Visit("x" * 43, fresh=True)
    return request
