"""A passkey as the second step of a login, and to strengthen a session that a code opened."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from starlette.applications import Starlette

from portal import clock
from portal.app import create_app
from portal.db import database, outbox
from portal.db.audit import Trace
from portal.db.crypto import keys
from portal.facteurs.cles import queries
from portal.facteurs.cles.presenters import REFUSALS
from portal.facteurs.cles.rules import Reason
from portal.settings import Settings, load
from portal.web.session import Session, Visit
from tests.support.authentificateur import PRESENT, Authentificateur
from tests.support.cles import BOB, EMAIL, KEYS, LOGIN, STRENGTHEN, account_of, add, asked, password, prove
from tests.support.client import Client

CODE = "/connexion/otp/code"


pytestmark = pytest.mark.usefixtures("midday")


@pytest.fixture
def app(trusting_app: Starlette) -> Starlette:
    return trusting_app


@pytest.fixture
def compte_id(app: Starlette) -> int:
    return account_of(BOB)


@pytest.fixture
def device(app: Starlette, compte_id: int) -> Authentificateur:
    """A key that Dr Bob DURAND enrolled when he had his card."""
    made = Authentificateur()
    with Client(app) as browser:
        add(browser.login(BOB, "Dr Bob DURAND", compte_id), made)
    return made


def events() -> list[tuple[str, str]]:
    return [(trace.event, trace.detail) for trace in Trace.select().order_by(Trace.id)]


def level(client: Client) -> str:
    """The level of this browser's session."""
    here = Visit(keys().signer("session").unsign(client.cookie or "").decode())
    return str(Session.get(Session.key == here.key).level)


class TestLogin:
    def test_it_comes_first_and_opens_the_session(self, client: Client, device: Authentificateur) -> None:
        page = client.follow(password(client))
        titles = [title.get_text() for title in page.soup.select("main h2")]
        assert titles[0] == "Clé d’accès" and "Code par courriel" in titles
        before = client.cookie
        assert prove(client, device).location == "/accueil"
        assert client.cookie != before
        client.get("/accueil")
        client.get(KEYS)
        assert ("connexion.cle", "") in events()
        (key,) = queries.keys_of(1)
        assert key.used == clock.now() and key.compteur == device.compteur

    @pytest.mark.proves("W5", "V3.7.2")
    @pytest.mark.parametrize(("suite", "place"), [
        ("/dossiers/tnd", "/dossiers/tnd"), ("//evil.test", "/accueil"), ("/\\evil.test", "/accueil"),
        ("https:evil.test", "/accueil"), ("/%09/evil.test", "/accueil"), ("javascript:alert(1)", "/accueil"),
    ])
    def test_it_goes_on_inside_the_portal_only(
            self, client: Client, device: Authentificateur, suite: str, place: str) -> None:
        password(client, suite=suite)
        assert prove(client, device, suite=suite).location == place

    @pytest.mark.parametrize("mode", ["transition", "on"])
    def test_it_works_wherever_a_password_does(
            self, settings: Settings, compte_id: int, device: Authentificateur, mode: str) -> None:
        app = create_app(load({}, data=settings.data, database=settings.database, demonstration=True,
                               origin=settings.origin, otp_mode=mode, clocks_pause=0))
        database.connect()
        with Client(app) as client:
            password(client)
            prove(client, device)

    def test_it_is_closed_with_the_password(
            self, settings: Settings, client: Client, device: Authentificateur) -> None:
        password(client)
        cookie = client.cookie
        app = create_app(load({}, data=settings.data, database=settings.database, demonstration=True,
                               origin=settings.origin, otp_mode="off", clocks_pause=0))
        database.connect()
        with Client(app) as late:
            late.http.cookies.set("__Host-session", cookie or "", domain="portail.test")
            assert "n’ouvre pas" in late.post(f"{LOGIN}/defi", status=403).text
            late.post(LOGIN, {"reponse": "{}"}, 403)

    @pytest.mark.proves("N6")
    def test_without_the_password_there_is_nothing(self, client: Client, device: Authentificateur) -> None:
        client.post(f"{LOGIN}/defi", status=410)
        assert client.post(LOGIN, {"reponse": "{}"}).location == "/connexion/otp"
        assert client.get(LOGIN, 303).location == "/connexion/otp"

    def test_the_password_grows_old(self, client: Client, device: Authentificateur) -> None:
        password(client)
        options = asked(client, LOGIN)
        with clock.shift(timedelta(minutes=10)):
            answer = client.post(LOGIN, {"reponse": device.get(options)})
            assert answer.location == "/connexion/otp"
            assert "Plus de dix minutes" in client.follow(answer).text

    def test_an_account_without_key_is_offered_none(self, client: Client, compte_id: int) -> None:
        assert "Clé d’accès" not in client.follow(password(client)).text
        client.post(f"{LOGIN}/defi", status=404)


