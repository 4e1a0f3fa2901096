"""The code by mail: bound to its attempt, killed by the next one, limited; and a secretary never has one."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from starlette.applications import Starlette

from portal import clock
from portal.app import create_app
from portal.connexion.otp import rules
from portal.db import database, outbox
from portal.db.base import rows
from portal.settings import Settings, load
from tests.pages.test_otp import (
    CODE,
    EMAIL,
    OTP,
    PASSWORD,
    first_step,
    given_an_account,
    mailed_code,
    second_step,
    sessions,
)
from tests.support import bases
from tests.support.client import Answer, Client
from tests.support.codes import SECRET, given_an_application, given_recovery_codes, shown

pytestmark = pytest.mark.usefixtures("midday")


@pytest.fixture
def app(opened_app: Starlette) -> Starlette:
    return opened_app


@pytest.fixture
def bob(app: Starlette) -> int:
    return given_an_account()


@pytest.fixture
def waiting(client: Client, bob: int) -> Client:
    """Bob's password is given, a code by mail was asked for."""
    first_step(client)
    client.post(CODE, {"geste": "envoyer"})
    return client


def ask(client: Client, status: int = 303) -> Answer:
    return client.post(CODE, {"geste": "envoyer"}, status)


def take(client: Client, code: str, status: int = 303) -> Answer:
    return second_step(client, code, status, kind="courriel")


@pytest.mark.proves("N5", "V6.5.1")
def test_it_serves_once(waiting: Client, client: Client) -> None:
    code = mailed_code()
    take(waiting, f"{code[:3]} {code[3:]}")
    assert len(sessions()) == 1
    first_step(client)
    take(client, code, 422)


@pytest.mark.proves("N5")
def test_asking_again_kills_the_one_before(waiting: Client) -> None:
    former = mailed_code()
    ask(waiting)
    present = mailed_code()
    assert former != present
    take(waiting, former, 422)
    take(waiting, present)


@pytest.mark.proves("N5", "V6.5.5")
def test_its_life_is_a_setting_and_ends(waiting: Client) -> None:
    code = mailed_code()
    with clock.shift(timedelta(minutes=9, seconds=59)):
        assert "valable jusqu’à 13 h 10" in waiting.get(CODE).text
    with clock.shift(timedelta(minutes=10)):
        take(waiting, code, 410)


def test_a_shorter_life_ends_sooner(settings: Settings) -> None:
    short = load({}, data=settings.data, database=settings.database, demonstration=True,
                               origin=settings.origin, mail_code_life=120)
    with Client(create_app(short)) as client:
        database.connect()
        given_an_account()
        first_step(client)
        ask(client)
        code = mailed_code()
        with clock.shift(timedelta(minutes=2)):
            assert "Recevoir un code par courriel" in client.get(CODE).text
            take(client, code, 422)
    database.close()


@pytest.mark.proves("N5", "V6.6.2")
def test_it_is_bound_to_the_attempt_that_asked_for_it(waiting: Client, another_client: Client) -> None:
    first_step(another_client)
    ask(another_client)
    code = mailed_code()
    take(waiting, code, 422)
    take(another_client, code)


@pytest.mark.proves("N5", "V6.6.2")
def test_its_hash_is_worth_nothing_in_another_attempt_s_row(waiting: Client, another_client: Client) -> None:
    code = mailed_code()
    first_step(another_client)
    with database.writing():
        database.db.execute_sql(
            "UPDATE tentative_otp SET (code, code_until) = "
            "(SELECT code, code_until FROM tentative_otp WHERE code IS NOT NULL) WHERE code IS NULL")
    take(another_client, code, 422)
    take(waiting, code)


def test_a_new_password_step_forgets_it(waiting: Client) -> None:
    code = mailed_code()
    first_step(waiting)
    take(waiting, code, 422)


def test_three_mails_an_attempt_and_a_wait_beyond_five(waiting: Client) -> None:
    for _ in range(rules.MAX_MAILS - 1):
        ask(waiting)
    answer = ask(waiting, 429)
    assert "Plusieurs codes viennent déjà de partir" in answer.errors[0]
    first_step(waiting)
    for _ in range(2):
        ask(waiting)
    ask(waiting, 429)
    assert len(outbox.latest()) == 5
    take(waiting, mailed_code())
    first_step(waiting)
    ask(waiting)


