"""C1, C2, C4: several people at once, on two portals that share one database."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import pytest

from portal.db import audit
from portal.db.base import rows
from portal.dossiers.models import Dossier, Lien
from portal.settings import Settings
from tests.support.pannes import clients, comptes, monde
from tests.support.pannes.clients import Answer, Browser
from tests.support.pannes.monde import ALICE
from tests.support.pannes.portail import free_port, running
from tests.support.pannes.rapport import Rapport

ANSWERS = {"accepter": "accepté ce dossier", "refuser": "refusé ce dossier"}
PEOPLE, WRITERS = 6, 8


@contextmanager
def two_portals(settings: Settings) -> Iterator[list[int]]:
    """Two processes of one portal; their ports."""
    other = replace(settings, port=free_port())
    with ExitStack() as stack:
        stack.enter_context(running(settings))
        stack.enter_context(running(other))
        yield [settings.port, other.port]


def at_once(people: list[Browser], pool: ThreadPoolExecutor, path: str, forms: list[dict[str, str]],
            events: list[str]) -> list[Answer]:
    """Each sends his answer at the same instant."""
    start = threading.Barrier(len(people))

    def one(rank: int) -> Answer:
        start.wait(clients.TIMEOUT)
        return people[rank].post(f"{path}/{events[rank]}", forms[rank])

    return list(pool.map(one, range(len(people))))


@pytest.mark.parametrize("events", [
    pytest.param(("accepter",), marks=pytest.mark.proves("C1"), id="accepter"),
    pytest.param(("accepter", "refuser"), marks=pytest.mark.proves("C2"), id="accepter-refuser"),
])
def test_one_answer_wins_and_the_others_are_told(data: Settings, rapport: Rapport, quick: bool,
                                                 events: tuple[str, ...]) -> None:
    world, times = monde.read(data.data), 10 if quick else 100
    chosen = [events[rank % len(events)] for rank in range(PEOPLE)]
    name = f"{'C1' if len(events) == 1 else 'C2'} {PEOPLE} people, {' or '.join(events)} the same dossier, 2 portals"
    with monde.opened(data), two_portals(data) as ports, ThreadPoolExecutor(PEOPLE) as pool:
        people = [Browser(data, **who).at(ports[rank % 2])
                  for rank, who in enumerate(monde.delegates(data, PEOPLE))]
        with rapport.essai(name) as essai:
            for numero in world.waiting[:times]:
                path = f"/dossiers/grand-age/{numero}"
                answers = at_once(people, pool, path, [{"version": "1"}] * PEOPLE, chosen)
                won = [chosen[rank] for rank, answer in enumerate(answers) if answer.status == 303]
                assert Counter(answer.status for answer in answers) == {303: 1, 409: PEOPLE - 1}
                told = [answer for answer in answers if answer.status == 409 and ANSWERS[won[0]] in answer.body]
                assert len(told) == PEOPLE - 1
                lien = Lien.get(Lien.rpps == ALICE, Lien.numero == numero)
                kept = (lien.etat, lien.version) == ("accepte" if won[0] == "accepter" else "refuse", 2)
                written = [one.event for one in audit.timeline(f"ga {numero}") if one.event in
                           ("dossier.accepte", "dossier.refuse")]
                assert len(written) == 1
                essai.add(1, int(not kept))
        assert essai.lost == 0 and comptes.unsound() == []
        for one in people:
            one.close()


@pytest.mark.proves("C4")
def test_no_number_is_given_twice(data: Settings, rapport: Rapport, quick: bool) -> None:
    each = 5 if quick else 20
    with monde.opened(data), two_portals(data) as ports, ThreadPoolExecutor(WRITERS) as pool:
        before = {numero for numero, in rows("SELECT numero FROM dossier")}
        people = [Browser(data).at(ports[rank % 2]) for rank in range(WRITERS)]

        def write(rank: int) -> list[int]:
            letter = chr(65 + rank)
            names = [f"NUMERO{letter}{chr(65 + time)}" for time in range(each)]
            answers = [people[rank].post("/dossiers/grand-age/creer", clients.creation(name)) for name in names]
            return [clients.number_in(answer.location) for answer in answers]

        with rapport.essai(f"C4 numbers of new dossiers, {WRITERS} writers, 2 portals") as essai:
            given = [numero for found in pool.map(write, range(WRITERS)) for numero in found]
            essai.add(len(given), len(given) - len(set(given)))
        kept = {one.numero for one in Dossier.select(Dossier.numero)} - before
        assert len(given) == len(set(given)) == WRITERS * each and kept == set(given)
        assert max(given) - min(given) + 1 == len(given), "a number was left out"
        for one in people:
            one.close()
