"""What machines are told about the portal's health, and who is told nothing."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from portal import clock
from portal.app import create_app
from portal.db import crypto, database, outbox
from portal.echeances.models import Bail
from portal.echeances.travaux import JOBS
from portal.sante import arret, queries
from portal.settings import Settings

LOOPBACK = ("127.0.0.1", 5000)
VITAL = {"service", "base", "cles", "disque"}
pytestmark = pytest.mark.usefixtures("midday")


@pytest.fixture
def healthy(opened_app: Starlette) -> Starlette:
    """A portal whose help is built and whose clocks are on time."""
    opened_app.state.help_site = SimpleNamespace(files={"index.html": b""})
    with database.writing():
        for job in JOBS:
            Bail.insert(nom=job.name, prochain=clock.now() + job.every).execute()
    return opened_app


@pytest.fixture
def probe(healthy: Starlette) -> Iterator[TestClient]:
    """A machine of loopback that calls the portal by its address."""
    with TestClient(healthy, base_url="http://127.0.0.1:8000", client=LOOPBACK) as http:
        yield http


def checks(probe: TestClient, path: str, status: int) -> dict[str, Any]:
    answer = probe.get(path)
    assert answer.status_code == status, answer.text
    assert answer.headers["cache-control"] == "no-store"
    found: dict[str, Any] = answer.json()["checks"]
    return found


@pytest.mark.parametrize(("path", "names"), [
    ("/sante/vivant", set()), ("/sante/pret", VITAL), ("/sante", VITAL | {"aide", "echeances", "courriels"})])
def test_all_is_well(probe: TestClient, path: str, names: set[str]) -> None:
    found = checks(probe, path, 200)
    assert set(found) == names and all(check["ok"] for check in found.values())


def test_words_are_for_who_reads_them(probe: TestClient) -> None:
    answer = probe.get("/sante", headers={"accept": "text/plain"})
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text.splitlines()[:3] == ["en service", "bien  service\u00a0: Il fonctionne.",
                                            "bien  base\u00a0: Elle répond."]


def database_gone(_app: Starlette, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "rows", lambda _sql: 1 / 0)


def not_migrated(_app: Starlette, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "pending", lambda: ["0099_demain"])


def no_keys(_app: Starlette, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crypto, "keys", lambda: 1 / 0)


def disk_full(app: Starlette, _monkeypatch: pytest.MonkeyPatch) -> None:
    app.state.settings = replace(app.state.settings, disk_min=1 << 62)


def stopping(_app: Starlette, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arret, "stopping", lambda: True)


@pytest.mark.proves("V16.5.3")
@pytest.mark.parametrize(("name", "fault"), [
    ("base", database_gone), ("base", not_migrated), ("cles", no_keys), ("disque", disk_full),
    ("service", stopping)], ids=["database", "migrations", "keys", "disk", "stopping"])
def test_without_what_pages_need_nobody_is_sent_here(
        healthy: Starlette, probe: TestClient, monkeypatch: pytest.MonkeyPatch, name: str,
        fault: Callable[[Starlette, pytest.MonkeyPatch], None]) -> None:
    fault(healthy, monkeypatch)
    assert [one for one, check in checks(probe, "/sante/pret", 503).items() if not check["ok"]] == [name]
    checks(probe, "/sante", 503)
    checks(probe, "/sante/vivant", 200)


def help_missing(app: Starlette) -> None:
    app.state.help_site = SimpleNamespace(files={})


def clocks_late(_app: Starlette) -> None:
    with database.writing():
        Bail.update(prochain=clock.now() - timedelta(hours=2)).where(Bail.nom == JOBS[0].name).execute()


def mail_late(app: Starlette) -> None:
    app.state.settings = replace(app.state.settings, smtp_url="smtp://127.0.0.1:9")
    with clock.freeze(clock.now() - timedelta(hours=1)), database.writing():
        outbox.send("alice@exemple.fr", "Sujet", "Corps")


def no_mail_server(app: Starlette) -> None:
    app.state.settings = replace(app.state.settings, demonstration=False)


@pytest.mark.parametrize(("name", "fault"), [
    ("aide", help_missing), ("echeances", clocks_late), ("courriels", mail_late), ("courriels", no_mail_server)],
    ids=["help", "clocks", "mails", "no mail server"])
def test_what_somebody_should_mend_closes_no_page(
        healthy: Starlette, settings: Settings, name: str, fault: Callable[[Starlette], None]) -> None:
    """A mail server that is down must not take the whole portal out of the balancer."""
    probe = TestClient(healthy, base_url=settings.origin, client=LOOPBACK)
    fault(healthy)
    assert [one for one, check in checks(probe, "/sante", 503).items() if not check["ok"]] == [name]
    checks(probe, "/sante/pret", 200)


@pytest.mark.proves("V13.4.5", "V16.5.1")
@pytest.mark.parametrize("path", ["/sante", "/sante/pret", "/sante/vivant"])
@pytest.mark.parametrize(("peer", "headers", "status"), [
    ("127.0.0.1", {}, 200), ("::1", {}, 200), ("10.0.0.5", {}, 200),
    ("192.0.2.7", {}, 404), ("10.0.0.6", {}, 404), ("testclient", {}, 404),
    ("10.0.0.5", {"x-forwarded-for": "203.0.113.5"}, 404),
    ("127.0.0.1", {"x-forwarded-for": "127.0.0.1"}, 404),
], ids=["loopback", "loopback 6", "the proxy itself", "a stranger", "beside the proxy", "no address",
        "a stranger through the proxy", "a header that nobody vouches for"])
def test_strangers_find_no_such_page(
        settings: Settings, path: str, peer: str, headers: dict[str, str], status: int) -> None:
    app = create_app(replace(settings, trusted_proxies="10.0.0.5"))
    app.state.help_site = SimpleNamespace(files={"index.html": b""})
    answer = TestClient(app, base_url=settings.origin, client=(peer, 5000)).get(path, headers=headers)
    assert answer.status_code in ({200, 503} if status == 200 else {404})
    if status == 404:
        assert "Page introuvable" in answer.text


def test_a_setting_opens_it_to_everybody(settings: Settings) -> None:
    app = create_app(replace(settings, health_open=True))
    answer = TestClient(app, base_url=settings.origin, client=("192.0.2.7", 5000)).get("/sante/vivant")
    assert answer.status_code == 200


@pytest.mark.proves("V16.2.5", "V16.5.1")
def test_nothing_is_said_that_helps_an_attacker(
        healthy: Starlette, probe: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """No version, path, address or error's words, well or unwell."""
    for fault in (None, database_gone):
        if fault:
            fault(healthy, monkeypatch)
        text = probe.get("/sante").text + probe.get("/sante", headers={"accept": "text/plain"}).text
        assert not re.search(r"\d+\.\d+|/|sqlite|division|Error", text), text


@pytest.mark.proves("R7")
def test_sigterm_is_told_before_the_server_stops(midday: datetime) -> None:
    stopped: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _frame: stopped.append(number))
    try:
        with arret.announced(timedelta(seconds=30)):
            assert not arret.stopping()
            signal.raise_signal(signal.SIGTERM)
            assert arret.stopping() and stopped == []
            signal.raise_signal(signal.SIGTERM)
            assert stopped == [signal.SIGTERM], "told twice, it waits no longer"
    finally:
        signal.signal(signal.SIGTERM, before)


def test_without_a_pause_the_server_stops_at_once() -> None:
    stopped: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _frame: stopped.append(number))
    try:
        with arret.announced(timedelta(0)):
            signal.raise_signal(signal.SIGTERM)
        assert arret.stopping() and stopped == [signal.SIGTERM]
        with arret.announced(timedelta(0)):
            assert not arret.stopping(), "a new start is no stop"
    finally:
        signal.signal(signal.SIGTERM, before)
