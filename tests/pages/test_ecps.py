"""e-CPS login through the pages: the way there and back, and every way it ends badly."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from starlette.applications import Starlette

from portal import clock
from portal.app import create_app
from portal.compte import blocage
from portal.compte import queries as comptes_queries
from portal.connexion.ecps import decouverte
from portal.connexion.ecps.refus import Refusal
from portal.db import audit, database
from portal.db.base import rows
from portal.demonstration import comptes
from portal.settings import ECPS_DISCOVERY, Settings
from tests.support import bases
from tests.support.client import Answer, Client
from tests.support.fournisseur import ALICE, BOB, NURSE, Browser, begin, come_back, query_of

OTHER_KEY = RSAKey.generate_key(2048, {"use": "sig"}, auto_kid=True)


@pytest.fixture(autouse=True)
def provider(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Browser:
    """The demonstration's provider answers this portal."""
    return Browser(settings, monkeypatch)


@pytest.fixture
def bob(app: Starlette) -> None:
    """Dr Bob DURAND has an account and accepted the charter."""
    database.connect()
    comptes.ensure()


def events() -> list[tuple[str, str]]:
    """The audit's logins and refusals, in order."""
    database.connect()
    found = rows("SELECT event, detail FROM trace WHERE event LIKE 'connexion.%' ORDER BY id")
    return [(event, detail) for event, detail in found]


def inside() -> int:
    database.connect()
    return int(rows("SELECT COUNT(*) FROM session WHERE state > 0")[0][0])


def refused(page: Answer, reason: Refusal) -> None:
    """The page says why, what to do and where to read more; nobody is inside; the audit knows without a name."""
    assert page.soup.select_one(".page-erreur")["data-refus"] == reason.name.lower()
    for words in (reason.title, reason.explanation, reason.advice):
        assert " ".join(words.split()) in page.text
    assert page.soup.select_one(f'a[href="/aide/{reason.aide.replace("#", "/#")}"]')
    assert page.soup.select_one('main a[href^="/connexion"]')
    assert inside() == 0
    assert events()[-1] == ("connexion.refus", f"ecps {reason.name.lower()}")


