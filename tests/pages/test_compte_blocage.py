"""The support closes an account: nothing opens it, and what was open is closed."""

from __future__ import annotations

import json
import shutil

import pytest
from starlette.applications import Starlette

from portal import cli, clock
from portal import settings as configuration
from portal.compte import blocage
from portal.db import database
from portal.db.audit import Trace
from portal.db.outbox import Courriel
from portal.facteurs import queries as facteurs
from portal.facteurs.models import Application
from portal.settings import Settings
from portal.web.session import Session
from tests.support import cartes
from tests.support.client import Answer, Client
from tests.support.people import account
from tests.support.sessions import open_session

BOB = 10100000022


@pytest.mark.parametrize("typed", [str(BOB), f" {BOB} ", f"{BOB}@EXEMPLE.fr"])
def test_an_account_is_found_by_what_the_support_types(tables: Settings, typed: str) -> None:
    found = account(BOB)
    compte = blocage.find(typed)
    assert compte is not None and compte.id == found


@pytest.mark.parametrize("typed", ["", "1", "personne@exemple.fr", "٣"])
def test_nobody_is_found_by_less(tables: Settings, typed: str) -> None:
    account(BOB)
    assert blocage.find(typed) is None


@pytest.mark.proves("V7.4.2")
def test_blocked_the_card_opens_nothing_and_unblocked_it_does(
        app: Starlette, client: Client, settings: Settings, midday: object) -> None:
    shutil.copytree(cartes.deck() / "confiance", settings.trust, dirs_exist_ok=True)
    client.login(BOB, "Dr Bob DURAND", account(BOB))
    compte = blocage.find(str(BOB))
    assert compte is not None
    with database.writing():
        assert blocage.block(compte) == 1
    assert client.get("/compte", 303).location.startswith("/connexion")
    assert "Ce compte est bloqué" in log_in(client, 403).text
    assert not Session.select().where(Session.compte_id == compte.id).exists()
    assert [trace.event for trace in Trace.select().order_by(Trace.id)][-2:] == ["compte.bloque", "connexion.refus"]
    with database.writing():
        blocage.unblock(compte)
    assert log_in(client, 303).location == "/compte/charte"


def log_in(client: Client, status: int) -> Answer:
    client.get("/connexion")
    nonce = json.loads(client.post("/connexion/defi", status=200).html)["nonce"]
    return client.post("/connexion/cps", {"jeton": json.dumps(cartes.token("bob-durand", nonce))}, status)


class TestCommand:
    @pytest.fixture(autouse=True)
    def here(self, tables: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(configuration, "load", lambda: tables)

    @pytest.mark.proves("V7.4.2", "V7.4.5")
    def test_the_support_blocks_and_unblocks(self, capsys: pytest.CaptureFixture[str]) -> None:
        account(BOB)
        assert cli.main(["compte", "bloquer", str(BOB)]) == 0
        compte = blocage.find(str(BOB))
        assert compte is not None and compte.blocked_at is not None
        assert cli.main(["compte", "debloquer", f"{BOB}@exemple.fr"]) == 0
        compte = blocage.find(str(BOB))
        assert compte is not None and compte.blocked_at is None
        assert "est bloqué ; sessions closes : 0." in capsys.readouterr().out.replace("\u00a0", " ")

    @pytest.mark.proves("V6.5.6", "V7.4.5")
    def test_lost_factors_are_removed_and_told(self, tables: Settings, capsys: pytest.CaptureFixture[str]) -> None:
        compte_id = account(BOB)
        with database.writing():
            Application.create(key="a" * 22, compte_id=compte_id, nom="Perdu", secret=b"x", compteur=0,
                               created=clock.now())
        assert facteurs.can_log_in(compte_id)
        open_session(tables, BOB, "Dr Bob DURAND", compte_id=compte_id, level="otp")
        assert cli.main(["compte", "sans-facteur", str(BOB)]) == 0
        assert not facteurs.can_log_in(compte_id)
        assert Courriel.get().to == f"{BOB}@exemple.fr"
        assert not Session.select().exists()

    @pytest.mark.parametrize("action", ["bloquer", "debloquer", "sans-facteur"])
    def test_a_slip_is_said_and_changes_nothing(self, action: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["compte", action, "10100000099"]) == 1
        assert "10100000099" in capsys.readouterr().err
        assert not Trace.select().exists()