def test_a_wait_lets_the_next_mail_go(waiting: Client) -> None:
    for _ in range(2):
        ask(waiting)
    first_step(waiting)
    for _ in range(2):
        ask(waiting)
    ask(waiting, 429)
    with clock.shift(timedelta(seconds=31)):
        ask(waiting)


def test_an_address_to_confirm_gets_none(app: Starlette, client: Client) -> None:
    given_an_account(confirmed=False)
    page = client.follow(first_step(client))
    assert "une fois votre adresse confirmée" in page.text and "Recevoir un code" not in page.text
    ask(client, 404)
    assert not outbox.latest()


def test_a_secretary_needs_her_application(client: Client, bob: int, settings: Settings) -> None:
    """A secretary has no card: a code by mail would leave her password alone with her mailbox."""
    with database.writing():
        database.db.execute_sql("UPDATE compte SET kind = 'secretaire', rpps = NULL")
    page = client.follow(first_step(client))
    assert "Aucun code n’est possible pour ce compte." in page.text and "Appelez l’assistance" in page.text
    ask(client, 404)
    given_an_application(bob, settings)
    assert "par courriel" not in client.get(CODE).text
    second_step(client, shown())
    assert sessions() == [(3, "otp")]
    client.get("/facteurs")


def test_a_mail_server_that_is_down_is_said(waiting: Client) -> None:
    assert "serveur de courriel ne répond pas" not in waiting.get(CODE).text
    with database.writing():
        outbox.Courriel.update(tries=1).execute()
    page = waiting.get(CODE)
    assert "Le serveur de courriel ne répond pas" in page.text and "votre carte CPS" in page.text
    take(waiting, mailed_code())


def test_without_mail_server_none_is_promised(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    real = load({}, data=settings.data, origin=settings.origin, otp_mode="transition", clocks_pause=0)
    with Client(create_app(real)) as client:
        database.connect()
        given_an_account()
        assert "par courriel" not in client.follow(first_step(client)).text
        ask(client, 404)
    database.close()


def test_one_browser_s_two_tabs_send_the_same_code(client: Client, bob: int, settings: Settings) -> None:
    given_an_application(bob, settings)
    first_step(client)
    token, cookies, code = client.token(), dict(client.http.cookies), shown()
    second_step(client, code)
    client.http.cookies.clear()
    client.http.cookies.update(cookies)
    client.post(CODE, {"moyen": "application", "code_application": code}, 410, token=token)
    assert len(sessions()) == 1


@pytest.mark.proves("N5", "V6.5.2")
def test_no_secret_is_kept_in_clear_nor_logged(client: Client, bob: int, settings: Settings,
                                               caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "portal")
    caplog.set_level(logging.INFO)
    codes = given_recovery_codes(given_an_application(bob, settings), settings)
    first_step(client, 422, mot_de_passe="Secret-2031-Inconnu")
    first_step(client)
    ask(client)
    mailed, used = mailed_code(), shown()
    with database.writing():
        outbox.Courriel.delete().execute()  # the mail itself has to hold its code until it is sent
        if not bases.ON_POSTGRESQL:
            database.db.execute_sql("PRAGMA secure_delete = 1")
    take(client, "000000", 422)
    second_step(client, used)
    content = [str(value) for table in ("tentative_otp", "application_otp", "code_secours", "session", "trace", "frein")
               for row in rows(f"SELECT * FROM {table}") for value in row]
    files = bases.kept(settings.data)
    for secret in (SECRET, PASSWORD, "Secret-2031-Inconnu", *codes, mailed, used):
        assert not any(secret in value for value in content), secret
        assert secret not in caplog.text
    for secret in (SECRET, PASSWORD, "Secret-2031-Inconnu", *codes):
        assert secret.encode() not in files
    assert EMAIL not in caplog.text


@pytest.mark.proves("N3")
def test_the_card_is_never_slowed_down(client: Client, bob: int) -> None:
    for _ in range(5):
        first_step(client, 422, mot_de_passe="Faux-2031")
    first_step(client, 429)
    client.get("/connexion")
    client.post("/connexion/defi", status=200)
    assert client.get(OTP).status == 200
