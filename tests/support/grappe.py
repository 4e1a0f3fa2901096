"""Several portals of several workers each on one database, behind one nginx: started, killed, told to stop."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlencode

from portal.settings import Settings
from tests.support import nginx, processus
from tests.support.nginx import Proxy
from tests.support.pannes import portail
from tests.support.pannes.clients import TIMEOUT, Answer, Browser
from tests.support.pannes.portail import Portail

WORKERS = 2
READY_SECONDS = 60
# What a proxy would slow down of eight people on one address is not what is tried.
FAST = {"RATE_PAGES": "10000r/s", "RATE_LOGIN": "10000r/s"}


@dataclass
class Membre:
    """One portal of the group: its settings (the port is its own), and its processes while it runs."""

    settings: Settings
    environ: dict[str, str]
    stack: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    portail: Portail | None = None

    @property
    def port(self) -> int:
        return self.settings.port

    def start(self) -> None:
        """Start supervisor and workers, and wait until they are ready."""
        self.portail = self.stack.enter_context(portail.running(self.settings, **self.environ))
        processus.wait_until(self.ready, READY_SECONDS)

    def ready(self) -> bool:
        """What ``/sante/pret`` says to this machine."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with contextlib.closing(connection):
            try:
                connection.request("GET", "/sante/pret")
                with connection.getresponse() as answer:
                    return answer.status == 200
            except (OSError, http.client.HTTPException):
                return False

    def kill(self) -> None:
        """kill -9 of the supervisor and all its workers at once."""
        assert self.portail
        self.portail.kill()

    def stop(self) -> int:
        """Tell the supervisor to stop (SIGTERM), as a service manager does; returns its exit code."""
        assert self.portail
        os.kill(self.portail.process.pid, signal.SIGTERM)
        return self.portail.process.wait(READY_SECONDS)


@dataclass
class Grappe:
    """The portals, and the proxy before them."""

    settings: Settings
    membres: list[Membre]
    proxy: Proxy

    @property
    def ports(self) -> list[int]:
        return [one.port for one in self.membres]

    def behind(self, browser: Browser) -> Browser:
        """The same browser, which now talks to the proxy."""
        return browser.at(self.proxy.ports.https, self.proxy.certificate.context())

    def served_by(self) -> list[str]:
        """Which portal answered each request so far, as the proxy wrote it (``127.0.0.1:8000``)."""
        lines = (self.proxy.folder / "portail.log").read_text("utf-8").splitlines()
        return [line.split(" ")[-2] for line in lines]


@contextlib.contextmanager
def running(settings: Settings, folder: Path, where: nginx.Ports, portals: int = 2, **environ: str) -> Iterator[Grappe]:
    """``portals`` portals of two workers on the same data, all ready, and nginx before them.

    ``settings.origin`` is that of ``where``; ``environ``: other PORTAL_… variables. Nothing of it outlives the block.
    """
    with members(settings, portals, **environ) as made, nginx.running(
            folder, [f"127.0.0.1:{one.port}" for one in made], where, **FAST) as proxy:
        yield Grappe(settings, made, proxy)


@contextlib.contextmanager
def members(settings: Settings, portals: int = 2, **environ: str) -> Iterator[list[Membre]]:
    """The portals alone, all ready; none outlives the block."""
    known = {"PORTAL_WORKERS": str(WORKERS), "PORTAL_TRUSTED_PROXIES": "127.0.0.1"} | environ
    with contextlib.ExitStack() as stack:
        made = [Membre(replace(settings, port=processus.free_port()), known, stack) for _ in range(portals)]
        for one in made:
            one.start()
        yield made


class Passant:
    """A visitor who comes with nothing and keeps his cookies, whichever portal he asks."""

    def __init__(self, settings: Settings, address: str = "") -> None:
        self.origin, self.address = settings.origin, address
        self.cookies: dict[str, str] = {}
        self.csrf = ""

    def get(self, port: int, path: str) -> Answer:
        """Read a page; its form's token is kept."""
        answer = self._ask(port, "GET", path, None)
        found = re.search(r'name="_csrf" value="([^"]+)"', answer.body)
        self.csrf = found[1] if found else self.csrf
        return answer

    def post(self, port: int, path: str, form: dict[str, str]) -> Answer:
        """Send a form with the token of the page read last."""
        return self._ask(port, "POST", path, urlencode({"_csrf": self.csrf} | form).encode())

    def _ask(self, port: int, method: str, path: str, body: bytes | None) -> Answer:
        headers = {"Host": self.origin.partition("//")[2], "Origin": self.origin, "Sec-Fetch-Site": "same-origin",
                   "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        headers |= {"X-Forwarded-For": self.address} if self.address else {}
        headers |= {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
        with contextlib.closing(connection):
            connection.request(method, path, body, headers)
            with connection.getresponse() as response:
                text = response.read().decode("utf-8")
        for line in response.headers.get_all("Set-Cookie") or []:
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value.strip('"')
        return Answer(response.status, response.headers.get("Location", ""), text)
