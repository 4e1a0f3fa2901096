"""Backup and restore: what comes back is what was there, and nothing else is ever taken for it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st
from playhouse.migrations import Runner

from portal.cli import main
from portal.db import anchors, audit, chain, crypto, database, occupation
from portal.db.base import db, rows
from portal.sauvegarde import archive, base, commands, rules
from portal.sauvegarde.rules import Manifest, Refused
from portal.settings import Settings
from tests.conftest import settings_in
from tests.support import bases
from tests.support.people import LEROUX
from tests.support.volets import ALICE_ACTS as ALICE
from tests.support.volets import dossier, write

pytestmark = pytest.mark.proves("R5")
WORD = "Zwyxwort"
TABLE = {"trace": 2, "dossier": 1}
MANIFEST = Manifest("1.0", "2026-11-22T12:00:00+00:00", "sqlite", ("0001_fondation",), ("k1",), TABLE, (2, "ab"))


@pytest.fixture
def settings(tmp_path: Path, migrated: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A database of this test's own, to which nobody else is connected: a restore takes its name away."""
    bases.copy(migrated, tmp_path)
    made = settings_in(tmp_path)
    if bases.ON_POSTGRESQL:
        monkeypatch.setenv("PORTAL_DATABASE", made.database)
    return made


@pytest.fixture
def full(tables: Settings) -> Settings:
    """A database that holds a dossier, medical words and an audit."""
    numero = int(dossier().numero)
    write(ALICE, numero, {"antecedents": WORD})
    return tables


@pytest.fixture
def saved(full: Settings, tmp_path: Path) -> Path:
    """A backup of it."""
    folder = tmp_path / "coffre"
    folder.mkdir()
    return commands.save(full, folder).path


