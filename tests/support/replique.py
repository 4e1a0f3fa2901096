"""A replica of a test's PostgreSQL: streamed to, waited for at each commit, promoted when the first server dies."""

from __future__ import annotations

import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.support import postgres
from tests.support.postgres import DURABLE, Server
from tests.support.processus import free_port, wait_until

NAME = "replique"


@dataclass
class Paire:
    """Two servers: ``first`` takes writes, ``second`` follows; ``ports``, those that an address names."""

    first: Server
    second: Server
    ports: tuple[int, int]

    def url(self, name: str) -> str:
        """One address for both: whoever of the two may write is taken."""
        hosts = ",".join(f"127.0.0.1:{port}" for port in self.ports)
        return f"postgresql://portail@{hosts}/{name}?target_session_attrs=read-write"

    def fail_over(self) -> None:
        """kill -9 of the first; the second takes its place, with nobody behind it."""
        self.first.kill()
        self.second.run("SELECT pg_promote(true)")

    def again(self) -> None:
        """A new replica of the server that was promoted, where the dead one was."""
        port = self.first.port
        self.first.stop()
        self.first, self.second = self.second, follow(self.second, port)

    def stop(self) -> None:
        """Throw both away."""
        for one in (self.second, self.first):
            one.stop()


def pair() -> Paire:
    """Two servers that force what they write to the disk; each commit of the first waits for the second."""
    first = postgres.start(durable=True)
    second = follow(first, free_port())
    return Paire(first, second, (first.port, second.port))


def follow(first: Server, port: int) -> Server:
    """Copy a running server, start the copy as its replica, and make commits wait until it has them on its disk."""
    base = Path(tempfile.mkdtemp(prefix="portail-pg-"))
    base.chmod(0o755)
    data = base / "donnees"
    data.mkdir(mode=0o700)
    if os.geteuid() == 0:
        owner = first.folder.stat()
        os.chown(data, owner.st_uid, owner.st_gid)
    source = f"host=127.0.0.1 port={first.port} user=portail application_name={NAME}"
    subprocess.run([*postgres.as_user(), str(postgres.BINARIES[-1] / "pg_basebackup"), "-d", source, "-D", str(data),
                    "-X", "stream", "-R", "--checkpoint=fast", "--no-sync"], check=True, capture_output=True, cwd="/")
    made = Server(data, port, dict(DURABLE))
    made.start()
    first.run(f"ALTER SYSTEM SET synchronous_standby_names = '{NAME}'")
    first.run("SELECT pg_reload_conf()")
    wait_until(lambda: first.run("SELECT sync_state FROM pg_stat_replication") == [("sync",)])
    return made
