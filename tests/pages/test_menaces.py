"""Every threat that the card login was designed against, tried: refused, and told in its own words.

The portal runs here, and the card agent too, in this process, with the demonstration's cards in its reader.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from bs4 import BeautifulSoup
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import Encoding
from starlette.applications import Starlette

from portal import agent, clock
from portal.compte import blocage
from portal.connexion.rules import Refusal
from portal.db import database
from portal.db.base import rows
from portal.settings import Settings
from tests.support import cartes
from tests.support.client import Answer, Client
from tests.support.connexions import ALICE, BOB, account_of_bob, answer_of, events, log_in, nonce_for, refused

NONCE = base64.b64encode(bytes(range(32))).decode()
# ISO 7816-4: the application, its authentication key, INTERNAL AUTHENTICATE, « security status not satisfied ».
SELECT_CARD = bytes.fromhex("00A404000DE828BD080F8025000001FF001000")
CHOOSE_KEY = bytes.fromhex("002241A406800102840182")
SIGN_32_BYTES = bytes.fromhex("00880000333031300D060960864801650304020105000420") + bytes(33)
SECURITY_NOT_SATISFIED = bytes.fromhex("6982")
PIRATE = "https://portail.test.pirate.example"


pytestmark = pytest.mark.usefixtures("midday")


@pytest.fixture
def app(trusting_app: Starlette) -> Starlette:
    return trusting_app


@pytest.fixture
def reader() -> Iterator[agent.Server]:
    """The workstation's agent, which serves this portal only; Dr Alice MARTIN's card is in the reader."""
    server = agent.start(0, [cartes.ORIGIN], cartes.deck())
    server.insert("alice-martin")
    yield server
    server.stop()


@dataclass
class Shown:
    """What the agent's window shows."""

    status: int
    headers: dict[str, str]
    page: BeautifulSoup

    @property
    def text(self) -> str:
        return " ".join(self.page.get_text(" ").split())

    @property
    def jeton(self) -> str:
        return str(self.page.select_one("input[name=jeton]")["value"])

    @property
    def token(self) -> str | None:
        """What the window hands to the portal's page, if it does."""
        body = self.page.body
        return str(body["data-token"]) if body.get("data-message") == "token" else None


def ask(reader: agent.Server, path: str, form: dict[str, str] | None = None, *, origin: str | None = cartes.ORIGIN,
        host: str = "", method: str = "POST") -> Shown:
    """One request of a browser to the agent; the browser itself writes ``Origin`` and ``Host``."""
    connection = http.client.HTTPConnection("127.0.0.1", reader.port, timeout=5)
    headers = {"Host": host or f"127.0.0.1:{reader.port}", "Content-Type": "application/x-www-form-urlencoded"}
    headers |= {"Origin": origin} if origin else {}
    connection.request(method, path, urlencode(form or {}) if method == "POST" else None, headers)
    answer = connection.getresponse()
    shown = Shown(answer.status, {name.lower(): value for name, value in answer.getheaders()},
                  BeautifulSoup(answer.read().decode(), "html.parser"))
    connection.close()
    return shown


def dialogue(reader: agent.Server, nonce: str = NONCE, **more: Any) -> Shown:
    return ask(reader, "/v1/dialogue", {"nonce": nonce}, **more)


def sign(reader: agent.Server, page: Shown, code: str = "1234", **more: str) -> Shown:
    return ask(reader, "/v1/signer", {"jeton": page.jeton, "code": code} | more, origin=reader.url)


