"""Logging in with a password and a code, through the pages: who gets in, and how everyone else is refused."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from starlette.applications import Starlette

from portal import clock
from portal.app import create_app
from portal.compte import commands as comptes
from portal.compte import queries
from portal.compte.rules import CHARTE
from portal.connexion.otp import commands, presenters, rules
from portal.db import database, outbox
from portal.db.audit import Actor, Trace
from portal.db.base import rows
from portal.settings import Settings, load
from portal.web.session import Access
from tests.support.client import Answer, Client
from tests.support.codes import given_an_application, given_recovery_codes, shown, wrong
from tests.support.people import account

BOB = 10100000022
EMAIL, PASSWORD = f"{BOB}@exemple.fr", "Bocage-2031"
OTP, CODE = "/connexion/otp", "/connexion/otp/code"


pytestmark = pytest.mark.usefixtures("midday")


@pytest.fixture
def app(opened_app: Starlette) -> Starlette:
    return opened_app


@pytest.fixture
def bob(app: Starlette) -> int:
    """Dr Bob DURAND has an account, a confirmed address, and accepted the charter."""
    return given_an_account()


def given_an_account(*, confirmed: bool = True, charte: bool = True) -> int:
    compte_id = account(BOB)
    compte = queries.get(compte_id)
    assert compte is not None
    with database.writing():
        if charte:
            comptes.accept_charte(Actor(BOB, "Dr Bob DURAND", "cps"), compte, CHARTE)
        if confirmed:
            comptes.confirm_email(compte)
    return compte_id


def first_step(client: Client, status: int = 303, **changes: str) -> Answer:
    return client.post(OTP, {"email": EMAIL, "mot_de_passe": PASSWORD} | changes, status)


def second_step(client: Client, code: str, status: int = 303, *, kind: str = "application", suite: str = "") -> Answer:
    return client.post(CODE, {"moyen": kind, f"code_{kind}": code, "suite": suite}, status)


def mailed_code() -> str:
    found = re.search(r"Votre code de connexion\s: (\d{6})$", outbox.latest(1)[0].body, re.MULTILINE)
    assert found
    return found.group(1)


def sessions() -> list[tuple[int, str]]:
    return rows("SELECT state, level FROM session WHERE compte_id IS NOT NULL")


def events() -> list[str]:
    return [trace.event for trace in Trace.select().order_by(Trace.id)]


class TestGettingIn:
    @pytest.mark.proves("V6.3.3")
    def test_password_then_application(self, client: Client, bob: int, settings: Settings) -> None:
        given_an_application(bob, settings)
        step = first_step(client)
        assert step.location == CODE and not sessions()
        assert "Application d’authentification" in client.follow(step).text
        assert second_step(client, shown()).location == "/accueil"
        assert sessions() == [(int(Access.MEDECIN), "otp")]
        assert events()[-2:] == ["otp.mot_de_passe", "connexion.otp"]
        assert rows("SELECT COUNT(*) FROM tentative_otp") == [(0,)]
        client.get("/accueil")

    def test_password_then_code_by_mail(self, client: Client, bob: int) -> None:
        client.follow(first_step(client))
        assert "Recevoir un code par courriel" in client.get(CODE).text
        page = client.follow(client.post(CODE, {"geste": "envoyer"}))
        assert "Un code vient d’être envoyé" in page.text and "valable jusqu’à 13 h 10" in page.text
        mail = outbox.latest(1)[0]
        assert mail.to == EMAIL and "13 h 10" in mail.body.replace("\u00a0", " ")
        second_step(client, mailed_code(), kind="courriel")
        assert sessions() == [(int(Access.MEDECIN), "courriel")]

    def test_password_then_recovery_code(self, client: Client, bob: int, settings: Settings) -> None:
        codes = given_recovery_codes(given_an_application(bob, settings), settings)
        first_step(client)
        second_step(client, codes[0].lower(), kind="secours")
        assert sessions() == [(int(Access.MEDECIN), "otp")]
        assert "Il vous en reste 9." in outbox.latest(1)[0].body

    @pytest.mark.proves("N7", "V7.2.4")
    def test_the_session_gets_a_new_id_and_leads_on(self, client: Client, bob: int, settings: Settings) -> None:
        given_an_application(bob, settings)
        step = first_step(client, suite="/dossiers/grand-age?onglet=attente")
        before = client.cookie
        assert step.location == f"{CODE}?suite=%2Fdossiers%2Fgrand-age%3Fonglet%3Dattente"
        hidden = client.follow(step).soup.find("input", attrs={"name": "suite"})
        answer = second_step(client, shown(), suite=str(hidden["value"]))
        assert answer.location == "/dossiers/grand-age?onglet=attente" and client.cookie != before

    @pytest.mark.proves("W5", "V3.7.2")
    @pytest.mark.parametrize("suite", ["//ailleurs.fr", "https://ailleurs.fr", "/\\ailleurs.fr", "javascript:x", "/x"])
    def test_it_leads_nowhere_else(self, client: Client, bob: int, settings: Settings, suite: str) -> None:
        given_an_application(bob, settings)
        assert "ailleurs" not in first_step(client, suite=suite).location
        assert second_step(client, shown(), suite=suite).location == "/accueil"

    def test_a_new_charter_comes_first(self, client: Client, app: Starlette, settings: Settings) -> None:
        given_an_application(given_an_account(charte=False), settings)
        first_step(client)
        assert second_step(client, shown()).location == "/compte/charte"

    @pytest.mark.proves("V6.2.8")
    def test_the_address_is_read_in_any_case_and_the_password_is_not_trimmed(self, client: Client, bob: int) -> None:
        first_step(client, email=f"  {EMAIL.upper()} ")
        first_step(client, 422, mot_de_passe=f" {PASSWORD}")

    def test_the_way_back_keeps_where_one_was_going(self, client: Client, bob: int) -> None:
        client.login(BOB, "Dr Bob DURAND", bob, level="otp")
        kept = "?renforcer=1&suite=%2Ffacteurs"
        page = client.get(f"{OTP}{kept}")
        assert page.soup.find("a", string="Choisir un autre moyen de connexion")["href"] == f"/connexion{kept}"
        page = client.follow(first_step(client, suite="/facteurs"))
        assert page.soup.find("a", string="Revenir au mot de passe")["href"] == f"{OTP}{kept}"
        client.get(f"{OTP}{kept}")

    def test_whoever_is_inside_goes_on(self, client: Client, bob: int) -> None:
        client.login(BOB, compte_id=bob)
        assert client.get(OTP, 303).location == "/accueil"
        assert client.get(f"{OTP}?suite=/compte", 303).location == "/compte"


class TestRefusals:
    def test_a_wrong_code_says_what_is_left(self, client: Client, bob: int, settings: Settings) -> None:
        given_an_application(bob, settings)
        first_step(client)
        answer = second_step(client, wrong(), 422)
        assert "il reste 4 essais" in answer.errors[0]
        assert answer.soup.find(id="code_application").get("value") == "", "a code is never sent back"
        second_step(client, shown())

    def test_a_code_that_served_is_named_so(self, client: Client, another_client: Client, bob: int,
                                            settings: Settings) -> None:
        given_an_application(bob, settings)
        for one in (client, another_client):
            first_step(one)
        second_step(client, shown())
        assert "a déjà servi" in second_step(another_client, shown(), 422).errors[0]
        assert len(sessions()) == 1

    @pytest.mark.proves("N5", "V6.6.3")
    def test_five_wrong_codes_end_the_attempt_and_the_holder_is_told(
            self, client: Client, bob: int, settings: Settings) -> None:
        given_an_application(bob, settings)
        first_step(client)
        for left in (4, 3, 2, 1):
            assert f"il reste {left} essai" in second_step(client, wrong(), 422).errors[0]
        answer = second_step(client, wrong(), 403)
        assert answer.errors == [" ".join(presenters.TRIES_SPENT.split())]
        assert answer.soup.find(id="mot_de_passe") is not None
        assert "cinq codes faux" in outbox.latest(1)[0].subject
        assert events()[-1] == "otp.essais_epuises"
        second_step(client, shown(), 410)
        assert client.get(CODE, 303).location == OTP
        assert not sessions()

    @pytest.mark.proves("N5", "V6.6.3")
    def test_knowing_the_password_again_gives_no_free_codes(self, client: Client, bob: int,
                                                            settings: Settings) -> None:
        given_an_application(bob, settings)
        first_step(client)
        for _ in range(5):
            client.http.post(CODE, data={"_csrf": client.token(), "moyen": "application", "code_application": wrong()},
                             headers={"Sec-Fetch-Site": "same-origin"})
        first_step(client)
        assert "Réessayez dans 30 secondes" in second_step(client, shown(), 429).text
        with clock.shift(timedelta(seconds=31)):
            second_step(client, shown())
        assert sessions()

    @pytest.mark.proves("N5", "V6.5.5")
    def test_ten_minutes_after_the_password_it_is_asked_again(self, client: Client, bob: int,
                                                              settings: Settings) -> None:
        given_an_application(bob, settings)
        first_step(client)
        with clock.shift(rules.ATTEMPT_LIFE):
            assert client.get(CODE, 303).location == OTP
            assert "dix minutes" in second_step(client, shown(), 410).errors[0]
        assert not sessions()

    @pytest.mark.proves("N5", "V6.3.3")
    def test_a_code_without_password_opens_nothing(self, client: Client, another_client: Client, bob: int,
                                                   settings: Settings) -> None:
        """The attempt belongs to the browser that gave the password."""
        given_an_application(bob, settings)
        first_step(client)
        client.post(CODE, {"geste": "envoyer"})
        second_step(another_client, shown(), 410)
        second_step(another_client, mailed_code(), 410, kind="courriel")
        assert another_client.get(CODE, 303).location == OTP

    @pytest.mark.parametrize("data", [{}, {"moyen": "application"}, {"moyen": "application", "code_application": " "}])
    def test_nothing_typed_costs_no_try(self, client: Client, bob: int, settings: Settings,
                                        data: dict[str, str]) -> None:
        given_an_application(bob, settings)
        first_step(client)
        assert client.post(CODE, data, 422).errors == [presenters.NO_CODE]
        assert rows("SELECT essais FROM tentative_otp") == [(0,)]

    def test_a_new_password_ends_the_logins_that_wait(self, client: Client, bob: int, settings: Settings) -> None:
        given_an_application(bob, settings)
        first_step(client)
        with database.writing():
            commands.forget_account(bob)
        second_step(client, shown(), 410)

    def test_a_blocked_account_is_refused_before_its_code(self, client: Client, bob: int) -> None:
        with database.writing():
            database.db.execute_sql("UPDATE compte SET blocked_at = 1")
        assert "bloqué" in first_step(client, 403).text
        with database.writing():
            database.db.execute_sql("UPDATE compte SET blocked_at = NULL")
        first_step(client)
        with database.writing():
            database.db.execute_sql("UPDATE compte SET blocked_at = 1")
        client.post(CODE, {"geste": "envoyer"}, 410)

    def test_a_password_changed_meanwhile_opens_nothing(self, client: Client, bob: int,
                                                        monkeypatch: pytest.MonkeyPatch) -> None:
        """The slow look at the password is made before the lock; what it found is looked at again."""
        right = queries.password_matches

        def changed_after(compte: object, password: str) -> bool:
            answer = right(compte, password)
            meanwhile = threading.Thread(target=change)
            meanwhile.start()
            meanwhile.join()
            return answer

        def change() -> None:
            with database.writing():
                database.db.execute_sql("UPDATE compte SET password = 'x'")
            database.close()

        monkeypatch.setattr(queries, "password_matches", changed_after)
        first_step(client, 422)


class TestUnknownUsers:
    @pytest.mark.proves("N4", "V6.3.8")
    def test_they_look_like_wrong_passwords(self, client: Client, another_client: Client, bob: int,
                                            monkeypatch: pytest.MonkeyPatch) -> None:
        """Same status, same words, same headers, same work, same trace."""
        checks: list[bool] = []
        matches = queries.passwords.matches
        monkeypatch.setattr(
            queries.passwords, "matches", lambda stored, typed: checks.append(bool(stored)) or matches(stored, typed))
        known = first_step(client, 422, mot_de_passe="Faux-2031")
        unknown = first_step(another_client, 422, email="personne@exemple.fr", mot_de_passe="Faux-2031")
        assert checks == [True, False], "one look at a password each"
        assert self.anonymous(known, client, EMAIL) == self.anonymous(unknown, another_client, "personne@exemple.fr")
        assert self.headers(known) == self.headers(unknown)
        assert events()[-2:] == ["connexion.refus", "connexion.refus"]
        assert Trace.select().where(Trace.event == "connexion.refus", Trace.rpps.is_null()).count() == 2

    @pytest.mark.proves("N1", "N4")
    def test_both_wait_alike(self, client: Client, bob: int) -> None:
        answers = {}
        for email in (EMAIL, "personne@exemple.fr"):
            for _ in range(5):
                first_step(client, 422, email=email, mot_de_passe="Faux-2031")
            answers[email] = first_step(client, 429, email=email)
        known, unknown = answers.values()
        assert known.text == unknown.text and "Réessayez dans 30 secondes" in known.text
        assert known.headers["retry-after"] == unknown.headers["retry-after"] == "30"

    @pytest.mark.proves("N4")
    def test_waiting_asks_for_no_work(self, client: Client, bob: int, monkeypatch: pytest.MonkeyPatch) -> None:
        for _ in range(5):
            first_step(client, 422, mot_de_passe="Faux-2031")
        monkeypatch.setattr(queries.passwords, "matches", lambda stored, typed: pytest.fail("argon2 while waiting"))
        first_step(client, 429)

    def test_the_right_password_gets_in_after_the_wait(self, client: Client, bob: int, settings: Settings) -> None:
        given_an_application(bob, settings)
        for _ in range(5):
            first_step(client, 422, mot_de_passe="Faux-2031")
        first_step(client, 429)
        with clock.shift(timedelta(seconds=31)):
            first_step(client)
            second_step(client, shown())
        first_step(client, 422, mot_de_passe="Faux-2031")

    @pytest.mark.parametrize(("typed", "missing"), [
        ({"email": ""}, [presenters.NO_EMAIL]), ({"mot_de_passe": ""}, [presenters.NOTHING_TYPED]),
        ({"email": " ", "mot_de_passe": ""}, [presenters.NO_EMAIL, presenters.NOTHING_TYPED])])
    def test_what_is_missing_is_named(self, client: Client, bob: int, typed: dict[str, str],
                                      missing: list[str]) -> None:
        answer = first_step(client, 422, **typed)
        assert answer.errors == missing
        assert not answer.soup.find(id="mot_de_passe").get("value")

    def test_markup_stays_text(self, client: Client, app: Starlette) -> None:
        answer = first_step(client, 422, email='"><script src=/x></script>')
        assert answer.soup.find(id="email")["value"] == '"><script src=/x></script>'
        assert "<script src=/x>" not in answer.html

    @staticmethod
    def headers(answer: Answer) -> dict[str, str]:
        """All but the length, which is the typed address's, and the request's own number."""
        own = ("content-length", "x-request-id")
        return {name: value for name, value in answer.headers.items() if name not in own}

    @staticmethod
    def anonymous(answer: Answer, client: Client, email: str) -> str:
        return answer.html.replace(email, "E").replace(client.token(), "T")


class TestMode:
    @pytest.fixture
    def portal(self, request: pytest.FixtureRequest, settings: Settings) -> Iterator[Client]:
        chosen = load({}, data=settings.data, database=settings.database, demonstration=True,
                               origin=settings.origin, otp_mode=request.param)
        with Client(create_app(chosen)) as client:
            database.connect()
            yield client
        database.close()

    @pytest.mark.parametrize("portal", ["off"], indirect=True)
    def test_off_explains_and_offers_nothing(self, portal: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        given_an_account()
        monkeypatch.setattr(queries.passwords, "matches", lambda stored, typed: pytest.fail("no password is looked at"))
        page = portal.get(OTP)
        assert "Ce portail n’ouvre pas ce moyen de connexion" in page.text and not page.soup.find(id="mot_de_passe")
        assert "Se connecter par code OTP" not in portal.get("/connexion").text
        assert "Connexion par code fermée" in first_step(portal, 403).text
        second_step(portal, "123456", 403)
        assert not sessions() and rows("SELECT COUNT(*) FROM tentative_otp") == [(0,)]

    @pytest.mark.parametrize("portal", ["transition"], indirect=True)
    def test_transition_says_so(self, portal: Client) -> None:
        given_an_account()
        assert "Moyen de transition." in portal.get(OTP).text
        assert "Recevoir un code par courriel" in portal.follow(first_step(portal)).text
        assert portal.get("/connexion").soup.find("a", string="Se connecter par code OTP")["href"] == OTP

    @pytest.mark.parametrize("portal", ["on"], indirect=True)
    def test_on_knows_no_code_by_mail(self, portal: Client, settings: Settings) -> None:
        bob = given_an_account()
        page = portal.follow(first_step(portal))
        assert "par courriel" not in page.text and "Moyen de transition." not in portal.get(OTP).text
        assert "Aucun code n’est possible pour ce compte." in page.text
        portal.post(CODE, {"geste": "envoyer"}, 404)
        second_step(portal, "123456", 404, kind="courriel")
        given_an_application(bob, settings)
        second_step(portal, shown())