REFUSED: list[tuple[dict[str, Any], dict[str, Any], Reason]] = [
    ({"origin": "https://portail-test.exemple.fr"}, {}, Reason.ORIGINE),
    ({"rp_id": "exemple.fr"}, {}, Reason.DOMAINE),
    ({"credential": b"inconnue" * 4}, {}, Reason.INCONNUE),
    ({"secret": Authentificateur().secret}, {}, Reason.SIGNATURE),
    ({}, {"flags": PRESENT}, Reason.SANS_VERIFICATION),
    ({}, {"challenge": "YXV0cmU"}, Reason.REJOUE),
    ({}, {"type": "webauthn.create"}, Reason.ILLISIBLE),
]


class TestRefusals:
    @pytest.mark.parametrize(("change", "told", "reason"), REFUSED, ids=[case[2].value for case in REFUSED])
    def test_each_has_its_own_words_and_lets_one_try_again(
            self, client: Client, device: Authentificateur, change: dict[str, Any], told: dict[str, Any],
            reason: Reason) -> None:
        password(client)
        false = Authentificateur(**({"credential": device.credential, "secret": device.secret} | change))
        page = prove(client, false, 403, **told)
        assert page.errors == [" ".join(REFUSALS[reason].split())]
        assert events()[-1] == ("facteur.cle_refusee", reason.value)
        client.get("/accueil", 303)
        assert page.soup.find("a", href=CODE)
        prove(client, device)

    def test_a_replayed_answer_is_refused(
            self, client: Client, another_client: Client, device: Authentificateur) -> None:
        password(client)
        answer = device.get(asked(client, LOGIN))
        client.post(LOGIN, {"reponse": answer})
        password(another_client)
        for _ in range(2):
            page = another_client.post(LOGIN, {"reponse": answer}, 403)
            assert page.errors == [REFUSALS[Reason.REJOUE]]
            asked(another_client, LOGIN)

    def test_a_challenge_lasts_five_minutes(self, client: Client, device: Authentificateur) -> None:
        password(client)
        options = asked(client, LOGIN)
        with clock.shift(timedelta(minutes=5, seconds=1)):
            assert client.post(LOGIN, {"reponse": device.get(options)}, 403).errors == [REFUSALS[Reason.EXPIRE]]

    def test_a_challenge_to_add_a_key_opens_no_session(
            self, client: Client, compte_id: int, device: Authentificateur) -> None:
        client.login(BOB, "Dr Bob DURAND", compte_id)
        options = asked(client, KEYS)
        password(client)
        assert client.post(LOGIN, {"reponse": device.get(options)}, 403).errors == [REFUSALS[Reason.REJOUE]]

    def test_the_key_of_another_account_is_unknown(self, client: Client, device: Authentificateur, app: Starlette,
                                                   ) -> None:
        other = Authentificateur()
        with Client(app) as chloe:
            add(chloe.login(10100000033, "Dr Chloé PETIT", account_of(10100000033)), other)
        password(client)
        assert prove(client, other, 403).errors == [REFUSALS[Reason.INCONNUE]]

    @pytest.mark.parametrize("sent", [0, 6, 7])
    def test_a_counter_that_goes_back_is_refused_and_mailed(
            self, client: Client, device: Authentificateur, sent: int) -> None:
        password(client)
        prove(client, device, compteur=7)
        client.post("/connexion/quitter")
        password(client)
        assert prove(client, device, 403, compteur=sent).errors == [" ".join(REFUSALS[Reason.COMPTEUR].split())]
        mail = outbox.latest(1)[0]
        assert mail.to == EMAIL and "refusée" in mail.subject
        assert ("facteur.cle_compteur", "") in events()
        (key,) = queries.keys_of(1)
        assert key.compteur == 7
        prove(client, device, compteur=8)

    def test_a_forged_low_counter_alarms_nobody(self, client: Client, device: Authentificateur) -> None:
        password(client)
        prove(client, Authentificateur(credential=device.credential), 403, compteur=0)
        assert "refusée" not in outbox.latest(1)[0].subject

    def test_a_key_that_counts_nothing_is_welcome_again(self, client: Client, app: Starlette, compte_id: int) -> None:
        still = Authentificateur(steps=0)
        with Client(app) as browser:
            add(browser.login(BOB, "Dr Bob DURAND", compte_id), still)
        for _ in range(2):
            password(client)
            prove(client, still)
            client.post("/connexion/quitter")

    def test_many_false_answers_wait(self, client: Client, device: Authentificateur) -> None:
        password(client)
        for _ in range(5):
            client.post(LOGIN, {"reponse": "{}"}, 403)
        client.post(LOGIN, {"reponse": "{}"}, 429)


