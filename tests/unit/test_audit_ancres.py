"""Anchors outside the database: a cut tail shows, a rewritten one too, and so does an anchor file that was touched."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from portal import cli, clock
from portal import settings as configuration
from portal.db import anchors, audit, database
from portal.db.anchors import Fault
from portal.db.audit import Actor, Trace
from portal.db.base import rows
from portal.echeances import journal
from portal.settings import Settings, load
from tests.conftest import settings_in
from tests.support import bases
from tests.unit.test_audit import NOON

ALICE = Actor(10100000011, "Dr Alice MARTIN", "cps")
pytestmark = [pytest.mark.usefixtures("tables"), pytest.mark.proves("D4", "V16.4.2")]

bounded = hypothesis_settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


def act(times: int = 1) -> None:
    with database.writing():
        for _ in range(times):
            audit.record(ALICE, "dossier.ouvert", dossier="ga 1")


def anew(tables: Settings) -> None:
    """An empty chain and no anchor."""
    with database.writing():
        Trace.truncate_table(restart_identity=True)
    anchors.own_file(tables).unlink(missing_ok=True)


def cut(after: int) -> None:
    """Rows taken away by somebody who may write in the database."""
    Trace.delete().where(Trace.id > after).execute()


def last() -> int:
    return int(rows("SELECT MAX(id) FROM trace")[0][0])


def test_what_is_anchored_holds_and_is_kept_for_its_owner_alone(tables: Settings) -> None:
    act(3)
    with clock.freeze(NOON):
        made = anchors.write(tables)
    assert made and made.row == 3 and made.at == "2026-11-22T12:00:00+00:00"
    path = anchors.own_file(tables)
    assert path.parent == tables.data / "ancres" and path.read_text("ascii") == f"{made.line}\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    found = anchors.verify(tables)
    assert (found.rows, found.last, found.anchors, found.fault) == (4, 4, 1, None)


def test_nothing_new_is_not_anchored_again(tables: Settings) -> None:
    assert anchors.write(tables) is None
    act()
    assert journal.anchor(tables) == 1 and journal.anchor(tables) == 0
    act()
    assert journal.anchor(tables) == 1
    assert [one.number for one in anchors.read(anchors.own_file(tables))] == [1, 2]


@bounded
@given(parts=st.lists(st.integers(1, 4), min_size=1, max_size=4), data=st.data())
def test_a_cut_tail_is_found_down_to_the_last_anchor(tables: Settings, parts: list[int], data: st.DataObject) -> None:
    anew(tables)
    for part in parts:
        act(part)
        made = anchors.write(tables)
    assert made
    act(2)
    after = data.draw(st.integers(0, last() - 1))
    cut(after)
    fault = anchors.verify(tables).fault
    if after < made.row:
        assert fault == Fault("fin", after)
    else:
        assert fault is None  # what no anchor has seen yet: the documentation says so


@bounded
@given(before=st.integers(1, 5), more=st.integers(1, 8))
def test_a_tail_cut_and_grown_again_is_found(tables: Settings, before: int, more: int) -> None:
    """Whoever holds the portal itself can write acts that follow rightly: not those that were anchored."""
    anew(tables)
    act(before)
    made = anchors.write(tables)
    assert made
    cut(before - 1)
    with database.writing():
        for _ in range(more):
            audit.record(ALICE, "dossier.apercu", dossier="ga 2")
    assert audit.broken_link() is None
    assert anchors.verify(tables).fault == Fault("ancre", made.row)


def _without_last(path: Path) -> None:
    path.write_text("".join(path.read_text("ascii").splitlines(keepends=True)[:-1]), "ascii")


def _without_first(path: Path) -> None:
    path.write_text("".join(path.read_text("ascii").splitlines(keepends=True)[1:]), "ascii")


def _another_row(path: Path) -> None:
    first, *rest = path.read_text("ascii").splitlines(keepends=True)
    number, row, others = first.split(" ", 2)
    path.write_text("".join([f"{number} {int(row) + 1} {others}", *rest]), "ascii")


@pytest.mark.parametrize("damage", [_without_last, _without_first, _another_row, Path.unlink])
def test_an_anchor_file_that_was_touched_is_found(tables: Settings, damage: Callable[[Path], None]) -> None:
    act()
    anchors.write(tables)
    act()
    anchors.write(tables)
    path = anchors.own_file(tables)
    damage(path)
    assert anchors.verify(tables).fault == Fault("fichier", 2, path.name)


def test_another_files_lines_are_worth_nothing(tables: Settings) -> None:
    act()
    anchors.write(tables)
    path = anchors.own_file(tables)
    path.rename(path.with_name("autre.ancre"))
    assert anchors.verify(tables).fault == Fault("fichier", 1, path.name)


@pytest.mark.proves("R2")
def test_a_line_that_a_power_cut_tore_stops_nothing(tables: Settings) -> None:
    act()
    anchors.write(tables)
    path = anchors.own_file(tables)
    with path.open("a", encoding="ascii") as file:
        file.write("2 3 0123")
    act()
    made = anchors.write(tables)
    assert made and made.number == 2
    assert anchors.verify(tables).fault is None and anchors.verify(tables).anchors == 2


def test_an_anchor_that_cannot_be_written_is_not_told_of(tables: Settings) -> None:
    act()
    tables.audit_anchor.write_text("un fichier là où il faut un dossier", "utf-8")
    with pytest.raises(OSError):
        anchors.write(tables)
    assert last() == 1


def test_two_machines_anchor_the_same_chain(tables: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for host in ("un", "deux", "un"):
        monkeypatch.setattr("socket.gethostname", lambda host=host: host)
        act()
        anchors.write(tables)
    assert sorted(path.name for path in tables.audit_anchor.iterdir()) == ["deux.ancre", "un.ancre"]
    assert anchors.verify(tables).fault is None and anchors.verify(tables).anchors == 3


def test_a_restored_backup_says_so_and_is_watched_again(tables: Settings) -> None:
    act(2)
    anchors.write(tables)
    act(3)
    anchors.write(tables)
    cut(4)  # what a backup of before holds
    assert anchors.verify(tables).fault == Fault("fin", 4)
    assert anchors.restored(tables) == 1
    assert anchors.verify(tables).fault is None
    act(5)
    made = anchors.write(tables)
    assert made
    cut(made.row - 1)
    assert anchors.verify(tables).fault == Fault("fin", made.row - 1)


@pytest.fixture
def settings(tmp_path: Path, migrated: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A database of this test's own, to which nobody else is connected: a restore takes its name away."""
    bases.copy(migrated, tmp_path)
    made = settings_in(tmp_path)
    if bases.ON_POSTGRESQL:
        monkeypatch.setenv("PORTAL_DATABASE", made.database)
    return made


