"""The bench of writes: one that is refused or lost is told, and its physicians do what they were given."""

from __future__ import annotations

import random
from collections import defaultdict

import pytest

from bench import ecritures, journee, medecins, mondes
from bench.ecritures import Found, Kind
from bench.journee import Day
from bench.medecins import Medecin
from portal.db.base import rows
from portal.settings import Settings


@pytest.fixture(autouse=True)
def _both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mondes, "kinds", lambda: (mondes.SQLITE, mondes.POSTGRESQL))


@pytest.mark.parametrize(("p99", "wrong", "kept"), [
    (250.0, [], [True, True]), (251.0, [], [True, False]), (9.0, ["SQLite: accepted 41000016"], [False, True])])
def test_writes_are_judged_by_their_slowest_kind_and_by_what_is_lost(p99: float, wrong: list[str],
                                                                     kept: list[bool]) -> None:
    kinds = [Kind("SQLite", "accept a dossier", 60, 5, 20), Kind("PostgreSQL", "accept a dossier", 60, 5, p99)]
    found = ecritures.section(Found(kinds, wrong, 16))
    assert [goal.kept for goal in found.goals] == kept
    assert "| PostgreSQL | accept a dossier | 60 | 5.0 |" in found.text
    assert found.goals[0].measured == (wrong[0] if wrong else "16 of 16")


@pytest.mark.parametrize(("slow", "wrong", "kept"), [
    (0.2, [], [True, True]), (0.25, [], [True, False]), (0.2, ["accept: answered 500"], [False, True])])
def test_the_day_is_judged_by_its_slower_database(slow: float, wrong: list[str], kept: list[bool]) -> None:
    days = [Day("SQLite", 60, defaultdict(list, {"home": [0.01]}), []),
            Day("PostgreSQL", 60, defaultdict(list, {"home": [0.01], "accept": [slow]}), wrong)]
    assert [goal.kept for goal in journee.section(days).goals] == kept


def test_without_postgresql_nothing_is_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mondes, "kinds", lambda: (mondes.SQLITE,))
    found = journee.section([Day("SQLite", 60, defaultdict(list, {"home": [0.01]}))])
    assert not any(goal.kept for goal in found.goals)


def test_a_physician_does_only_what_his_desk_allows_and_his_lost_writes_are_found(tables: Settings) -> None:
    person = medecins.furnish(tables, 1, 0)[0]
    assert len(person.waiting) == 4
    assert len(person.asking) == 2
    desk = Medecin(person.rpps, person.browser, [], [], person.written)
    chance = random.Random(1)
    acts = {desk.next_act(chance).name for _ in range(500)}
    assert "autosave" in acts
    assert not acts & {"accept", "refuse", "send a request", "read a thread", "write a message"}
    assert person.missing() == []
    told = Medecin(person.rpps, person.browser, [], [], person.written, typed={person.written[0]: 3},
                   decided={person.waiting[0]: "accepte"}, sent=[person.asking[0]], messages=["cle"])
    assert [lost.split()[0] for lost in told.missing()] == ["decision", "request", "message", "text"]
    assert rows("SELECT COUNT(*) FROM compte") == [(1,)]
