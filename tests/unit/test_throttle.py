"""Guessing waits: how long, for whom, and that no clock and no second worker gets round it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.requests import Request

from portal import clock
from portal.db import database
from portal.db.base import rows
from portal.settings import Settings
from portal.web import throttle
from portal.web.errors import TooMany
from portal.web.throttle import FORGIVEN_EVERY, FREE, WAITS, Frein

SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def database_open(tables: Settings, midday: datetime) -> Iterator[None]:
    yield


def key(name: str = "alice@exemple.fr") -> str:
    return throttle.account(name)


def granted(*keys: str) -> bool:
    """One try: True when it was granted."""
    with database.writing():
        try:
            throttle.attempt(*keys)
        except TooMany as refused:
            assert refused.commits  # so that the pages keep, as here, what was put right before the refusal
            return False
    return True


def requested(host: str) -> Request:
    return Request({"type": "http", "client": (host, 1234), "headers": []})


def stored() -> list[tuple[str, int]]:
    return list(rows("SELECT key, tries FROM frein ORDER BY key"))


@pytest.mark.proves("N1", "V6.3.1")
@pytest.mark.parametrize(("tries", "seconds"), [
    (0, 0), (1, 0), (4, 0), (5, 30), (6, 60), (7, 120), (8, 300), (9, 900), (10, 900), (30, 900),
])
def test_an_account_waits_longer_and_longer(tries: int, seconds: int) -> None:
    at = timedelta()
    for _ in range(tries):
        with clock.shift(at):
            assert granted(key())
            at += throttle.wait(key())
    with clock.shift(at):
        before = throttle.wait(key())
    assert before == timedelta()
    # What the last of these tries cost.
    assert at == sum((WAITS[min(rank, 4)] for rank in range(tries - FREE["compte"] + 1)), timedelta())
    if tries:
        with clock.shift(at - timedelta(seconds=seconds)):
            assert throttle.wait(key()) == timedelta(seconds=seconds)


def test_a_network_may_try_more_and_a_card_reader_more_still() -> None:
    for network in (throttle.network(requested("192.0.2.1")), throttle.network(requested("192.0.2.1"), "carte")):
        free = FREE[network.partition(":")[0]]
        assert [granted(network) for _ in range(free + 1)] == [True] * free + [False]
    assert 5 < FREE["reseau"] < FREE["carte"]


def test_an_early_try_is_refused_and_does_not_lengthen_the_wait() -> None:
    for _ in range(5):
        granted(key())
    with clock.shift(10 * SECOND):
        with pytest.raises(TooMany) as refused, database.writing():
            throttle.attempt(key())
        assert refused.value.retry_after == 20 * SECOND
        assert refused.value.advice == "Réessayez dans 20 secondes."
    with clock.shift(30 * SECOND):
        assert granted(key())


@pytest.mark.parametrize(("wait", "words"), [
    (timedelta(milliseconds=1), "1 seconde"), (SECOND, "1 seconde"), (30 * SECOND, "30 secondes"),
    (59.5 * SECOND, "1 minute"), (MINUTE, "1 minute"), (61 * SECOND, "2 minutes"), (15 * MINUTE, "15 minutes"),
])
def test_the_wait_is_told_in_words_and_never_too_short(wait: timedelta, words: str) -> None:
    assert TooMany(wait).advice == f"Réessayez dans {words}."


def test_when_one_key_waits_no_other_is_counted() -> None:
    network = throttle.network(requested("192.0.2.1"))
    for _ in range(5):
        granted(key(), network)
    assert not granted(key(), network)
    assert dict(stored()) == {key(): 5, network: 5}


def test_success_clears_the_account_and_gives_the_network_its_try_back() -> None:
    network = throttle.network(requested("192.0.2.1"))
    for _ in range(3):
        granted(key(), network)
    with database.writing():
        throttle.succeeded(key(), network)
    assert stored() == [(network, 2)]


def test_a_failure_told_afterwards_counts_too() -> None:
    with database.writing():
        for _ in range(5):
            throttle.failed(key())
    assert throttle.wait(key()) == 30 * SECOND


def test_quiet_time_forgives_one_try_each_quarter_of_an_hour() -> None:
    for _ in range(5):
        granted(key())
    with clock.shift(2 * FORGIVEN_EVERY):
        assert [granted(key()) for _ in range(4)] == [True, True, False, False]
    with clock.shift(DAY):
        assert [granted(key()) for _ in range(6)] == [True] * 5 + [False]


@pytest.mark.proves("N1", "V6.3.1")
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(gaps=st.lists(st.integers(0, 1200), min_size=1, max_size=60), window=st.integers(1, 8))
def test_no_window_of_time_holds_more_tries_than_promised(gaps: list[int], window: int) -> None:
    """Free tries, the growing waits, then one a quarter of an hour: whatever the guesser's rhythm."""
    name, at, tries = "alice", timedelta(), list[timedelta]()
    Frein.delete().execute()
    for gap in gaps:
        at += gap * SECOND
        with clock.shift(at):
            if granted(key(name)):
                tries.append(at)
    length = window * FORGIVEN_EVERY
    most = FREE["compte"] + len(WAITS) - 1 + window
    assert all(sum(start <= one < start + length for one in tries) <= most for start in tries)


