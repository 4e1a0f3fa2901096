"""Answers to dossiers: one wins, nothing is counted or audited twice, copies and counters stay true."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import date

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from portal.db import audit, database
from portal.db.audit import Actor, Trace
from portal.db.base import rows
from portal.demonstration import dossiers as demonstration
from portal.dossiers import commands, lignes, queries, rules
from portal.dossiers.commands import Impossible, Nouveau, Stale
from portal.dossiers.models import Dossier, Lien
from portal.settings import Settings
from portal.web.errors import NotFound

ALICE = Actor(demonstration.ALICE, "Dr Alice MARTIN", "cps")
BOB = Actor(demonstration.BOB, "Dr Bob DURAND", "cps")
CLIC = Actor(None, "CLIC BESSIN", "interne")
LEROUX = Nouveau("Mme", "LEROUX", "", "Josette", date(1943, 5, 1), "F", "02 31 00 00 01", "1 rue des Prés", "14118",
                 "14000", "CAEN", ("Permanent", "Jour"))


def open_dossier(actor: Actor = BOB, module: str = "ga") -> Dossier:
    with database.writing():
        return commands.create(actor, module, LEROUX)


def unanswered() -> Dossier:
    """A dossier of Bob's in which the referent named Alice."""
    dossier = open_dossier()
    with database.writing():
        commands.designate(CLIC, dossier, demonstration.ALICE)
    return dossier


def decide(dossier: Dossier, event: str, version: int, actor: Actor = ALICE) -> queries.Visible:
    with database.writing():
        return commands.decide(actor, dossier.module, dossier.numero, event, version)


def events(dossier: Dossier) -> list[str]:
    return [trace.event for trace in reversed(audit.timeline(f"{dossier.module} {dossier.numero}"))]


def assert_counters_true(rpps: int) -> None:
    for module in rules.MODULES:
        real = Counter(bucket for etat, onglet in rows("SELECT etat, onglet FROM lien WHERE rpps = ? AND module = ?",
                                                       rpps, module)
                       for bucket in lignes.buckets(etat, onglet))
        assert queries.counts(rpps, module) == {tab: real[tab] for tab in (*rules.TABS, "a_accepter")}


def test_a_created_dossier_is_his_own(tables: Settings) -> None:
    dossier = open_dossier(ALICE)
    seen = queries.visible_dossier(demonstration.ALICE, "ga", dossier.numero)
    assert seen.accepted and seen.lien.referent == "Vous" and seen.lien.statut == "non_envoyee"
    assert seen.lien.patient == "LEROUX JOSETTE" and queries.telephone(seen.dossier) == "02 31 00 00 01"
    assert events(dossier) == ["dossier.cree"]
    assert_counters_true(demonstration.ALICE)


def test_numbers_follow_each_other_in_each_module(tables: Settings) -> None:
    assert [open_dossier(module=module).numero for module in ("ga", "ga", "s", "tnd", "tnd")] == [
        10_000_000, 10_000_001, 1_000_000, 100_000, 100_001]


def test_accepting_opens_refusing_hides_and_undo_gives_back(tables: Settings) -> None:
    dossier = unanswered()
    assert queries.counts(demonstration.ALICE, "ga")["a_accepter"] == 1
    refused = decide(dossier, "refuser", 1)
    assert refused.lien.onglet == "hors_patientele"
    assert queries.counts(demonstration.ALICE, "ga")["hors_patientele"] == 1
    restored = decide(dossier, "retablir", refused.lien.version)
    assert restored.lien.etat == "attente" and queries.counts(demonstration.ALICE, "ga")["a_accepter"] == 1
    assert decide(dossier, "accepter", restored.lien.version).accepted
    assert events(dossier)[2:] == ["dossier.refuse", "dossier.retabli", "dossier.accepte"]
    assert audit.broken_link() is None


def test_a_patient_who_left_can_come_back(tables: Settings) -> None:
    dossier = unanswered()
    decide(dossier, "accepter", 1)
    gone = decide(dossier, "retirer", 2)
    assert gone.lien.onglet == "hors_patientele"
    assert decide(dossier, "accepter", gone.lien.version).accepted


def test_the_same_answer_twice_is_harmless(tables: Settings) -> None:
    dossier = unanswered()
    first, second = decide(dossier, "accepter", 1), decide(dossier, "accepter", 1)
    assert first.lien.version == second.lien.version == 2
    assert events(dossier).count("dossier.accepte") == 1


@pytest.mark.parametrize("late", ["refuser", "retablir", "retirer"])
def test_a_late_answer_changes_nothing(tables: Settings, late: str) -> None:
    dossier = unanswered()
    decide(dossier, "accepter", 1)
    with pytest.raises(Stale) as stale:
        decide(dossier, late, 1)
    assert stale.value.now.lien.etat == "accepte"
    assert Lien.get(Lien.rpps == demonstration.ALICE).etat == "accepte"


def test_an_old_page_does_not_repeat_an_undone_answer(tables: Settings) -> None:
    dossier = unanswered()
    refused = decide(dossier, "refuser", 1)
    decide(dossier, "retablir", refused.lien.version)
    with pytest.raises(Stale):
        decide(dossier, "refuser", 1)


@pytest.mark.proves("C1", "V2.3.4")
def test_six_at_once_make_one_transition_and_one_audit_row(tables: Settings) -> None:
    dossier = unanswered()
    versions = at_once([lambda: decide(dossier, "accepter", 1).lien.version] * 6)
    assert versions == [2] * 6
    assert events(dossier).count("dossier.accepte") == 1
    assert_counters_true(demonstration.ALICE)


