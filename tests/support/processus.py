"""Real processes for the tests of operation: a portal, its ports, a throw-away certificate."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60


def tool(name: str) -> str:
    """A program beside this Python, else on the PATH. Raises RuntimeError when it isn't installed."""
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.is_file() else shutil.which(name)
    if not found:
        raise RuntimeError(f"{name} is not installed: python tools/prepare.py deploy")
    return found


def free_port() -> int:
    """A port of loopback that nobody held a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
    return number


@dataclass
class Portal:
    """A portal that runs in a process of its own, reached in clear on ``port``."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"


@contextlib.contextmanager
def portal(data: Path, *, origin: str, port: int | None = None, arguments: tuple[str, ...] = ("serve",),
           **settings: object) -> Iterator[Portal]:
    """Run ``portal serve`` on its own data folder until the end of the block; ``settings`` as PORTAL_… variables.

    Raises RuntimeError with what it wrote when it does not answer.
    """
    port = port or free_port()
    data.mkdir(parents=True, exist_ok=True)
    known = {"data": data, "origin": origin, "trusted_proxies": "127.0.0.1"} | settings
    environ = {key: value for key, value in os.environ.items() if not key.startswith("PORTAL_")}
    environ |= {f"PORTAL_{name.upper()}": str(value) for name, value in known.items()}
    environ |= {"PORT": str(port), "PYTHONPATH": str(ROOT)}
    log = data / "portail.log"
    with log.open("ab") as output:
        process = subprocess.Popen([sys.executable, "-m", "portal", *arguments], cwd=data, env=environ,
                                   stdout=output, stderr=subprocess.STDOUT)
    running = Portal(process, port, log)
    try:
        wait_until(lambda: process.poll() is not None or answers(port), START_SECONDS)
        if process.poll() is not None:
            raise RuntimeError(log.read_text("utf-8"))
        yield running
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End one process of ours: asked first, then killed."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def children(pid: int) -> set[int]:
    """The process ids of one process' children."""
    said = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False).stdout
    return {int(one) for one in said.split()}


def answers(port: int) -> bool:
    """True when somebody listens there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(condition: Callable[[], object], seconds: float = 20) -> None:
    """Wait for another process; fails loudly rather than for ever."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("the other process did not come to it")
        time.sleep(0.05)


@dataclass(frozen=True)
class Certificate:
    """A certificate of one day for ``localhost``, with its key, as PEM files."""

    certificate: Path
    key: Path

    def context(self) -> ssl.SSLContext:
        """A client's settings that trust this certificate alone."""
        return ssl.create_default_context(cafile=str(self.certificate))


def certificate(folder: Path, name: str = "localhost") -> Certificate:
    """Make a throw-away certificate."""
    folder.mkdir(parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    today = datetime.now(UTC)
    made = (x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(today - timedelta(hours=1)).not_valid_after(today + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(key, hashes.SHA256()))
    paths = Certificate(folder / "certificat.pem", folder / "cle.pem")
    paths.certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths.key.touch(mode=0o600)
    paths.key.write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return paths
