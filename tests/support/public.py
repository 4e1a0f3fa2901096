"""A portal as the public sees it: its own name, HTTPS, and the workstation's agent beside it as a program."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from portal.app import create_app
from portal.db import database
from portal.settings import Settings, load
from tests.support import bases
from tests.support.cartes import deck
from tests.support.running import wait_until

HOST, OTHER_HOST = "portail.example", "ailleurs.example"


@dataclass
class Site:
    """A running portal: ``settings.origin`` is where browsers find it."""

    settings: Settings

    @property
    def origin(self) -> str:
        return self.settings.origin


@contextlib.contextmanager
def portal(furnished: Path, folder: Path, port: int, agent_port: int) -> Iterator[Site]:
    """Run a copy of the furnished data as ``https://portail.example:…``, trusting the deck's cards."""
    data = folder / "data"
    bases.copy(furnished, data)
    shutil.copytree(deck(), data / "demonstration")
    settings = load({}, data=data, demonstration=True, port=port, agent_port=agent_port, ecps_port=9,
                    origin=f"https://{HOST}:{port}", **bases.where(data))
    certificate, key = self_made(folder)
    server = uvicorn.Server(uvicorn.Config(
        create_app(settings), host="127.0.0.1", port=port, log_level="warning", access_log=False,
        timeout_graceful_shutdown=1, ssl_certfile=str(certificate), ssl_keyfile=str(key)))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        wait_until(lambda: server.started)
        yield Site(settings)
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        database.close()


@contextlib.contextmanager
def elsewhere(folder: Path, port: int, agent_url: str, policy: str = "origin") -> Iterator[str]:
    """Another public site, whose page posts to the agent what the portal's page posts; yields its origin.

    ``policy`` is its referrer policy.
    """
    page = (f'<!doctype html><title>Ailleurs</title><form method="post" target="agentcps" '
            f'action="{agent_url}/v1/dialogue"><input name="nonce" value="{"A" * 43}="><button>Go</button></form>')

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Referrer-Policy", policy)
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Page)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*self_made(folder))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"https://{OTHER_HOST}:{port}"
    finally:
        server.shutdown()
        server.server_close()


@dataclass(frozen=True)
class Programme:
    """A running agent: its address, and the file of all that it writes."""

    url: str
    log: Path


@contextlib.contextmanager
def programme(folder: Path, port: int, origin: str, *options: str,
              environ: dict[str, str] | None = None) -> Iterator[Programme]:
    """The agent as a physician starts it, in a process of its own; its log goes into ``folder``."""
    running = Programme(f"http://127.0.0.1:{port}", folder / f"agent-{port}.log")
    command = [sys.executable, "-m", "portal.agent", "--port", str(port), "--origin", origin, *options]
    with running.log.open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                   env=os.environ | {"PYTHONUNBUFFERED": "1"} | (environ or {}))
    try:
        wait_until(lambda: process.poll() is not None or running.url in running.log.read_text("utf-8"))
        if process.poll() is not None:
            raise RuntimeError(running.log.read_text("utf-8"))
        yield running
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def self_made(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for both names, and its key; browsers are told to accept it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    # The browser's own clock is the machine's, not the tests'.
    now = datetime.now().astimezone()
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=7))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST), x509.DNSName(OTHER_HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "site.pem", folder / "site.key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return paths


def free_port() -> int:
    """A free port of loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
