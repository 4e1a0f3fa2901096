"""The audit's chain: what is written, that old rows hold, that each damage shows, also where the portal writes on."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal import clock
from portal.db import audit, chain, database
from portal.db.audit import Actor, Mandate, Trace
from portal.db.base import db, rows, to_millis
from portal.db.crypto import purpose_key
from portal.settings import Settings

ALICE = Actor(10100000011, "Dr Alice MARTIN", "cps")
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
pytestmark = [pytest.mark.usefixtures("tables"), pytest.mark.proves("D4")]

bounded = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


def acts(number: int) -> None:
    """That many acts, on a chain that was empty."""
    with database.writing():
        Trace.truncate_table(restart_identity=True)
        for n in range(number):
            audit.record(ALICE, "dossier.ouvert", dossier=f"ga {n}", detail=str(n))


def test_a_whole_chain_holds() -> None:
    with database.writing():
        for event in ("dossier.ouvert", "dossier.accepte", "dossier.refuse"):
            audit.record(ALICE, event, dossier="ga 43084209")
    assert audit.broken_link() is None
    assert [trace.event for trace in audit.timeline("ga 43084209")] == [
        "dossier.refuse", "dossier.accepte", "dossier.ouvert"]


@pytest.mark.proves("V16.2.1")
def test_a_row_says_who_for_whom_what_which_dossier_when_how_and_with_what_result() -> None:
    mandate = Mandate(1, ALICE.rpps or 0, ALICE.name, "medecin", frozenset({"ga"}), frozenset({"consulter"}), None)
    with clock.freeze(NOON), database.writing():
        audit.record(Actor(10100000033, "Dr Chloé PETIT", "ecps", mandate), "dossier.ouvert", dossier="ga 1",
                     detail="x", result=audit.REFUSED)
    row = Trace.get()
    assert (row.at, row.rpps, row.on_behalf_of, row.level, row.event, row.dossier, row.detail, row.result) == (
        NOON, 10100000033, ALICE.rpps, "ecps", "dossier.ouvert", "ga 1", "x", "refuse")
    assert row.name == "Dr Chloé PETIT, par délégation du Dr Alice MARTIN"


def test_rows_written_before_the_later_columns_hold_under_the_same_code() -> None:
    old = {"at": to_millis(NOON), "rpps": 1, "on_behalf_of": None, "name": "Dr É", "level": "cps",
           "event": "dossier.ouvert", "dossier": "ga 1", "detail": ""}
    mac = hmac.new(purpose_key("audit"), json.dumps(old, sort_keys=True, ensure_ascii=False).encode(),
                   hashlib.sha256).digest()
    with database.writing():
        db.execute_sql(f"INSERT INTO trace ({', '.join(old)}, mac) VALUES ({', '.join('?' * len(old))}, ?)",
                       (*old.values(), mac))
        audit.record(ALICE, "dossier.ouvert", dossier="ga 1")
    assert audit.broken_link() is None
    Trace.update(result="reussi").where(Trace.rpps == 1).execute()
    assert audit.broken_link() == 1


@bounded
@given(number=st.integers(1, 12), data=st.data())
def test_an_edited_row_is_found(number: int, data: st.DataObject) -> None:
    acts(number)
    row = data.draw(st.integers(1, number))
    column, value = data.draw(st.sampled_from([
        ("at", NOON), ("rpps", 10100000022), ("rpps", None), ("on_behalf_of", 10100000022), ("subject", "S1"),
        ("name", "Dr Bob DURAND"), ("level", "otp"), ("event", "dossier.apercu"), ("dossier", None),
        ("dossier", "ga 99"), ("detail", "autre"), ("result", "refuse"), ("result", None), ("mac", b"0" * 32)]))
    Trace.update({column: value}).where(Trace.id == row).execute()
    assert audit.broken_link() == row


@bounded
@given(number=st.integers(2, 12), data=st.data())
def test_a_deleted_row_is_found(number: int, data: st.DataObject) -> None:
    acts(number)
    row = data.draw(st.integers(1, number - 1))
    Trace.delete().where(Trace.id == row).execute()
    assert audit.broken_link() == row + 1


@bounded
@given(number=st.integers(2, 12), data=st.data())
def test_rows_that_changed_places_are_found(number: int, data: st.DataObject) -> None:
    acts(number)
    first, second = sorted(data.draw(st.lists(st.integers(1, number), min_size=2, max_size=2, unique=True)))
    for before, after in ((first, 99), (second, first), (99, second)):
        Trace.update(id=after).where(Trace.id == before).execute()
    assert audit.broken_link() == first


@bounded
@given(number=st.integers(1, 12), data=st.data())
def test_a_row_that_was_slipped_in_is_found(number: int, data: st.DataObject) -> None:
    acts(number)
    copied = data.draw(st.integers(1, number))
    row = Trace.get_by_id(copied)
    Trace.insert(**{name: getattr(row, name) for name in (*chain.COLUMNS, "mac")}).execute()
    assert audit.broken_link() == number + 1


def test_an_act_that_fails_leaves_no_row() -> None:
    with pytest.raises(RuntimeError), database.writing():
        audit.record(ALICE, "dossier.accepte", dossier="ga 43084209")
        raise RuntimeError
    assert audit.timeline("ga 43084209") == []


def test_nothing_is_recorded_without_the_writers_lock() -> None:
    """Two acts that followed the same row would break the chain."""
    with pytest.raises(audit.NotWriting):
        audit.record(ALICE, "dossier.ouvert")
    with db.atomic(), pytest.raises(audit.NotWriting):
        audit.record(ALICE, "dossier.ouvert")
    with database.writing():
        with database.writing():
            audit.record(ALICE, "dossier.ouvert")
        audit.record(ALICE, "dossier.ouvert")
    assert not database.in_writing() and rows("SELECT COUNT(*) FROM trace") == [(2,)]


def test_acts_written_while_the_chain_is_read_are_read_too(monkeypatch: pytest.MonkeyPatch, tables: Settings) -> None:
    monkeypatch.setattr(chain, "_BATCH", chain._BATCH.replace(f"LIMIT {chain.BATCH}", "LIMIT 2"))
    acts(3)
    seen: list[int] = []

    def see(link: chain.Link) -> None:
        seen.append(link.id)
        if link.id < 6:
            with database.writing():
                audit.record(ALICE, "dossier.ouvert")

    chain.whole(see)
    assert seen == [1, 2, 3, 4, 5, 6, 7, 8]
