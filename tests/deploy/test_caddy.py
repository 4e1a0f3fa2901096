"""The Caddy sample, rendered and started: the same promises as nginx's, but for limits of requests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.conftest import visitor
from tests.deploy.test_nginx import FORGED, FORM
from tests.support import echo, nginx, processus
from tests.support.echo import Echo
from tests.support.nginx import Proxy


@pytest.fixture
def behind(tmp_path: Path) -> Iterator[tuple[Proxy, Echo]]:
    """Caddy before a server that keeps what it was sent."""
    with echo.running() as upstream, nginx.caddy(tmp_path, [upstream.address]) as proxy:
        yield proxy, upstream


@pytest.mark.proves("V12.2.1", "V3.4.1")
def test_a_real_portal_over_https(tmp_path: Path) -> None:
    where = nginx.ports()
    with processus.portal(tmp_path / "donnees", origin=where.origin) as portal, \
            nginx.caddy(tmp_path / "caddy", [portal.address], where) as proxy, visitor(proxy) as client:
        page = client.get("/connexion")
        clear = client.get(f"{where.clear}/connexion?suite=1", headers={"host": "evil.example"})
    assert page.status_code == 200 and "<h1" in page.text
    assert page.headers.get_list("strict-transport-security") == ["max-age=63072000; includeSubDomains"]
    assert page.headers["cache-control"] == "no-store" and "server" not in page.headers
    assert clear.status_code == 301 and clear.headers["location"] == f"{where.origin}/connexion?suite=1"


@pytest.mark.proves("W8", "V4.1.3")
def test_client_cannot_say_who_he_is(behind: tuple[Proxy, Echo]) -> None:
    proxy, upstream = behind
    with visitor(proxy) as client:
        client.get("/connexion", headers=FORGED)
    assert upstream.last("x-forwarded-for") == ["127.0.0.1"]
    assert upstream.last("x-forwarded-proto") == ["https"]
    assert upstream.last("host") == [f"localhost:{proxy.ports.https}"]
    [request_id] = upstream.last("x-request-id")
    assert len(request_id) == 36 and request_id != FORGED["x-request-id"]
    for name in set(FORGED) - {"x-forwarded-for", "x-forwarded-proto", "x-request-id"}:
        assert upstream.last(name) == [], name


@pytest.mark.proves("W12")
@pytest.mark.parametrize(("path", "kib", "status"), [
    ("/connexion", 256, 200), ("/connexion", 257, 413), ("/dossiers/grand-age/43693205/pieces", 10_496, 200),
    ("/dossiers/grand-age/43693205/pieces", 10_497, 413)])
def test_size_taken_is_the_portals_own(behind: tuple[Proxy, Echo], path: str, kib: int, status: int) -> None:
    proxy, _ = behind
    with visitor(proxy) as client:
        answer = client.post(path, content=b"x" * kib * 1024, headers=FORM)
    assert answer.status_code == status
    assert status == 200 or "Envoi trop volumineux" in answer.text


def test_a_portal_that_is_down_is_told_in_french(tmp_path: Path) -> None:
    with nginx.caddy(tmp_path, ["127.0.0.1:9"]) as proxy, visitor(proxy) as client:
        answer = client.get("/dossiers")
    assert answer.status_code in (502, 503)
    assert '<html lang="fr">' in answer.text and "momentanément indisponible" in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
