"""The completion's fragment and the field that asks for it."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup, Tag
from jinja2 import Environment
from starlette.applications import Starlette
from starlette.testclient import TestClient

from portal.annuaire import queries
from portal.annuaire.routes import PAGES
from portal.settings import load
from portal.web import render

FIELD = """{% from "annuaire/champ_ville.html" import champ_ville %}{{ champ_ville("ville", value, error, found) }}"""


@pytest.fixture(scope="module")
def environment() -> Environment:
    return render.environment(load({}))


@pytest.fixture(scope="module")
def visitor(environment: Environment) -> TestClient:
    """Someone without a session, on a portal that has this feature only and no database."""
    app = Starlette(routes=[page.route() for page in PAGES])
    app.state.settings, app.state.jinja = load({}), environment
    return TestClient(app)


def field(environment: Environment, value: str = "", error: str = "") -> BeautifulSoup:
    found = queries.suggest(value) if error else []
    return BeautifulSoup(environment.from_string(FIELD).render(value=value, error=error, found=found), "html.parser")


def one(soup: BeautifulSoup, selector: str) -> Tag:
    found = soup.select(selector)
    assert len(found) == 1, selector
    return found[0]


def test_towns_are_offered_to_whoever_types(visitor: TestClient) -> None:
    answer = visitor.get("/annuaire/communes", params={"champ": "ville", "ville": "st lo"})
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    soup = BeautifulSoup(answer.text, "html.parser")
    assert one(soup, "#ville-communes")["data-etat"] == "8 communes proposées"
    assert soup.select("[role=option]")[0].get_text() == "50000 SAINT-LÔ"


def test_the_field_may_have_another_name(visitor: TestClient) -> None:
    answer = visitor.get("/annuaire/communes", params={"champ": "ville_exercice", "ville_exercice": "14000 caen"})
    soup = BeautifulSoup(answer.text, "html.parser")
    assert one(soup, "#ville_exercice-communes")["data-etat"] == "1 commune proposée"


@pytest.mark.parametrize("query", [
    "", "?ville=", "?ville=%F0%9F%98%80", "?champ=%22%3E%3Cb%3E&ville=zzzzzz", "?champ=absent", "?ville=%00%ff",
])
def test_odd_questions_get_an_empty_list(visitor: TestClient, query: str) -> None:
    answer = visitor.get(f"/annuaire/communes{query}")
    soup = BeautifulSoup(answer.text, "html.parser")
    assert answer.status_code == 200
    assert not soup.select("[role=option], b") and len(soup.select("[role=listbox]")) == 1


def test_the_answer_replaces_the_list_of_the_page(visitor: TestClient, environment: Environment) -> None:
    """Same root in the page and in the answer, and the field points to it."""
    soup = field(environment)
    empty = BeautifulSoup(visitor.get("/annuaire/communes?ville=").text, "html.parser")
    assert str(one(soup, "[role=listbox]")) == str(one(empty, "[role=listbox]"))
    typed = one(soup, "input")
    assert typed["hx-target"] == f"#{typed['data-completion']}" == "#ville-communes"
    assert one(soup, f"label[for={typed['id']}]")


def test_a_refused_text_is_kept_with_choices_that_replace_it(environment: Environment) -> None:
    """The choices have the field's name and come after it: the form's last value is the one picked."""
    soup = field(environment, "14000 Rouen", queries.UNCLEAR)
    typed = one(soup, "input[type=text]")
    assert typed["value"] == "14000 Rouen" and typed["aria-invalid"] == "true"
    for name in str(typed["aria-describedby"]).split():
        assert one(soup, f"#{name}").get_text(strip=True)
    choices = soup.select("input[name=ville]")[1:]
    assert "14000 CAEN" in [choice["value"] for choice in choices]
    assert all(queries.parse(str(choice["value"])) for choice in choices)


def test_the_field_without_error_has_no_choice(environment: Environment) -> None:
    soup = field(environment, "14000 CAEN")
    assert not soup.select("fieldset, [aria-invalid]")
    assert one(soup, "input")["aria-describedby"] == "ville-aide"
