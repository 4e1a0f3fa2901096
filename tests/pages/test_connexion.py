"""The card login through the pages: who gets in, where to, and every way it is refused."""

from __future__ import annotations

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from starlette.applications import Starlette

from portal import clock
from portal.connexion.rules import Refusal
from portal.db import database
from portal.db.base import rows
from portal.settings import Settings
from portal.web.session import Access
from tests.support import cartes
from tests.support.client import Client
from tests.support.connexions import ALICE, account_of_bob, events, log_in, nonce_for, refused

pytestmark = pytest.mark.usefixtures("midday")


@pytest.fixture
def app(trusting_app: Starlette) -> Starlette:
    return trusting_app


@pytest.fixture
def bob(app: Starlette, settings: Settings) -> int:
    return account_of_bob(settings)


class TestGettingIn:
    @pytest.mark.proves("N6")
    def test_first_login_leads_to_the_registration(self, client: Client) -> None:
        assert log_in(client, "alice-martin").location == "/compte/creer"
        assert rows("SELECT state, subject, rpps, name, level FROM session") == [
            (int(Access.CARTE), f"8{ALICE}", ALICE, "Dr Alice MARTIN", "cps")]
        assert events() == [("connexion.cps", "", ALICE, "Dr Alice MARTIN")]
        page = client.get("/compte/creer")
        assert "MARTIN" in page.text and "Qualifié en médecine générale (SM)" in page.text

    def test_a_known_physician_goes_to_his_dashboard(self, client: Client, bob: int) -> None:
        assert log_in(client, "bob-durand").location == "/accueil"
        assert rows("SELECT state, compte_id FROM session") == [(int(Access.MEDECIN), bob)]

    def test_a_new_charter_comes_first(self, client: Client, bob: int) -> None:
        with database.writing():
            database.db.execute_sql("UPDATE compte SET charte = '2020-01'")
        assert log_in(client, "bob-durand", suite="/dossiers/grand-age").location == "/compte/charte"

    @pytest.mark.proves("N7", "V7.2.4")
    def test_the_session_gets_a_new_id(self, client: Client, bob: int) -> None:
        client.get("/connexion")
        before = client.cookie
        log_in(client, "bob-durand")
        assert client.cookie != before
        client.http.cookies.clear()
        client.http.cookies.set("__Host-session", before or "")
        assert client.get("/accueil", 303).location.startswith("/connexion")
        assert rows("SELECT COUNT(*) FROM session") == [(1,)]

    def test_a_logged_in_physician_skips_the_login_page(self, client: Client, bob: int) -> None:
        log_in(client, "bob-durand")
        assert client.get("/connexion", 303).location == "/accueil"
        assert client.get("/connexion?suite=/dossiers/sanitaire", 303).location == "/dossiers/sanitaire"

    @pytest.mark.proves("W5", "V3.7.2")
    @pytest.mark.parametrize(("suite", "place"), [
        ("/dossiers/grand-age?q=rocky", "/dossiers/grand-age?q=rocky"),
        ("/compte", "/compte"),
        ("https://evil.example/", "/accueil"), ("//evil.example/", "/accueil"),
        ("/\\evil.example", "/accueil"),
        ("/\tevil", "/accueil"), ("javascript:alert(1)", "/accueil"), ("/dossiers\r\nX-A: b", "/accueil"),
        ("/connexion/quitter", "/accueil"), ("/nulle-part", "/accueil"), ("/connexion/defi", "/accueil"),
        ("/" + "a" * 5000, "/accueil"), ("", "/accueil"),
    ])
    def test_it_goes_on_only_to_pages_of_this_portal(
            self, client: Client, bob: int, suite: str, place: str) -> None:
        assert log_in(client, "bob-durand", suite=suite).location == place

    def test_what_was_typed_before_the_expiry_is_found_again(self, client: Client, bob: int) -> None:
        log_in(client, "bob-durand")
        with clock.shift(timedelta(minutes=31)):
            client.post("/compte", {"adresse": "1 rue Neuve"})
            page = client.get("/connexion?expiree=1")
            assert "votre session a expiré" in page.text.lower() and "conservé" in page.text
            assert log_in(client, "bob-durand").location == "/compte"

    def test_it_is_not_given_to_somebody_else(self, client: Client, bob: int) -> None:
        log_in(client, "bob-durand")
        with clock.shift(timedelta(minutes=31)):
            client.post("/compte", {"adresse": "1 rue Neuve"})
            log_in(client, "alice-martin")
        assert "Neuve" not in client.get("/compte/creer").html


