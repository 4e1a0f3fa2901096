"""A PostgreSQL server of the tests' own: Debian's programs, a data folder in memory, a free port of loopback.

``start()`` makes one and ``Server.stop()`` throws it away; it dies with the process that started it.
"""

from __future__ import annotations

import atexit
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))

# For tests that want speed and never cut the power: nothing is forced to the disk.
FAST = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "on", "wal_level": "minimal",
        "max_wal_senders": "0", "autovacuum": "off"}
# For tests that kill the server: everything a real one does.
DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
COMMON = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "max_connections": "100",
          "shared_buffers": "64MB", "log_min_messages": "warning", "jit": "off"}

PREFIX = "portail-pg-"


def available() -> bool:
    """True when Debian's PostgreSQL is installed."""
    return bool(BINARIES)


@dataclass
class Server:
    """A running server; ``folder`` is its data folder, ``port`` its port on 127.0.0.1."""

    folder: Path
    port: int
    options: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def url(self, name: str = "postgres") -> str:
        """The address of one of its databases, as ``settings.database`` wants it."""
        return f"postgresql://portail@127.0.0.1:{self.port}/{name}"

    def create(self, name: str, template: str = "template0") -> str:
        """Make a database as the portal wants it, or a copy of ``template``; returns its address."""
        copied = "" if template != "template0" else " ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"
        self.run(f'CREATE DATABASE "{name}"{copied} TEMPLATE "{template}"')
        return self.url(name)

    def drop(self, name: str) -> None:
        """Throw a database away, with whoever is connected to it."""
        self.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def run(self, sql: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """One statement, outside of any transaction."""
        with psycopg.connect(self.url(database), autocommit=True) as conn:
            cursor = conn.execute(sql)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

    def start(self) -> None:
        """Start the server on its folder, and wait until it answers."""
        given = [part for name, value in (COMMON | self.options).items() for part in ("-c", f"{name}={value}")]
        log = (self.folder.parent / f"{self.folder.name}.log").open("ab")
        with log:
            self.process = subprocess.Popen(
                [*as_user(dying=True), str(BINARIES[-1] / "postgres"), "-D", str(self.folder), "-p", str(self.port),
                 *given], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/")
        end = time.monotonic() + 30
        while True:
            try:
                self.run("SELECT 1")
            except psycopg.OperationalError:
                if self.process.poll() is not None or time.monotonic() > end:
                    raise
                time.sleep(0.02)
            else:
                return

    def kill(self) -> None:
        """``kill -9`` of the server and all its children, as when a machine stops dead; ``start()`` recovers."""
        assert self.process
        children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.process.pid)],
                                  capture_output=True, text=True, check=False).stdout.split()
        for pid in [str(self.process.pid), *children]:
            try:
                os.kill(int(pid), signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.wait(timeout=10)

    def halt(self) -> None:
        """Stop the server at once and keep its folder."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(timeout=20)

    def stop(self) -> None:
        """Stop the server and throw its folder away."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(timeout=20)
        atexit.unregister(self.stop)
        shutil.rmtree(self.folder.parent, ignore_errors=True)


def start(*, durable: bool = False, folder: Path | None = None) -> Server:
    """Make a data folder and start a server on it.

    ``durable``: with fsync, on a real disk, for tests that kill it. ``folder``: where to make it instead of a
    temporary folder; it must be reachable by an unprivileged user.
    """
    base = folder or _folder(Path(tempfile.gettempdir()) if durable else _memory())
    base.chmod(0o755)
    data = base / "donnees"
    data.mkdir(mode=0o700)
    if os.geteuid() == 0:
        user = _user()
        os.chown(data, user.pw_uid, user.pw_gid)
    subprocess.run([*as_user(), str(BINARIES[-1] / "initdb"), "-D", str(data), "-U", "portail", "-A", "trust",
                    "-E", "UTF8", "--locale=C", "--no-sync"], check=True, capture_output=True, cwd="/")
    server = Server(data, _free_port(), dict(DURABLE if durable else FAST))
    atexit.register(server.stop)
    server.start()
    return server


def _memory() -> Path:
    return Path("/dev/shm" if os.access("/dev/shm", os.W_OK) else tempfile.gettempdir())


def _folder(where: Path) -> Path:
    """A folder named after this process; those of processes that were killed go first, with the memory they hold."""
    for left in where.glob(f"{PREFIX}*"):
        number = left.name.removeprefix(PREFIX).partition("-")[0]
        if number.isdigit() and not Path(f"/proc/{number}").exists():
            shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=where))


def _user() -> pwd.struct_passwd:
    """PostgreSQL refuses to run as root."""
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def as_user(*, dying: bool = False) -> list[str]:
    """What to put before a command so that it runs unprivileged, and dies with us if asked."""
    command = ["setpriv"]
    if os.geteuid() == 0:
        user = _user()
        command += [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    if dying:
        command += ["--pdeathsig=QUIT"]
    return command if len(command) > 1 else []


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
