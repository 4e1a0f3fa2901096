"""The audit's oldest part is dropped in its time; the chain says so, still holds, and covers for nobody's deletion."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from portal import cli, clock
from portal import settings as configuration
from portal.db import anchors, audit, chain, database, retention
from portal.db.anchors import Fault
from portal.db.audit import SYSTEM, Actor, Trace
from portal.db.base import db, rows
from portal.echeances import journal
from portal.settings import Settings, SettingsError, load

ALICE = Actor(10100000011, "Dr Alice MARTIN", "cps")
START = datetime(2022, 1, 1, 12, 0, tzinfo=UTC)
pytestmark = [pytest.mark.usefixtures("tables"), pytest.mark.proves("D7", "V14.2.7")]

bounded = hypothesis_settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


def acts(number: int, start: datetime = START) -> None:
    """One act a day, on a chain that was empty."""
    with database.writing():
        Trace.truncate_table(restart_identity=True)
    for day in range(number):
        with clock.freeze(start + timedelta(days=day)), database.writing():
            audit.record(ALICE, "dossier.ouvert", dossier="ga 1", detail=str(day))


def days(number: int) -> datetime:
    """Just before the act of this day."""
    return START + timedelta(days=number) - timedelta(hours=1)


@bounded
@given(number=st.integers(1, 12), cuts=st.lists(st.integers(0, 14), min_size=1, max_size=3))
def test_what_is_older_is_gone_and_the_rest_holds(number: int, cuts: list[int]) -> None:
    acts(number)
    for upto in cuts:
        retention.purge(days(upto))
    gone = min(max(cuts), number)
    kept = [row.detail for row in Trace.select().where(Trace.event == "dossier.ouvert").order_by(Trace.id)]
    assert kept == [str(day) for day in range(gone, number)]
    told = chain.whole()
    assert (told is None) == (gone == 0)
    if told:
        assert (told.first, told.last, told.count) == (1, gone, gone)
        assert told.since == START.timestamp() * 1000 and told.until == (days(gone - 1).timestamp() + 3600) * 1000


def test_a_purge_of_everything_leaves_its_checkpoint() -> None:
    acts(3)
    assert retention.purge(days(99)) == 3
    assert [row.event for row in Trace.select()] == ["audit.purge"] and audit.broken_link() is None
    with database.writing():
        audit.record(ALICE, "dossier.ouvert")
    assert audit.broken_link() is None


def test_a_checkpoint_is_dropped_in_its_turn_and_the_next_one_says_it_all() -> None:
    acts(3)
    with clock.freeze(days(4)):
        retention.purge(days(2))
    assert retention.purge(days(99)) == 2
    told = chain.whole()
    assert told and (told.count, told.first, told.last) == (4, 1, 4)


def test_one_purge_drops_a_bounded_number() -> None:
    acts(5)
    assert retention.purge(days(99), limit=2) == 2
    assert rows("SELECT MIN(id) FROM trace") == [(3,)] and audit.broken_link() is None


def test_a_younger_act_keeps_those_after_it_whatever_the_clock_said() -> None:
    acts(2, start=START + timedelta(days=50))
    with clock.freeze(START), database.writing():
        audit.record(ALICE, "dossier.ouvert")
    assert retention.purge(days(20)) == 0


@bounded
@given(number=st.integers(3, 10), data=st.data())
def test_a_deletion_is_not_taken_for_a_purge(number: int, data: st.DataObject) -> None:
    acts(number)
    upto = data.draw(st.integers(1, number - 2))
    retention.purge(days(upto))
    more = data.draw(st.integers(upto + 1, number - 1))
    Trace.delete().where(Trace.id <= more).execute()
    assert audit.broken_link() == more + 1
    with pytest.raises(chain.Broken):
        retention.purge(days(99))


def test_a_forged_checkpoint_covers_nothing() -> None:
    """Its words can be written by whoever writes in the database; its seal and its row's code can't."""
    acts(6)
    mac = bytes(Trace.get_by_id(3).mac)
    with database.writing():
        Trace.delete().where(Trace.id <= 3).execute()
        tail = bytes(Trace.get_by_id(6).mac)
        told = chain.Checkpoint(3, 1, 3, 0, 0, mac).text().replace('"sceau": "', '"sceau": "0')
        Trace.insert(at=START, name=SYSTEM.name, level=SYSTEM.level, event=chain.PURGE, detail=told, mac=tail).execute()
    assert audit.broken_link() == 4
    with pytest.raises(chain.Broken):
        retention.purge(days(99))
    assert rows("SELECT COUNT(*) FROM trace") == [(4,)]


def test_nothing_is_dropped_of_a_chain_that_was_altered() -> None:
    acts(5)
    Trace.update(name="Dr Bob DURAND").where(Trace.id == 2).execute()
    with pytest.raises(chain.Broken) as found:
        retention.purge(days(99))
    assert found.value.row == 2 and rows("SELECT COUNT(*) FROM trace") == [(5,)]


def test_a_purge_while_the_chain_is_read_is_no_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "_BATCH", chain._BATCH.replace(f"LIMIT {chain.BATCH}", "LIMIT 2"))
    acts(9)
    seen: list[int] = []

    def see(link: chain.Link) -> None:
        seen.append(link.id)
        if link.id == 2:
            retention.purge(days(6))

    told = chain.whole(see)
    assert told and told.last == 6 and seen == [1, 2, 7, 8, 9, 10]


def test_anchors_of_what_was_purged_count_no_more(tables: Settings) -> None:
    acts(3)
    with clock.freeze(days(3)):
        anchors.write(tables)
    acts_after = START + timedelta(days=10)
    with clock.freeze(acts_after), database.writing():
        audit.record(ALICE, "dossier.ouvert")
    with clock.freeze(acts_after):
        anchors.write(tables)
    retention.purge(days(9))
    found = anchors.verify(tables)
    assert found.fault is None and found.anchors == 1 and found.purged and found.purged.last == 4
    db.execute_sql("DELETE FROM trace WHERE id >= 5")
    assert anchors.verify(tables).fault == Fault("fin", 0)


def test_the_job_and_the_command_keep_what_the_setting_says(
        tables: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    acts(3)
    with clock.freeze(datetime(2025, 1, 2, 12, 0, tzinfo=UTC)):
        assert journal.purge(tables) == 1  # 36 months before 2 January 2025: the first of January 2022 alone
        assert journal.purge(tables) == 0
    monkeypatch.setattr(configuration, "load", lambda **_: tables)
    run: Callable[..., int] = lambda *words: cli.main(["audit", *words])  # noqa: E731
    with clock.freeze(datetime(2025, 1, 4, 12, 0, tzinfo=UTC)):
        assert run("purger") == 0
    assert "Lignes retirées\u00a0: 2." in capsys.readouterr().out
    assert run("verify") == 0
    assert "Purgé\u00a0: 3 lignes, de la ligne 1 à la ligne 3, du 01/01/2022 au 03/01/2022." in capsys.readouterr().out
    Trace.update(name="x").where(Trace.id == rows("SELECT MIN(id) FROM trace")[0][0]).execute()
    with clock.freeze(datetime(2035, 1, 4, 12, 0, tzinfo=UTC)):
        assert run("purger") == 1
    assert "rien n’est effacé" in capsys.readouterr().out


def test_how_long_is_a_setting_within_reason() -> None:
    assert load({}).audit_months == 36
    for months in ("0", "9999"):
        with pytest.raises(SettingsError, match="audit_months"):
            load({"PORTAL_AUDIT_MONTHS": months})
