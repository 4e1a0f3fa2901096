"""Several people at one volet at the same moment: real transactions, one thread each, and stale pages one by one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from portal.db import audit, database
from portal.dossiers.queries import Visible
from portal.settings import Settings
from portal.volets import commands, queries
from portal.volets.commands import Signed, Stale
from portal.volets.models import Evaluation, Signature
from tests.support import formulaires as support
from tests.support.formulaires import ADMINISTRATIF, ALICE, AUTONOMIE, BOB, COMPLETE, MEDICAL, MEDICAL_2, dossier, write


@pytest.fixture(autouse=True)
def forms(monkeypatch: pytest.MonkeyPatch, tables: Settings) -> None:
    support.use(monkeypatch)


@pytest.fixture
def both() -> tuple[Visible, Visible]:
    """One dossier with a complete volet médical, as two physicians see it."""
    mine = dossier()
    write(ALICE, mine, "medical", COMPLETE)
    return mine, support.shared(mine)


def together(*acts: Callable[[], Any]) -> list[Any]:
    """Do all of it at once, each in a thread and a transaction of its own; what each gave, or raised."""
    start, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(number: int) -> None:
        database.connect()
        start.wait()
        try:
            with database.writing():
                results[number] = acts[number]()
        except (Stale, commands.Incomplete) as error:
            results[number] = error
        finally:
            database.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def count(event: str, seen: Visible) -> int:
    return [one.event for one in audit.timeline(seen.label)].count(event)


# --- at the same moment

def test_two_physicians_validating_at_once_one_wins_and_the_other_reads_who(both: tuple[Visible, Visible]) -> None:
    mine, his = both
    results = together(lambda: commands.validate(ALICE, mine, "medical", 1),
                       lambda: commands.validate(BOB, his, "medical", 1))
    lost, = (one for one in results if isinstance(one, Stale))
    won, = (one for one in results if isinstance(one, queries.Ouvert))
    assert (lost.now.etat, lost.now.valide_par) == ("valide", won.valide_par) and lost.now.valide_le is not None
    assert Signature.select().count() == 1 and count("volet.valide", mine) == 1
    assert audit.broken_link() is None


def test_the_autonomy_validated_twice_at_once_is_evaluated_once() -> None:
    mine = dossier()
    his = support.shared(mine)
    write(ALICE, mine, "autonomie", support.ALL_C)
    together(lambda: commands.validate(ALICE, mine, "autonomie", 1),
             lambda: commands.validate(BOB, his, "autonomie", 1))
    assert Evaluation.select().count() == 1


@pytest.mark.proves("C3")
def test_eight_people_typing_in_eight_fields_lose_nothing() -> None:
    seen = dossier()
    texts: dict[str, Any] = {
        "motif": "autre", "motif_autre": "Isolement", "antecedents": "HTA", "traitements": "Aspirine", "poids": "72",
        "soins": ["vac"], "prelevement": "2026-01-05", "tabac": "Non"}
    sendings = [support.sent(MEDICAL, {name: value}, key=f"cle-{name}") for name, value in texts.items()]
    saved = together(*(lambda one=one: commands.save(ALICE, seen, "medical", one) for one in sendings))
    assert all(isinstance(one, commands.Saved) and not one.conflicts for one in saved)
    now = queries.opened(seen, "medical")
    assert now.answers == texts and now.version == 8


@pytest.mark.proves("C3")
def test_two_people_typing_in_one_field_both_texts_live() -> None:
    seen = dossier()
    saved = together(*(lambda who=who: commands.save(who, seen, "medical", support.sent(
        MEDICAL, {"antecedents": f"Selon {who.name}"})) for who in (ALICE, BOB)))
    stored = queries.opened(seen, "medical").answers["antecedents"]
    conflict, = (conflict for one in saved for conflict in one.conflicts)
    assert {stored, conflict.mine} == {"Selon Dr Alice MARTIN", "Selon Dr Bob DURAND"} and conflict.theirs == stored


def test_the_same_sending_twice_at_once_is_written_once() -> None:
    seen = dossier()
    sending = support.sent(MEDICAL, {"antecedents": "HTA"}, key="cle-alice-1")
    saved = together(*(lambda: commands.save(ALICE, seen, "medical", sending) for _ in range(2)))
    assert [one.conflicts for one in saved] == [[], []] and queries.opened(seen, "medical").version == 1


def test_validated_while_another_types_he_is_signed_out_or_the_signer_looks_again(
        both: tuple[Visible, Visible]) -> None:
    mine, his = both
    sending = support.sent(MEDICAL, {"tabac": "Sevré"})
    signed, typed = together(lambda: commands.validate(ALICE, mine, "medical", 1),
                             lambda: commands.save(BOB, his, "medical", sending))
    now = queries.opened(mine, "medical")
    if isinstance(typed, Signed):
        assert now.etat == "valide" and "tabac" not in now.answers
    else:
        assert isinstance(signed, Stale) and now.etat == "en_cours" and now.answers["tabac"] == "Sevré"


# --- one after the other, on a page that is no longer true

def test_who_validates_what_he_has_not_seen_looks_again(both: tuple[Visible, Visible]) -> None:
    mine, his = both
    write(BOB, his, "medical", {"traitements": "Nouveau"})
    with pytest.raises(Stale) as stale, database.writing():
        commands.validate(ALICE, mine, "medical", 1)
    assert stale.value.now.modifie_par == "Dr Bob DURAND" and stale.value.now.version == 2


def test_a_volet_reopened_during_a_validation_is_not_signed(both: tuple[Visible, Visible]) -> None:
    mine, his = both
    with database.writing():
        commands.validate(BOB, his, "medical", 1)
    with database.writing():
        commands.reopen(BOB, his, "medical", 2)
    with pytest.raises(Stale) as stale, database.writing():
        commands.validate(ALICE, mine, "medical", 1)
    assert stale.value.now.etat == "rouvert" and Signature.select().count() == 1


def test_a_volet_validated_again_is_not_reopened_by_an_old_page(both: tuple[Visible, Visible]) -> None:
    mine, his = both
    for version, act in ((1, commands.validate), (2, commands.reopen), (3, commands.validate)):
        with database.writing():
            act(BOB, his, "medical", version)
    with pytest.raises(Stale), database.writing():
        commands.reopen(ALICE, mine, "medical", 2)
    assert queries.opened(mine, "medical").etat == "valide"


def test_two_who_reopen_have_both_what_they_wanted(both: tuple[Visible, Visible]) -> None:
    mine, his = both
    with database.writing():
        commands.validate(ALICE, mine, "medical", 1)
    results = together(lambda: commands.reopen(ALICE, mine, "medical", 2),
                       lambda: commands.reopen(BOB, his, "medical", 2))
    assert [one.etat for one in results] == ["rouvert", "rouvert"] and count("volet.rouvert", mine) == 1


def test_a_form_passed_on_while_another_types_takes_what_it_still_asks(
        both: tuple[Visible, Visible], monkeypatch: pytest.MonkeyPatch) -> None:
    mine, his = both
    sending = support.sent(MEDICAL, {"traitements": "Aspirine", "tabac": "Sevré"})
    support.use(monkeypatch, ADMINISTRATIF, MEDICAL, MEDICAL_2, AUTONOMIE)
    _, saved = together(lambda: commands.upgrade(ALICE, mine, "medical"),
                        lambda: commands.save(BOB, his, "medical", sending))
    now = queries.opened(mine, "medical")
    assert now.definition is MEDICAL_2 and now.answers["traitements"] == "Aspirine"
    kept = [former.answers.get("tabac") for former in now.anciennes]
    assert kept == ["Sevré"] or "Sevré" in saved.errors["tabac"]


def test_a_copy_that_arrives_after_someone_typed_leaves_his_words() -> None:
    old = dossier()
    write(ALICE, old, "medical", {"antecedents": "D’avant", "traitements": "D’avant"})
    new = dossier()
    his = support.shared(new)
    together(lambda: commands.copy_from(ALICE, new, "medical", old.label),
             lambda: commands.save(BOB, his, "medical", support.sent(MEDICAL, {"antecedents": "Aujourd’hui"})))
    now = queries.opened(new, "medical")
    assert now.answers["traitements"] == "D’avant"
    # Whoever came first, a copied answer never takes the place of one that was typed.
    assert now.answers["antecedents"] == "Aujourd’hui" or now.copies["antecedents"] == old.label
