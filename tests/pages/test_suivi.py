"""What is kept of each request: an id, a line, figures; never whom or what it was about."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from portal import metriques
from portal.app import create_app
from portal.db import database, outbox
from portal.sante import releve
from portal.settings import Settings, load
from portal.web.suivi import NO_ROUTE
from tests.support.client import Client
from tests.support.connexions import log_in

SECRET_PATHS = ("/compte/confirmer/jeton-secret", "/dossiers/grand-age/43693205", "/aide/leroux/", "/leroux/243693205",
                "/annuaire?commune=Bayeux", "/static/leroux.css")


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.INFO, logger="portal.acces"):
        yield caplog


def figures() -> str:
    return generate_latest(releve.registry()).decode()


def value(name: str, **labels: str) -> float:
    return releve.registry().get_sample_value(name, labels) or 0


@pytest.mark.proves("D6", "V16.2.1", "V16.2.5")
def test_a_line_says_the_route_and_never_the_address(client: Client, lines: pytest.LogCaptureFixture) -> None:
    for path in SECRET_PATHS:
        client.http.get(path, headers={"X-Request-Id": "leroux-leroux"})
    said = [record.getMessage() for record in lines.records if record.name == "portal.acces"]
    assert len(said) == len(SECRET_PATHS)
    assert re.fullmatch(r"GET /dossiers/\{module\}/\{numero:int\} 303 \d+ ms", said[1])
    assert said[3].startswith(f"GET {NO_ROUTE} 404 ") and said[5].startswith("GET /static 404 ")
    assert not re.search("secret|leroux|43693205|bayeux", "\n".join(said), re.IGNORECASE)


def labels() -> list[tuple[str, dict[str, str]]]:
    return [(sample.name, {key: text for key, text in sample.labels.items() if key != "le"})
            for family in releve.registry().collect() for sample in family.samples]


@pytest.mark.proves("D6", "V16.2.5")
def test_labels_are_routes_statuses_and_means_alone(client: Client) -> None:
    for path in SECRET_PATHS:
        client.http.get(path)
    client.http.request("LEROUX", "/connexion")
    routes = {route.path for route in client.app.routes if isinstance(route, Route | Mount)} | {NO_ROUTE}
    for name, found in labels():
        assert found.keys() <= {"method", "route", "status", "means"}, name
        assert found.get("method", "GET") in metriques.METHODS | {"other"}
        assert found.get("route", NO_ROUTE) in routes
        assert re.fullmatch(r"[1-5]\d\d", found.get("status", "200"))
        assert found.get("means", "code") in metriques.MEANS


def test_requests_are_counted_by_route_and_status(client: Client) -> None:
    before = value("portal_http_requests_total", method="GET", route="/connexion", status="200")
    timed = value("portal_http_request_seconds_count", route="/connexion")
    client.get("/connexion")
    assert value("portal_http_requests_total", method="GET", route="/connexion", status="200") == before + 1
    assert value("portal_http_request_seconds_count", route="/connexion") == timed + 1
    assert value("portal_http_in_flight") == 0


def test_database_figures(settings: Settings, opened_app: Starlette) -> None:
    before = value("portal_db_transaction_seconds_count"), value("portal_db_lock_wait_seconds_count")
    with database.writing():
        outbox.send("alice@exemple.fr", "Sujet", "Corps")
    with Client(opened_app) as visitor:
        visitor.login(10101234567)
    assert value("portal_db_transaction_seconds_count") == before[0] + 2
    assert value("portal_db_lock_wait_seconds_count") == before[1] + 2
    assert (value("portal_mails_waiting"), value("portal_mails_overdue"), value("portal_sessions_open")) == (1, 0, 1)
    assert value("portal_db_up") == 1 and value("portal_jobs_late") > 0


def test_a_database_that_is_down_is_a_figure_too(opened_app: Starlette, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(releve.queries, "figures", lambda: 1 / 0)
    assert "portal_db_up 0.0" in figures() and "portal_mails_waiting" not in figures()


@pytest.mark.proves("V16.3.1")
def test_refused_logins_are_counted_by_means(trusting_app: Starlette) -> None:
    before = value("portal_login_refusals_total", means="carte")
    with Client(trusting_app) as visitor:
        log_in(visitor, "carte-expiree", 403)
    assert value("portal_login_refusals_total", means="carte") == before + 1
    with pytest.raises(ValueError, match="leroux"):
        metriques.refused("leroux")


@pytest.mark.parametrize(("peer", "proposed", "taken"), [
    ("10.0.0.5", "abcdef123456", True), ("192.0.2.7", "abcdef123456", False),
    ("10.0.0.5", "court", False), ("10.0.0.5", "a" * 37, False), ("10.0.0.5", "abcdef12345\u00e9", False)],
    ids=["the proxy", "a stranger", "too short", "too long", "not ASCII"])
@pytest.mark.proves("V4.1.3", "W11")
def test_only_the_proxy_names_a_request(settings: Settings, peer: str, proposed: str, taken: bool) -> None:
    app = create_app(load({}, data=settings.data, database=settings.database, demonstration=True,
                               origin=settings.origin, ecps_port=9,
                          clocks_pause=0, trusted_proxies="10.0.0.5"))
    answer = TestClient(app, base_url=settings.origin, client=(peer, 5000)).get(
        "/connexion", headers={"X-Request-Id": proposed.encode("latin-1")})
    assert (answer.headers["x-request-id"] == proposed) is taken
    assert answer.headers["x-request-id"].isascii()


@pytest.mark.proves("D8", "V16.5.1")
def test_an_error_page_shows_the_id_that_its_lines_carry(app: Starlette, caplog: pytest.LogCaptureFixture) -> None:
    def fail(_request: Request) -> Response:
        raise ZeroDivisionError

    app.router.routes.insert(0, Route("/essai", fail))
    with Client(app) as visitor:
        answer = visitor.get("/essai", 500)
    reference = answer.headers["x-request-id"]
    assert reference in answer.text
    assert f"reference {reference}: ZeroDivisionError on /essai" in caplog.text


@pytest.mark.usefixtures("tables")
def test_the_registry_of_one_process_has_no_other_figures() -> None:
    assert isinstance(releve.registry(), CollectorRegistry)
    names = {name.split("_")[0] for name, _ in labels()}
    assert names <= {"portal", "process"}
