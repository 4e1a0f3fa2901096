"""Who has an account can't be found out: the same answers, and the same work behind them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from starlette.applications import Starlette

from portal.compte import commands as comptes
from portal.compte import passwords, queries
from portal.db import database
from portal.db.base import db
from portal.web.session import Access
from tests.support.client import Answer, Client
from tests.support.people import account

BOB, CHLOE = 10100000022, 10100000033
KNOWN, UNKNOWN = f"{BOB}@exemple.fr", "99999999999@exemple.fr"
CARD = {"nom": "PETIT", "prenom": "Chloé", "profession": "Médecin", "specialite_code": "SM26", "specialite": "x"}

pytestmark = [pytest.mark.usefixtures("midday"), pytest.mark.proves("N4")]


@pytest.fixture
def app(opened_app: Starlette) -> Starlette:
    return opened_app


@pytest.fixture
def bob(app: Starlette) -> None:
    compte = queries.get(account(BOB))
    assert compte is not None
    with database.writing():
        comptes.confirm_email(compte)


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What is done meanwhile: each statement without its values, each password held against a hash."""
    done: list[str] = []
    base, matches = db.obj, passwords.matches
    run = base.execute_sql

    def noted(sql: str, *args: object, **more: object) -> object:
        done.append(re.sub(r"\b\d+\b|s[0-9a-f]{32}", "#", sql))
        return run(sql, *args, **more)

    monkeypatch.setattr(base, "execute_sql", noted)
    monkeypatch.setattr(queries.passwords, "matches", lambda *given: done.append("argon2") or matches(*given))
    yield done


def told(answer: Answer, client: Client, email: str) -> tuple[int, str, dict[str, str]]:
    """All that an answer tells, without what was typed, the form's own token and the request's own number."""
    own = ("content-length", "set-cookie", "x-request-id")
    headers = {name: value for name, value in answer.headers.items() if name not in own}
    return answer.status, answer.html.replace(email, "E").replace(client.token(), "T"), headers


@pytest.mark.proves("V6.3.8")
@pytest.mark.parametrize("send", [
    lambda client, email: client.post("/connexion/otp", {"email": email, "mot_de_passe": "Faux-2031"}, 422),
    lambda client, email: client.post("/compte/mot-de-passe/oublie", {"email": email}, 200),
], ids=["login", "forgotten"])
def test_a_known_and_an_unknown_address_cost_and_tell_the_same(
        client: Client, bob: None, work: list[str], send: Callable[[Client, str], Answer]) -> None:
    client.get("/connexion/otp")
    send(client, "personne@exemple.fr")  # the first of all makes what later ones find
    seen = []
    for email in (KNOWN, UNKNOWN):
        client.token()
        work.clear()
        answer = send(client, email)
        seen.append((told(answer, client, email), [one for one in work if "SAVEPOINT" not in one.upper()]))
    (known, its_work), (unknown, other_work) = seen
    assert known == unknown
    assert its_work == other_work and its_work


@pytest.mark.proves("V6.3.8")
def test_a_waiting_login_does_no_work_that_would_tell(client: Client, bob: None, work: list[str]) -> None:
    for email in (KNOWN, UNKNOWN):
        for _ in range(5):
            client.post("/connexion/otp", {"email": email, "mot_de_passe": "Faux-2031"}, 422)
        work.clear()
        client.post("/connexion/otp", {"email": email, "mot_de_passe": "Faux-2031"}, 429)
        assert "argon2" not in work


def register(client: Client, email: str, status: int) -> Answer:
    return client.post("/compte/creer", {
        "email": email, "mot_de_passe": "Peuplier-Lune-88", "mot_de_passe_2": "Peuplier-Lune-88", "telephone": "",
        "adresse": "", "ville": "14000 Caen"}, status)


def test_whoever_registers_with_a_card_cannot_ask_address_after_address(client: Client, bob: None) -> None:
    """The one form that tells an address is taken is behind a verified card, and waits like any guess."""
    client.enter(Access.CARTE, CHLOE, "Dr Chloé PETIT", identity=CARD)
    for _ in range(5):
        assert "sert déjà à un autre compte" in register(client, KNOWN, 422).errors[0]
    # Taken or free, known or not: both wait.
    assert "Trop d’essais" in register(client, KNOWN, 429).text
    assert "Trop d’essais" in register(client, UNKNOWN, 429).text


def test_whoever_changes_his_address_cannot_either(client: Client, bob: None) -> None:
    client.login(CHLOE, "Dr Chloé PETIT", account(CHLOE))
    for _ in range(5):
        client.post("/compte", {"email": KNOWN}, 422)
    client.post("/compte", {"email": KNOWN}, 429)
    client.post("/compte", {"email": UNKNOWN}, 429)
