"""Many requests at once on the login by code: what is free stays free once, whoever is faster."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.applications import Starlette

from portal.db.audit import Trace
from portal.facteurs import queries as facteurs
from portal.settings import Settings
from tests.pages.test_otp import CODE, EMAIL, OTP, PASSWORD, first_step, given_an_account, sessions
from tests.support.client import Client
from tests.support.codes import given_an_application, given_recovery_codes, shown, wrong

pytestmark = [pytest.mark.usefixtures("midday"), pytest.mark.proves("N5", "V6.5.1")]
THREADS = 8


@pytest.fixture
def app(opened_app: Starlette) -> Starlette:
    return opened_app


def at_once(send: Callable[[Client], int], browsers: list[Client]) -> Counter[int]:
    for one in browsers:
        one.token()
    with ThreadPoolExecutor(THREADS) as pool:
        return Counter(pool.map(send, browsers))


def sent(client: Client, path: str, **data: str) -> int:
    return client.http.post(path, data={"_csrf": client.token()} | data,
                            headers={"Sec-Fetch-Site": "same-origin"}).status_code


def test_of_twelve_guesses_at_once_five_are_judged(app: Starlette) -> None:
    given_an_account()
    answers = at_once(lambda one: sent(one, OTP, email=EMAIL, mot_de_passe="Faux-2031"),
                      [Client(app) for _ in range(12)])
    assert answers == {422: 5, 429: 7}
    assert Trace.select().where(Trace.event == "connexion.refus").count() == 5


def test_of_ten_codes_at_once_in_one_browser_five_are_judged(client: Client, settings: Settings) -> None:
    given_an_application(given_an_account(), settings)
    first_step(client)
    answers = at_once(lambda one: sent(one, CODE, moyen="application", code_application=wrong()), [client] * 10)
    assert answers == {422: 4, 403: 1, 410: 5}
    assert not sessions()


def test_one_recovery_code_opens_one_session(app: Starlette, settings: Settings) -> None:
    compte = given_an_application(given_an_account(), settings)
    code, browsers = given_recovery_codes(compte, settings)[0], [Client(app) for _ in range(4)]
    for one in browsers:
        assert sent(one, OTP, email=EMAIL, mot_de_passe=PASSWORD) == 303
    assert at_once(lambda one: sent(one, CODE, moyen="secours", code_secours=code), browsers) == {303: 1, 422: 3}
    assert len(sessions()) == 1 and facteurs.recovery_codes_left(compte.id) == 9


def test_one_application_code_opens_one_session(app: Starlette, settings: Settings) -> None:
    given_an_application(given_an_account(), settings)
    code, browsers = shown(), [Client(app) for _ in range(5)]
    for one in browsers:
        assert sent(one, OTP, email=EMAIL, mot_de_passe=PASSWORD) == 303
    answers = at_once(lambda one: sent(one, CODE, moyen="application", code_application=code), browsers)
    assert answers == {303: 1, 422: 4}
    assert len(sessions()) == 1
