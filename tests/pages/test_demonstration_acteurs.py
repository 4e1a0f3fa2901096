"""The demonstration's door to the other actors: each lands in his own space; no other portal has this page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette

from portal.app import create_app
from portal.db import database
from portal.demonstration import comptes, espaces, etablissements, routes, usagers
from portal.routes import pages
from portal.settings import Settings, load
from tests.support.client import Client


@pytest.fixture
def peopled(furnished_settings: Settings) -> Iterator[Starlette]:
    portal = create_app(furnished_settings)
    database.connect()
    for part in (comptes, etablissements, espaces, usagers):
        part.ensure()
    yield portal
    database.close()


@pytest.mark.parametrize(("nom", "home"), [
    ("Claire DUBOIS", "/espaces/etablissement"), ("Paul ROY", "/espaces/etablissement"),
    ("Léa MARTEL", "/espaces/coordination"), ("Noé PETIT", "/espaces/coordination")])
def test_each_lands_in_the_space_of_his_structure(peopled: Starlette, nom: str, home: str) -> None:
    with Client(peopled) as client:
        page = client.get("/demonstration/acteurs")
        card = next(form for form in page.soup.select("form[action='/demonstration/acteurs']") if nom in form.text)
        key = card.select_one("[name=acteur]")["value"]
        assert client.post("/demonstration/acteurs", {"acteur": key}).location == "/espaces"
        assert client.get("/espaces", 303).location == home
        assert nom in client.get(home).text


def test_a_relative_lands_on_her_dossier(peopled: Starlette) -> None:
    with Client(peopled) as client:
        page = client.get("/demonstration/acteurs")
        keys = [field["value"] for field in page.soup.select("[name=acteur]") if field["value"].startswith("U")]
        assert client.post("/demonstration/acteurs", {"acteur": keys[0]}).location == "/espaces/usager/dossier"
        client.get("/espaces/usager/dossier")


def test_nobody_else_s_place_can_be_taken(peopled: Starlette) -> None:
    with Client(peopled) as client:
        for key in ("", "bob.durand@exemple.fr", "U99999999999", "x" * 5000):
            client.post("/demonstration/acteurs", {"acteur": key}, 404)


@pytest.mark.proves("V15.2.3")
def test_no_other_portal_has_this_door() -> None:
    real = {page.path for page in pages(load({}, otp_mode="on"))}
    assert not real & {page.path for page in routes.PAGES}
