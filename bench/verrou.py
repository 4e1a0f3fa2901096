"""Commits a second, one writer and eight, on each database: ``python -m bench.verrou`` (needs PostgreSQL).

A write reads the audit's last row and adds one row, as commands do; everything is forced to the disk.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from portal.db import crypto, database
from portal.db.base import db, rows
from portal.settings import Settings, load
from tests.support import postgres

WRITES, WRITERS = 100, (1, 8)
INSERT = 'INSERT INTO courriel ("to", subject, body, created, due, tries) VALUES (?, ?, ?, 1, 1, 0)'


def main() -> None:
    """Print one line a database, kind of transaction and number of writers."""
    with tempfile.TemporaryDirectory() as folder:
        measure("SQLite", load({}, data=Path(folder) / "a", demonstration=True), database.writing)
        server = postgres.start(durable=True)
        settings = load({}, data=Path(folder) / "b", demonstration=True, database=server.create("bench"))
        measure("PostgreSQL, writers' lock", settings, database.writing)
        measure("PostgreSQL, without it (not what the portal does)", settings, lambda: db.atomic())
        server.stop()


def measure(name: str, settings: Settings, writing: Callable[[], AbstractContextManager[object]]) -> None:
    """Time the writers of one kind."""
    settings.data.mkdir(exist_ok=True)
    crypto.load_keys(settings)
    database.open_database(settings)
    database.migrate()
    database.close()
    for number in WRITERS:
        threads = [threading.Thread(target=write, args=(writing,)) for _ in range(number)]
        start = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print(f"{name}, {number} at once: {number * WRITES / (time.perf_counter() - start):.0f} commits/s")


def write(writing: Callable[[], AbstractContextManager[object]]) -> None:
    """One thread's writes."""
    database.connect()
    for _ in range(WRITES):
        with writing():
            rows("SELECT mac FROM trace ORDER BY id DESC LIMIT 1")
            db.execute_sql(INSERT, ("a", "b", "c"))
    database.close()


if __name__ == "__main__":
    main()
