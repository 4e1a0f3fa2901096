"""``portal conservation`` tells before it erases; the table of the documentation is the code's own."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from portal import cli, clock
from portal.conservation import presenters
from portal.db import database
from portal.db.outbox import Courriel
from portal.settings import Settings, SettingsError, load
from tests.support import conservation as seeds

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
pytestmark = pytest.mark.proves("D7")


@pytest.fixture
def here(tables: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The command reads the settings of this test's folder."""
    for name, value in (("PORTAL_DATA", tables.data), ("PORTAL_DATABASE", tables.database),
                        ("PORTAL_DEMONSTRATION", "1")):
        monkeypatch.setenv(name, str(value))
    with clock.freeze(NOON.replace(year=2025)), database.writing():
        seeds.mail()
    return tables


def test_the_documentation_prints_the_rules() -> None:
    assert presenters.table() in Path("docs/dev/conservation.md").read_text("utf-8")


def test_the_table_needs_no_database(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["conservation", "--tableau"]) == 0
    assert capsys.readouterr().out == presenters.table()


@pytest.mark.usefixtures("here")
def test_it_tells_and_erases_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["conservation"]) == 0
    told = capsys.readouterr().out
    assert "effacé à l’envoi)\u00a0: 1 (durée\u00a0: 90\u00a0jours)" in told and "Rien n’a été effacé" in told
    assert Courriel.select().count() == 1


@pytest.mark.usefixtures("here")
def test_it_erases_when_told_to_and_only_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["conservation", "--appliquer"]) == 0
    assert "Effacé\u00a0: 1" in capsys.readouterr().out
    assert Courriel.select().count() == 0
    assert cli.main(["conservation", "--appliquer"]) == 0
    assert "Effacé\u00a0: 0" in capsys.readouterr().out


@pytest.mark.parametrize("name", [name for name in vars(Settings) if name.rpartition("_")[0].endswith(
    ("_kept", "_unused"))])
def test_a_duration_of_nothing_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        load({}, **{name: 0})
