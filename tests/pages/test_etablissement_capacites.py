"""What a sanitaire unit takes, declared on its own sheet and shown on the public one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette

from portal.annuaire import unites
from portal.annuaire.capacites import Capacites
from portal.annuaire.models import Etablissement, Unite
from portal.db.audit import Trace
from tests.support import espaces
from tests.support.client import Client

SHEET = "/espaces/etablissement/fiche"


@pytest.fixture
def place(opened_app: Starlette) -> Etablissement:
    return espaces.etablissement("HAD du Bocage", genre="had")


@pytest.fixture
def browser(opened_app: Starlette, place: Etablissement) -> Iterator[Client]:
    with Client(opened_app) as client:
        yield espaces.member(client, espaces.structure(nom="HAD du Bocage", etablissement_id=place.id), "referent")


def unit(place: Etablissement) -> int:
    found: int = Unite.get(Unite.etablissement_id == place.id).id
    return found


def sheet(place: Etablissement, **fields: Any) -> dict[str, Any]:
    own = {f"{name}-{unit(place)}": value for name, value in fields.items()}
    return {"version": Etablissement.get_by_id(place.id).version} | own


def said(place: Etablissement) -> Capacites | None:
    return unites.declared([unit(place)]).get(unit(place))


def test_a_unit_declares_what_it_takes_and_the_public_sheet_says_it(browser: Client, place: Etablissement) -> None:
    browser.follow(browser.post(SHEET, sheet(
        place, declare="oui", modes=["m14", "m04", "inconnu"], isolements="contact", age_min="18", zone="35")))
    assert said(place) == Capacites(modes=("m04", "m14"), isolements=("contact",), age_min=18, zone=35)
    assert f"capacites:{unit(place)}" in Trace.select().order_by(Trace.id.desc()).get().detail
    public = browser.get(f"/annuaire/etablissements/{place.finess}").text
    for words in ("04 Soins palliatifs", "À partir de 18 ans", "Jusqu’à 35 km"):
        assert words in public
    ticked = {box["value"] for box in browser.get(SHEET).soup.select("input[name^=modes-][checked]")}
    assert ticked == {"m04", "m14"}


def test_a_declaration_is_taken_back(browser: Client, place: Etablissement) -> None:
    browser.post(SHEET, sheet(place, declare="oui", modes=["m04"]))
    browser.post(SHEET, sheet(place, modes=["m04"]))
    assert said(place) is None


@pytest.mark.parametrize(("fields", "message"), [
    ({"modes": ["m04"]}, "Nous déclarons"),
    ({"declare": "oui", "zone": "201"}, "de 0 à 200"), ({"declare": "oui", "zone": "9" * 400}, "de 0 à 200"),
    ({"declare": "oui", "age_min": "-1"}, "de 0 à 120"), ({"declare": "oui", "age_min": "\u0661\u0662"}, "de 0 à 120"),
    ({"declare": "oui", "age_min": "75", "age_max": "18"}, "inférieur"),
    ({"declare": "oui", "age_max": "😀"}, "de 0 à 120"),
])
def test_a_wrong_declaration_is_said_keeps_what_was_typed_and_changes_nothing(
        browser: Client, place: Etablissement, fields: dict[str, Any], message: str) -> None:
    page = browser.post(SHEET, sheet(place, **fields), 422)
    assert any(message in words for words in page.errors), page.errors
    assert said(place) is None
    ticked = [box["value"] for box in page.soup.select("input[name^=modes-][checked]")]
    assert ticked == fields.get("modes", [])
    for name in ("age_min", "age_max", "zone"):
        assert page.soup.select_one(f"#{name}-{unit(place)}").get("value", "") == fields.get(name, "")