class TestPhishing:
    def test_a_relayed_challenge_is_signed_for_the_other_site_and_opens_nothing(self, client: Client) -> None:
        """The attacker's page shows our challenge to a victim whose agent allows that page, too."""
        refused(client, log_in(client, "alice-martin", 403, origin=PIRATE), Refusal.SIGNATURE_FAUSSE)

    def test_the_agent_asks_no_code_for_a_site_it_does_not_serve(self, reader: agent.Server) -> None:
        page = dialogue(reader, origin=PIRATE)
        assert page.status == 403 and "Site non autorisé" in page.text
        assert not page.page.select("input")

    def test_a_code_window_tells_for_which_site_it_asks(self, reader: agent.Server) -> None:
        """A window drawn by another page gets no further: the code is worth nothing without the card."""
        assert "portail.test" in dialogue(reader).text

    def test_no_page_of_the_portal_asks_for_the_code(self, client: Client) -> None:
        fields = client.get("/connexion").soup.select("#connexion-cps input:not([type=hidden])")
        assert fields == []


@pytest.mark.proves("N10")
class TestReplay:
    def test_a_token_serves_once(self, client: Client) -> None:
        nonce = nonce_for(client)
        answer = answer_of("alice-martin", nonce)
        client.post("/connexion/cps", answer)
        client.post("/connexion/quitter")
        client.get("/connexion")
        refused(client, client.post("/connexion/cps", answer, 403), Refusal.DEFI_ABSENT, entered=1)

    def test_a_token_is_worthless_to_whoever_overheard_it(self, client: Client, another_client: Client) -> None:
        overheard = answer_of("alice-martin", nonce_for(client))
        nonce_for(another_client)
        refused(another_client, another_client.post("/connexion/cps", overheard, 403), Refusal.SIGNATURE_FAUSSE)

    def test_saying_that_it_answers_the_other_session_s_challenge_helps_nobody(
            self, client: Client, another_client: Client) -> None:
        nonce = nonce_for(client)
        overheard = answer_of("alice-martin", nonce) | {"defi": nonce}
        nonce_for(another_client)
        refused(another_client, another_client.post("/connexion/cps", overheard, 403), Refusal.DEFI_REMPLACE)

    def test_a_session_without_challenge_has_nothing_to_answer(self, client: Client) -> None:
        client.get("/connexion")
        refused(client, client.post("/connexion/cps", answer_of("alice-martin", NONCE), 403), Refusal.DEFI_ABSENT)


@pytest.mark.proves("R10")
class TestTheClock:
    def test_a_late_answer_is_refused(self, client: Client, settings: Settings) -> None:
        answer = answer_of("alice-martin", nonce_for(client))
        with clock.shift(settings.challenge_life + timedelta(seconds=1)):
            refused(client, client.post("/connexion/cps", answer, 403), Refusal.DEFI_EXPIRE)

    def test_a_clock_moved_back_gives_no_longer_life(self, client: Client) -> None:
        answer = answer_of("alice-martin", nonce_for(client))
        with clock.shift(timedelta(hours=-1)):
            refused(client, client.post("/connexion/cps", answer, 403), Refusal.DEFI_HORLOGE)

    def test_an_ordinary_adjustment_stops_nobody(self, client: Client) -> None:
        answer = answer_of("alice-martin", nonce_for(client))
        with clock.shift(timedelta(seconds=-5)):
            assert client.post("/connexion/cps", answer).location == "/compte/creer"


class TestTwoTabs:
    """The same browser, hence the same session, and two clicks on « Se connecter par CPS »."""

    def tabs(self, client: Client) -> tuple[dict[str, str], dict[str, str]]:
        first, second = nonce_for(client), nonce_for(client)
        return (answer_of("alice-martin", first) | {"defi": first},
                answer_of("alice-martin", second) | {"defi": second})

    def test_first_the_first_which_is_refused_then_the_second_which_works(self, client: Client) -> None:
        first, second = self.tabs(client)
        refused(client, client.post("/connexion/cps", first, 403), Refusal.DEFI_REMPLACE)
        assert client.post("/connexion/cps", second).location == "/compte/creer"

    def test_first_the_second_which_works_then_the_first_which_is_refused(self, client: Client) -> None:
        first, second = self.tabs(client)
        page_of_the_first_tab = client.token()
        assert client.post("/connexion/cps", second).location == "/compte/creer"
        page = client.post("/connexion/cps", first, 403, token=page_of_the_first_tab)
        assert "Action refusée" in page.text and "rechargez" in page.text
        assert client.get("/compte/creer").status == 200  # the second tab's session goes on
        assert [event for event, *_ in events()] == ["connexion.cps"]

    def test_the_first_tab_s_answer_sent_from_a_fresh_page_is_refused_too(self, client: Client) -> None:
        first, second = self.tabs(client)
        client.post("/connexion/cps", second)
        page = client.post("/connexion/cps", first, 403)
        assert Refusal.DEFI_ABSENT.title in page.soup.select_one(".resume-erreurs").get_text()


