"""Two portals of two workers behind nginx, on PostgreSQL: one is killed, told to stop, started again."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta

import pytest

from portal import clock
from portal.db import database
from portal.db.outbox import Courriel
from portal.delegations.models import Delegation
from portal.echeances.models import Bail, Fait
from tests.support import grappe, nginx, postgres
from tests.support.grappe import Grappe
from tests.support.pannes import clients, comptes, monde
from tests.support.pannes.clients import Browser, Ecrits, Lost
from tests.support.pannes.monde import MARK
from tests.support.pannes.portail import command
from tests.support.pannes.rapport import Rapport
from tests.support.pannes.tempete import FIELD, WRITERS, Tempete
from tests.support.processus import wait_until

ROUNDS, PEOPLE = 4, 60


@pytest.fixture(scope="module")
def deux(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Grappe]:
    """The two; a portal that is told to stop goes on for a second, as docs/dev/operations.md asks."""
    folder, where = tmp_path_factory.mktemp("tue"), nginx.ports()
    with ExitStack() as stack:
        server = postgres.start(durable=True)
        stack.callback(server.stop)
        settings = monde.settings_of(folder / "donnees", origin=where.origin, database=server.create("tue"))
        settings.data.mkdir(mode=0o700)
        monde.furnish(settings, waiting=300, written=40, asking=60)
        made = stack.enter_context(grappe.running(
            settings, folder / "nginx", where, PORTAL_CLOCKS_PAUSE="1", PORTAL_DRAIN_PAUSE="3"))
        stack.enter_context(monde.opened(settings))
        yield made


@pytest.mark.proves("R1", "C4", "V7.2.1")
def test_a_whole_portal_killed_in_the_middle_of_writes_loses_none_and_logs_nobody_out(
        deux: Grappe, rapport: Rapport) -> None:
    storm, chance = Tempete(monde.read(deux.settings.data)), random.Random(8)
    browsers = [deux.behind(Browser(deux.settings)) for _ in range(WRITERS)]
    with rapport.essai("kill -9 of one portal of two, 8 clients through nginx, PostgreSQL") as essai:
        for rank in range(ROUNDS):
            killed = deux.membres[rank % 2]
            before = storm.done.total
            with storm.of(browsers):
                storm.until(chance.randint(20, 40))
                killed.kill()
                # The other serves: at once, for nginx asks it as soon as the dead one refuses.
                storm.until(20)
            lost = comptes.missing(storm.done, FIELD, MARK)
            assert comptes.unsound(sqlite=False) == [] and lost == []
            assert [one.get("/accueil").status for one in browsers] == [200] * WRITERS
            essai.add(storm.done.total - before, len(lost))
            seen = len(deux.served_by())
            killed.start()
            wait_until(lambda since=seen, port=killed.port: _asked(deux, browsers[0], port, since))  # type: ignore[misc]
    # Whoever was being answered by the one that died is told so, and by nobody that it was done.
    assert {refused[:3] for refused in storm.done.refused} <= {"502", "409"}
    assert command(deux.settings, "audit", "verify").returncode == 0
    for one in browsers:
        one.close()


def _asked(deux: Grappe, browser: Browser, port: int, since: int) -> bool:
    """True once nginx sends requests to this portal again."""
    assert browser.get("/accueil").status == 200
    return f"127.0.0.1:{port}" in deux.served_by()[since:]


@pytest.mark.proves("R7")
def test_a_rolling_restart_fails_no_request(deux: Grappe, rapport: Rapport) -> None:
    done, stop, wrong = Ecrits(), threading.Event(), list[str]()
    written = monde.read(deux.settings.data).written[-WRITERS:]
    browsers = [Browser(deux.settings) for _ in range(WRITERS)]

    def visit(rank: int) -> None:
        names = (f"ROULEMENT{chr(65 + rank)}{_letters(time)}" for time in range(2000))
        for step in clients.typing(written[rank], 2000, FIELD, MARK) if rank % 2 else clients.creating(names):
            if stop.is_set():
                return
            try:
                # A connection each: what a browser does when nginx closes one that it does not use.
                step(deux.behind(browsers[rank]), done)
                answer = deux.behind(browsers[rank]).get("/dossiers/grand-age")
            except Lost as lost:
                wrong.append(str(lost))
            else:
                wrong.extend([] if answer.status == 200 else [f"{answer.status}"])

    threads = [threading.Thread(target=visit, args=(rank,), daemon=True) for rank in range(WRITERS)]
    every = [f"127.0.0.1:{port}" for port in deux.ports]
    with rapport.essai("rolling restart of both portals, 8 clients through nginx, PostgreSQL") as essai:
        for thread in threads:
            thread.start()
        for one in deux.membres:
            _some_more(done)
            deux.proxy.send_to([address for address in every if address != f"127.0.0.1:{one.port}"])
            assert one.stop() == 0
            one.start()
            deux.proxy.send_to(every)
        _some_more(done)
        stop.set()
        for thread in threads:
            thread.join(clients.TIMEOUT)
        lost = comptes.missing(done, FIELD, MARK)
        essai.add(done.total, len(lost))
    for browser in browsers:
        browser.close()
    assert wrong + [refused[:3] for refused in done.refused] + lost == []


def _some_more(done: Ecrits) -> None:
    wanted = done.total + 20
    wait_until(lambda: done.total >= wanted)


def _letters(rank: int) -> str:
    return "".join(chr(ord("A") + int(digit)) for digit in f"{rank:05d}")


@pytest.mark.proves("R1")
def test_what_a_killed_portal_had_begun_the_other_ends_once(deux: Grappe, rapport: Rapport) -> None:
    one, other = deux.membres
    assert other.stop() == 0
    ending = [who["delegation_id"] for who in monde.delegates(deux.settings, PEOPLE)]
    with rapport.essai("kill -9 of the portal that holds a job, the other ends it, PostgreSQL") as essai:
        with database.writing():
            Delegation.update(ends=clock.today() + timedelta(days=deux.settings.delegation_notice_days)).where(
                Delegation.id.in_(ending)).execute()
            Bail.update(prochain=clock.now()).where(Bail.nom == "delegations").execute()
        wait_until(lambda: _told() >= 3)
        one.kill()
        begun = _told()
        assert begun < PEOPLE and Bail.get(Bail.nom == "delegations").detenteur
        other.start()
        time.sleep(3)
        assert _told() == begun, "the lease of the dead holds until it ends"
        with database.writing():
            Bail.update(jusque=clock.now()).where(Bail.nom == "delegations").execute()
        wait_until(lambda: _told() == PEOPLE, 60)
        wait_until(lambda: not Bail.get(Bail.nom == "delegations").detenteur)
        essai.add(begun, 0)
    mails = Courriel.select().where(Courriel.subject.contains("se termine")).count()
    assert mails == 2 * PEOPLE, "each of the two people of a delegation is told once"


def _told() -> int:
    found: int = Fait.select().where(Fait.travail == "delegations").count()
    return found
