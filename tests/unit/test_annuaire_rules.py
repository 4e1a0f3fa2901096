"""A town as it is typed, compared and shown."""

from __future__ import annotations

import pytest

from portal.annuaire.rules import Commune, Typed, key, read


@pytest.mark.parametrize(("text", "compared"), [
    ("Caen", "caen"),
    ("L'Haÿ-les-Roses", "l hay les roses"),
    ("L’HAY LES ROSES", "l hay les roses"),
    ("St-Lô", "saint lo"),
    ("Ste Mère Église", "sainte mere eglise"),
    ("Stes-Maries-de-la-Mer", "saintes maries de la mer"),
    ("Œuilly", "oeuilly"),
    ("Strasbourg", "strasbourg"),
    ("  ", ""),
    ("😀", ""),
])
def test_names_are_compared_without_accents_case_and_signs(text: str, compared: str) -> None:
    assert key(text) == compared


@pytest.mark.parametrize(("text", "code", "words"), [
    ("14000 Caen", "14000", "caen"),
    ("CAEN 14000", "14000", "caen"),
    ("Caen (14000)", "14000", "caen"),
    ("14 000 Caen", "14000", "caen"),
    ("140", "140", ""),
    ("14033 CAEN CEDEX 9", "14033", "caen"),
    ("Paris 11 75011", "75011", "paris 11"),
    ("2A004", "", "2a004"),
    ("", "", ""),
])
def test_postal_code_and_name_are_found_in_any_order(text: str, code: str, words: str) -> None:
    typed = read(text)
    assert isinstance(typed, Typed)
    assert (typed.code, typed.words) == (code, words)


def test_a_town_is_written_as_on_an_envelope_and_as_in_a_sentence() -> None:
    town = Commune("61483", "Bagnoles de l'Orne Normandie", "61140")
    assert town.label == "61140 BAGNOLES DE L'ORNE NORMANDIE"
    assert town.nice == "Bagnoles de l’Orne Normandie (61140)"
    assert Commune("50502", "Saint-Lô", "50000").label == "50000 SAINT-LÔ"
