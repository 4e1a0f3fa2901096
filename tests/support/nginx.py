"""Start nginx and Caddy from the rendered samples of ``deploy/``, on free ports of loopback.

For other tests and tools too: ``ports = nginx.ports()`` gives the origin that the portal needs in its setting,
then ``with nginx.running(folder, [portal.address], ports)`` serves it over https.
"""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.support import processus
from tests.support.processus import Certificate, free_port, wait_until
from tools import deploy

MAIN = """\
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx-principal.log warn;
{user}
events {{ worker_connections 512; }}
http {{
    types {{ text/html html; }}
    default_type application/octet-stream;
    client_body_temp_path {folder}/corps;
    proxy_temp_path {folder}/reponses;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/portail.conf;
}}
"""


@dataclass(frozen=True)
class Ports:
    """Where a proxy listens: in clear and encrypted."""

    http: int
    https: int
    name: str = "localhost"

    @property
    def origin(self) -> str:
        """What browsers show, and what the portal's setting ``origin`` must say."""
        return f"https://{self.name}:{self.https}"

    @property
    def clear(self) -> str:
        return f"http://{self.name}:{self.http}"


@dataclass
class Proxy:
    """A running proxy, its certificate, and the folder of its logs."""

    ports: Ports
    certificate: Certificate
    folder: Path
    process: subprocess.Popen[bytes]
    values: dict[str, str]

    def send_to(self, portals: list[str]) -> None:
        """Let nginx know these portals alone from now on, as ``nginx -s reload`` does; what it began, it ends.

        Returns once no worker that knew others is left.
        """
        before = processus.children(self.process.pid)
        (self.folder / "portail.conf").write_text(deploy.render("nginx", portals, self.values), "utf-8")
        self.process.send_signal(signal.SIGHUP)
        wait_until(lambda: not before & processus.children(self.process.pid))

    @property
    def origin(self) -> str:
        return self.ports.origin


def ports() -> Ports:
    """Two free ports."""
    return Ports(free_port(), free_port())


@contextlib.contextmanager
def running(folder: Path, portals: list[str], where: Ports | None = None, **values: str) -> Iterator[Proxy]:
    """nginx from ``deploy/nginx.conf.modele`` until the end of the block.

    ``portals``: addresses as ``127.0.0.1:8000``. ``values``: other variables of the sample; a scanner that asks a lot
    gives ``RATE_PAGES="10000r/s", RATE_LOGIN="10000r/s"``. Raises RuntimeError with nginx's own words when it
    does not start.
    """
    where = where or ports()
    made = _prepare(folder, where)
    given = _common(folder, where, made) | {
        "HTTP_LISTEN": f"127.0.0.1:{where.http}", "HTTPS_LISTEN": f"127.0.0.1:{where.https}"} | values
    (folder / "portail.conf").write_text(deploy.render("nginx", portals, given), "utf-8")
    # As root, its worker must be able to write in a folder of root's.
    user = "user root;" if folder.owner() == "root" else ""
    main = folder / "nginx.conf"
    main.write_text(MAIN.format(folder=folder, user=user), "utf-8")
    command = [program("nginx"), "-p", str(folder), "-c", str(main), "-e", str(folder / "depart.log")]
    with _started(command, folder, where, made, given) as proxy:
        yield proxy


@contextlib.contextmanager
def caddy(folder: Path, portals: list[str], where: Ports | None = None, **values: str) -> Iterator[Proxy]:
    """Caddy from ``deploy/Caddyfile.modele`` until the end of the block; raises as ``running``."""
    where = where or ports()
    made = _prepare(folder, where)
    given = _common(folder, where, made) | {
        "HTTP_PORT": str(where.http), "HTTPS_PORT": str(where.https), "BIND": "127.0.0.1"} | values
    (folder / "Caddyfile").write_text(deploy.render("caddy", portals, given), "utf-8")
    command = [program("caddy"), "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]
    with _started(command, folder, where, made, given) as proxy:
        yield proxy


def program(name: str) -> str:
    """The program's path; Debian keeps some out of a user's PATH. Raises RuntimeError when it isn't installed."""
    found = shutil.which(name, path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
    if found is None:
        raise RuntimeError(f"{name} is not installed: apt-get install nginx-light caddy")
    return found


def _prepare(folder: Path, where: Ports) -> Certificate:
    folder.mkdir(parents=True, exist_ok=True)
    return processus.certificate(folder / "tls", where.name)


def _common(folder: Path, where: Ports, made: Certificate) -> dict[str, str]:
    return {"SERVER_NAME": where.name, "AUTHORITY": f"{where.name}:{where.https}",
            "CERTIFICATE": str(made.certificate), "KEY": str(made.key),
            "PAGES": str(deploy.DEPLOY / "pages"), "LOGS": str(folder)}


@contextlib.contextmanager
def _started(command: list[str], folder: Path, where: Ports, made: Certificate,
             given: dict[str, str]) -> Iterator[Proxy]:
    log = folder / "proxy.log"
    # Caddy keeps what it remembers under HOME: here, nowhere else.
    environ = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "PATH": "/usr/bin"}
    with log.open("ab") as output:
        process = subprocess.Popen(command, cwd=folder, env=environ, stdout=output, stderr=subprocess.STDOUT)
    try:
        wait_until(lambda: process.poll() is not None or processus.answers(where.https))
        if process.poll() is not None:
            raise RuntimeError(log.read_text("utf-8"))
        yield Proxy(where, made, folder, process, given)
    finally:
        processus.stop(process)