class TestEntering:
    def test_a_physician_with_an_account_goes_on_to_where_he_was_heading(
            self, client: Client, provider: Browser, bob: None) -> None:
        address = begin(client, "/dossiers/tnd")
        assert come_back(client, provider.approve(address)).location == "/dossiers/tnd"
        page = client.get("/accueil")
        assert "Bob DURAND" in page.text
        assert events() == [("connexion.ecps", "")]

    @pytest.mark.proves("V6.8.1", "V10.5.2")
    def test_card_and_telephone_reach_one_account(self, client: Client, provider: Browser, bob: None) -> None:
        come_back(client, provider.approve(begin(client)))
        found = rows("SELECT s.level, c.subject FROM session s JOIN compte c ON c.id = s.compte_id")
        assert found == [("ecps", BOB)]

    @pytest.mark.proves("N11", "V10.2.1")
    def test_the_request_asks_for_all_it_should(self, client: Client, settings: Settings) -> None:
        address = begin(client)
        query = query_of(address)
        assert address.startswith(f"{settings.ecps_issuer}/auth?")
        assert query | {"state": "", "nonce": "", "code_challenge": ""} == {
            "response_type": "code", "client_id": "viatrajectoire", "scope": "openid scope_all",
            "redirect_uri": f"{settings.origin}/connexion/ecps/retour", "acr_values": "eidas1",
            "code_challenge_method": "S256", "state": "", "nonce": "", "code_challenge": ""}
        again = query_of(begin(client))
        assert all(len(query[name]) >= 43 and query[name] != again[name]
                   for name in ("state", "nonce", "code_challenge"))

    @pytest.mark.proves("N7", "V7.2.4")
    def test_the_session_gets_a_new_name(self, client: Client, provider: Browser, bob: None) -> None:
        address = begin(client)
        before = client.cookie
        come_back(client, provider.approve(address))
        assert client.cookie != before

    @pytest.mark.proves("V7.6.2")
    def test_coming_back_writes_nothing_and_opens_nothing(
            self, client: Client, provider: Browser, bob: None) -> None:
        path = provider.approve(begin(client))
        provider.calls.clear()
        page = client.get(path)
        assert inside() == 0 and provider.calls == []
        assert page.soup.find("button", string="Continuer")

    def test_whoever_is_inside_already_is_sent_on(self, client: Client, provider: Browser, bob: None) -> None:
        path = provider.approve(begin(client))
        come_back(client, path)
        assert client.get(path, 303).location == "/accueil"

    def test_a_session_opened_by_a_code_becomes_a_strong_one(
            self, client: Client, provider: Browser, bob: None) -> None:
        compte = comptes_queries.by_subject(BOB)
        client.login(10100000022, "Dr Bob DURAND", compte.id, level="otp")
        client.get("/connexion?renforcer=1&suite=/dossiers/tnd")
        address = client.post("/connexion/ecps", {"suite": "/dossiers/tnd"}).location
        assert come_back(client, provider.approve(address)).location == "/dossiers/tnd"
        assert rows("SELECT level FROM session WHERE state > 0") == [("ecps",)]

    def test_an_account_that_the_support_closed_stays_closed(
            self, client: Client, provider: Browser, bob: None) -> None:
        database.connect()
        with database.writing():
            blocage.block(comptes_queries.by_subject(BOB))
        page = come_back(client, provider.approve(begin(client)), 403)
        assert "Ce compte est bloqué" in page.text and inside() == 0
        assert events()[-1] == ("connexion.refus", "compte_bloque")

    def test_the_providers_papers_are_read_once_an_hour(
            self, client: Client, provider: Browser, bob: None) -> None:
        begin(client), begin(client)
        assert provider.calls.count(ECPS_DISCOVERY) == 1
        with clock.shift(timedelta(hours=1, seconds=1)):
            begin(client)
        assert provider.calls.count(ECPS_DISCOVERY) == 2

    def test_a_key_renewed_by_the_provider_is_fetched_once(
            self, client: Client, provider: Browser, settings: Settings, bob: None) -> None:
        address = begin(client)
        decouverte._kept(settings).keys = decouverte.read_keys({"keys": [OTHER_KEY.as_dict(private=False)]})
        come_back(client, provider.approve(address))
        assert provider.calls.count("/jwks") == 1 and inside() == 1


    def test_others_write_while_the_provider_is_asked(
            self, client: Client, provider: Browser, bob: None, monkeypatch: pytest.MonkeyPatch) -> None:
        written: list[str] = []

        def write(path: str) -> None:
            database.connect()
            with database.writing():
                audit.record(audit.SYSTEM, "essai", detail=path)
            database.close()
            written.append(path)

        def relay(request: httpx2.Request) -> httpx2.Response:
            with ThreadPoolExecutor(1) as pool:
                pool.submit(write, request.url.path).result(timeout=4)
            return answered(request)

        path = provider.approve(begin(client))
        answered = provider._relay
        provider._relay = relay  # type: ignore[method-assign]
        come_back(client, path)
        assert written == ["/token", "/jwks", "/userinfo"] and inside() == 1

    def test_an_answer_sent_twice_at_once_opens_one_session(
            self, client: Client, another_client: Client, provider: Browser, bob: None) -> None:
        answer = query_of(provider.approve(begin(client))) | {"_csrf": client.token()}
        another_client.http.cookies.set("__Host-session", client.cookie or "")
        headers = {"Sec-Fetch-Site": "same-origin"}
        with ThreadPoolExecutor(2) as pool:
            sent = [pool.submit(one.http.post, "/connexion/ecps/retour", data=answer, headers=headers)
                    for one in (client, another_client)]
        assert sum(one.result().status_code == 303 for one in sent) <= 1
        assert inside() <= 1


