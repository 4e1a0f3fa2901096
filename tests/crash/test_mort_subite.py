"""R1: kill -9 in the middle of writes; what was acknowledged is there after the restart, and nothing is half there."""

from __future__ import annotations

import random

import pytest

from portal.settings import Settings
from tests.support.pannes import comptes, monde
from tests.support.pannes.monde import MARK
from tests.support.pannes.portail import running
from tests.support.pannes.rapport import Rapport
from tests.support.pannes.tempete import FIELD, Tempete


@pytest.mark.proves("R1")
def test_a_portal_killed_in_the_middle_of_writes_loses_none(data: Settings, rapport: Rapport, quick: bool) -> None:
    rounds, chance = (2 if quick else 6), random.Random(8)
    storm = Tempete(monde.read(data.data))
    with rapport.essai("R1 kill -9 of the portal, 8 clients, SQLite") as essai:
        for _ in range(rounds):
            before = storm.done.total
            with monde.opened(data), running(data) as portal:
                with storm.blowing(data):
                    storm.until(chance.randint(30, 60))
                    portal.kill()
                assert storm.done.lost, "nobody was writing when it was killed"
            with monde.opened(data):
                lost = comptes.missing(storm.done, FIELD, MARK)
                assert comptes.unsound() == [] and lost == []
            essai.add(storm.done.total - before, len(lost))
    assert not storm.done.refused, storm.done.refused[:3]
    assert storm.done.accepted and storm.done.created and storm.done.sent and storm.done.typings
