"""A tab of the table is answered without a worker thread, and by the same rules."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from portal import clock
from portal.db import database
from portal.db.base import rows
from portal.demonstration import dossiers as demonstration
from portal.settings import Settings
from portal.web import handlers
from tests.support.client import Client

ALICE = demonstration.ALICE
TABLE = "/dossiers/grand-age"


@pytest.fixture
def settings(furnished_settings: Settings) -> Settings:
    return furnished_settings


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The pages that went to a worker thread."""
    seen: list[str] = []
    real = handlers.run_in_threadpool

    async def counted(function: Any, *args: Any) -> Any:
        seen.append(args[0].name if isinstance(args[0], handlers.Page) else "")
        return await real(function, *args)

    monkeypatch.setattr(handlers, "run_in_threadpool", counted)
    return seen


@pytest.mark.sqlite
@pytest.mark.parametrize(("address", "promptly"), [
    (TABLE, True), (f"{TABLE}?onglet=admis&tri=-patient", True), (f"{TABLE}?apres=43009190", True),
    (f"{TABLE}?q=jean", False), (f"{TABLE}?statut=transmise", False), (f"{TABLE}?attente=1", False),
    ("/dossiers/recherche", False)])
def test_what_reads_a_few_rows_goes_to_no_thread(
        client: Client, threads: list[str], address: str, promptly: bool) -> None:
    client.login(ALICE)
    client.get(address)
    assert (threads == []) is promptly


@pytest.mark.parametrize("htmx", [False, "resultats"])
def test_either_way_gives_the_same_answer(
        client: Client, monkeypatch: pytest.MonkeyPatch, htmx: bool | str) -> None:
    client.login(ALICE)
    with clock.freeze(clock.now()):
        promptly = client.get(TABLE, htmx=htmx)
        monkeypatch.setattr(database, "prompt", lambda: False)
        by_thread = client.get(TABLE, htmx=htmx)
    assert promptly.html == by_thread.html
    volatile = {"x-request-id", "date"}
    assert {k: v for k, v in promptly.headers.items() if k not in volatile} == {
        k: v for k, v in by_thread.headers.items() if k not in volatile}


def test_a_table_prolongs_the_session_as_any_page_does(client: Client) -> None:
    client.login(ALICE)
    for minutes in (29, 58):
        with clock.shift(timedelta(minutes=minutes)):
            assert client.get(TABLE).headers["x-session-fin"] is not None
            assert rows("SELECT last_seen FROM session")[0][0] / 1000 == pytest.approx(
                clock.now().timestamp(), abs=20)
    with clock.shift(timedelta(minutes=58 + 31)):
        assert client.get(TABLE, 303).location.startswith("/connexion?")


@pytest.mark.proves("V8.3.1")
def test_the_door_is_asked_first(client: Client, threads: list[str]) -> None:
    assert client.get(TABLE, 303).location.startswith("/connexion?")
    client.login(ALICE)
    client.get("/dossiers/nulle-part", 404)
    client.get(TABLE)
    with database.writing():
        rows("DELETE FROM session RETURNING key")
    assert client.get(TABLE, 303).location.startswith("/connexion?")