class TestTheWorkstation:
    @pytest.mark.parametrize("path", ["/", "/v1/etat", "/v1/dialogue", "/plateau"])
    def test_a_name_that_an_attacker_points_here_reaches_nothing(self, reader: agent.Server, path: str) -> None:
        method = "POST" if path == "/v1/dialogue" else "GET"
        page = ask(reader, path, {"nonce": NONCE}, host=f"pirate.example:{reader.port}", method=method)
        assert page.status == 421 and "Adresse refusée" in page.text

    @pytest.mark.parametrize("origin", [PIRATE, "null", "", None])
    def test_any_web_page_learns_nothing_from_the_agent(self, reader: agent.Server, origin: str | None) -> None:
        for path in ("/v1/dialogue", "/v1/diagnostic", "/v1/signer"):
            page = ask(reader, path, {"nonce": NONCE}, origin=origin)
            assert page.status == 403 and "Alice" not in page.text
            assert not any(name.startswith("access-control") for name in page.headers)
        assert ask(reader, "/v1/dialogue", origin=origin, method="GET").status == 404

    def test_the_code_window_can_not_be_framed(self, reader: agent.Server) -> None:
        page = dialogue(reader)
        assert page.headers["x-frame-options"] == "DENY"
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]

    def test_each_signature_costs_a_code(self, reader: agent.Server) -> None:
        """Software of the workstation may claim to be the portal: the card still asks its holder each time."""
        page = dialogue(reader)
        assert sign(reader, page).token
        assert sign(reader, page).status == 409
        again = dialogue(reader)
        without = sign(reader, again, "")
        assert without.token is None and "quatre chiffres" in without.text

    def test_three_wrong_codes_lock_the_card_and_the_last_needs_a_word(self, reader: agent.Server) -> None:
        page = sign(reader, sign(reader, dialogue(reader), "0000"), "0001")
        assert "reste 1 essai" in page.text
        unconfirmed = sign(reader, page, "0002")
        assert "Cochez" in unconfirmed.text and unconfirmed.token is None
        locked = sign(reader, unconfirmed, "0002", dernier="oui")
        assert locked.token is None and "bloquée" in locked.text
        assert "bloquée" in dialogue(reader).text


    def test_other_software_finds_the_card_closed_after_a_login(self, reader: agent.Server) -> None:
        """The code typed for one signature opens nothing for whoever comes next."""
        assert sign(reader, dialogue(reader)).token
        assert reader.tray is not None
        with reader.tray.connect() as card:
            card.transmit(SELECT_CARD)
            card.transmit(CHOOSE_KEY)
            assert card.transmit(SIGN_32_BYTES) == SECURITY_NOT_SATISFIED


