"""The table of communes: completion, and the exact check of a form."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.annuaire import queries
from portal.annuaire.queries import check, find, parse, suggest
from portal.annuaire.rules import Commune, key

LINES = queries._table().strip("\n").split("\n")


@pytest.mark.parametrize(("typed", "first"), [
    ("Caen", "14000 CAEN"),
    ("cae", "14000 CAEN"),
    ("14000", "14000 CAEN"),
    ("140", "14000 CAEN"),
    ("14000 Ca", "14000 CAEN"),
    ("bagnoles de l orne", "61140 BAGNOLES DE L'ORNE NORMANDIE"),
    ("St-Lô", "50000 SAINT-LÔ"),
    ("saint lo", "50000 SAINT-LÔ"),
    ("str", "67000 STRASBOURG"),
    ("L'Haÿ", "94240 L'HAŸ-LES-ROSES"),
    ("hay les", "94240 L'HAŸ-LES-ROSES"),
    ("75011", "75011 PARIS"),
    ("69003", "69003 LYON"),
    ("paris 11", "75011 PARIS"),
    ("lyon 3e", "69003 LYON"),
    ("2A004", "20000 AJACCIO"),
    ("20000", "20000 AJACCIO"),
    ("97400", "97400 SAINT-DENIS"),
    ("Bellegarde-sur-Valserine", "01200 VALSERHÔNE"),
])
def test_completion_offers_first_what_is_meant(typed: str, first: str) -> None:
    assert find(typed)[0].label == first


@pytest.mark.parametrize("typed", ["", "   ", "😀", "Zzyzx", "99999", "-'’()", "_", ",", "\n"])
def test_nothing_is_offered_for_what_names_no_town(typed: str) -> None:
    assert find(typed) == []


def test_exact_names_come_before_beginnings_and_beginnings_before_later_words() -> None:
    names = [key(town.nom) for town in find("orne", 40)]
    starts = [name.startswith("orne") for name in names]
    assert starts == sorted(starts, reverse=True) and not all(starts)
    assert find("eu")[0].nom == "Eu"


def test_large_towns_come_first() -> None:
    assert find("saint")[0].nom == "Saint-Étienne"
    assert find("76")[0].nom == "Le Havre"


def test_completion_is_short_and_without_doubles() -> None:
    found = find("saint")
    assert len(found) == len(set(found)) == queries.CHOICES
    assert len(find("paris", 21)) == 21


@pytest.mark.parametrize(("typed", "insee"), [
    ("14000 Caen", "14118"),
    ("CAEN 14000", "14118"),
    ("Caen (14000)", "14118"),
    ("14 000 caen", "14118"),
    ("14000", "14118"),
    ("Caen", "14118"),
    ("61140 BAGNOLES DE L'ORNE", "61483"),
    ("61140 bagnoles de l’orne normandie", "61483"),
    ("50000 st lo", "50502"),
    ("94240 Hay les Roses", "94038"),
    ("75011 Paris", "75111"),
    ("75011 Paris 11e", "75111"),
    ("69003 LYON", "69383"),
    ("20000 Ajaccio", "2A004"),
    ("97400 Saint-Denis", "97411"),
    ("01200 Bellegarde-sur-Valserine", "01033"),
])
def test_a_form_accepts_a_town_named_without_doubt(typed: str, insee: str) -> None:
    found = parse(typed)
    assert found is not None and found.insee == insee


@pytest.mark.parametrize(("typed", "offered"), [
    ("Paris", "75015 PARIS"),
    ("75000 Paris", "75015 PARIS"),
    ("Saint-Denis", "93200 SAINT-DENIS"),
    ("14000 Rouen", "14000 CAEN"),
    ("14000 Rouen", "76000 ROUEN"),
    ("14033 CAEN CEDEX 9", "14000 CAEN"),
    ("14000 Ca", "14000 CAEN"),
    ("Bagnoles", "61140 BAGNOLES DE L'ORNE NORMANDIE"),
    ("Bagnolles de l'Orne", "61140 BAGNOLES DE L'ORNE NORMANDIE"),
])
def test_a_doubt_is_refused_with_the_towns_it_may_mean(typed: str, offered: str) -> None:
    outcome = check(typed)
    assert outcome.commune is None and outcome.error == queries.UNCLEAR
    assert offered in [town.label for town in outcome.suggestions]
    assert len(outcome.suggestions) <= queries.MAX_SUGGESTIONS


def test_same_department_is_suggested_first() -> None:
    assert suggest("93000 Saint-Denis")[0].code_postal == "93200"


def test_a_form_says_what_is_missing_or_unknown() -> None:
    assert check("  ").error == queries.EMPTY
    assert check("99999 Zzyzx").error == queries.UNKNOWN
    assert check("😀" * 40).suggestions == []


@pytest.mark.parametrize("typed", ["x" * 10_000, "14000 Caen " * 1_000, "1 " * 5_000, "saint " * 2_000])
def test_a_long_text_is_bounded(typed: str) -> None:
    start = time.perf_counter()
    assert parse(typed) is None
    find(typed)
    suggest(typed)
    assert time.perf_counter() - start < 0.5


@pytest.mark.proves("V1.2.9")
@given(st.text(max_size=120) | st.text("0123456789 -'aeist_,\n", max_size=60))
def test_no_text_breaks_a_question(text: str) -> None:
    assert len(find(text)) <= queries.CHOICES
    outcome = check(text)
    assert (outcome.commune is None) == bool(outcome.error)


def test_every_town_is_read_back_from_both_its_forms() -> None:
    """One town in a hundred here; the next test shows why none of the others can differ."""
    for line in LINES[::97]:
        code, _, insee, nom = line.split(",")
        town = Commune(insee, nom, code)
        assert parse(town.label) == town
        assert parse(town.nice) == town


def test_a_postal_code_has_each_official_name_once() -> None:
    """So every label names exactly one commune: ``parse`` looks for the official name in its postal code."""
    official = {tuple(line.split(",")) for line in LINES if queries._is_official(line.split(","))}
    assert len({(code, compared) for code, compared, _, _ in official}) == len(official)
    communes = {(code, insee, nom) for code, _, insee, nom in (line.split(",") for line in LINES)}
    assert communes == {(code, insee, nom) for code, _, insee, nom in official}
    assert len(communes) > 35_000


def test_table_is_what_the_queries_expect() -> None:
    for line in LINES:
        code, compared, insee, nom = line.split(",")
        assert len(code) == 5 and code.isdigit() and len(insee) == 5 and nom
        assert compared[0] == compared[-1] == "_" and compared.strip("_").replace("_", "").isalnum()


def test_overseas_and_corsica_are_there() -> None:
    insee = {line.split(",")[2][:3] for line in LINES}
    assert insee.issuperset(["2A0", "2B0", "971", "972", "973", "974", "975", "976", "977", "978", "987", "988"])


def test_answers_come_while_typing() -> None:
    typed = ["Caen", "14000 Ca", "1 saint", "97 s", "st", "bagnoles de l orne", "Zzyzx"]
    start = time.perf_counter()
    for text in typed:
        find(text)
    assert (time.perf_counter() - start) / len(typed) < 0.05