class TestStrengthening:
    @pytest.fixture
    def weak(self, client: Client, compte_id: int, device: Authentificateur) -> Client:
        return client.login(BOB, "Dr Bob DURAND", compte_id, level="otp")

    @pytest.mark.proves("N7", "V7.2.4")
    def test_from_the_refused_page_and_back(self, weak: Client, device: Authentificateur) -> None:
        page = weak.follow(weak.get(KEYS, 303))
        link = page.soup.find("a", string="Utiliser ma clé d’accès")["href"]
        assert link == "/facteurs/cles/renforcer?suite=%2Ffacteurs%2Fcles"
        assert weak.get(link).soup.find("input", attrs={"name": "suite"})["value"] == KEYS
        before = weak.cookie
        assert prove(weak, device, address=STRENGTHEN, suite=KEYS).location == KEYS
        assert weak.cookie != before and level(weak) == "cle"
        weak.get(KEYS)
        weak.http.cookies.set("__Host-session", before or "", domain="portail.test")
        assert weak.get("/accueil", 303).location.startswith("/connexion")

    def test_what_was_typed_comes_along(self, weak: Client, device: Authentificateur) -> None:
        address = f"{KEYS}/{queries.keys_of(1)[0].key}"
        weak.post(address, {"geste": "renommer", "nom": "Nouveau nom"})
        assert prove(weak, device, address=STRENGTHEN).location == address

    def test_a_refusal_keeps_the_session_as_it_was(self, weak: Client, device: Authentificateur) -> None:
        page = prove(weak, Authentificateur(credential=device.credential), 403, address=STRENGTHEN)
        assert page.errors == [" ".join(REFUSALS[Reason.SIGNATURE].split())]
        assert level(weak) == "otp"
        weak.get("/accueil")

    def test_a_login_s_challenge_strengthens_nothing(self, weak: Client, device: Authentificateur) -> None:
        password(weak)
        weak.post(STRENGTHEN, {"reponse": device.get(asked(weak, LOGIN))}, 403)

    def test_whoever_is_strong_goes_on(self, client: Client, compte_id: int, device: Authentificateur) -> None:
        client.login(BOB, "Dr Bob DURAND", compte_id)
        assert client.get(f"{STRENGTHEN}?suite=/dossiers/tnd", 303).location == "/dossiers/tnd"

    def test_without_a_key_the_other_ways_remain(self, client: Client, compte_id: int) -> None:
        client.login(BOB, "Dr Bob DURAND", compte_id, level="otp")
        answer = client.get(f"{STRENGTHEN}?suite=/facteurs", 303)
        assert answer.location == "/connexion?renforcer=1&suite=%2Ffacteurs"
        assert "pas de clé d’accès" in client.follow(answer).text
