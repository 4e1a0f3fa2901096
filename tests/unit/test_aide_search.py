"""The help's search: what physicians type must find the section that answers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.aide.rules import Entry, Index, fold, marked, stem, terms

CARTE, COMPTE = ("connexion/carte", "Ma carte ne passe pas"), ("compte", "Mon compte")
DOSSIERS = ("dossiers", "Mes dossiers")
SECTIONS = [
    (*CARTE, "carte-bloquee", "Carte bloquée",
     "Trois codes porteurs faux de suite : la carte s’est bloquée pour vous protéger."),
    (*CARTE, "carte-absente", "Carte absente", "Le lecteur est là, mais il est vide. Insérez la carte."),
    (*COMPTE, "mot-de-passe", "Mon mot de passe", "8 caractères minimum, dont 1 majuscule."),
    (*COMPTE, "courriel", "Mon adresse électronique", "Un courriel vous est envoyé avec un lien."),
    (*DOSSIERS, "refuser", "Refuser un dossier", "Vous ne verrez pas son contenu."),
    (*DOSSIERS, "hors-patientele", "Hors patientèle", "Les dossiers refusés s’y retrouvent."),
    (*DOSSIERS, "sanitaire", "Le module sanitaire", "Demandes en SMR (ex-SSR), en HAD. <b>Gras & co</b>"),
]
INDEX = Index(Entry(page, f"/aide/{page}/", page_title, anchor, title, text)
              for page, page_title, anchor, title, text in SECTIONS)


@pytest.mark.parametrize(("query", "anchor"), [
    ("carte bloquée", "carte-bloquee"),
    ("cartes bloquees", "carte-bloquee"),
    ("CARTE BLOQUÉE", "carte-bloquee"),
    ("ma carte s’est bloquée !", "carte-bloquee"),
    ("bloquer", "carte-bloquee"),
    ("mot de passe", "mot-de-passe"),
    ("mots de passe", "mot-de-passe"),
    ("mdp", "mot-de-passe"),
    ("refuser un dossier", "refuser"),
    ("refus", "refuser"),
    ("mail", "courriel"),
    ("hors patientele", "hors-patientele"),
    ("lect", "carte-absente"),
    ("SSR", "sanitaire"),
])
def test_first_answer(query: str, anchor: str) -> None:
    assert INDEX.search(query).found[0].entry.anchor == anchor


def test_a_title_wins_over_a_text() -> None:
    found = INDEX.search("dossier refusé").found
    assert [one.entry.anchor for one in found] == ["refuser", "hors-patientele"]


def test_all_words_or_the_nearest_with_a_word_of_warning() -> None:
    whole, near = INDEX.search("carte lecteur"), INDEX.search("carte zzzz")
    assert [one.entry.anchor for one in whole.found] == ["carte-absente"] and not whole.partial
    assert near.partial and {one.entry.anchor for one in near.found} >= {"carte-bloquee", "carte-absente"}


def test_a_typing_mistake_is_answered_by_the_word_of_the_help() -> None:
    results = INDEX.search("pasientele")
    assert results.found[0].entry.anchor == "hors-patientele"
    assert "patientèle" in results.suggestions


@pytest.mark.parametrize("query", ["", "?", "zzzz", "«»", "' OR ''='", "x" * 5000])
def test_nothing_found_is_no_error(query: str) -> None:
    assert INDEX.search(query).found == []


@pytest.mark.parametrize(("left", "right"), [
    ("bloquée", "bloquees"), ("bloquer", "bloqué"), ("cartes", "carte"), ("libéraux", "libéral"),
    ("dossiers", "dossier"), ("patientes", "patient"), ("acceptée", "accepter"), ("niveaux", "niveau"),
])
def test_forms_of_a_word_share_their_stem(left: str, right: str) -> None:
    assert stem(fold(left)) == stem(fold(right))


@pytest.mark.parametrize(("left", "right"), [("carte", "charte"), ("code", "compte"), ("lien", "lié")])
def test_different_words_keep_their_distance(left: str, right: str) -> None:
    assert stem(fold(left)) != stem(fold(right))


@given(st.text(max_size=300), st.text(max_size=60))
def test_marking_loses_no_character(text: str, query: str) -> None:
    assert "".join(piece for piece, _ in marked(text, terms(query))) == text


@given(st.text(max_size=60))
def test_any_query_is_answered(query: str) -> None:
    for result in INDEX.search(query).found:
        assert result.href.startswith("/aide/")
        assert "".join(piece for piece, _ in result.title) == result.entry.title


def test_markup_in_a_text_stays_text() -> None:
    (result,) = INDEX.search("gras").found
    assert ("Gras", True) in result.excerpt
    assert "<b>" in "".join(piece for piece, _ in result.excerpt)
