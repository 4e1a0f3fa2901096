"""What the tests of operation share: one real portal behind one real nginx."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import httpx2
import pytest

from portal import caviardage
from tests.support import nginx, processus
from tests.support.nginx import Proxy
from tests.support.pannes.rapport import Rapport
from tests.support.processus import Portal

_rapport = Rapport()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _rapport.essais:
        terminalreporter.section("what was tried, and what was found")
        for line in _rapport.lines():
            terminalreporter.write_line(line)


@pytest.fixture
def rapport() -> Rapport:
    """The figures of this run."""
    return _rapport


@pytest.fixture(autouse=True)
def quiet() -> None:
    """These tests' own client writes whole answers at DEBUG, cookies included, where the suite listens."""
    caviardage.quiet()


@dataclass
class Served:
    """A portal behind a proxy, and a visitor who trusts the proxy's certificate."""

    portal: Portal
    proxy: Proxy
    visitor: httpx2.Client


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """``portal serve`` behind nginx, on loopback."""
    folder, where = tmp_path_factory.mktemp("deploy"), nginx.ports()
    with processus.portal(folder / "donnees", origin=where.origin) as portal, \
            nginx.running(folder / "nginx", [portal.address], where) as proxy, visitor(proxy) as client:
        yield Served(portal, proxy, client)


def visitor(proxy: Proxy) -> httpx2.Client:
    """A browser's stand-in, which knows the throw-away certificate."""
    return httpx2.Client(verify=proxy.certificate.context(), base_url=proxy.origin, timeout=30)
