"""The history of a dossier: in words, under its days, autosaves folded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from portal import clock
from portal.db.audit import Actor, Mandate, Trace
from portal.dossiers import presenters

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
ALICE = Actor(10100000011, "Dr Alice MARTIN", "cps")
CHLOE = Actor(10100000033, "Dr Chloé PETIT", "cps", Mandate(
    1, 10100000011, "Dr Alice MARTIN", "medecin", frozenset({"ga"}), frozenset({"consulter"}), None))


def trace(event: str, detail: str = "", *, minutes: int = 0, rpps: int | None = 10100000011,
          name: str = "Dr Alice MARTIN", behalf: int | None = None) -> Trace:
    """An act some minutes before noon."""
    return Trace(at=NOON - timedelta(minutes=minutes), event=event, detail=detail, rpps=rpps, name=name,
                 on_behalf_of=behalf)


@pytest.mark.parametrize(("event", "detail", "words"), [
    ("volet.valide", "medical", "Volet médical validé"),
    ("volet.rouvert", "autonomie", "Volet autonomie rouvert"),
    ("volet.repris", "medical", "Volet médical\u00a0: réponses reprises d’un autre dossier"),
    ("dossier.statut", "admis", "Statut\u00a0: Admis"),
    ("dossier.identite", "nom_usage, nir", "Identité modifiée"),
    ("piece.ajoutee", "3f", "Pièce jointe ajoutée"),
    ("dossier.imprime", "", "Dossier imprimé"),
])
def test_an_act_has_its_words_and_never_its_detail(event: str, detail: str, words: str) -> None:
    act, = presenters.timeline([trace(event, detail)], ALICE, {})
    assert (act.what, act.who, act.at) == (words, "vous", "12\u00a0h\u00a000")


def test_an_event_without_words_is_left_out() -> None:
    assert presenters.timeline([trace("dossier.recherche_vaine")], ALICE, {}) == []


def test_autosaves_of_a_day_are_one_line_a_person_and_volet() -> None:
    acts = presenters.timeline([
        trace("volet.modifie", "medical"), trace("dossier.ouvert", minutes=5),
        trace("volet.modifie", "medical", minutes=20), trace("volet.modifie", "autonomie", minutes=30),
        trace("volet.modifie", "medical", minutes=40, rpps=10100000022, name="Dr Bob DURAND"),
        trace("volet.modifie", "medical", minutes=60 * 24),
    ], ALICE, {})
    assert [(act.what, act.who, act.times) for act in acts] == [
        ("Volet médical modifié", "vous", 2), ("Dossier consulté", "vous", 1), ("Volet autonomie modifié", "vous", 1),
        ("Volet médical modifié", "Dr Bob DURAND", 1), ("Volet médical modifié", "vous", 1)]
    assert acts[0].at == "12\u00a0h\u00a000"


def test_signing_again_is_a_line_of_its_own() -> None:
    acts = presenters.timeline([trace("volet.valide", "medical"), trace("volet.rouvert", "medical", minutes=5),
                                trace("volet.valide", "medical", minutes=9)], ALICE, {})
    assert [act.times for act in acts] == [1, 1, 1]


def test_what_a_delegate_did_is_not_the_physician_s_own() -> None:
    lent = trace("dossier.ouvert", name="Dr Chloé PETIT, par délégation du Dr Alice MARTIN", rpps=CHLOE.rpps,
                 behalf=ALICE.rpps)
    assert presenters.timeline([lent], ALICE, {})[0].who.startswith("Dr Chloé PETIT, par")
    assert presenters.timeline([lent], CHLOE, {})[0].who != "vous"


def test_the_acts_stand_under_their_days_in_paris() -> None:
    with clock.freeze(NOON):
        late = trace("dossier.ouvert", minutes=60 * 12 + 30)  # 23:30 in Paris the day before
        days = presenters.by_day(presenters.timeline([trace("dossier.ouvert"), late], ALICE, {}))
    assert [(day.label, len(day.actes)) for day in days] == [("Aujourd’hui", 1), ("Le 22/11/2026", 1)]
    assert presenters.by_day([]) == []
