"""The bases of ``bench.croissance``: one folder and one database a size, on SQLite and on PostgreSQL."""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench import bulk, servers
from bench.data import FOLDER, READY, open_session
from portal import settings
from portal.db import crypto, database
from portal.demonstration import dossiers
from portal.settings import Settings
from tests.support import postgres

WHERE = FOLDER / "croissance"
# As a server of that memory is set; nothing is left out that a real one does.
TUNED = postgres.DURABLE | {"shared_buffers": "1GB", "max_wal_size": "4GB", "checkpoint_timeout": "30min",
                            "wal_level": "minimal", "max_wal_senders": "0", "random_page_cost": "1.1"}


@dataclass(frozen=True)
class Store:
    """One size on one database; ``database``: the setting's value, empty for SQLite."""

    size: int
    database: str = ""

    @property
    def name(self) -> str:
        return f"{'PostgreSQL' if self.database else 'SQLite'}, {self.size:,}"

    @property
    def folder(self) -> Path:
        return WHERE / f"{'pg' if self.database else 'sqlite'}-{self.size}"

    @property
    def environment(self) -> dict[str, str]:
        """What a portal that serves it is told."""
        told = {"PORTAL_DATA": str(self.folder), "PORTAL_CLOCKS_PAUSE": "0"}
        return told | ({"PORTAL_DATABASE": self.database} if self.database else {})

    def settings(self, port: int = 0) -> Settings:
        """Those of a portal in production."""
        return settings.load({}, data=self.folder, port=port, **({"database": self.database} if self.database else {}))

    @contextlib.contextmanager
    def opened(self) -> Iterator[None]:
        """The database, bound for the block."""
        chosen = self.settings()
        crypto.load_keys(chosen)
        database.open_database(chosen)
        database.migrate()
        try:
            yield
        finally:
            database.close()

    @property
    def ready(self) -> bool:
        """True when it holds what this version of the generator makes."""
        said = self.folder / READY
        return said.exists() and said.read_text() == _fingerprint()

    def make(self) -> None:
        """Fill the empty database."""
        start = time.perf_counter()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        with self.opened():
            bulk.fill(self.size)
        (self.folder / READY).write_text(_fingerprint())
        print(f"{self.name} dossiers made in {time.perf_counter() - start:.0f} s", flush=True)

    def cookie(self, count: int) -> str:
        """Open a session of the measured physician who has so many dossiers, as his login would."""
        with self.opened():
            return open_session(f"8{bulk.actor(count).rpps}", self.settings(1))


@dataclass
class Cluster:
    """A PostgreSQL server of the bench's own, its folder kept between runs."""

    server: postgres.Server = field(init=False)

    def __post_init__(self) -> None:
        WHERE.mkdir(parents=True, exist_ok=True)
        folder = WHERE / "postgresql"
        if (folder / "donnees" / "PG_VERSION").exists():
            self.server = postgres.Server(folder / "donnees", servers.free_port(), dict(TUNED))
            (folder / "donnees" / "postmaster.pid").unlink(missing_ok=True)
        else:
            folder.mkdir()
            made = postgres.start(durable=True, folder=folder)
            made.halt()
            atexit.unregister(made.stop)  # which would throw the folder away
            self.server = postgres.Server(folder / "donnees", made.port, dict(TUNED))
        self.server.start()

    def store(self, size: int) -> Store:
        """A size's database, made if it is not there."""
        found = Store(size, self.server.url(f"n{size}"))
        if not found.ready:
            self.server.drop(f"n{size}")
            self.server.create(f"n{size}")
            found.make()
        return found


def sqlite(size: int) -> Store:
    """A size's file, made if it is not there."""
    found = Store(size)
    if not found.ready:
        found.make()
    return found


def _fingerprint() -> str:
    """The definitions that the data follow."""
    generator = sorted(Path(dossiers.__file__).parent.glob("dossiers*.py"))
    content = b"".join(path.read_bytes() for path in (
        *sorted(database.MIGRATIONS.glob("0*.py")), *generator, Path(bulk.__file__)))
    return hashlib.sha256(content).hexdigest()
