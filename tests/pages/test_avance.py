"""What is asked for before anybody goes there leaves no trace, and is given only where a visit would leave none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette

from portal import clock
from portal.db import database
from portal.db.audit import Actor
from portal.db.base import db
from portal.dossiers import commands
from portal.dossiers.models import Dossier
from portal.routes import pages
from portal.settings import load
from portal.web.session import TOUCH_EVERY
from tests.acces.adresses import filled
from tests.pages.test_audit_lectures import visitors
from tests.support.client import HTMX, Client
from tests.support.people import LEROUX, account

ALICE = 10100000011
TABLE = "/dossiers/grand-age"
AHEAD = HTMX | {"HX-Preloaded": "true", "HX-Target": "section#resultats"}
PAGES = [page for page in pages(load({}, demonstration=True)) if page.get]


@pytest.fixture
def leroux(client: Client) -> Iterator[Dossier]:
    """Mme LEROUX's dossier, Alice's."""
    database.connect()
    with database.writing():
        made = commands.create(Actor(ALICE, "Dr Alice MARTIN", "cps"), "ga", LEROUX)
    yield made
    database.close()


def everything() -> dict[str, list[str]]:
    """Each row of each table."""
    return {name: sorted(map(repr, db.execute_sql(f'SELECT * FROM "{name}"').fetchall()))
            for name in db.get_tables() if not name.startswith("sqlite_")}


@pytest.mark.proves("D5", "V7.3.1", "V16.3.2")
def test_no_page_asked_for_ahead_changes_a_row(app: Starlette, leroux: Dossier) -> None:
    """Neither the audit, nor what was read, nor when somebody was last seen: for each page and each kind of reader."""
    given = set()
    for client, demande in visitors(app, leroux):
        for late in (False, True):
            with clock.freeze(clock.now() + TOUCH_EVERY * (2 if late else 0)):
                before = everything()
                for page in PAGES:
                    answer = client.http.get(filled(page, leroux.numero, demande), headers=AHEAD)
                    assert "set-cookie" not in answer.headers, page.name
                    assert everything() == before, page.name
                    if answer.status_code != 204:
                        assert not late, page.name
                        given.add(page.name)
    assert given == {page.name for page in PAGES if page.ahead}


@pytest.mark.parametrize("headers", [
    {"Sec-Purpose": "prefetch"}, {"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"}, {"X-Moz": "prefetch"}])
def test_a_browser_that_prepares_a_page_of_itself_opens_no_dossier(
        leroux: Dossier, client: Client, headers: dict[str, str]) -> None:
    client.login(ALICE)
    before = everything()
    answer = client.http.get(f"{TABLE}/{leroux.numero}", headers=headers)
    assert (answer.status_code, answer.text) == (403, "") and everything() == before


def test_the_table_asked_for_ahead_is_the_one_that_a_visit_shows(leroux: Dossier, client: Client) -> None:
    client.login(ALICE, compte_id=account(ALICE))
    ahead, visit = client.get(TABLE, htmx="resultats", **{"HX-Preloaded": "true"}), client.get(TABLE, htmx="resultats")
    assert ahead.html == visit.html and "LEROUX" in ahead.html


def test_who_may_not_see_the_table_gets_nothing_ahead(leroux: Dossier, client: Client) -> None:
    """Neither the way to the login, nor that there is one."""
    answer = client.http.get(TABLE, headers=AHEAD)
    assert (answer.status_code, answer.text, answer.headers.get("location")) == (204, "", None)


def test_a_number_looked_for_ahead_is_not_told(leroux: Dossier, client: Client) -> None:
    """A search that a visit records is not answered unseen."""
    client.login(ALICE)
    before = everything()
    assert client.http.get(f"/dossiers/recherche?numero={leroux.numero}", headers=AHEAD).status_code == 204
    assert everything() == before
