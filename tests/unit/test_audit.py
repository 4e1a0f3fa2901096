import pytest

from portal.db import audit, database
from portal.db.audit import Actor, Trace
from portal.settings import Settings

ALICE = Actor(10100000011, "Dr Alice MARTIN", "cps")
pytestmark = pytest.mark.usefixtures("tables")


@pytest.fixture
def three_acts(tables: Settings) -> None:
    for event in ("dossier.ouvert", "dossier.accepte", "dossier.refuse"):
        with database.writing():
            audit.record(ALICE, event, dossier="ga 43084209")


def test_a_whole_chain_holds(three_acts: None) -> None:
    assert audit.broken_link() is None
    assert [trace.event for trace in audit.timeline("ga 43084209")] == [
        "dossier.refuse", "dossier.accepte", "dossier.ouvert"]


def test_an_edited_row_is_found(three_acts: None) -> None:
    Trace.update(rpps=10100000022).where(Trace.id == 2).execute()
    assert audit.broken_link() == 2


def test_a_deleted_row_is_found(three_acts: None) -> None:
    Trace.delete().where(Trace.id == 1).execute()
    assert audit.broken_link() == 2


def test_swapped_rows_are_found(three_acts: None) -> None:
    Trace.update(id=9).where(Trace.id == 1).execute()
    Trace.update(id=1).where(Trace.id == 2).execute()
    Trace.update(id=2).where(Trace.id == 9).execute()
    assert audit.broken_link() == 1


def test_an_act_that_fails_leaves_no_row(tables: Settings) -> None:
    with pytest.raises(RuntimeError), database.writing():
        audit.record(ALICE, "dossier.accepte", dossier="ga 43084209")
        raise RuntimeError
    assert audit.timeline("ga 43084209") == []
