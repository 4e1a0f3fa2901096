"""Passing to a new version of a form: what carries over, what is kept aside, and that nothing is dropped."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.db import audit, database
from portal.settings import Settings
from portal.volets import commands, mise_a_jour, queries
from portal.volets.commands import Sent, Signed, Stale
from portal.volets.formulaire import Value
from portal.volets.reponses import digest
from tests.support import formulaires as support
from tests.support.formulaires import ADMINISTRATIF, ALICE, AUTONOMIE, BOB, COMPLETE, MEDICAL, MEDICAL_2, dossier, write

TODAY = date(2026, 11, 22)
OLD = COMPLETE | {"tabac": "Sevré", "soins": ["oxygene", "sonde"], "poids": "120", "prelevement": "2026-11-02"}


def plan(answers: dict[str, Value]) -> mise_a_jour.Plan:
    return mise_a_jour.plan(MEDICAL, MEDICAL_2, answers, TODAY, lambda text: None)


@pytest.mark.parametrize(("name", "value", "kept", "lost"), [
    ("antecedents", "HTA", "HTA", False),
    ("tabac", "Sevré", None, True),  # not asked any more
    ("soins", ["oxygene", "vac"], ["oxygene", "vac"], False),
    ("soins", ["oxygene", "sonde"], ["oxygene"], True),  # one option is gone: the rest stays
    ("soins", ["sonde"], None, True),
    ("poids", "72", "72", False),
    ("poids", "120", None, True),  # above the new bound
    ("entree", "2026-01-05", "2026-01-05", False),  # the wish stands as it was written
    ("motif_autre", "Isolement", "Isolement", False),  # not asked for the moment: stays stored
])
def test_what_carries_over(name: str, value: Value, kept: Value | None, lost: bool) -> None:
    found = plan({name: value})
    assert found.kept == ({} if kept is None else {name: kept})
    assert found.lost == ({name: value} if lost else {})


ANSWERS = st.fixed_dictionaries({}, optional={
    "motif": st.sampled_from(["chute", "autre"]), "antecedents": st.just("HTA"), "tabac": st.just("Non"),
    "poids": st.integers(20, 300).map(str), "prelevement": st.just("2026-11-02"),
    "soins": st.sets(st.sampled_from(["oxygene", "sonde", "vac"]), min_size=1).map(
        lambda found: [code for code in ("oxygene", "sonde", "vac") if code in found]),
})


@given(ANSWERS)
def test_every_answer_is_carried_over_whole_or_kept_aside_whole(answers: dict[str, Value]) -> None:
    found = plan(answers)
    for name, value in answers.items():
        assert found.kept.get(name) == value or found.lost[name] == value
    assert found.kept.keys() | found.lost.keys() == answers.keys()
    assert [field.id for field, _ in found.lost_fields] == [name for name in MEDICAL.fields if name in found.lost]
    assert [field.id for field in found.added] == ["vaccins"]


# --- in the database

@pytest.fixture
def filled(tables: Settings, midday: object, monkeypatch: pytest.MonkeyPatch) -> queries.Visible:
    """A volet médical filled with the first version, once the second is published."""
    support.use(monkeypatch)
    seen = dossier()
    write(ALICE, seen, "medical", OLD)
    support.use(monkeypatch, ADMINISTRATIF, MEDICAL, MEDICAL_2, AUTONOMIE)
    return seen


def upgraded(seen: queries.Visible, version: int | None = None) -> queries.Ouvert:
    with database.writing():
        return commands.upgrade(ALICE, seen, "medical", version)


def test_a_volet_keeps_its_version_until_it_is_passed_on(filled: queries.Visible) -> None:
    volet = queries.opened(filled, "medical")
    assert volet.definition is MEDICAL and queries.newer(volet) is MEDICAL_2
    assert write(BOB, filled, "medical", {"tabac": "Toujours demandé"}).volet.definition is MEDICAL
    assert queries.opened(dossier(), "medical").definition is MEDICAL_2
    shown = queries.upgrade_plan(queries.opened(filled, "medical"))
    assert shown and set(shown.lost) == {"tabac", "soins", "poids"}


def test_what_is_left_aside_stays_readable_and_goes_into_the_signature(filled: queries.Visible) -> None:
    now = upgraded(filled)
    assert now == queries.opened(filled, "medical") and now.definition is MEDICAL_2
    assert now.answers == COMPLETE | {"soins": ["oxygene"], "prelevement": "2026-11-02"}
    former, = now.anciennes
    assert former.version == 1 and former.answers == {name: OLD[name] for name in ("tabac", "soins", "poids")}
    write(ALICE, filled, "medical", {"antecedents": "Relu"})
    support.validated(ALICE, filled, "medical")
    assert queries.signatures(filled, "medical")[0].anciennes == (former,)
    assert [one.event for one in audit.timeline(filled.label)].count("volet.version") == 1


def test_passing_on_twice_does_it_once(filled: queries.Visible) -> None:
    assert upgraded(filled) == upgraded(filled)
    assert queries.newer(queries.opened(filled, "medical")) is None


def test_a_validated_volet_is_reopened_first(filled: queries.Visible) -> None:
    signed = support.validated(ALICE, filled, "medical")
    with pytest.raises(Signed):
        upgraded(filled)
    with database.writing():
        commands.reopen(ALICE, filled, "medical", signed.version)
    assert upgraded(filled).etat == "rouvert"
    assert queries.signatures(filled, "medical")[0].definition is MEDICAL


def test_who_saw_another_version_looks_again(filled: queries.Visible) -> None:
    write(BOB, filled, "medical", {"antecedents": "Autre"})
    with pytest.raises(Stale):
        upgraded(filled, version=1)
    assert upgraded(filled, version=2).version == 3


def test_words_typed_in_a_question_that_went_away_come_back_in_the_message(filled: queries.Visible) -> None:
    old = support.sent(MEDICAL, {"tabac": "Dix par jour", "traitements": "Aspirine"}, OLD)
    untouched = Sent({"tabac": "Sevré"}, {"tabac": digest("Sevré")})
    upgraded(filled)
    with database.writing():
        saved = commands.save(ALICE, filled, "medical", old)
        assert commands.save(ALICE, filled, "medical", untouched).errors == {}
    assert saved.volet.answers["traitements"] == "Aspirine"
    assert "«\u00a0Tabac\u00a0»" in saved.errors["tabac"] and "Dix par jour" in saved.errors["tabac"]
