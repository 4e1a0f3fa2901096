"""However a request fails, its page says a reference or what to do, and nothing that was typed, stored or raised."""

from __future__ import annotations

import logging
import re

import jinja2
import peewee
import pytest
from starlette.applications import Starlette

from portal.web.errors import NotFound
from tests.support.client import Answer, Client
from tests.support.people import account
from tests.support.volets import ALICE

WORD = "Quenouillet-phlebite-231041411800155"
BROKEN = "portal.dossiers.queries.counts"
pytestmark = pytest.mark.proves("D8", "V16.5.1")


class Odd(Exception):
    """One that can't be made without its words."""

    def __init__(self, row: str, *, column: str) -> None:
        super().__init__(row, column)


RAISED = [
    ValueError(WORD), KeyError(WORD), LookupError(f"no row {WORD}"), AssertionError(WORD), OSError(2, WORD, f"/{WORD}"),
    UnicodeDecodeError("utf-8", WORD.encode(), 0, 1, WORD), RecursionError(WORD), Odd(WORD, column=WORD),
    ExceptionGroup(WORD, [ValueError(WORD)]), peewee.IntegrityError(f"UNIQUE: {WORD}"), peewee.DataError(WORD),
    peewee.DatabaseError(WORD), peewee.OperationalError(WORD), peewee.InterfaceError(WORD),
    jinja2.UndefinedError(WORD), jinja2.TemplateSyntaxError(WORD, 1, WORD, WORD), jinja2.TemplateNotFound(WORD),
]


@pytest.fixture
def alice(client: Client, app: Starlette) -> Client:
    assert app.state.settings.origin
    return client.login(ALICE, compte_id=account(ALICE))


def shown(answer: Answer) -> str:
    """All that leaves the server: page and headers."""
    return f"{answer.html}\n{answer.headers}".lower()


def silent(answer: Answer, *more: str) -> None:
    """Nothing of the word, whole or in part, nor of the program's insides."""
    held = [word for word in (*WORD.lower().split("-"), "traceback", "site-packages", ".py", *more)
            if word in shown(answer)]
    assert not held


@pytest.mark.parametrize("error", RAISED, ids=lambda error: type(error).__name__)
def test_whatever_is_raised_in_a_handler_shows_a_reference_that_the_log_knows(
        alice: Client, error: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def broken(*_: object) -> int:
        raise error

    monkeypatch.setattr(BROKEN, broken)
    answer = alice.get("/accueil", 500)
    silent(answer, type(error).__name__.lower())
    reference = answer.soup.select(".reference")[-1].get_text()
    assert re.fullmatch(r"[0-9A-Za-z-]{8,36}", reference)
    assert f"reference {reference}: {type(error).__name__} on /accueil" in caplog.text
    assert not any(part in caplog.text for part in WORD.split("-")), "and the log no more than the page"


@pytest.mark.parametrize("error", RAISED, ids=lambda error: type(error).__name__)
def test_whatever_is_raised_while_a_form_is_written(
        alice: Client, error: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def broken(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("portal.compte.pages.commands.update_contact", broken)
    status = 503 if isinstance(error, peewee.OperationalError) else 500
    silent(alice.post("/compte", {"email": "autre@exemple.fr", "ville": "14000 Caen", "adresse": WORD}, status))
    assert not any(part in caplog.text for part in WORD.split("-"))


@pytest.mark.parametrize("source", [
    f"<p>{WORD}</p>{{{{ nothing.of_that }}}}", f"<p>{WORD}</p>{{{{ '{WORD}'.nothing() }}}}", f"<p>{WORD}</p>{{% if %}}",
    f"<p>{WORD}</p>{{% include '{WORD}.html' %}}"], ids=["undefined", "attribute", "syntax", "absent"])
def test_a_template_that_fails_half_way_sends_none_of_it(alice: Client, source: str) -> None:
    jinja = alice.app.state.jinja
    broken = jinja2.DictLoader({"accueil/contact.html": source})
    jinja.loader = jinja2.ChoiceLoader([broken, jinja.loader])
    silent(alice.get("/accueil/contact", 500), "undefined", "nothing")


@pytest.mark.parametrize("path", [
    f"/{WORD}", f"/dossiers/grand-age/{WORD}", f"/dossiers/{WORD}/1", f"/accueil/{WORD}?nom={WORD}",
    f"/dossiers/grand-age/1?retour={WORD}", f"/espaces/usager/lien/{WORD}x", f"/compte/confirmer/{WORD}",
    f"/aide/{WORD}", f"/static/{WORD}.css", f"/%3Cscript%3E{WORD}"])
def test_an_address_of_nothing_is_not_repeated(alice: Client, path: str) -> None:
    response = alice.http.get(path)
    assert response.status_code < 500
    text = f"{response.text}\n{response.headers}".lower()
    assert "phlebite" not in text and "quenouillet" not in text


@pytest.mark.parametrize(("data", "status"), [
    ({"adresse": f"{WORD} " * 10_000}, 413), ({f"{WORD}{rank}": WORD for rank in range(2000)}, 400)],
    ids=["too large", "too many"])
def test_a_body_that_is_refused_is_not_repeated(alice: Client, data: dict[str, str], status: int) -> None:
    silent(alice.post("/compte", data, status))


def test_a_form_from_elsewhere_or_of_another_method_is_not_repeated(alice: Client) -> None:
    silent(alice.post("/compte", {"adresse": WORD}, 403, token=WORD))
    silent(alice.post("/compte", {"adresse": WORD}, 403, headers={"Origin": f"https://{WORD}.fr"}))
    silent(alice.post(f"/accueil/contact?nom={WORD}", {"adresse": WORD}, 405))
    silent(alice.get("/accueil", 421, Host=f"{WORD}.fr"))


@pytest.mark.parametrize(("kind", "body"), [
    ("multipart/form-data; boundary=x", f"--x\r\n{WORD}"), ("multipart/form-data", WORD), (WORD, WORD),
    ("application/x-www-form-urlencoded; charset=" + WORD, f"adresse={WORD}&%ff={WORD}"), ("text/plain", WORD)])
def test_a_body_that_cannot_be_read_is_not_repeated(alice: Client, kind: str, body: str) -> None:
    response = alice.http.post("/compte", content=body, headers={
        "Content-Type": kind, "Sec-Fetch-Site": "same-origin", "Origin": alice.app.state.settings.origin})
    assert 400 <= response.status_code < 500
    assert not any(part in f"{response.text}\n{response.headers}" for part in WORD.split("-"))


@pytest.mark.parametrize("cookie", [WORD, f"{WORD}.{WORD}"])
def test_a_cookie_that_is_nobodys_is_not_repeated(client: Client, cookie: str) -> None:
    client.http.cookies.set("__Host-session", cookie, domain="portail.test")
    silent(client.get("/connexion"))


def test_an_error_of_the_portal_says_its_own_words_alone(alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal is a sentence of the program: what caused it stays behind."""
    def broken(*_: object) -> int:
        raise NotFound from ValueError(WORD)

    monkeypatch.setattr(BROKEN, broken)
    silent(alice.get("/accueil", 404))


def test_the_wall_of_logs_stands_here_too() -> None:
    assert logging.getLogger("portal.erreur").isEnabledFor(logging.DEBUG)