@pytest.fixture
def portal(tables: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """The command, on this test's database."""
    monkeypatch.setattr(configuration, "load", lambda **_: tables)
    return lambda *words: cli.main(list(words))


def test_the_command_anchors_and_verifies(portal: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    act()
    assert portal("audit") == 0
    assert "aucune ancre" in capsys.readouterr().out
    assert portal("audit", "ancrer") == 0
    assert capsys.readouterr().out.startswith("1 1 ")
    assert portal("audit", "ancrer") == 0
    assert "Rien de nouveau" in capsys.readouterr().out
    assert portal("audit", "verify") == 0
    assert capsys.readouterr().out == (
        "Le journal d’audit est intact. Lignes relues\u00a0: 2\u00a0; ancres vérifiées\u00a0: 1.\n")
    cut(0)
    assert portal("audit", "verify") == 1
    assert "coupé après la ligne 0" in capsys.readouterr().out
    assert portal("audit", "ancrer", "--restauration") == 0
    assert "écartées\u00a0: 1" in capsys.readouterr().out and portal("audit") == 0


def test_the_command_says_where_it_is(
        portal: Callable[..., int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(anchors, "EVERY", 2)
    act(5)
    assert portal("audit", "verify") == 0
    assert capsys.readouterr().err.splitlines() == ["2 lignes relues…", "4 lignes relues…"]


def test_the_folder_is_a_setting(tmp_path: Path) -> None:
    assert load({"PORTAL_AUDIT_ANCHOR": str(tmp_path / "ailleurs")}).audit_anchor == tmp_path / "ailleurs"
    assert load({}, data=tmp_path).audit_anchor == tmp_path / "ancres"


def test_a_backup_is_anchored_and_a_restore_says_what_to_do(
        portal: Callable[..., int], tables: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    act(2)
    assert portal("sauvegarder", str(tmp_path / "une.sauvegarde")) == 0
    assert [one.row for one in anchors.read(anchors.own_file(tables))] == [2]
    database.close()
    assert portal("restaurer", str(tmp_path / "une.sauvegarde"), "--forcer") == 0
    assert "portal audit ancrer --restauration" in capsys.readouterr().out
    # What was anchored just before the backup is in it.
    assert portal("audit", "verify") == 0


def test_what_forbids_an_anchor_forbids_no_stop(tables: Settings, caplog: pytest.LogCaptureFixture) -> None:
    act()
    tables.audit_anchor.write_text("", "utf-8")
    journal.anchor_if_possible(tables)
    assert "the audit was not anchored (FileExistsError)" in caplog.text
