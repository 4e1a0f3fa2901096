"""The report's arithmetic: a wrong ratio would be believed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bench import data, servers, stats
from bench.peers import fastify_app
from portal.app import create_app
from tests.support.client import Client


def test_percentile_is_the_nearest_rank() -> None:
    values = list(range(100, 0, -1))
    assert stats.percentile(values, 0.99) == 99
    assert stats.percentile(values, 0.5) == 50
    assert stats.percentile([7.0], 0.99) == 7.0


def test_times_are_in_milliseconds() -> None:
    assert stats.times([0.002, 0.001, 0.004]) == pytest.approx({"p50": 2.0, "p99": 4.0})


def test_ratios_compare_what_was_measured_side_by_side() -> None:
    assert stats.ratios([300.0, 100.0], [100.0, 50.0]) == [3.0, 2.0]
    with pytest.raises(ValueError, match="shorter"):
        stats.ratios([1.0, 2.0], [1.0])


@pytest.mark.parametrize(("ours", "theirs", "same"), [
    (27_000, 27_200, True), (90, 100, True), (110, 100, True), (89, 100, False), (111, 100, False)])
def test_pages_compare_only_within_ten_percent(ours: int, theirs: int, same: bool) -> None:
    assert stats.same_size(ours, theirs) is same


def test_the_measured_physician_is_logged_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bench that was sent to the login page would measure the login page."""
    monkeypatch.setattr(data, "FOLDER", tmp_path)
    base = data.Base(1)
    base.folder.mkdir()
    with base.opened():
        data.open_account()
    cookie = base.portal_cookie()
    with Client(create_app(base.settings(8199))) as client:
        client.get("/dossiers/grand-age", cookie=cookie)


def test_a_machine_without_node_lacks_that_peer_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fastify_app, "FOLDER", tmp_path)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(servers.Absent, match="Node is not installed"), servers.fastify(data.Base(1)):
        pass
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/node")
    with pytest.raises(servers.Absent, match="could not be installed"), servers.fastify(data.Base(1)):
        pass
    (tmp_path / ".pret").touch()
    assert fastify_app.missing() == ""