@pytest.mark.proves("N10")
class TestRefused:
    @pytest.mark.parametrize(("card", "reason"), [
        ("carte-expiree", Refusal.CERTIFICAT_EXPIRE), ("carte-revoquee", Refusal.CERTIFICAT_REVOQUE),
        ("carte-employe", Refusal.CARTE_EMPLOYE), ("carte-infirmiere", Refusal.AUTRE_PROFESSION),
        ("carte-inconnue", Refusal.AUTORITE_INCONNUE), ("carte-signature", Refusal.CERTIFICAT_SIGNATURE),
    ])
    def test_each_wrong_card_is_told_why(self, client: Client, card: str, reason: Refusal) -> None:
        refused(client, log_in(client, card, 403), reason)

    @pytest.mark.parametrize(("changes", "reason"), [
        ({"origin": "https://portail.test.evil.example"}, Refusal.SIGNATURE_FAUSSE),
        ({"key": cartes.key_of("bob-durand")}, Refusal.SIGNATURE_FAUSSE),
        ({"algorithm": "none"}, Refusal.ALGORITHME),
        ({"unverifiedCertificate": "MIIB"}, Refusal.JETON_ILLISIBLE),
    ], ids=["phishing", "wrong key", "alg none", "malformed"])
    def test_each_wrong_answer_is_told_why(
            self, client: Client, changes: dict[str, Any], reason: Refusal) -> None:
        refused(client, log_in(client, "alice-martin", 403, **changes), reason)

    def test_an_answer_serves_once(self, client: Client) -> None:
        answer = {"jeton": json.dumps(cartes.token("alice-martin", nonce_for(client)))}
        client.post("/connexion/cps", answer)
        client.post("/connexion/quitter")
        client.get("/connexion")
        refused(client, client.post("/connexion/cps", answer, 403), Refusal.DEFI_ABSENT, entered=1)

    def test_a_challenge_serves_once_even_after_a_failure(self, client: Client) -> None:
        nonce = nonce_for(client)
        client.post("/connexion/cps", {"jeton": json.dumps(cartes.token("carte-expiree", nonce))}, 403)
        good = {"jeton": json.dumps(cartes.token("alice-martin", nonce))}
        refused(client, client.post("/connexion/cps", good, 403), Refusal.DEFI_ABSENT)

    def test_an_answer_sent_twice_at_once_opens_one_session(
            self, client: Client, another_client: Client) -> None:
        answer = {"jeton": json.dumps(cartes.token("alice-martin", nonce_for(client)))}
        another_client.http.cookies.clear()
        another_client.http.cookies.set("__Host-session", client.cookie or "")
        body = answer | {"_csrf": client.token()}
        headers = {"Sec-Fetch-Site": "same-origin"}
        with ThreadPoolExecutor(2) as pool:
            sent = [pool.submit(one.http.post, "/connexion/cps", data=body, headers=headers)
                    for one in (client, another_client)]
        assert sorted(one.result().status_code for one in sent) == [303, 403]
        assert rows("SELECT COUNT(*) FROM session WHERE state > 0") == [(1,)]

    def test_the_challenge_of_another_session_is_worthless(
            self, client: Client, another_client: Client) -> None:
        answer = {"jeton": json.dumps(cartes.token("alice-martin", nonce_for(client)))}
        nonce_for(another_client)
        refused(another_client, another_client.post("/connexion/cps", answer, 403), Refusal.SIGNATURE_FAUSSE)

    def test_a_new_challenge_replaces_the_former_one(self, client: Client) -> None:
        answer = {"jeton": json.dumps(cartes.token("alice-martin", nonce_for(client)))}
        nonce_for(client)
        refused(client, client.post("/connexion/cps", answer, 403), Refusal.SIGNATURE_FAUSSE)

    def test_a_challenge_expires(self, client: Client, settings: Settings) -> None:
        answer = {"jeton": json.dumps(cartes.token("alice-martin", nonce_for(client)))}
        with clock.shift(settings.challenge_life + timedelta(seconds=1)):
            refused(client, client.post("/connexion/cps", answer, 403), Refusal.DEFI_EXPIRE)

    def test_without_script_the_page_says_what_is_missing(self, client: Client) -> None:
        client.get("/connexion")
        refused(client, client.post("/connexion/cps", {"jeton": ""}, 403), Refusal.SANS_SCRIPT)

    def test_a_stale_revocation_list_refuses_everybody(self, client: Client, settings: Settings) -> None:
        stale = cartes.crl(ends=clock.now() - timedelta(hours=1))
        (settings.trust / "personnes.crl.pem").write_bytes(stale.public_bytes(Encoding.PEM))
        refused(client, log_in(client, "alice-martin", 403), Refusal.LISTE_PERIMEE)

    def test_a_card_revoked_today_is_refused_without_a_restart(
            self, client: Client, settings: Settings) -> None:
        serial = cartes.certificate_of("alice-martin").serial_number
        renewed = cartes.crl(serial).public_bytes(Encoding.PEM)
        (settings.trust / "personnes.crl.pem").write_bytes(renewed)
        refused(client, log_in(client, "alice-martin", 403), Refusal.CERTIFICAT_REVOQUE)

    def test_a_huge_answer_is_refused(self, client: Client) -> None:
        nonce_for(client)
        client.post("/connexion/cps", {"jeton": "A" * 300_000}, 413)
        assert events() == []

    def test_the_reason_is_in_the_log_without_any_name(
            self, client: Client, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level("INFO", "portal"):
            log_in(client, "carte-expiree", 403)
        assert "CERTIFICAT_EXPIRE" in caplog.text and "LAMBERT" not in caplog.text

    def test_the_way_on_survives_a_refusal(self, client: Client) -> None:
        page = log_in(client, "carte-expiree", 403, suite="/dossiers/tnd")
        assert page.soup.select_one("input[name=suite]")["value"] == "/dossiers/tnd"


@pytest.mark.proves("N10", "V6.7.2")
def test_challenges_are_32_bytes_and_never_the_same(client: Client) -> None:
    found = {nonce_for(client) for _ in range(5)}
    assert len(found) == 5 and {len(base64.b64decode(nonce)) for nonce in found} == {32}
