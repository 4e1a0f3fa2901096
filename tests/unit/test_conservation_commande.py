"""``portal conservation`` tells before it erases; the table of the documentation is the code's own."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from portal import cli, clock
from portal.compte import passwords
from portal.compte import queries as comptes
from portal.compte.models import Preference
from portal.conservation import presenters, queries, rules
from portal.db import database
from portal.db.base import rows
from portal.db.outbox import Courriel
from portal.facteurs import commands as facteurs
from portal.settings import Settings, SettingsError, load
from portal.web.session import Session
from tests.support import conservation as seeds
from tests.support import volets
from tests.support.people import account
from tests.support.volets import ALICE, ALICE_ACTS

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


class TestClosingAnAccount:
    """« portal compte fermer »: what opens or reaches the account goes, what signs dossiers stays."""

    @pytest.fixture
    def compte_id(self, here: Settings) -> int:
        assert here.data
        made = account(ALICE)
        with database.writing():
            seeds.session()
            Session.update(compte_id=made).execute()
            facteurs.make_recovery_codes(ALICE_ACTS, comptes.own(made), here)
            Preference.insert(compte_id=made, mssante="alice@mssante.fr").execute()
        assert sum(queries.count(table, "compte_id = ?", made) > 0 for table in rules.OF_ACCOUNT) == 3
        return made

    def test_nothing_that_opens_it_is_left(self, compte_id: int, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["compte", "fermer", str(ALICE)]) == 0
        assert "fermé pour toujours" in capsys.readouterr().out
        assert all(queries.count(table, "compte_id = ?", compte_id) == 0 for table in rules.OF_ACCOUNT)
        [(nom, rpps, email, password, telephone)] = rows("SELECT nom, rpps, email, password, telephone FROM compte")
        assert (nom, rpps, email, password, telephone) == ("MARTIN", ALICE, f"8{ALICE}{rules.CLOSED}", "", None)
        assert rows("SELECT detail FROM trace WHERE event = 'compte.ferme'") == [(f"8{ALICE}",)]
        assert not passwords.matches("", "Bocage-2031") and not passwords.matches("", "")

    def test_who_leads_a_living_dossier_keeps_it(self, compte_id: int, capsys: pytest.CaptureFixture[str]) -> None:
        volets.dossier()
        assert cli.main(["compte", "fermer", str(ALICE)]) == 1
        assert "référent" in capsys.readouterr().err and queries.account(compte_id)[1] is False

    def test_nobody_is_told_as_such(self, here: Settings, capsys: pytest.CaptureFixture[str]) -> None:
        assert here.data and cli.main(["compte", "fermer", "personne@exemple.fr"]) == 1
        assert "Aucun compte" in capsys.readouterr().err
