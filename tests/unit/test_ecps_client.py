"""How the portal talks to the provider: its papers, its own authentication, and limits on every answer."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx2
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from portal.connexion.ecps import client, decouverte
from portal.connexion.ecps.refus import Refusal, Refused
from portal.settings import Settings, load
from tests.support import cartes

# Pro Santé Connect's own shape: the authorization host is not the issuer's.
ISSUER, WALLET = "https://auth.psc.test/auth/realms/esante-wallet", "https://wallet.psc.test"
AT = f"{ISSUER}/protocol/openid-connect"
PAPERS = {"issuer": ISSUER, "authorization_endpoint": f"{WALLET}/auth", "token_endpoint": f"{AT}/token",
          "userinfo_endpoint": f"{AT}/userinfo", "jwks_uri": f"{AT}/certs", "end_session_endpoint": f"{AT}/logout",
          "mtls_endpoint_aliases": {"token_endpoint": "https://mtls.psc.test/token"}}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A real portal's settings."""
    return load({}, data=tmp_path, origin="https://portail.test", ecps_issuer=ISSUER, ecps_authorization=WALLET,
                ecps_client_id="portail test", ecps_client_secret="a:b+c/é")


def answering(handle: Callable[[httpx2.Request], httpx2.Response]) -> httpx2.Client:
    return httpx2.Client(transport=httpx2.MockTransport(handle))


def raw(content: bytes, status: int = 200) -> httpx2.Response:
    return httpx2.Response(status, stream=httpx2.ByteStream(content))