@pytest.mark.proves("N6")
class TestFirstConnection:
    def test_is_the_cards(self, client: Client, provider: Browser) -> None:
        refused(come_back(client, provider.approve(begin(client), ALICE), 403), Refusal.PREMIERE_CONNEXION)

    def test_may_be_opened_by_the_settings(self, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
        opened = replace(settings, first_connection_ecps=True)
        provider = Browser(opened, monkeypatch)
        with Client(create_app(opened)) as client:
            assert come_back(client, provider.approve(begin(client), ALICE)).location == "/compte/creer"
            page = client.get("/compte/creer").text
        assert "MARTIN" in page and "Alice" in page and "médecine générale" in page


@pytest.mark.proves("N11")
class TestRefused:
    def test_a_person_who_says_no_is_told_kindly(self, client: Client, provider: Browser, bob: None) -> None:
        page = come_back(client, provider.approve(begin(client, "/dossiers/tnd"), gesture="refuser"), 200)
        refused(page, Refusal.ANNULEE)
        assert page.soup.select_one('main input[name=suite]')["value"] == "/dossiers/tnd"
        assert provider.calls == [ECPS_DISCOVERY]

    def test_another_profession_is_refused(self, client: Client, provider: Browser) -> None:
        refused(come_back(client, provider.approve(begin(client), NURSE), 403), Refusal.AUTRE_PROFESSION)

    def test_an_answer_serves_once(self, client: Client, provider: Browser, bob: None) -> None:
        path = provider.approve(begin(client))
        come_back(client, path)
        client.post("/connexion/quitter", {}, 200)
        fields = query_of(path)
        client.get("/connexion")
        refused(client.post("/connexion/ecps/retour", fields, 403), Refusal.DEMANDE_ABSENTE)

    @pytest.mark.proves("V10.1.2")
    def test_an_answer_without_a_request_is_refused_at_once(self, client: Client, provider: Browser) -> None:
        page = client.get("/connexion/ecps/retour?code=x&state=y", 403)
        assert "déjà servi" in page.text and events() == [("connexion.refus", "")]
        refused(client.post("/connexion/ecps/retour", {"code": "x", "state": "y"}, 403), Refusal.DEMANDE_ABSENTE)
        assert provider.calls == []

    @pytest.mark.proves("V10.1.2", "V10.2.1")
    def test_the_answer_to_another_browser_is_refused(
            self, client: Client, another_client: Client, provider: Browser, bob: None) -> None:
        path = provider.approve(begin(client))
        begin(another_client)
        another_client.get(path, 403)
        refused(another_client.post("/connexion/ecps/retour", query_of(path), 403), Refusal.DEMANDE_ABSENTE)

    def test_a_request_serves_once_even_after_a_failure(
            self, client: Client, provider: Browser, bob: None) -> None:
        path = provider.approve(begin(client))
        provider.lies("claims", lambda claims: claims | {"nonce": "x"})
        refused(come_back(client, path, 403), Refusal.NONCE)
        provider.provider.alter = lambda _what, value: value
        refused(client.post("/connexion/ecps/retour", query_of(path), 403), Refusal.DEMANDE_ABSENTE)

    def test_a_request_expires(self, client: Client, provider: Browser, bob: None) -> None:
        path = provider.approve(begin(client))
        with clock.shift(timedelta(minutes=10, seconds=1)):
            client.get(path, 403)
            refused(client.post("/connexion/ecps/retour", query_of(path), 403), Refusal.DEMANDE_EXPIREE)

    def test_a_replayed_code_is_refused(self, client: Client, provider: Browser, bob: None) -> None:
        first = query_of(provider.approve(begin(client)))
        provider.provider.codes.clear()
        refused(client.post("/connexion/ecps/retour", first, 403), Refusal.CODE_REFUSE)

    @pytest.mark.proves("V10.2.1")
    def test_the_code_of_another_request_is_refused(self, client: Client, provider: Browser, bob: None) -> None:
        """A stolen code: the PKCE verifier of this login does not fit it."""
        stolen = query_of(provider.approve(begin(client)))["code"]
        mine = query_of(provider.approve(begin(client)))
        refused(client.post("/connexion/ecps/retour", mine | {"code": stolen}, 403), Refusal.CODE_REFUSE)

    @pytest.mark.parametrize(("fields", "reason"), [
        ({"iss": "https://evil.example"}, Refusal.EMETTEUR), ({"iss": ""}, Refusal.EMETTEUR),
        ({"code": ""}, Refusal.REFUS_DU_FOURNISSEUR), ({"error": "server_error"}, Refusal.REFUS_DU_FOURNISSEUR),
        ({"code": "x" * 5000}, Refusal.REFUS_DU_FOURNISSEUR),
    ], ids=["wrong iss", "promised iss absent", "no code", "provider's error", "endless code"])
    def test_each_wrong_answer_is_told_why(
            self, client: Client, provider: Browser, bob: None, fields: dict[str, str], reason: Refusal) -> None:
        answer = query_of(provider.approve(begin(client)))
        refused(client.post("/connexion/ecps/retour", answer | fields, 403), reason)


def _claims(**changes: Any) -> Callable[[Any], Any]:
    return lambda claims: {name: value for name, value in (claims | changes).items() if value is not None}


def _resigned(header: dict[str, Any], key: Any, algorithm: str) -> Callable[[str], str]:
    def change(token: str) -> str:
        payload = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
        return jwt.encode({"alg": algorithm, **header}, payload, key, [algorithm])
    return change


def _unsigned(token: str) -> str:
    header = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    return f"{header}.{token.split('.')[1]}."


HMAC_KEY = OctKey.import_key("demonstration-demonstration-demonstration")
LATE = {"exp": 1_700_000_000, "iat": 1_699_999_000}
LIES = {
    "iss": ("claims", _claims(iss="https://evil.example"), Refusal.EMETTEUR),
    "aud": ("claims", _claims(aud="autre"), Refusal.DESTINATAIRE),
    "aud among several, no azp": ("claims", _claims(aud=["viatrajectoire", "autre"], azp=None), Refusal.DESTINATAIRE),
    "azp": ("claims", _claims(azp="autre"), Refusal.DESTINATAIRE),
    "nonce": ("claims", _claims(nonce="x"), Refusal.NONCE),
    "no nonce": ("claims", _claims(nonce=None), Refusal.NONCE),
    "expired": ("claims", _claims(**LATE), Refusal.PERIMEE),
    "acr too low": ("claims", _claims(acr="eidas0"), Refusal.NIVEAU),
    "acr absent": ("claims", _claims(acr=None), Refusal.NIVEAU),
    "at_hash": ("claims", _claims(at_hash="x"), Refusal.JETON_ACCES),
    "sub absent": ("claims", _claims(sub=None), Refusal.JETON_ILLISIBLE),
    "sub mismatch": ("claims", _claims(sub="f:x:810100000011"), Refusal.AUTRE_PERSONNE),
    "userinfo's sub": ("userinfo", lambda info: info | {"sub": "x"}, Refusal.AUTRE_PERSONNE),
    "userinfo malformed": ("userinfo", lambda info: info | {"SubjectRefPro": "x"}, Refusal.IDENTITE_ILLISIBLE),
    "userinfo no object": ("userinfo", lambda info: [info], Refusal.REPONSE_ILLISIBLE),
    "userinfo endless": ("userinfo", lambda info: info | {"x": "x" * 300_000}, Refusal.REPONSE_ILLISIBLE),
    "alg none": ("id_token", _unsigned, Refusal.ALGORITHME),
    "alg HS256": ("id_token", _resigned({}, HMAC_KEY, "HS256"), Refusal.ALGORITHME),
    "alg RS512": ("id_token", _resigned({}, OTHER_KEY, "RS512"), Refusal.ALGORITHME),
    "another key": ("id_token", _resigned({"kid": OTHER_KEY.kid}, OTHER_KEY, "RS256"), Refusal.SIGNATURE),
    "another kind of key": ("id_token", _resigned({}, ECKey.generate_key("P-256"), "ES256"), Refusal.SIGNATURE),
    "signature cut": ("id_token", lambda token: token[:-6], Refusal.SIGNATURE),
    "no token at all": ("id_token", lambda token: "bonjour", Refusal.JETON_ILLISIBLE),
    "tokens missing": ("tokens", lambda tokens: {"access_token": "x"}, Refusal.REPONSE_ILLISIBLE),
    "tokens no text": ("tokens", lambda tokens: tokens | {"id_token": 3}, Refusal.REPONSE_ILLISIBLE),
    "no key": ("jwks", lambda keys: {"keys": []}, Refusal.SIGNATURE),
    "keys of other kinds": ("jwks", lambda keys: {"keys": [{"kty": "oct", "k": "eA"}, 3, {"kty": "RSA"}]},
                            Refusal.SIGNATURE),
}


@pytest.mark.proves("N11", "V6.8.2", "V6.8.4", "V9.1.1", "V9.1.2", "V9.1.3", "V9.2.1", "V9.2.3", "V10.5.1", "V10.5.4")
@pytest.mark.parametrize("lie", LIES)
def test_each_lie_of_a_provider_is_found_out(client: Client, provider: Browser, bob: None, lie: str) -> None:
    what, change, reason = LIES[lie]
    path = provider.approve(begin(client))
    provider.lies(what, change)
    refused(come_back(client, path, reason.status), reason)


DOWN = {
    "silence": httpx2.ReadTimeout("slow"), "nobody": httpx2.ConnectError("refused"),
    "broken": httpx2.Response(500), "redirect": httpx2.Response(302, headers={"location": "https://evil.example"}),
}


@pytest.mark.proves("V16.5.2")
class TestProviderDown:
    @pytest.mark.parametrize("how", DOWN)
    @pytest.mark.parametrize("path", [ECPS_DISCOVERY, "/token", "/jwks", "/userinfo"])
    def test_is_said_with_the_card_and_another_try(
            self, client: Client, provider: Browser, bob: None, path: str, how: str) -> None:
        provider.fails(path, DOWN[how])
        if path == ECPS_DISCOVERY:
            client.get("/connexion")
            page = client.post("/connexion/ecps", {}, 503)
        else:
            page = come_back(client, provider.approve(begin(client)), 503)
        refused(page, Refusal.INJOIGNABLE)
        assert page.soup.find("button", string="Réessayer avec l’e-CPS")

    @pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff\xfe", b"[" * 100_000], ids=range(5))
    def test_an_answer_that_is_no_object_is_said(self, client: Client, provider: Browser, body: bytes) -> None:
        provider.fails(ECPS_DISCOVERY, httpx2.Response(200, content=body))
        client.get("/connexion")
        refused(client.post("/connexion/ecps", {}, 503), Refusal.REPONSE_ILLISIBLE)

    @pytest.mark.proves("V10.5.3")
    @pytest.mark.parametrize("change", [
        {"issuer": "https://evil.example"}, {"token_endpoint": None}, {"jwks_uri": "ftp://x/"},
        {"authorization_endpoint": "https://evil.example/auth"}, {"userinfo_endpoint": "http://[x"},
    ], ids=str)
    def test_papers_that_do_not_fit_the_settings_are_refused(
            self, client: Client, provider: Browser, change: dict[str, Any]) -> None:
        provider.lies("discovery", lambda document: document | change)
        client.get("/connexion")
        refused(client.post("/connexion/ecps", {}, 503), Refusal.RACCORDEMENT)

    def test_a_secret_that_the_provider_refuses_is_the_supports_matter(
            self, client: Client, provider: Browser, bob: None) -> None:
        path = provider.approve(begin(client))
        provider.fails("/token", httpx2.Response(401, json={"error": "invalid_client"}))
        refused(come_back(client, path, 503), Refusal.RACCORDEMENT)


class TestThrottle:
    def test_failed_proofs_delay_the_next_and_spare_the_provider(
            self, client: Client, provider: Browser, bob: None) -> None:
        for _ in range(60):
            client.post("/connexion/ecps/retour", {"state": "x"}, 403)
        path = provider.approve(begin(client))
        provider.calls.clear()
        come_back(client, path, 429)
        assert provider.calls == []

    def test_a_provider_that_is_down_delays_nobody(self, client: Client, provider: Browser, bob: None) -> None:
        provider.fails(ECPS_DISCOVERY, DOWN["broken"])
        client.get("/connexion")
        for _ in range(61):
            client.post("/connexion/ecps", {}, 503)
        provider.failing.clear()
        assert come_back(client, provider.approve(begin(client))).location == "/accueil"


class TestLeaving:
    @pytest.mark.proves("V7.6.1")
    def test_ends_the_providers_session_too(
            self, client: Client, provider: Browser, settings: Settings, bob: None) -> None:
        come_back(client, provider.approve(begin(client)))
        page = client.post("/connexion/quitter", {}, 200)
        link = page.soup.select_one("#sortie-ecps")["href"]
        query = query_of(link)
        assert link.startswith(f"{settings.ecps_issuer}/logout?") and inside() == 0
        assert query["id_token_hint"].count(".") == 2
        back = provider.http.get(link).headers["location"].removeprefix(settings.origin)
        home = client.get(back, 303)
        assert home.location == "/" and "Pro Santé Connect" in client.get("/").text

    def test_a_forged_return_claims_nothing(self, client: Client) -> None:
        assert client.get("/connexion/ecps/sortie?state=x", 303).location == "/"
        assert "Pro Santé Connect" not in client.get("/").text

    def test_a_provider_that_is_down_holds_nobody_back(self, client: Client, provider: Browser, bob: None) -> None:
        come_back(client, provider.approve(begin(client)))
        provider.fails(ECPS_DISCOVERY, DOWN["silence"])
        with clock.shift(timedelta(minutes=20)):
            client.get("/accueil")
        with clock.shift(timedelta(minutes=45)):
            client.get("/accueil")
        with clock.shift(timedelta(minutes=61)):
            assert client.post("/connexion/quitter").location == "/"
        assert inside() == 0

    def test_a_card_session_says_nothing_to_the_provider(self, client: Client, provider: Browser) -> None:
        client.login(10100000011)
        assert client.post("/connexion/quitter").location == "/" and provider.calls == []


class TestSecrets:
    @pytest.mark.proves("V10.1.1")
    def test_no_token_is_in_the_logs_nor_in_clear_in_the_database(
            self, client: Client, provider: Browser, settings: Settings, bob: None,
            caplog: pytest.LogCaptureFixture) -> None:
        kept: list[str] = []
        path = provider.approve(begin(client))
        provider.lies("id_token", lambda token: kept.append(token) or token)
        with caplog.at_level("DEBUG", "portal"):
            come_back(client, path)
        assert kept and kept[0] not in caplog.text and "DURAND" not in caplog.text
        assert query_of(path)["code"] not in caplog.text
        database.close()
        content = bases.kept(settings.data)
        assert kept[0].encode() not in content

    def test_the_audit_holds_together(self, client: Client, provider: Browser, bob: None) -> None:
        come_back(client, provider.approve(begin(client), ALICE), 403)
        come_back(client, provider.approve(begin(client)))
        assert audit.broken_link() is None


class TestWithoutProvider:
    def test_the_page_says_so_and_the_button_is_not_there(
            self, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
        closed = replace(settings, ecps_issuer="", ecps_authorization="", ecps_discovery="")
        with Client(create_app(closed)) as client:
            assert "pas encore raccordé" in client.get("/connexion").text
            assert not client.get("/connexion/ecps").soup.select('form[action="/connexion/ecps"]')
            refused(client.post("/connexion/ecps", {}, 403), Refusal.FERMEE)
