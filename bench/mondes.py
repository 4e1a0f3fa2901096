"""Databases to write in, one of each kind, on the disk and thrown away afterwards."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.data import FOLDER
from portal.settings import Settings
from tests.support import postgres
from tests.support.pannes import monde, portail

SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
MISSING = "PostgreSQL is not installed here"


def kinds() -> tuple[str, ...]:
    """The databases that this machine can run."""
    return (SQLITE, POSTGRESQL) if postgres.available() else (SQLITE,)


@contextlib.contextmanager
def empty(kind: str) -> Iterator[Settings]:
    """The settings of a portal on an empty database, and a free port; every commit is forced to the disk."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder, contextlib.ExitStack() as stack:
        more = {}
        if kind == POSTGRESQL:
            server = postgres.start(durable=True)
            stack.callback(server.stop)
            more["database"] = server.create("banc")
        yield monde.settings_of(Path(folder), port=portail.free_port(), **more)
