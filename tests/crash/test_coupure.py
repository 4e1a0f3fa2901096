"""R2, R4: the power goes, or the log is torn. What was acknowledged is there; what is found is whole."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import peewee
import pytest

from portal.db import database
from portal.db.base import db, rows
from portal.dossiers import commands as dossiers
from portal.volets import reponses
from portal.volets.commands import Sent, save
from tests.support.pannes import comptes, monde
from tests.support.pannes.clients import Ecrits
from tests.support.pannes.coupure import Disk, PowerCut
from tests.support.pannes.monde import ALICE_ACTS, MARK, Monde
from tests.support.pannes.rapport import Essai, Rapport
from tests.support.pannes.tempete import FIELD
from tests.support.people import LEROUX


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small world: what is cut a hundred times must be quick to look through."""
    folder = tmp_path_factory.mktemp("petit")
    monde.furnish(monde.settings_of(folder), waiting=30, written=6, asking=1)
    return folder


def work(world: Monde, done: Ecrits) -> Iterator[None]:
    """The portal's own commands, one transaction each: accept, open, type; each is noted once it was acknowledged."""
    for rank, numero in enumerate(world.waiting):
        with database.writing():
            dossiers.decide(ALICE_ACTS, "ga", numero, "accepter", 1)
        done.accepted.add(numero)
        yield
        name = f"COUPURE{chr(65 + rank)}"
        with database.writing():
            made = dossiers.create(ALICE_ACTS, "ga", replace(LEROUX, nom_naissance=name))
        done.created[made.numero] = name
        yield
        written = world.written[rank % len(world.written)]
        last = done.typed.get(written, (-1, -1))[0]
        base = {FIELD: reponses.digest(f"{MARK} {last}" if last >= 0 else None)}
        done.typed[written] = (last, last + 1)
        with database.writing():
            save(ALICE_ACTS, monde.seen(written), "medical", Sent({FIELD: f"{MARK} {last + 1}"}, base))
        done.typed[written] = (last + 1, last + 1)
        done.typings += 1
        yield


@contextmanager
def disk(name: str) -> Iterator[Disk]:
    """A disk under SQLite until the end of the block."""
    made = Disk(name)
    try:
        yield made
    finally:
        made.unregister()


def cut(source: Path, folder: Path, seed: int, *, synchronous: str = "full") -> tuple[Ecrits, Path]:
    """Work on a copy of the world until the power fails; returns what was acknowledged and what is found."""
    chance = random.Random(seed)
    before, after = folder / f"{synchronous}-{seed}-avant", folder / f"{synchronous}-{seed}-apres"
    world = monde.copied(source, before)
    monde.copied(source, after)
    done = Ecrits()
    with disk(f"coupure-{synchronous}-{seed}") as power:
        with suppress(peewee.OperationalError, PowerCut), monde.opened(monde.settings_of(before)):
            # A small log: a cut often falls while it is copied back into the base.
            db.execute_sql("PRAGMA wal_autocheckpoint = 20").fetchall()
            db.execute_sql(f"PRAGMA synchronous = {synchronous}")
            power.cut_after = power.operations + chance.randint(30, 1500)
            for _ in work(world, done):
                pass
        assert power.operations > power.cut_after, "the power did not fail"
        power.leave(after, chance)
    shutil.rmtree(before)
    return done, after


def found(done: Ecrits, folder: Path) -> tuple[list[str], list[str]]:
    """What is lost, and what is unsound, when the power is back."""
    try:
        with monde.opened(monde.settings_of(folder)):
            return comptes.missing(done, FIELD, MARK), comptes.unsound()
    finally:
        shutil.rmtree(folder)


def _cut_often(essai: Essai, source: Path, folder: Path, times: int, synchronous: str) -> list[str]:
    """Cut so many times; returns what was unsound."""
    wrong = []
    for seed in range(times):
        done, left = cut(source, folder, seed, synchronous=synchronous)
        lost, unsound = found(done, left)
        wrong += unsound
        essai.add(done.total, len(lost))
    return wrong


@pytest.mark.proves("R2")
def test_no_power_cut_loses_what_was_acknowledged(small: Path, tmp_path: Path, rapport: Rapport, quick: bool) -> None:
    with rapport.essai("R2 power cut, synchronous=FULL (the portal’s)") as essai:
        wrong = _cut_often(essai, small, tmp_path, 20 if quick else 120, "full")
    assert wrong == [] and essai.lost == 0 and essai.acknowledged > 10 * essai.rounds


@pytest.mark.proves("R2")
def test_the_same_cuts_lose_writes_that_are_not_forced_to_the_disk(small: Path, tmp_path: Path, rapport: Rapport,
                                                                   quick: bool) -> None:
    with rapport.essai("R2 the same with synchronous=NORMAL (losses expected: the trial can fail)") as essai:
        _cut_often(essai, small, tmp_path, 8 if quick else 30, "normal")
    assert essai.lost > 0


@pytest.mark.proves("R4")
def test_a_torn_log_opens_on_the_first_of_what_was_acknowledged(small: Path, tmp_path: Path, rapport: Rapport,
                                                                quick: bool) -> None:
    chance, live = random.Random(4), tmp_path / "vivant"
    world, settings = monde.copied(small, live), monde.settings_of(live)
    states: list[tuple[int, int]] = []
    with monde.opened(settings):
        db.execute_sql("PRAGMA wal_autocheckpoint = 0").fetchall()
        states.append(_state())
        for _ in work(world, Ecrits()):
            states.append(_state())
        log = (live / "portail.sqlite-wal").read_bytes()
        shutil.copy(live / "portail.sqlite", tmp_path / "base")
    commits = _commits(log)
    assert len(commits) == len(states) - 1
    with rapport.essai("R4 the log cut at a random byte: what opens is what came first") as essai:
        for rank in range(10 if quick else 60):
            folder = tmp_path / f"dechire-{rank}"
            monde.copied(small, folder)
            shutil.copy(tmp_path / "base", folder / "portail.sqlite")
            kept = chance.randint(0, len(log))
            (folder / "portail.sqlite-wal").write_bytes(log[:kept])
            with monde.opened(monde.settings_of(folder)):
                assert comptes.unsound() == []
                # One of the states that were acknowledged, never half of a transaction.
                first = states.index(_state())
            shutil.rmtree(folder)
            # A commit whose every byte is within what was kept is there, and none after it.
            whole = sum(end <= kept for end in commits)
            essai.add(whole, max(0, whole - first))
            assert first == whole
    assert essai.lost == 0


def _state() -> tuple[int, int]:
    """Another after each command: the audit's last row, and how often volets were written."""
    return tuple(rows("SELECT (SELECT MAX(id) FROM trace), (SELECT COALESCE(SUM(version), 0) FROM volet)")[0])


def _commits(log: bytes) -> list[int]:
    """Where each commit of a log ends (sqlite.org/fileformat2.html, « WAL file format »)."""
    page = int.from_bytes(log[8:12], "big")
    frames = range(32, len(log), 24 + page)
    return [start + 24 + page for start in frames if int.from_bytes(log[start + 4:start + 8], "big")]
