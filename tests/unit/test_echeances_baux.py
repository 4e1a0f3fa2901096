"""Jobs and their leases: due, once, one at a time in threads and processes, taken over from who died."""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from portal import clock
from portal.avis.models import Avis
from portal.cli import main
from portal.db import audit, database
from portal.echeances import commands, queries, registre
from portal.echeances.commands import LEASE, RETRY
from portal.echeances.models import Bail, Fait
from portal.echeances.registre import BATCH, Job
from portal.echeances.travaux import JOBS
from portal.settings import Settings
from tests.support import espaces
from tests.support.people import LEROUX

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
pytestmark = pytest.mark.usefixtures("tables")


def job(run: Callable[[], int], name: str = "essai", every: timedelta = HOUR) -> Job:
    return Job(name, "Essai", every, lambda _settings: run())


def counting() -> tuple[list[int], Callable[[], int]]:
    runs: list[int] = []
    return runs, lambda: runs.append(1) or 1  # type: ignore[func-returns-value]


def due(settings: Settings, *jobs: Job) -> list[str]:
    return [outcome.job.name for outcome in registre.run_due(settings, jobs)]


def test_a_job_runs_when_it_is_due_and_not_before(tables: Settings) -> None:
    runs, run = counting()
    one = job(run)
    assert due(tables, one) == ["essai"] and due(tables, one) == []
    with clock.shift(HOUR - MINUTE):
        assert due(tables, one) == []
    with clock.shift(HOUR + MINUTE):
        assert due(tables, one) == ["essai"]
    assert len(runs) == 2


def test_what_a_job_did_is_kept_with_its_time(tables: Settings) -> None:
    due(tables, job(lambda: 3))
    kept, = queries.states()
    assert (kept.nom, kept.resultat, kept.detenteur, kept.jusque) == ("essai", "3", "", None)
    assert kept.prochain - kept.dernier == pytest.approx(HOUR, abs=MINUTE)


def test_a_job_with_more_to_do_than_one_run_allows_goes_on_at_once(tables: Settings) -> None:
    left = [BATCH, 10]
    one = job(lambda: left.pop(0))
    due(tables, one)
    assert due(tables, one) == ["essai"] and due(tables, one) == []


def test_a_job_that_does_all_there_is_waits_for_its_time_however_much_it_was(tables: Settings) -> None:
    one = replace(job(lambda: 10 * BATCH), whole=True)
    assert due(tables, one) == ["essai"] and due(tables, one) == []


