"""The rules of an establishment's space as tables: tabs, answers by role, prices, ranks, days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.demandes import machines
from portal.demandes import rules as demandes
from portal.espaces.etablissement import rules
from portal.espaces.etablissement.papier import rules as papier

TODAY = date(2026, 11, 22)
STATES = {etat for machine in machines.MACHINES.values() for etat in machine.etats}


def test_each_state_that_is_received_has_one_tab() -> None:
    listed = [etat for states in rules.STATES.values() for etat in states]
    assert sorted(listed) == sorted(STATES - {demandes.NON_ENVOYEE})


def test_what_is_shut_is_what_can_t_be_read() -> None:
    assert {etat for etat in STATES if rules.closed(etat)} == STATES - demandes.READABLE - {demandes.NON_ENVOYEE}


def test_every_answer_of_an_establishment_has_its_page() -> None:
    theirs = {event for module in ("ga", "s") for event, who in machines.of(module).who.items()
              if who == demandes.RECEVEUR}
    assert {acte.event for acte in rules.ACTS.values()} == theirs - {"lire"}


def test_every_step_of_a_request_has_its_words() -> None:
    # besides them, what changed in a dossier after it was sent: it moves no request
    assert set(rules.STEPS) == set(machines.EVENTS) | {"changement"}


def test_an_automatic_cancelling_is_a_cancelling() -> None:
    assert rules.label("ga", demandes.ANNULEE_AUTO) == rules.label("ga", demandes.ANNULEE) == "Demande annulée"
    assert rules.STEPS["annuler_auto"] == rules.STEPS["annuler"]
    assert rules.motive("119") == "Admis ailleurs" and rules.motive("") == ""


@pytest.mark.parametrize(("etat", "roles", "codes"), [
    (demandes.LUE, {"admissions"}, ["liste", "complement", "proposer", "admettre", "refuser"]),
    (demandes.LUE, {"medical"}, ["avis", "complement"]),
    (demandes.LISTE, {"admissions", "medical"}, ["proposer", "avis", "complement", "liste", "admettre", "refuser"]),
    (demandes.PROPOSEE, {"admissions"}, ["admettre", "retirer"]),
    (demandes.ACCEPTEE, {"admissions"}, ["admettre", "retirer"]),
    (demandes.EXPIREE, {"admissions"}, ["liste", "proposer", "refuser"]),
    (demandes.ADMIS, {"admissions"}, ["corriger"]), (demandes.ADMIS, {"medical"}, []),
    (demandes.REFUS, {"admissions"}, ["reactiver"]), (demandes.ANNULEE, {"admissions", "medical"}, []),
    (demandes.ENVOYEE, {"admissions", "medical"}, []), (demandes.LUE, {"referent"}, []),
])
def test_what_may_be_answered_to_a_grand_age_request(etat: str, roles: set[str], codes: list[str]) -> None:
    assert [acte.code for acte in rules.possible("ga", etat, roles)] == codes


@pytest.mark.parametrize(("etat", "roles", "labels"), [
    (demandes.LUE, {"admissions"}, ["Mettre à l’étude", "Demander un complément", "Donner un accord sans place",
                                    "Donner un accord avec une date", "Refuser la demande"]),
    (demandes.ETUDE, {"medical"}, ["Donner l’avis médical", "Demander un complément"]),
    (demandes.PROPOSEE, {"admissions"}, ["Retirer l’accord"]),
    (demandes.ACCEPTEE, {"admissions"}, ["Déclarer l’arrivée", "Retirer l’accord"]),
    (demandes.NON_FINALISEE, {"admissions"}, ["Déclarer l’arrivée"]),
    (demandes.ADMIS, {"admissions"}, ["Corriger une arrivée déclarée par erreur"]),
    (demandes.ENVOYEE, {"admissions", "medical"}, []), (demandes.LUE, {"referent"}, []),
])
def test_what_may_be_answered_to_a_sanitaire_request(etat: str, roles: set[str], labels: list[str]) -> None:
    assert [acte.label for acte in rules.possible("s", etat, roles)] == labels


@pytest.mark.parametrize(("etat", "roles", "avis", "words"), [
    (demandes.LUE, {"admissions"}, "", "Répondre"), (demandes.LUE, {"medical"}, "", "Donner votre avis"),
    (demandes.LUE, {"medical"}, "favorable", ""), (demandes.LUE, {"admissions", "medical"}, "reserve", "Répondre"),
    (demandes.ACCEPTEE, {"admissions"}, "", "Déclarer l’entrée"), (demandes.ACCEPTEE, {"medical"}, "", ""),
    (demandes.ADMIS, {"admissions"}, "", ""),
])
def test_what_a_row_waits_for(etat: str, roles: set[str], avis: str, words: str) -> None:
    assert rules.next_words("ga", etat, roles, avis) == words


@pytest.mark.parametrize(("text", "cents"), [
    ("", None), ("65", 6500), ("65,40", 6540), ("65.4", 6540), (" 65,40 € / jour ", 6540), ("65 euros par jour", 6500),
    ("0,01", 1), ("1000", 100_000), ("€", None),
])
def test_prices_are_read(text: str, cents: int | None) -> None:
    assert rules.price(text) == cents


@pytest.mark.parametrize("text", ["0", "1000,01", "douze", "-5", "6,540", "65,", "1e3", "٦٥", "6" * 31, "½", "NaN"])
def test_what_is_no_price_is_refused(text: str) -> None:
    with pytest.raises(rules.Invalid):
        rules.price(text)


@given(st.integers(1, rules.DEAREST))
def test_a_price_written_is_the_price_read(cents: int) -> None:
    assert rules.price(f"{cents // 100},{cents % 100:02} €") == cents


@given(st.text(max_size=20))
def test_any_text_is_a_number_or_is_refused_in_words(text: str) -> None:
    for reader in (rules.price, rules.rank, lambda typed: rules.places(typed, 80)):
        try:
            found = reader(text)
        except rules.Invalid as error:
            assert str(error)
        else:
            assert found is None or found >= 0


@pytest.mark.parametrize(("day", "ok"), [
    (TODAY, True), (TODAY - timedelta(days=1), False), (TODAY + rules.FARTHEST, True),
    (TODAY + rules.FARTHEST + timedelta(days=1), False), (date.max, False), (date.min, False),
])
def test_when_an_entry_may_be_planned(day: date, ok: bool) -> None:
    assert bool(rules.why_not_planned(day, TODAY)) is not ok


@pytest.mark.parametrize(("day", "ok"), [
    (TODAY, True), (TODAY + timedelta(days=1), False), (TODAY - timedelta(days=3), True),
    (TODAY - timedelta(days=4), False), (date.max, False),
])
def test_when_a_person_may_have_entered(day: date, ok: bool) -> None:
    assert bool(rules.why_not_entered(day, TODAY - timedelta(days=3), TODAY)) is not ok


def test_a_paper_dossier_can_always_go_on() -> None:
    for etat in papier.ETATS.values():
        assert etat.targets and set(etat.targets) <= set(papier.ETATS)
    assert {etat for states in papier.STATES.values() for etat in states} == set(papier.ETATS)