@pytest.mark.proves("N10")
class TestTheCard:
    def test_a_card_swapped_before_the_code_is_said_then_signs_for_its_own_holder(
            self, client: Client, settings: Settings, reader: agent.Server) -> None:
        """Alice's card opened the window; the code typed for it goes to no other card, and Bob's opens as Bob's."""
        account_of_bob(settings)
        page = dialogue(reader, nonce_for(client))
        reader.insert("bob-durand")
        surprised = sign(reader, page)
        assert surprised.token is None and "La carte a été retirée ou changée" in surprised.text
        signed = sign(reader, surprised)
        assert signed.token
        assert client.post("/connexion/cps", {"jeton": signed.token}).location == "/accueil"
        assert rows("SELECT rpps FROM session WHERE state > 0") == [(BOB,)]

    def test_one_card_s_certificate_with_the_signature_of_another_is_nobody_s(self, client: Client) -> None:
        mixed = log_in(client, "alice-martin", 403, key=cartes.key_of("bob-durand"))
        refused(client, mixed, Refusal.SIGNATURE_FAUSSE)

    def test_a_stolen_card_is_refused_once_it_is_listed(self, client: Client, settings: Settings) -> None:
        listed = cartes.crl(cartes.certificate_of("bob-durand").serial_number)
        (settings.trust / "personnes.crl.pem").write_bytes(listed.public_bytes(Encoding.PEM))
        refused(client, log_in(client, "bob-durand", 403), Refusal.CERTIFICAT_REVOQUE)

    @pytest.mark.proves("V6.5.6")
    def test_until_it_is_listed_the_support_can_close_its_account(self, client: Client, settings: Settings) -> None:
        account_of_bob(settings)
        compte = blocage.find(str(BOB))
        assert compte is not None
        with database.writing():
            blocage.block(compte)
        assert "Ce compte est bloqué" in log_in(client, "bob-durand", 403).text
        assert client.get("/accueil", 303).location.startswith("/connexion")

    @pytest.mark.parametrize("hidden", ["old", "forged", "none"])
    def test_hiding_the_list_lets_nobody_in(self, client: Client, settings: Settings, hidden: str) -> None:
        path = settings.trust / "personnes.crl.pem"
        if hidden == "none":
            path.unlink()
        else:
            signer = cartes.key_of("alice-martin") if hidden == "forged" else None
            ends = clock.now() + timedelta(hours=-1 if hidden == "old" else 1)
            path.write_bytes(cartes.crl(ends=ends, signer=signer).public_bytes(Encoding.PEM))
        refused(client, log_in(client, "carte-revoquee", 403), Refusal.LISTE_PERIMEE)

    @pytest.mark.parametrize("code", ["SM04", "SM99", "ADMIN", "<b>", 7, None])
    def test_a_forged_specialty_gives_no_right(self, client: Client, code: object) -> None:
        """It is shown as read on the card, unsigned, and the identity stays the certificate's."""
        log_in(client, "alice-martin", unverifiedInfo={"specialite": code})
        page = client.get("/compte/creer")
        assert "MARTIN" in page.text and "ADMIN" not in page.text and "<b>" not in page.html
        assert rows("SELECT rpps, state, level FROM session") == [(ALICE, 1, "cps")]

    @pytest.mark.parametrize(("changes", "reason"), [
        ({"certificate": cartes.certificate_of("carte-inconnue"), "key": cartes.key_of("carte-inconnue")},
         Refusal.AUTORITE_INCONNUE),
        ({"certificate": cartes.certificate_of("alice-martin", "certificat_signature"),
          "key": cartes.key_of("alice-martin", "cle_signature")}, Refusal.CERTIFICAT_SIGNATURE),
        ({"certificate": cartes.authority()[0], "key": cartes.authority()[1]}, Refusal.USAGE_REFUSE),
        ({"algorithm": "none", "signature": ""}, Refusal.ALGORITHME),
        ({"algorithm": "HS256"}, Refusal.ALGORITHME),
        ({"signature": ""}, Refusal.JETON_ILLISIBLE),
        ({"format": "cps-auth:2"}, Refusal.JETON_ILLISIBLE),
    ], ids=["rogue authority", "signature certificate", "the authority itself", "alg none", "alg of a shared secret",
            "no signature", "another format"])
    def test_whatever_is_not_a_physician_s_authentication_is_refused(
            self, client: Client, changes: dict[str, Any], reason: Refusal) -> None:
        refused(client, log_in(client, "alice-martin", 403, **changes), reason)

    def test_a_signature_of_the_nonce_alone_is_refused(self, client: Client) -> None:
        """Anything else that this key may have signed, for instance for a server of another protocol."""
        nonce = nonce_for(client)
        raw = cartes.key_of("alice-martin").sign(
            hashlib.sha256(base64.b64decode(nonce)).digest(), padding.PKCS1v15(), hashes.SHA256())
        answer = answer_of("alice-martin", nonce, signature=base64.b64encode(raw).decode())
        refused(client, client.post("/connexion/cps", answer, 403), Refusal.SIGNATURE_FAUSSE)