def test_a_job_that_fails_stops_no_other_and_is_tried_again(tables: Settings, caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> int:
        raise ValueError("LEROUX JOSETTE 2 31 04 14 118 001 42")

    runs, run = counting()
    jobs = job(fail, "panne"), job(run, "suite")
    with caplog.at_level(logging.INFO):
        outcomes = registre.run_due(tables, jobs)
    assert [(outcome.job.name, outcome.good) for outcome in outcomes] == [("panne", False), ("suite", True)]
    assert "ValueError" in caplog.text and "LEROUX" not in caplog.text + outcomes[0].line
    assert Bail.get_by_id("panne").resultat == "ValueError"
    assert due(tables, *jobs) == []
    with clock.shift(RETRY):
        assert due(tables, *jobs) == ["panne"]
    assert len(runs) == 1


def test_a_job_that_fails_in_the_middle_of_its_transaction_leaves_nothing_of_it(tables: Settings) -> None:
    def half() -> int:
        with database.writing():
            commands.once("essai", "1")
            raise OSError("disk")

    assert [outcome.failure for outcome in registre.run_due(tables, [job(half)])] == ["OSError"]
    assert not Fait.select().exists()


def test_one_thing_that_fails_stops_none_of_the_others(tables: Settings) -> None:
    seen: list[int] = []

    def act(number: int) -> bool:
        commands.once("essai", str(number))
        if number == 2:
            raise KeyError("LEROUX")
        seen.append(number)
        return True

    outcome, = registre.run_due(tables, [job(lambda: registre.each([1, 2, 3], act))])
    assert (seen, outcome.failure) == ([1, 3], "KeyError")
    assert sorted(one.cle for one in Fait.select()) == ["1", "3"]


def test_something_noted_once_is_done_once_for_ever(tables: Settings) -> None:
    with database.writing():
        assert commands.once("essai", "12") and not commands.once("essai", "12")
        assert commands.once("essai", "13") and commands.once("autre", "12")
    with clock.shift(timedelta(days=3000)), database.writing():
        assert not commands.once("essai", "12")


# --- leases

def test_nobody_takes_a_job_that_is_held_until_its_holder_must_have_died(tables: Settings) -> None:
    with database.writing():
        assert commands.take("essai", "mort", HOUR) and not commands.take("essai", "vif", HOUR)
    with clock.shift(LEASE - MINUTE), database.writing():
        assert not commands.take("essai", "vif", HOUR)
    with clock.shift(LEASE + MINUTE), database.writing():
        assert commands.take("essai", "vif", HOUR)
        # The first comes back late: the job is no longer its own to end.
        assert not commands.give_back("essai", "mort", prochain=clock.now(), resultat="1")
    assert Bail.get_by_id("essai").detenteur == "vif"


@pytest.mark.proves("R10")
def test_a_clock_that_was_ahead_and_was_put_back_stops_no_job(tables: Settings) -> None:
    runs, run = counting()
    with clock.shift(timedelta(days=365)):
        assert due(tables, job(run)) == ["essai"]
        with database.writing():
            commands.take("tenu", "mort", HOUR)
    assert due(tables, job(run), job(run, "tenu")) == ["essai", "tenu"] and len(runs) == 3


def test_while_a_job_runs_another_process_finds_it_taken(tables: Settings) -> None:
    found: list[list[str]] = []

    def come() -> None:
        found.append(due(tables, one))
        database.close()

    def run() -> int:
        other = threading.Thread(target=come)
        other.start()
        other.join(30)
        return 1

    one = job(run)
    assert due(tables, one) == ["essai"] and found == [[]]


def test_a_job_that_outlives_its_lease_still_does_nothing_twice(tables: Settings) -> None:
    """It stops between two things for longer than its lease; the other process finishes before it wakes up."""
    done: list[str] = []

    def act(thing: str) -> bool:
        if not commands.once("essai", thing):
            return False
        done.append(thing)
        return True

    def sleeping() -> int:
        first = registre.each(["1"], act)
        with clock.shift(LEASE + MINUTE):
            assert due(tables, job(lambda: registre.each(["1", "2", "3"], act))) == ["essai"]
        return first + registre.each(["2", "3"], act)

    outcome, = registre.run_due(tables, [job(sleeping)])
    assert sorted(done) == ["1", "2", "3"] and outcome.done == 1


def test_threads_that_come_at_once_run_a_job_once(tables: Settings) -> None:
    runs, run = counting()
    start = threading.Barrier(8)

    def come() -> None:
        start.wait()
        registre.run_due(tables, [job(run), job(run, "second")])
        database.close()

    threads = [threading.Thread(target=come) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(runs) == 2 and Bail.select().count() == 2


def test_two_processes_at_once_send_each_reminder_once(tables: Settings) -> None:
    """The command itself, twice at the same moment, on requests that have been silent for eight days."""
    from portal.dossiers import commands as dossiers

    there = espaces.etablissement()
    espaces.structure(etablissement_id=there.id)
    with clock.shift(-timedelta(days=8)):
        for _ in range(12):
            with database.writing():
                made = dossiers.create(espaces.ASKS, "ga", LEROUX)
            espaces.demande(made, there)
    before = Avis.select().where(Avis.code == "relance").count()
    command = [sys.executable, "-m", "portal", "echeances"]
    environment = os.environ | {"PORTAL_DATA": str(tables.data), "PORTAL_DEMONSTRATION": "1", "PYTHONWARNINGS": ""}
    running = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [one.communicate(timeout=120)[0] for one in running]
    assert [one.returncode for one in running] == [0, 0], said
    assert Avis.select().where(Avis.code == "relance").count() - before == 12
    assert Avis.select().where(Avis.code == "silence").count() == 12
    assert "".join(said).splitlines().count("Relances des établissements\u00a0: 12") == 1
    assert audit.broken_link() is None


def test_the_command_says_what_it_did_then_where_each_job_stands(
        tables: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PORTAL_DATA", str(tables.data))
    monkeypatch.setenv("PORTAL_DEMONSTRATION", "1")
    assert main(["echeances"]) == 0
    first = capsys.readouterr().out.splitlines()
    assert len(first) == len(JOBS) and "Relances des établissements\u00a0: 0" in first
    assert main(["echeances"]) == 0
    second = capsys.readouterr().out.splitlines()
    assert second[0] == "Rien n’est à faire pour le moment." and len(second) == len(JOBS) + 1
    assert "0 le " in second[1] and ", prochaine fois le " in second[1]


KILLED = """
import os, sys
from datetime import timedelta
from portal.db import crypto, database
from portal.echeances import commands
from portal.settings import load
settings = load()
crypto.load_keys(settings)
database.open_database(settings)
with database.writing():
    assert commands.take("essai", "mort", timedelta(hours=1))
with database.writing():
    commands.once("essai", "12")
    os._exit(9)
"""


def test_a_process_killed_in_the_middle_of_a_job_leaves_nothing_but_its_lease(tables: Settings) -> None:
    environment = os.environ | {"PORTAL_DATA": str(tables.data), "PORTAL_DEMONSTRATION": "1"}
    assert subprocess.run([sys.executable, "-c", KILLED], env=environment, check=False).returncode == 9
    done: list[bool] = []

    def again() -> int:
        with database.writing():
            done.append(commands.once("essai", "12"))
        return 1

    assert due(tables, job(again)) == []
    with clock.shift(LEASE + MINUTE):
        assert due(tables, job(again)) == ["essai"]
    assert done == [True]


# --- the registry and the loop

def test_every_job_has_a_name_of_its_own_that_its_table_can_hold() -> None:
    names = [one.name for one in JOBS]
    assert len(set(names)) == len(names) and all(0 < len(name) <= 40 for name in names)
    assert all(one.every >= MINUTE for one in JOBS)


def test_every_job_runs_on_an_empty_portal_and_finds_nothing(tables: Settings) -> None:
    outcomes = registre.run_due(tables, JOBS)
    assert [(outcome.job.name, outcome.done, outcome.failure) for outcome in outcomes] == [
        (one.name, 0, "") for one in JOBS]


def test_the_loop_of_a_running_portal_goes_on_until_it_is_stopped(tables: Settings) -> None:
    runs, run = counting()
    often = replace(tables, clocks_pause=timedelta(milliseconds=5))

    async def a_while() -> None:
        task = asyncio.create_task(registre.run_forever(often, (job(run, every=timedelta(0)),)))
        while len(runs) < 2:
            await asyncio.sleep(0.005)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(asyncio.wait_for(a_while(), 30))
    assert len(runs) >= 2
