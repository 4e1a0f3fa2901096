"""What no browser sends, through nginx and directly: refused or taken for what it is, and nobody else pays for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scan import wire
from scan.wire import Door, Slow
from tests.support import nginx, processus

DOORS = ("nginx", "direct")
GENEROUS = {"RATE_PAGES": "1000r/s", "RATE_LOGIN": "1000r/s"}


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Door]]:
    """One portal by its two doors; the visitors' pages are counted generously, since there are many."""
    folder, where = tmp_path_factory.mktemp("attaques"), nginx.ports()
    with processus.portal(folder / "donnees", origin=where.origin) as portal, \
            nginx.running(folder / "nginx", [portal.address], where, **GENEROUS) as proxy:
        host = f"localhost:{where.https}"
        yield {"nginx": Door("nginx", where.https, host, proxy.certificate.context()),
               "direct": Door("direct", portal.port, host)}


@pytest.mark.proves("V4.2.1")
@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(("name", "raw"), wire.ambiguous().items(), ids=list(wire.ambiguous()))
def test_an_ambiguous_request_touches_nobody_else_s(doors: dict[str, Door], door: str, name: str, raw: bytes) -> None:
    outcome = wire.sent(doors[door], name, raw)
    assert not outcome.faults
    if name in wire.REFUSED:
        assert all(400 <= status <= 501 for status in outcome.statuses) and len(outcome.statuses) <= 1


@pytest.mark.proves("W12", "W13")
@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(("name", "pieces"), wire.outsized().items(), ids=list(wire.outsized()))
def test_too_much_of_something_is_answered_and_holds_nobody_up(
        doors: dict[str, Door], door: str, name: str, pieces: tuple[bytes, ...]) -> None:
    assert not wire.sent(doors[door], name, *pieces).faults


@pytest.mark.proves("W13")
@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("kind", wire.SLOW, ids=lambda kind: kind.name)
def test_slow_clients_hold_nobody_up(doors: dict[str, Door], door: str, kind: Slow) -> None:
    outcome = wire.slow(doors[door], kind, clients=60, seconds=3)
    assert not outcome.faults and "3 pages served" in outcome.detail
