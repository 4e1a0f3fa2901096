"""What the portal counts about itself. No label holds a name, a number or any part of an address that varies.

With several workers each writes its own files under ``PROMETHEUS_MULTIPROC_DIR``, which must be set before this
module is imported; ``sante.releve`` adds them up.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from time import perf_counter

from prometheus_client import Counter, Gauge, Histogram

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"})
# Of the means of login; anything else is a mistake of ours.
MEANS = frozenset({"carte", "ecps", "mot_de_passe", "code", "cle", "compte_bloque"})
FAST = (.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10)

REQUESTS = Counter("portal_http_requests", "Requests answered", ["method", "route", "status"])
SECONDS = Histogram("portal_http_request_seconds", "Time to the end of an answer", ["route"], buckets=FAST)
IN_FLIGHT = Gauge("portal_http_in_flight", "Requests being answered", multiprocess_mode="livesum")
LOCK = Histogram("portal_db_lock_wait_seconds", "Time until a writing transaction holds the write lock", buckets=FAST)
TRANSACTION = Histogram("portal_db_transaction_seconds", "Time from the lock to the end of the transaction",
                        buckets=FAST)
REFUSALS = Counter("portal_login_refusals", "Logins refused, by means", ["means"])


def answered(method: str, route: str, status: int, seconds: float) -> None:
    """Count one answer; ``route`` is the address as the route table writes it."""
    count, times = _of(method if method in METHODS else "other", route, status)
    count.inc()
    times.observe(seconds)


@lru_cache(maxsize=4096)
def _of(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    """The two figures of these labels; finding them by their labels takes longer than counting."""
    return REQUESTS.labels(method, route, str(status)), SECONDS.labels(route)


def refused(means: str) -> None:
    """Count one login refused. Raises ValueError for a means that is none."""
    if means not in MEANS:
        raise ValueError(means)
    REFUSALS.labels(means).inc()


class Transaction:
    """The two times of one transaction: until the lock, and with it."""

    def __init__(self) -> None:
        self.started = perf_counter()
        self.held = 0.0

    def locked(self) -> None:
        """The lock is held from now on."""
        self.held = perf_counter()
        LOCK.observe(self.held - self.started)


@contextmanager
def transaction() -> Iterator[Transaction]:
    """Measure a writing transaction, however it ends."""
    timed = Transaction()
    try:
        yield timed
    finally:
        if timed.held:
            TRANSACTION.observe(perf_counter() - timed.held)
