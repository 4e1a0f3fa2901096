"""A birth place as it is typed: a commune, a country, a former commune, or an INSEE code of any of them."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from portal.annuaire import queries
from portal.annuaire.routes import PAGES
from portal.settings import load
from portal.web import render


@pytest.mark.parametrize(("text", "label"), [
    ("Caen", "CAEN (14118)"), ("caen", "CAEN (14118)"), ("14118", "CAEN (14118)"), ("Caen (14118)", "CAEN (14118)"),
    ("14000 Caen", "CAEN (14118)"), ("Saint-Denis (93)", "SAINT-DENIS (93066)"),
    ("St Denis 974", "SAINT-DENIS (97411)"), ("Ajaccio (2A)", "AJACCIO (2A004)"), ("2b033", "BASTIA (2B033)"),
    ("Algérie", "ALGÉRIE (99352)"), ("ALGERIE", "ALGÉRIE (99352)"), ("99350", "MAROC (99350)"),
    ("Angleterre", "ROYAUME-UNI (99132)"), ("URSS", "RUSSIE (99123)"), ("Chypre", "CHYPRE (99254)"),
    ("Chypre (avant 1994)", "CHYPRE (AVANT 1994) (99143)"), ("Paris", "PARIS (75056)"),
    ("Lyon 3e", "LYON 3E (69383)"), ("75112", "PARIS 12E (75112)"),
    ("Honguemare-Guenouville", "HONGUEMARE-GUENOUVILLE (27340)"),
])
def test_a_place_is_known_by_its_name_or_its_code(text: str, label: str) -> None:
    lieu = queries.birthplace(text).lieu
    assert lieu is not None and lieu.label == label and lieu.connu


@pytest.mark.parametrize("text", [
    "Caen", "Saint-Denis (93)", "Côte d’Ivoire", "Chypre (avant 1994)", "Paris", "Marseille 2e", "2A004", "14999",
    "L'Haÿ-les-Roses", "Bonaire, Saint-Eustache, Saba",
])
def test_what_the_form_shows_again_means_the_same_place(text: str) -> None:
    lieu = queries.birthplace(text).lieu
    assert lieu is not None and queries.birthplace(lieu.label).lieu == lieu


def test_the_code_of_a_commune_that_is_no_more_is_kept_as_typed() -> None:
    lieu = queries.birthplace("14999").lieu
    assert lieu is not None and (lieu.insee, lieu.nom, lieu.connu) == ("14999", "", False)


@pytest.mark.parametrize(("text", "message"), [
    ("Zzyzx", "introuvable"), ("00000", "introuvable"), ("20004", "introuvable"), ("99999", "code de pays"),
    ("Saint-Denis", "un seul lieu"), ("Grenade", "un seul lieu"), ("99352 Caen", "un seul lieu"),
    ("14999 Caen", "un seul lieu"), ("x" * 200, "introuvable"), ("😀", "introuvable"), ("٩٩٣٥٢", "introuvable"),
    ("1" * 80, "un seul lieu"),
])
def test_what_names_no_place_is_told(text: str, message: str) -> None:
    found = queries.birthplace(text)
    assert found.lieu is None and message in found.error


def test_a_commune_and_a_country_of_one_name_are_both_offered() -> None:
    assert {lieu.insee for lieu in queries.birthplace("Grenade").suggestions} == {"99435", "31232"}


def test_every_country_is_found_by_each_of_its_names() -> None:
    for line in queries.COUNTRIES.read_text("utf-8").splitlines():
        code, _, names = line.partition(";")
        for name in names.split("|"):
            found = queries.birthplace(name)
            lieux = [found.lieu] if found.lieu else found.suggestions
            assert code in [lieu.insee for lieu in lieux], name


@pytest.mark.parametrize(("typed", "offered"), [
    ("alg", "ALGÉRIE (99352)"), ("cae", "CAEN (14118)"), ("paris", "PARIS (75056)"), ("mar", "MARSEILLE 1ER (13201)"),
    ("mar", "MAROC (99350)"), ("14118", "CAEN (14118)"), ("99352", "ALGÉRIE (99352)")])
def test_places_are_offered_while_typing(typed: str, offered: str) -> None:
    labels = [lieu.label for lieu in queries.find_places(typed)]
    assert offered in labels and len(labels) <= queries.CHOICES


def test_the_list_comes_without_a_session() -> None:
    app = Starlette(routes=[page.route() for page in PAGES])
    app.state.settings, app.state.jinja = load({}), render.environment(load({}))
    answer = TestClient(app).get("/annuaire/lieux", params={"naissance_lieu": "tunis"})
    assert 'id="naissance_lieu-lieux"' in answer.text and "TUNISIE (99351)" in answer.text
