"""The rules of dossiers: numbers, link machine, tabs, statuses, words."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.dossiers import rules
from portal.dossiers.rules import MODULES, Numero

SPACES = st.sampled_from(["", " ", "\u00a0", "\u202f", "  "])

LINK_STATES = ("attente", "accepte", "refuse", "retire")


@pytest.mark.parametrize("text", [
    "ga43009190", "GA 43009190", "43009190", "43 009 190", "ga\u00a043009190", "Ga 43\u202f009\u202f190",
    " n° 43009190 ", "43.009.190",
])
def test_a_number_is_read_however_it_is_written(text: str) -> None:
    assert rules.parse_numero(text) == Numero("ga", 43009190)


@pytest.mark.parametrize(("text", "expected"), [
    ("s 2031400", Numero("s", 2031400)), ("2031400", Numero("s", 2031400)), ("tnd 100234", Numero("tnd", 100234)),
    ("100234", Numero("tnd", 100234)),
    ("ga 2031400", Numero(None, 2031400)), ("s 43009190", Numero(None, 43009190)), ("12", Numero(None, 12)),
    ("03009190", Numero(None, 3009190)),
])
def test_the_length_decides_and_a_wrong_prefix_names_no_module(text: str, expected: Numero) -> None:
    assert rules.parse_numero(text) == expected


@pytest.mark.parametrize("text", ["", "rocky", "ga", "ga 43009190 x", "4300919O", "1" * 40, "٤٣٠٠٩١٩٠", "-", "n°"])
def test_what_is_no_number_is_refused(text: str) -> None:
    assert rules.parse_numero(text) is None


@given(st.sampled_from(list(MODULES.values())), st.data(), SPACES, st.booleans(), st.booleans())
def test_a_printed_number_reads_back(module: rules.Module, data: st.DataObject, space: str, upper: bool,
                                     prefixed: bool) -> None:
    value = data.draw(st.integers(10 ** (module.digits - 1), 10**module.digits - 1))
    text = rules.format_numero(module.code, value) if prefixed else str(value)
    text = text.replace(" ", space)
    assert rules.parse_numero(text.upper() if upper else text) == Numero(module.code, value)


@given(st.text(max_size=30))
def test_any_text_is_read_without_error(text: str) -> None:
    found = rules.parse_numero(text)
    assert found is None or found.value >= 0


def test_numbers_of_two_modules_never_have_the_same_length() -> None:
    assert len({module.digits for module in MODULES.values()}) == len(MODULES)


# --- the link machine

def test_each_arrow_is_unique_and_between_known_states() -> None:
    keys = [(arrow.source, arrow.event) for arrow in rules.TRANSITIONS]
    assert len(keys) == len(set(keys))
    for arrow in rules.TRANSITIONS:
        assert arrow.target in LINK_STATES
        assert arrow.source is None or arrow.source in LINK_STATES


@pytest.mark.proves("V2.3.1")
@pytest.mark.parametrize(("source", "event", "target"), [
    ("attente", "accepter", "accepte"), ("attente", "refuser", "refuse"), ("refuse", "retablir", "attente"),
    ("refuse", "accepter", "accepte"), ("accepte", "retirer", "refuse"),
])
def test_what_a_physician_may_do(source: str, event: str, target: str) -> None:
    arrow = rules.transition(source, event, "medecin")
    assert arrow is not None and arrow.target == target


@pytest.mark.parametrize("event", ["accepter", "refuser", "retablir", "retirer", "designer", "remplacer"])
def test_a_physician_can_do_nothing_once_another_is_named(event: str) -> None:
    assert rules.transition("retire", event, "medecin") is None


@pytest.mark.parametrize("state", [None, *LINK_STATES])
def test_only_the_referent_names_physicians(state: str | None) -> None:
    for event in ("designer", "remplacer"):
        assert rules.transition(state, event, "medecin") is None
    for event in ("accepter", "refuser", "retablir", "retirer"):
        assert rules.transition(state, event, "referent") is None


def test_every_state_can_be_reached_and_none_shows_a_dossier_without_an_answer() -> None:
    assert {arrow.target for arrow in rules.TRANSITIONS} == set(LINK_STATES)
    into_accepted = [arrow for arrow in rules.TRANSITIONS if arrow.target == "accepte"]
    assert all(arrow.actor == "medecin" for arrow in into_accepted)


# --- tabs and statuses

@pytest.mark.parametrize(("link", "dossier", "expected"), [
    ("attente", "redaction", "en_cours"), ("accepte", "actif", "en_cours"), ("accepte", "admis", "admis"),
    ("attente", "annule", "annules"), ("accepte", "historise", "historises"), ("refuse", "actif", "hors_patientele"),
    ("refuse", "admis", "hors_patientele"), ("retire", "actif", None),
])
def test_where_a_dossier_is_found(link: str, dossier: str, expected: str | None) -> None:
    assert rules.tab(link, dossier) == expected


def test_every_pair_has_a_tab_of_the_table() -> None:
    for link in LINK_STATES:
        for dossier in rules.DOSSIER_STATES:
            assert (link == "retire") == (rules.tab(link, dossier) is None)
            assert rules.tab(link, dossier) in (None, *rules.TABS)


@pytest.mark.parametrize(("code", "label", "bold"), [
    ("admission_proposee", "Admission proposée", True), ("demande_envoyee", "Demande envoyée", True),
    ("attente_reponse", "Attente de réponse", True), ("non_envoyee", "Non envoyée", False),
    ("en_redaction", "En cours de rédaction", False),
])
def test_the_guides_statuses_are_bold_when_an_establishment_is_at_stake(code: str, label: str, bold: bool) -> None:
    assert (rules.STATUTS[code].label, rules.STATUTS[code].bold) == (label, bold)


def test_every_status_belongs_to_a_module_and_a_state() -> None:
    for statut in rules.STATUTS.values():
        assert statut.etat in rules.DOSSIER_STATES and statut.modules
    for module, first in rules.FIRST_STATUS.items():
        assert module in rules.STATUTS[first].modules


# --- words

@pytest.mark.parametrize(("parts", "expected"), [
    (("LEROUX", "", "Josette", "Mme"), "LEROUX JOSETTE"),
    (("JEAN", "DUPONT", "Jean", "Mme"), "DUPONT NEE JEAN JEAN"),
    (("Martin", "Durand", "Paul", "M"), "DURAND NE MARTIN PAUL"),
    (("", "", "Rocky", "M"), "ROCKY"),
])
def test_the_patient_as_the_table_prints_him(parts: tuple[str, str, str, str], expected: str) -> None:
    assert rules.patient_label(*parts) == expected


@pytest.mark.parametrize(("parts", "expected"), [
    (("DUPONT", "LEROUX", "Josette", "F"), "LEROUX née DUPONT JOSETTE"),
    (("Martin", "Durand", "Paul", "M"), "DURAND né MARTIN PAUL"),
    (("LEROUX", "", "Josette", "F"), "LEROUX JOSETTE"),
    (("", "", "Rocky", "M"), "ROCKY"),
])
def test_the_patient_as_the_banner_names_him(parts: tuple[str, str, str, str], expected: str) -> None:
    assert rules.full_name(*parts) == expected


@pytest.mark.parametrize(("text", "expected"), [
    ("HÉROUVILLE-SAINT-CLAIR", "herouville saint clair"), ("Cœur d’Œillet", "coeur d oeillet"), ("  Noël ", "noel"),
])
def test_words_are_folded_for_sorting(text: str, expected: str) -> None:
    assert rules.fold(text) == expected


@pytest.mark.parametrize(("birth", "expected"), [
    (date(1926, 11, 22), 100), (date(1926, 11, 23), 99), (date(2020, 2, 29), 6), (date(2026, 11, 22), 0),
])
def test_age_in_whole_years(birth: date, expected: int) -> None:
    assert rules.age(birth, date(2026, 11, 22)) == expected
