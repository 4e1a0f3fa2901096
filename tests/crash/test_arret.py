"""R3, R7: a full disk is said and half-writes nothing; a portal that is told to stop answers who it listens to."""

from __future__ import annotations

import itertools
import signal
import time

import pytest

from portal.dossiers.models import Dossier
from portal.settings import Settings
from tests.support.pannes import clients, comptes, monde
from tests.support.pannes.clients import Browser, EnSuspens
from tests.support.pannes.monde import MARK
from tests.support.pannes.portail import running
from tests.support.pannes.rapport import Rapport
from tests.support.pannes.tempete import FIELD, Tempete

FORM = "/dossiers/grand-age/creer"


@pytest.mark.proves("R3")
def test_a_full_disk_is_said_and_forgotten_once_there_is_room(data: Settings, rapport: Rapport, quick: bool) -> None:
    names = (f"PLEIN{chr(65 + rank // 26)}{chr(65 + rank % 26)}" for rank in itertools.count())
    created: dict[int, str] = {}
    world = monde.read(data.data)
    with rapport.essai("R3 full disk (RLIMIT_FSIZE), then room again") as essai, monde.opened(data), \
            running(data) as portal:
        browser = Browser(data)
        for _ in range(2 if quick else 5):
            portal.limit((data.data / "portail.sqlite").stat().st_size // 2)
            for name in names:
                answer = browser.post(FORM, clients.creation(name))
                if answer.status != 303:
                    break
                created[clients.number_in(answer.location)] = name
            assert answer.status == 503 and "Enregistrement impossible" in answer.body and "E15" in answer.body
            assert "rien n’a été modifié" in answer.body and 'lang="fr"' in answer.body
            # Reading goes on, until an audit row of a reading does not fit either.
            opened = [browser.get(f"/dossiers/grand-age/{numero}").status for numero in world.written]
            assert set(opened) <= {200, 503} and opened[-1] == 503
            assert browser.get("/dossiers/grand-age").status == 200
            assert not Dossier.select().where(Dossier.nom_naissance == name).exists()
            portal.limit(None)
            again = browser.post(FORM, clients.creation(name))
            assert again.status == 303
            created[clients.number_in(again.location)] = name
        browser.close()
        found = {row.numero: row.nom_naissance for row in Dossier.select(Dossier.numero, Dossier.nom_naissance)}
        essai.add(len(created), sum(found.get(numero) != name for numero, name in created.items()),
                  2 if quick else 5)
        assert essai.lost == 0 and comptes.unsound() == []


@pytest.mark.proves("R7")
def test_a_portal_told_to_stop_answers_what_has_begun(data: Settings, rapport: Rapport, quick: bool) -> None:
    storm, world, rounds = Tempete(monde.read(data.data)), monde.read(data.data), 2 if quick else 5
    begun = iter(world.waiting[-6 * rounds:])
    with rapport.essai("R7 SIGTERM with POSTs half sent and 8 clients") as essai:
        for _ in range(rounds):
            before = storm.done.total
            with monde.opened(data), running(data) as portal, storm.blowing(data):
                storm.until(20)
                half = {numero: EnSuspens(Browser(data), f"/dossiers/grand-age/{numero}/accepter", {"version": "1"})
                        for numero in itertools.islice(begun, 6)}
                time.sleep(0.3)  # for the portal to have taken what was sent
                portal.terminate()
                assert [one.finish() for one in half.values()] == [303] * 6
                assert portal.wait() in (0, -signal.SIGTERM)
            storm.done.accepted |= half.keys()
            with monde.opened(data):
                lost = comptes.missing(storm.done, FIELD, MARK)
                assert comptes.unsound() == [] and lost == []
            essai.add(storm.done.total - before, len(lost))
    assert not storm.done.refused, "an answer of the portal’s was an error"