def exchanged(settings: Settings, *methods: str) -> httpx2.Request:
    """The request that asked for tokens."""
    seen: list[httpx2.Request] = []

    def handle(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return raw(b'{"id_token": "a.b.c", "access_token": "x"}')

    with answering(handle) as http:
        client.exchange(http, settings, f"{AT}/token", methods, code="le-code", verifier="v", redirect_uri="https://r/")
    return seen[0]


def reason_of(act: Callable[[], Any]) -> Refusal:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.reason


class TestPapers:
    def test_the_wallets_host_may_differ_from_the_issuers(self, settings: Settings) -> None:
        found = decouverte.read(PAPERS, settings)
        assert (found.authorization, found.token) == (f"{WALLET}/auth", f"{AT}/token")
        assert settings.ecps_discovery == f"{ISSUER}/.well-known/wallet-openid-configuration"

    @pytest.mark.proves("V1.3.6", "V3.7.2")
    def test_a_host_that_the_login_page_may_not_reach_is_said_at_once(self, settings: Settings) -> None:
        elsewhere = replace(settings, ecps_authorization="https://auth.psc.test")
        assert reason_of(lambda: decouverte.read(PAPERS, elsewhere)) is Refusal.RACCORDEMENT

    @pytest.mark.parametrize("key", [{"kty": "EC", "crv": "brainpoolP256r1", "x": "AA", "y": "AA"}, {"kty": "EC"},
                                     {"kty": "RSA", "n": 3, "e": []}, {"kty": ["RSA"]}, "RSA", None])
    def test_a_key_of_a_kind_unknown_here_is_left_out(self, key: object) -> None:
        assert not decouverte.read_keys({"keys": [key]}).keys

    @pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"])
    def test_no_address_may_be_missing_or_in_clear(self, settings: Settings, name: str) -> None:
        for papers in (PAPERS | {name: None}, PAPERS | {name: str(PAPERS[name]).replace("https:", "http:")}):
            assert reason_of(lambda papers=papers: decouverte.read(papers, settings)) is Refusal.RACCORDEMENT

    def test_a_provider_may_have_no_logout(self, settings: Settings) -> None:
        assert decouverte.read(PAPERS | {"end_session_endpoint": None}, settings).end_session == ""

    def test_a_certificate_uses_the_addresses_made_for_it(self, settings: Settings) -> None:
        found = decouverte.read(PAPERS, replace(settings, ecps_client_cert=Path("/x.pem")))
        assert (found.token, found.userinfo) == ("https://mtls.psc.test/token", f"{AT}/userinfo")


class TestOurAuthentication:
    def test_basic_is_form_encoded_first(self, settings: Settings) -> None:
        request = exchanged(settings, "client_secret_post", "client_secret_basic")
        expected = httpx2.BasicAuth("portail%20test", "a%3Ab%2Bc%2F%C3%A9")._auth_header
        assert request.headers["authorization"] == expected
        sent = dict(parse_qsl(request.content.decode()))
        assert sent == {"grant_type": "authorization_code", "code": "le-code", "redirect_uri": "https://r/",
                        "code_verifier": "v", "client_id": "portail test"}

    def test_post_where_the_provider_wants_it(self, settings: Settings) -> None:
        request = exchanged(settings, "client_secret_post")
        assert "authorization" not in request.headers
        assert dict(parse_qsl(request.content.decode()))["client_secret"] == "a:b+c/é"

    def test_a_certificate_sends_no_secret(self, settings: Settings) -> None:
        request = exchanged(replace(settings, ecps_client_secret=""), "tls_client_auth")
        assert "authorization" not in request.headers and b"client_secret" not in request.content

    def test_a_certificate_is_loaded_with_its_key(self, settings: Settings, tmp_path: Path) -> None:
        cert, key = tmp_path / "c.pem", tmp_path / "k.pem"
        cert.write_bytes(cartes.certificate_of("alice-martin").public_bytes(Encoding.PEM))
        key.write_bytes(cartes.key_of("alice-martin").private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        with client.open_client(replace(settings, ecps_client_cert=cert, ecps_client_key=key)) as http:
            assert not http.follow_redirects and http.timeout.read == client.TIMEOUT
        other = tmp_path / "o.pem"
        other.write_bytes(cartes.key_of("bob-durand").private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        with pytest.raises(OSError, match="KEY_VALUES_MISMATCH"):
            client.open_client(replace(settings, ecps_client_cert=cert, ecps_client_key=other))

    def test_a_certificate_that_is_not_there_is_the_supports_matter(self, settings: Settings) -> None:
        def enter() -> None:
            with client.connected(replace(settings, ecps_client_cert=Path("/nulle/part.pem"))):
                pass

        assert reason_of(enter) is Refusal.RACCORDEMENT


@pytest.mark.proves("V12.3.2")
def test_a_server_whose_certificate_nobody_vouches_for_is_told_nothing(settings: Settings, tmp_path: Path) -> None:
    pem = tmp_path / "serveur.pem"
    pem.write_bytes(cartes.certificate_of("alice-martin").public_bytes(Encoding.PEM) + cartes.key_of(
        "alice-martin").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    said: list[object] = []

    def serve(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection, contextlib.suppress(OSError), context.wrap_socket(connection, server_side=True) as secured:
            said.append(secured.recv(100))

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=(listening,))
        thread.start()
        with client.open_client(settings) as http:
            url = f"https://127.0.0.1:{listening.getsockname()[1]}/token"
            assert reason_of(lambda: client.get_json(http, url)) is Refusal.INJOIGNABLE
        thread.join(10)
    assert said in ([], [b""])


class TestLimits:
    def test_an_endless_answer_is_cut(self) -> None:
        read = 0

        class Endless(httpx2.SyncByteStream):
            def __iter__(self) -> Iterator[bytes]:
                nonlocal read
                while True:
                    read += 1
                    yield b" " * 65_536

        with answering(lambda _request: httpx2.Response(200, stream=Endless())) as http:
            assert reason_of(lambda: client.get_json(http, "https://x/")) is Refusal.REPONSE_ILLISIBLE
        assert read == 5

    def test_an_answer_that_drips_is_cut(self, monkeypatch: pytest.MonkeyPatch) -> None:
        seconds = iter(range(0, 1000, 4))
        monkeypatch.setattr(client.time, "monotonic", lambda: float(next(seconds)))

        class Drops(httpx2.SyncByteStream):
            def __iter__(self) -> Iterator[bytes]:
                yield from [b" "] * 100

        with answering(lambda _request: httpx2.Response(200, stream=Drops())) as http:
            assert reason_of(lambda: client.get_json(http, "https://x/")) is Refusal.INJOIGNABLE
        assert next(seconds) <= 20

    def test_a_provider_that_hangs_does_not_hold_every_thread(
            self, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
        full = threading.BoundedSemaphore(1)
        full.acquire()
        monkeypatch.setattr(client, "WAITING", full)
        monkeypatch.setattr(full, "acquire", lambda timeout: False)

        def enter() -> None:
            with client.connected(settings):
                pass

        assert reason_of(enter) is Refusal.INJOIGNABLE

    def test_a_place_is_given_back_whatever_happens(
            self, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(client, "WAITING", threading.BoundedSemaphore(1))
        for _ in range(3):
            with pytest.raises(ZeroDivisionError), client.connected(settings):
                raise ZeroDivisionError
