"""The crash tests: real processes killed, power cut, disks filled; their figures in one table at the end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.settings import Settings
from tests.support.pannes import monde
from tests.support.pannes.portail import free_port
from tests.support.pannes.rapport import RAPPORT, Rapport

_rapport = Rapport()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rapide", action="store_true", help="a few rounds of each crash test, for every day")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not _rapport.essais:
        return
    _rapport.write()
    terminalreporter.section(f"what was tried, and what was found ({RAPPORT})")
    for line in _rapport.lines():
        terminalreporter.write_line(line)


@pytest.fixture
def rapport() -> Rapport:
    """The figures of this run."""
    return _rapport


@pytest.fixture
def quick(request: pytest.FixtureRequest) -> bool:
    """True for the short run (``--rapide``)."""
    return bool(request.config.getoption("--rapide", default=False))


@pytest.fixture(scope="session")
def fonds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A furnished data folder, to copy."""
    folder = tmp_path_factory.mktemp("fonds")
    monde.furnish(monde.settings_of(folder))
    return folder


@pytest.fixture
def data(tmp_path: Path, fonds: Path) -> Iterator[Settings]:
    """The settings of a copy of the world, on a free port."""
    monde.copied(fonds, tmp_path)
    yield monde.settings_of(tmp_path, port=free_port())