@pytest.fixture
def elsewhere(full: Settings, tmp_path: Path) -> Settings:
    """A new data folder, to which the keys were brought back."""
    folder = tmp_path / "neuf"
    folder.mkdir()
    shutil.copy(full.data / "cles.json", folder)
    return settings_in(folder)


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even a small backup has several."""
    monkeypatch.setattr(archive, "PIECE", 1 << 12)


def dump(settings: Settings) -> list[object]:
    """Every row of every table, and what the next rows would be numbered."""
    with base.bound(settings):
        found = [(name, sorted(map(repr, rows(f'SELECT * FROM "{name}"')))) for name in sorted(db.get_tables())]
        numbers = rows("SELECT sequencename, last_value FROM pg_sequences") if bases.ON_POSTGRESQL else []
        return [*found, sorted(map(repr, numbers))]


def untouched(settings: Settings) -> bool:
    """True when the place of a restore is as empty as before, and nothing is left beside it."""
    if list(settings.data.glob("*en-cours*")) or commands.engine_of(settings).is_used():
        return False
    if not bases.ON_POSTGRESQL:
        return not (settings.data / "portail.sqlite").exists()
    return not bases.server().run("SELECT datname FROM pg_database WHERE datname LIKE '%en_cours%'")


def test_what_comes_back_is_what_was_there(full: Settings, saved: Path, elsewhere: Settings) -> None:
    done = commands.restore(elsewhere, saved)
    database.close()
    assert dump(elsewhere) == dump(full)
    assert done.aside is None and done.manifest.rows["dossier"] == 1
    with base.bound(elsewhere):
        assert audit.broken_link() is None
    assert not list(elsewhere.data.glob("*en-cours*"))


@pytest.mark.sqlite
def test_the_file_comes_back_alone_and_keeps_a_journal(saved: Path, elsewhere: Settings) -> None:
    commands.restore(elsewhere, saved)
    with base.bound(elsewhere):
        assert rows("PRAGMA journal_mode") == [("wal",)]
    assert sorted(one.name for one in elsewhere.data.iterdir()) == ["cles.json", "en-marche.verrou", "portail.sqlite"]


def test_the_tables_of_the_process_are_still_its_own(full: Settings, saved: Path, elsewhere: Settings) -> None:
    commands.restore(elsewhere, saved)
    with database.writing():
        audit.record(ALICE, "essai")
    assert commands.save(full, saved.parent).manifest.rows["trace"] == rows("SELECT COUNT(*) FROM trace")[0][0]


@pytest.mark.proves("D1")
def test_it_holds_no_clear_word_and_no_key(full: Settings, saved: Path) -> None:
    content, ring = saved.read_bytes(), json.loads((full.data / "cles.json").read_text())
    secrets = (ring["keys"]["k1"], ring["secret"])
    for word in (WORD, LEROUX.nom_naissance, LEROUX.adresse, "SQLite format", "trace", *secrets):
        assert word.encode() not in content
    assert saved.stat().st_mode & 0o777 == 0o600


def test_nothing_but_the_backup_is_left_behind(full: Settings, saved: Path) -> None:
    assert [one.name for one in saved.parent.iterdir()] == [saved.name]
    assert not list(full.data.glob("*en-cours*"))


def _shortened(content: bytes) -> bytes:
    return content[:-1]


def _without_end(content: bytes) -> bytes:
    """Cut after a whole piece."""
    head = content.index(b"\n") + 1
    return content[:head + archive.PIECE + 16]


def _longer(content: bytes) -> bytes:
    return content + content[-100:]


def _altered(content: bytes) -> bytes:
    return content[:-5] + bytes([content[-5] ^ 1]) + content[-4:]


def _other_head(content: bytes) -> bytes:
    return content.replace(b'"format": 1', b'"format":  1', 1)


def _nothing(content: bytes) -> bytes:
    return b""


def _text(content: bytes) -> bytes:
    return b"Bonjour\n"


@pytest.mark.parametrize("spoil", [_shortened, _without_end, _longer, _altered, _other_head, _nothing, _text])
def test_an_altered_or_cut_backup_is_refused(small_pieces: None, saved: Path, elsewhere: Settings,
                                             spoil: Callable[[bytes], bytes]) -> None:
    saved.write_bytes(spoil(saved.read_bytes()))
    with pytest.raises(Refused, match="altéré"):
        commands.restore(elsewhere, saved)
    assert untouched(elsewhere)


@pytest.mark.postgresql
def test_a_database_with_the_longest_name_is_put_aside_like_another(saved: Path, elsewhere: Settings) -> None:
    long = replace(elsewhere, database=bases.server().create("p" * 63))
    commands.restore(long, saved)
    done = commands.restore(long, saved, force=True)
    assert done.aside
    for found in (long.database, bases.server().url(done.aside)):
        with base.bound(replace(long, database=found)):
            assert rows("SELECT COUNT(*) FROM dossier") == [(1,)]


@pytest.mark.postgresql
def test_what_pg_restore_does_not_understand_is_said_in_its_words(elsewhere: Settings) -> None:
    engine = commands.engine_of(elsewhere)
    with pytest.raises(Refused, match="pg_restore a échoué"), engine.receive(elsewhere.data) as write:
        for _ in range(64):
            write(bytes(1 << 16))
    engine.discard(elsewhere.data)


def test_what_a_killed_restore_left_beside_goes_with_the_next(saved: Path, elsewhere: Settings) -> None:
    left = elsewhere.data / f"{commands.SCRATCH}0-abcd"
    left.mkdir()
    with suppress(Refused), commands.engine_of(elsewhere).receive(left):  # PostgreSQL wants more than nothing
        pass
    assert not untouched(elsewhere)
    with pytest.raises(Refused, match="ne peut pas être lue"):
        commands.restore(elsewhere, saved.with_name("absente.vts"))
    assert untouched(elsewhere)


def test_a_wrong_key_is_refused_and_said(saved: Path, elsewhere: Settings) -> None:
    (elsewhere.data / "cles.json").unlink()
    with pytest.raises(Refused, match="remettez d’abord"):
        commands.restore(elsewhere, saved)
    assert not (elsewhere.data / "cles.json").exists()
    crypto.load_keys(elsewhere)  # a new ring, whose key has the same name
    with pytest.raises(Refused, match="n’est pas celle qui a scellé"):
        commands.restore(elsewhere, saved)


def test_a_ring_with_another_secret_is_refused(saved: Path, elsewhere: Settings) -> None:
    ring = json.loads((elsewhere.data / "cles.json").read_text())
    (elsewhere.data / "cles.json").write_text(json.dumps(ring | {"secret": ring["keys"]["k1"]}))
    with pytest.raises(Refused, match="journal d’audit est rompu"):
        commands.restore(elsewhere, saved)


def test_a_database_that_holds_something_is_put_aside_only_when_told(full: Settings, saved: Path) -> None:
    with database.writing():
        audit.record(ALICE, "apres.la.sauvegarde")
    database.close()
    with pytest.raises(Refused, match="--forcer"):
        commands.restore(full, saved)
    done = commands.restore(full, saved, force=True)
    assert done.aside
    last = "SELECT event FROM trace ORDER BY id DESC LIMIT 1"
    aside = bases.server().url(done.aside) if bases.ON_POSTGRESQL else f"sqlite:///{done.aside}/portail.sqlite"
    with base.bound(replace(full, database=aside)):
        assert rows(last) == [("apres.la.sauvegarde",)]
    database.connect()
    assert rows(last) != [("apres.la.sauvegarde",)]


def test_what_was_anchored_after_the_backup_is_no_cut_tail(full: Settings, saved: Path) -> None:
    with database.writing():
        audit.record(ALICE, "apres.la.sauvegarde")
    assert anchors.write(full) is not None
    database.close()
    commands.restore(full, saved, force=True)
    with base.bound(full):
        assert anchors.verify(full).fault is None


def test_an_earlier_version_s_backup_is_brought_up_to_date(full: Settings, elsewhere: Settings, tmp_path: Path) -> None:
    (tmp_path / "ancien").mkdir()
    old = settings_in(tmp_path / "ancien")
    act = dict.fromkeys(chain.COLUMNS) | {"at": 1, "name": "Dr Alice MARTIN", "level": "cps", "event": "dossier.ouvert",
                                          "detail": ""}
    with base.bound(old):
        Runner(db.obj, directory=str(database.MIGRATIONS)).up(target="0029_visite")
        db.execute_sql("INSERT INTO trace (at, name, level, event, detail, mac) VALUES (?, ?, ?, ?, ?, ?)",
                       (*(act[name] for name in ("at", "name", "level", "event", "detail")), chain.code(b"", act)))
    made = commands.save(old, tmp_path)
    assert max(made.manifest.migrations) == "0029_visite"
    commands.restore(elsewhere, made.path)
    with base.bound(elsewhere):
        assert database.migrate() == [] and audit.broken_link() is None
        assert [one.event for one in audit.Trace.select()] == ["dossier.ouvert"]


def test_a_running_portal_is_left_alone(saved: Path, elsewhere: Settings) -> None:
    with occupation.held(elsewhere), pytest.raises(Refused, match="arrêtez-le"):
        commands.restore(elsewhere, saved)


@pytest.mark.sqlite
def test_a_damaged_database_is_not_saved_as_if_it_were_whole(full: Settings, tmp_path: Path) -> None:
    database.close()
    file = full.data / "portail.sqlite"
    apsw.Connection(str(file)).execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    content = bytearray(file.read_bytes())
    content[40_000:60_000] = bytes(20_000)
    file.write_bytes(content)
    with pytest.raises(Refused, match="endommagée"):
        commands.save(full, tmp_path / "perdue.vts")
    assert not (tmp_path / "perdue.vts").exists() and not list(tmp_path.glob(".*"))


def test_a_broken_chain_is_not_saved_as_if_it_held(full: Settings, tmp_path: Path) -> None:
    with database.writing():
        audit.Trace.update(name="Autre").execute()
    with pytest.raises(Refused, match="rompu à la ligne 1"):
        commands.save(full, tmp_path / "rompue.vts")


@pytest.mark.parametrize(("change", "words"), [
    ({}, None), ({"engine": "postgresql"}, "même genre"), ({"migrations": ("9999_demain",)}, "plus récent"),
    ({"keys": ("k1", "k0")}, "k0"),
])
def test_what_this_portal_can_t_take_is_refused(change: dict[str, object], words: str | None) -> None:
    told = replace(MANIFEST, **change)  # type: ignore[arg-type]
    said = rules.refusal(told, engine="sqlite", migrations={"0001_fondation", "0002_compte"}, keys={"k1", "k2"})
    assert (words in said) if words and said else said is words


def test_a_manifest_is_read_as_it_was_written() -> None:
    assert Manifest.of(MANIFEST.text()) == MANIFEST
    with pytest.raises(Refused, match="plus récente"):
        Manifest.of(MANIFEST.text().replace('"format": 1', '"format": 2'))


def test_what_differs_is_named() -> None:
    assert rules.differences(MANIFEST, TABLE, (2, "ab")) == []
    assert rules.differences(MANIFEST, {"trace": 1, "lien": 3}, (1, "aa")) == [
        "table dossier\u00a0: 0 lignes au lieu de 1", "table lien\u00a0: 3 lignes au lieu de 0",
        "table trace\u00a0: 1 lignes au lieu de 2", "journal d’audit\u00a0: sa fin n’est pas celle de la sauvegarde"]


@given(st.lists(st.datetimes(datetime(2020, 1, 1), datetime(2099, 1, 1)), max_size=12), st.integers(0, 14))
def test_the_latest_are_kept_and_other_files_stay(instants: list[datetime], keep: int) -> None:
    names: list[str] = []
    for at in sorted(instants):
        names.append(rules.name(at.replace(tzinfo=UTC), names))
    assert len(set(names)) == len(names)
    gone = rules.outdated([*reversed(names), "portail.sqlite", "notes.vts"], keep)
    assert gone == (names[:-keep] if keep else [])


@pytest.mark.parametrize("size", [0, 1, archive.PIECE - 1, archive.PIECE, archive.PIECE + 1, 3 * archive.PIECE])
def test_a_stream_of_any_length_comes_back(full: Settings, tmp_path: Path, size: int) -> None:
    content = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    with (tmp_path / "flux").open("wb") as file:
        writer = archive.Writer(file, crypto.keys())
        writer.write(content)
        writer.close()
    with (tmp_path / "flux").open("rb") as file:
        assert b"".join(archive.pieces(file, crypto.keys())) == content


def test_the_commands(full: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                      capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PORTAL_DATA", str(full.data))
    monkeypatch.setenv("PORTAL_DEMONSTRATION", "oui")
    folder = tmp_path / "coffre"
    assert main(["sauvegarder", str(folder / "absent" / "x.vts")]) == 1
    folder.mkdir()
    assert [main(["sauvegarder", str(folder), "--garder", "2"]) for _ in range(3)] == [0, 0, 0]
    assert "Anciennes sauvegardes supprimées" in capsys.readouterr().out
    kept = sorted(folder.iterdir())
    assert len(kept) == 2
    assert main(["sauvegarder", str(kept[0])]) == 1  # an older backup is never overwritten
    database.close()
    assert main(["restaurer", str(kept[0])]) == 1
    assert "--forcer" in capsys.readouterr().err
    assert main(["restaurer", str(kept[0]), "--forcer"]) == 0
    assert "La base d’avant est dans" in capsys.readouterr().out
