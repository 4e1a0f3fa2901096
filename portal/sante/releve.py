"""The figures, served on a port of loopback of their own (Prometheus' text format)."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import prometheus_client
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from portal import metriques
from portal.db import database
from portal.sante import queries

log = logging.getLogger("portal.sante")

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
WORDS = {
    "portal_mails_waiting": "Mails not yet accepted by the mail server",
    "portal_mails_overdue": "Mails that have waited more than 15 minutes",
    "portal_jobs_late": "Jobs of the clocks that should have run an hour ago",
    "portal_sessions_open": "Sessions that have not ended",
}


class FromDatabase(Collector):
    """Asked when somebody looks: what the database knows, the same whoever of several portals answers."""

    def collect(self) -> Iterator[Metric]:
        """The figures, and whether the database gave them."""
        try:
            found = queries.figures()
        except Exception as error:
            log.warning("no figures (%s)", type(error).__name__)
            yield GaugeMetricFamily("portal_db_up", "Whether the database answers", value=0)
            return
        finally:
            # The thread that answers ends with its answer.
            database.close()
        yield GaugeMetricFamily("portal_db_up", "Whether the database answers", value=1)
        for name, value in zip(WORDS, (found.mails, found.overdue, found.late, found.sessions), strict=True):
            yield GaugeMetricFamily(name, WORDS[name], value=value)


class FromWorkers(MultiProcessCollector):
    """What each worker has written, added up; one that died answers no request any more."""

    def collect(self) -> Iterator[Metric]:
        """The sums over all workers, dead ones included for what only grows."""
        for path in Path(self._path).glob("gauge_live*_*.db"):
            pid = int(path.stem.rpartition("_")[2])
            with contextlib.suppress(PermissionError):
                try:
                    os.kill(pid, 0)
                except ProcessLookupError:
                    mark_process_dead(pid, self._path)  # type: ignore[no-untyped-call]
        yield from super().collect()  # type: ignore[no-untyped-call]


def registry() -> CollectorRegistry:
    """Everything that is counted: by this process, or by its workers when there are."""
    made = CollectorRegistry()
    made.register(FromDatabase())
    if os.environ.get(FOLDER):
        FromWorkers(made)  # type: ignore[no-untyped-call]
    else:
        for collector in (metriques.REQUESTS, metriques.SECONDS, metriques.IN_FLIGHT, metriques.LOCK,
                          metriques.TRANSACTION, metriques.REFUSALS):
            made.register(collector)
        prometheus_client.ProcessCollector(registry=made)
    return made


@contextlib.contextmanager
def served(port: int) -> Iterator[None]:
    """Answer on that port of loopback until the end of the block; 0: nowhere."""
    if not port:
        yield
        return
    server, thread = prometheus_client.start_http_server(port, addr="127.0.0.1", registry=registry())
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
