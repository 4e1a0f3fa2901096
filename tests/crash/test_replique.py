"""A PostgreSQL with a replica, named both in one address: the first server dies, the replica takes over."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.settings import Settings
from tests.support import grappe, replique
from tests.support.pannes import comptes, monde
from tests.support.pannes.clients import Browser
from tests.support.pannes.monde import MARK
from tests.support.pannes.portail import command
from tests.support.pannes.rapport import Rapport
from tests.support.pannes.tempete import FIELD, WRITERS, Tempete
from tests.support.replique import Paire


@pytest.fixture
def paire() -> Iterator[Paire]:
    made = replique.pair()
    yield made
    made.stop()


@pytest.fixture
def world(paire: Paire, tmp_path: Path) -> Settings:
    """A furnished database on both, named in one address."""
    paire.first.create("monde")
    settings = monde.settings_of(tmp_path, database=paire.url("monde"))
    monde.furnish(settings, waiting=200, written=20, asking=40)
    return settings


@pytest.mark.proves("R1")
def test_a_replica_that_takes_over_has_all_that_was_acknowledged(
        paire: Paire, world: Settings, rapport: Rapport, quick: bool) -> None:
    storm, chance, silent = Tempete(monde.read(world.data)), random.Random(9), list[float]()
    with grappe.members(world) as portals, rapport.essai(
            "R1 kill -9 of PostgreSQL, its replica promoted, 2 portals of 2 workers, 8 clients") as essai:
        with monde.opened(world):
            browsers = [Browser(world) for _ in range(WRITERS)]
        for rank in range(1 if quick else 3):
            if rank:
                paire.again()
            for number, one in enumerate(browsers):
                one.at(portals[number % 2].port)
            before = storm.done.total
            with storm.of(browsers):
                storm.until(chance.randint(20, 40))
                start = time.monotonic()
                paire.fail_over()
                storm.until(1)
                silent.append(time.monotonic() - start)
                storm.until(20)
            with monde.opened(world):
                lost = comptes.missing(storm.done, FIELD, MARK)
                assert comptes.unsound(sqlite=False) == [] and lost == []
            assert [one.get("/accueil").status for one in browsers] == [200] * WRITERS, "somebody was logged out"
            essai.add(storm.done.total - before, len(lost))
        assert command(world, "audit", "verify").returncode == 0
        for one in browsers:
            one.close()
    # Who was not answered was told so: never an error of ours, never a lie.
    assert {refused[:3] for refused in storm.done.refused} <= {"503", "409"}
    assert not storm.done.lost
    rapport.remark(f"replica: {', '.join(f'{one:.1f}' for one in silent)} s from the kill to the next write")
