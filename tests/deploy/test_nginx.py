"""The nginx sample, rendered and started: what it lets through, what it says of the client, what it refuses."""

from __future__ import annotations

import re
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.conftest import Served, visitor
from tests.support import echo, nginx
from tests.support.echo import Echo
from tests.support.nginx import Proxy

FORM = {"content-type": "application/x-www-form-urlencoded"}
FORGED = {
    "x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "http", "x-forwarded-host": "evil.example",
    "x-real-ip": "203.0.113.9", "forwarded": "for=203.0.113.9", "x-request-id": "forged-by-the-client",
    "x-original-url": "/accueil", "x-rewrite-url": "/accueil", "x-http-method-override": "DELETE",
    "proxy": "http://evil.example",
}


@pytest.fixture
def behind(tmp_path: Path) -> Iterator[tuple[Proxy, Echo]]:
    """nginx before a server that keeps what it was sent."""
    with echo.running() as upstream, nginx.running(tmp_path, [upstream.address]) as proxy:
        yield proxy, upstream


@pytest.mark.proves("V12.2.1", "V3.4.1", "V14.3.2")
def test_login_page_over_https(served: Served) -> None:
    answer = served.visitor.get("/connexion")
    assert answer.status_code == 200 and "<h1" in answer.text
    assert answer.headers.get_list("strict-transport-security") == ["max-age=63072000; includeSubDomains"]
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["set-cookie"].startswith("__Host-") and "Secure" in answer.headers["set-cookie"]
    assert not re.search(r"\d", answer.headers["server"]), "no version"


def test_static_files_and_policy_pass_unchanged(served: Served) -> None:
    page = served.visitor.get("/connexion").text
    style = re.search(r'href="(/static/[^"]+\.css\?v=\w+)"', page)
    assert style
    answer = served.visitor.get(style[1])
    assert answer.status_code == 200 and "immutable" in answer.headers["cache-control"]


@pytest.mark.proves("V12.2.1", "V4.1.2")
def test_clear_request_is_sent_to_the_encrypted_address_whatever_host_it_names(served: Served) -> None:
    ports = served.proxy.ports
    for host in ("localhost", "evil.example"):
        answer = served.visitor.get(f"{ports.clear}/aide/?q=1", headers={"host": host})
        assert answer.status_code == 301
        assert answer.headers["location"] == f"{ports.origin}/aide/?q=1"


@pytest.mark.proves("V12.1.1")
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_present_tls_is_spoken(served: Served, version: ssl.TLSVersion) -> None:
    context = served.proxy.certificate.context()
    context.minimum_version = context.maximum_version = version
    with _tls(served.proxy, context) as connection:
        assert connection.version() == version.name.replace("_", ".")


@pytest.mark.proves("V12.1.1", "V12.1.2")
def test_old_tls_and_weak_ciphers_are_refused(served: Served) -> None:
    weak = served.proxy.certificate.context()
    weak.maximum_version = ssl.TLSVersion.TLSv1_2
    weak.set_ciphers("ECDHE-ECDSA-AES128-SHA256:AES128-SHA:@SECLEVEL=0")
    with pytest.raises(ssl.SSLError), _tls(served.proxy, weak):
        pass
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{served.proxy.ports.https}", "-servername",
               "localhost", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0"]
    assert "Cipher is (NONE)" in _said(command)


def test_another_name_gets_no_certificate_and_no_page(served: Served) -> None:
    context = served.proxy.certificate.context()
    context.check_hostname = False
    with pytest.raises(ssl.SSLError), _tls(served.proxy, context, name="evil.example"):
        pass
    assert served.visitor.get("/connexion", headers={"host": "evil.example"}).status_code == 421


@pytest.mark.proves("W8", "V4.1.3")
def test_client_cannot_say_who_he_is(behind: tuple[Proxy, Echo]) -> None:
    proxy, upstream = behind
    with visitor(proxy) as client:
        client.get("/connexion", headers=FORGED)
    assert upstream.last("x-forwarded-for") == ["127.0.0.1"]
    assert upstream.last("x-forwarded-proto") == ["https"]
    assert upstream.last("host") == [f"localhost:{proxy.ports.https}"]
    assert re.fullmatch(r"[0-9a-f]{12}", *upstream.last("x-request-id"))
    for name in set(FORGED) - {"x-forwarded-for", "x-forwarded-proto", "x-request-id"}:
        assert upstream.last(name) == [], name


def test_request_ids_differ(behind: tuple[Proxy, Echo]) -> None:
    proxy, upstream = behind
    with visitor(proxy) as client:
        client.get("/connexion")
        client.get("/connexion")
    ids = [value for headers in upstream.headers for key, value in headers if key == "x-request-id"]
    assert len(set(ids)) == 2