@pytest.mark.proves("C2")
def test_accept_and_refuse_at_once_have_one_winner(tables: Settings) -> None:
    dossier = unanswered()
    outcomes = at_once([lambda: decide(dossier, "accepter", 1), lambda: decide(dossier, "refuser", 1)] * 3)
    states = {outcome.lien.etat for outcome in outcomes if isinstance(outcome, queries.Visible)}
    assert len(states) == 1 and sum(isinstance(outcome, Stale) for outcome in outcomes) == 3
    assert_counters_true(demonstration.ALICE)


def test_dossiers_created_at_once_have_different_numbers(tables: Settings) -> None:
    numbers = at_once([lambda: open_dossier(ALICE).numero] * 6)
    assert len(set(numbers)) == 6
    assert_counters_true(demonstration.ALICE)


def at_once(works: list[object]) -> list[object]:
    """Run works in threads that start together; an exception is an outcome."""
    gate, outcomes = threading.Barrier(len(works)), [None] * len(works)

    def run(rank: int) -> None:
        database.connect()
        try:
            gate.wait()
            outcomes[rank] = works[rank]()
        except Exception as error:
            outcomes[rank] = error
        finally:
            database.close()

    threads = [threading.Thread(target=run, args=(rank,)) for rank in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_the_referent_may_name_someone_else(tables: Settings) -> None:
    dossier = unanswered()
    decide(dossier, "accepter", 1)
    with database.writing():
        commands.replace(CLIC, dossier, demonstration.ALICE)
    with pytest.raises(NotFound):
        queries.visible_dossier(demonstration.ALICE, "ga", dossier.numero)
    with pytest.raises(NotFound):
        decide(dossier, "accepter", 3)
    with database.writing(), pytest.raises(Impossible):
        commands.replace(CLIC, dossier, demonstration.ALICE)
    with database.writing():
        commands.designate(CLIC, dossier, demonstration.ALICE)
    assert queries.counts(demonstration.ALICE, "ga")["a_accepter"] == 1


def test_a_linked_number_shows_only_to_those_who_may_open_it(tables: Settings) -> None:
    one, other = open_dossier(ALICE), open_dossier(ALICE, "s")
    with database.writing():
        commands.designate(CLIC, one, demonstration.BOB)
        commands.link(CLIC, one, other)

    def linked(rpps: int, dossier: Dossier) -> int | None:
        return Lien.get(Lien.rpps == rpps, Lien.dossier == dossier).lie_numero

    assert linked(demonstration.ALICE, one) == other.numero and linked(demonstration.ALICE, other) == one.numero
    assert linked(demonstration.BOB, one) is None
    with database.writing():
        commands.designate(CLIC, Dossier.get_by_id(other.id), demonstration.BOB)
    assert linked(demonstration.BOB, one) == other.numero


def test_a_status_moves_the_row_of_every_physician(tables: Settings) -> None:
    dossier = unanswered()
    with database.writing():
        commands.set_status(CLIC, dossier, "admis")
    for rpps in (demonstration.ALICE, demonstration.BOB):
        assert Lien.get(Lien.rpps == rpps).onglet == "admis"
        assert_counters_true(rpps)


STEPS = st.lists(st.tuples(
    st.sampled_from(["creer", "designer", "remplacer", "accepter", "refuser", "retablir", "retirer", "statut"]),
    st.integers(0, 5), st.sampled_from(["non_envoyee", "demande_envoyee", "admis", "annule", "historise"]),
), max_size=25)


@pytest.mark.proves("C6")
@hypothesis_settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_counters_and_copies_are_true_after_any_sequence(tables: Settings, steps: list[tuple[str, int, str]]) -> None:
    made = [open_dossier(), open_dossier(ALICE)]
    for event, rank, statut in steps:
        dossier = Dossier.get_by_id(made[rank % len(made)].id)
        lien = Lien.get_or_none(Lien.rpps == demonstration.ALICE, Lien.dossier == dossier)
        try:
            with database.writing():
                step(event, dossier, lien, statut, made)
        except (Impossible, Stale, NotFound):
            pass
    assert_counters_true(demonstration.ALICE)
    assert_counters_true(demonstration.BOB)
    for lien in Lien.select().order_by(Lien.rpps, Lien.numero):
        for name, value in lignes.copies(lien.dossier, lien.rpps, lien.etat, None).items():
            assert getattr(lien, name) == value, name


def step(event: str, dossier: Dossier, lien: Lien | None, statut: str, made: list[Dossier]) -> None:
    if event == "creer":
        made.append(commands.create(ALICE, "ga", LEROUX))
    elif event == "designer":
        commands.designate(CLIC, dossier, demonstration.ALICE)
    elif event == "remplacer" and lien:
        commands.replace(CLIC, dossier, demonstration.ALICE)
    elif event == "statut":
        commands.set_status(CLIC, dossier, statut)
    else:
        commands.decide(ALICE, "ga", dossier.numero, event, lien.version if lien else 1)


def test_the_audit_says_who_acts_and_holds_no_name_of_a_patient(tables: Settings) -> None:
    dossier = unanswered()
    decide(dossier, "accepter", 1)
    traces = list(Trace.select().order_by(Trace.id))
    assert traces[-1].rpps == demonstration.ALICE and traces[-1].dossier == f"ga {dossier.numero}"
    assert not any("LEROUX" in f"{trace.detail}{trace.name}{trace.dossier}".upper() for trace in traces)