class TestTheSession:
    @pytest.mark.parametrize("path", ["/connexion/defi", "/connexion/cps"])
    @pytest.mark.parametrize("headers", [
        {"Sec-Fetch-Site": "cross-site", "Origin": PIRATE}, {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
    ], ids=["another site", "a sibling site", "a sandboxed frame"])
    def test_another_site_can_not_log_its_visitor_in_as_somebody(
            self, client: Client, path: str, headers: dict[str, str]) -> None:
        answer = answer_of("alice-martin", nonce_for(client))
        page = client.post(path, answer, 403, headers=headers)
        assert "Action refusée" in page.text
        nobody(client, page)

    @pytest.mark.parametrize("path", ["/connexion/defi", "/connexion/cps"])
    def test_nor_with_the_form_token_of_its_own_session(
            self, client: Client, another_client: Client, path: str) -> None:
        """The attacker has a session and a card of his own, and makes the victim's browser post his answer."""
        his = answer_of("carte-expiree", nonce_for(another_client))
        client.get("/connexion")
        nobody(client, client.post(path, his, 403, token=another_client.token()))
        nobody(client, client.post(path, his, 403, token=""))

    @pytest.mark.proves("N7")
    def test_a_cookie_stolen_before_the_login_opens_nothing_after_it(
            self, client: Client, another_client: Client) -> None:
        nonce = nonce_for(client)
        stolen = client.cookie or ""
        client.post("/connexion/cps", answer_of("alice-martin", nonce))
        nobody(another_client, with_cookie(another_client, stolen).get("/compte/creer", 303), entered=1)

    @pytest.mark.proves("N8", "V7.4.1")
    def test_a_cookie_stolen_inside_dies_with_the_logout(
            self, client: Client, another_client: Client, settings: Settings) -> None:
        account_of_bob(settings)
        log_in(client, "bob-durand")
        stolen = client.cookie or ""
        assert with_cookie(another_client, stolen).get("/accueil").status == 200
        client.post("/connexion/quitter")
        nobody(another_client, another_client.get("/accueil", 303))

    def test_an_answer_without_script_is_told_what_is_missing(self, client: Client) -> None:
        client.get("/connexion")
        refused(client, client.post("/connexion/cps", {"jeton": ""}, 403), Refusal.SANS_SCRIPT)


def with_cookie(client: Client, cookie: str) -> Client:
    client.http.cookies.clear()
    client.http.cookies.set("__Host-session", cookie)
    return client


def nobody(client: Client, page: Answer, *, entered: int = 0) -> None:
    """This browser is not inside."""
    assert page.status in (303, 403)
    assert client.get("/compte", 303).location.startswith("/connexion")
    assert rows("SELECT COUNT(*) FROM session WHERE state > 0") == [(entered,)]


def test_the_token_names_nobody_and_carries_no_code(reader: agent.Server) -> None:
    """What travels through the browser: certificate, signature, specialty."""
    token = sign(reader, dialogue(reader)).token
    assert token and set(json.loads(token)) == {
        "format", "algorithm", "unverifiedCertificate", "signature", "unverifiedInfo", "appVersion"}
    assert "1234" not in token