@pytest.mark.proves("R10")
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(jumps=st.lists(st.integers(1, 3 * 86_400), min_size=1, max_size=10))
def test_a_clock_moved_back_gives_no_free_try_and_no_endless_lock(jumps: list[int]) -> None:
    """However often it moves back, the spent tries stay spent, and half a minute later one passes."""
    name, at = "alice", timedelta()
    Frein.delete().execute()
    for _ in range(5):
        assert granted(key(name))
    for jump in jumps:
        at -= jump * SECOND
        with clock.shift(at):
            assert not granted(key(name))
    with clock.shift(at + WAITS[0]):
        assert granted(key(name))


def test_before_anybody_tries_again_a_clock_moved_back_locks_no_longer_than_the_longest_wait() -> None:
    for _ in range(5):
        granted(key())
    with clock.shift(-DAY):
        assert throttle.wait(key()) == WAITS[-1]


@pytest.mark.proves("N2")
def test_two_workers_at_once_do_not_both_get_the_last_try(tables: Settings) -> None:
    with clock.freeze(clock.now()):
        for _ in range(4):
            granted(key())
        together = Barrier(4)

        def worker() -> bool:
            together.wait()
            try:
                return granted(key())
            finally:
                database.close()

        with ThreadPoolExecutor(4) as pool:
            found = [pool.submit(worker) for _ in range(4)]
            assert sorted(one.result() for one in found) == [False, False, False, True]


def test_counting_refuses_by_itself_what_was_open_a_moment_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a database without a single write lock: the look said yes, another worker was quicker."""
    for _ in range(5):
        granted(key())
    monkeypatch.setattr(throttle, "wait", lambda *keys: timedelta())
    assert not granted(key())
    assert stored() == [(key(), 5)]


@pytest.mark.proves("N1", "N4")
def test_names_that_nobody_holds_count_like_any_other_and_none_is_kept() -> None:
    for _ in range(5):
        granted(key("personne@nulle-part.fr"))
    assert not granted(key("personne@nulle-part.fr"))
    assert "personne" not in str(stored())


def test_an_account_is_one_however_it_is_typed() -> None:
    assert key(" Alice@Exemple.FR ") == key("alice@exemple.fr") != key("bob@exemple.fr")
    assert throttle.account("a", "code") != throttle.account("a", "motdepasse")


@pytest.mark.parametrize(("one", "other", "same"), [
    ("192.0.2.1", "192.0.2.1", True), ("192.0.2.1", "192.0.2.2", False),
    ("2001:db8:0:1::1", "2001:db8:0:1:ffff::9", True), ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
    ("::ffff:192.0.2.1", "192.0.2.1", True),
    ("testclient", "testclient", True),
])
def test_networks(one: str, other: str, same: bool) -> None:
    assert (throttle.network(requested(one)) == throttle.network(requested(other))) is same


def test_forgiven_rows_are_deleted() -> None:
    for number in range(20):
        granted(key(str(number)))
    with clock.shift(20 * DAY):
        granted(key())
    assert stored() == [(key(), 1)]