@pytest.mark.proves("W12")
@pytest.mark.parametrize(("path", "kib", "status"), [
    ("/connexion", 256, 200), ("/connexion", 257, 413), ("/dossiers/grand-age/43693205", 257, 413),
    ("/dossiers/grand-age/43693205/pieces", 257, 200), ("/dossiers/grand-age/43693205/pieces", 10_496, 200),
    ("/dossiers/grand-age/43693205/pieces", 10_497, 413), ("/dossiers/grand-age/43693205/pieces/1/retirer", 257, 413)])
def test_size_taken_is_the_portals_own(behind: tuple[Proxy, Echo], path: str, kib: int, status: int) -> None:
    proxy, upstream = behind
    with visitor(proxy) as client:
        answer = client.post(path, content=b"x" * kib * 1024, headers=FORM)
    assert answer.status_code == status
    assert len(upstream.lines) == (status == 200)
    assert status == 200 or "Envoi trop volumineux" in answer.text
    assert not list((proxy.folder / "corps").glob("*")), "no body lies on the disk"


def test_a_portal_that_is_down_is_told_in_french(tmp_path: Path) -> None:
    where = nginx.ports()
    with nginx.running(tmp_path, ["127.0.0.1:9"], where) as proxy, visitor(proxy) as client:
        answer = client.get("/dossiers")
    assert answer.status_code == 502
    assert '<html lang="fr">' in answer.text and "momentanément indisponible" in answer.text
    assert answer.headers["cache-control"] == "no-store" and answer.headers["retry-after"] == "30"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert "max-age" in answer.headers["strict-transport-security"]


@pytest.mark.proves("V2.4.1")
def test_too_many_requests_of_one_address_are_told_to_wait(tmp_path: Path) -> None:
    with echo.running() as upstream, nginx.running(tmp_path, [upstream.address], RATE_LOGIN="1r/m") as proxy, \
            visitor(proxy) as client:
        statuses = [client.get("/connexion").status_code for _ in range(22)]
        last = client.get("/connexion")
        assert client.get("/static/css/base.css").status_code == 200
    assert statuses == [200] * 21 + [429]
    assert last.status_code == 429 and "Trop de demandes" in last.text


@pytest.mark.proves("R7")
def test_the_other_portal_answers_when_one_is_down(tmp_path: Path) -> None:
    with echo.running() as upstream, nginx.running(tmp_path, ["127.0.0.1:9", upstream.address]) as proxy, \
            visitor(proxy) as client:
        assert [client.get("/accueil").status_code for _ in range(6)] == [200] * 6
        assert client.post("/connexion", content=b"a=1", headers=FORM).status_code == 200


@pytest.mark.proves("V4.2.1")
@pytest.mark.parametrize("lines", [
    "POST /connexion HTTP/1.1\r\nHost: {host}\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG",
    "POST /connexion HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "POST /connexion HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "POST /connexion HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "POST /connexion HTTP/1.1\r\nHost: {host}\r\nContent-Length: +1\r\n\r\na",
    "GET /connexion HTTP/1.1\r\nHost: {host}\r\nHost: evil.example\r\n\r\n",
    "GET /connexion HTTP/1.1\r\n\r\n",
    "GET /connexion\r\n\r\n",
], ids=["cl-te", "te-list", "te-unknown", "two-lengths", "signed-length", "two-hosts", "no-host", "http09"])
def test_ambiguous_request_reaches_no_portal(behind: tuple[Proxy, Echo], lines: str) -> None:
    proxy, upstream = behind
    with _tls(proxy, proxy.certificate.context()) as connection:
        connection.sendall(lines.format(host=f"localhost:{proxy.ports.https}").encode())
        connection.settimeout(5)
        said = connection.recv(4096)
    assert said.split(b" ")[1] in (b"400", b"501") or b"<h1>" in said, said
    assert upstream.lines == []


@pytest.mark.proves("D6", "V16.2.5")
def test_logs_hold_no_address_that_was_asked_for(served: Served) -> None:
    served.visitor.get("/compte/confirmer/secret-du-lien?nom=Leroux")
    log = (served.proxy.folder / "portail.log").read_text("utf-8")
    errors = (served.proxy.folder / "portail-erreurs.log").read_text("utf-8")
    assert " GET " in log and "secret-du-lien" not in log + errors and "Leroux" not in log + errors


def _tls(proxy: Proxy, context: ssl.SSLContext, name: str = "localhost") -> ssl.SSLSocket:
    plain = socket.create_connection(("127.0.0.1", proxy.ports.https), timeout=5)
    try:
        return context.wrap_socket(plain, server_hostname=name)
    except BaseException:
        plain.close()
        raise


def _said(command: list[str]) -> str:
    done = subprocess.run(command, input=b"", capture_output=True, timeout=20, check=False)
    return (done.stdout + done.stderr).decode("utf-8", "replace")
