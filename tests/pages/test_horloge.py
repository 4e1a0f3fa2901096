"""R10: a clock that is put back disorders neither the audit nor the sessions, and brings nothing back to life."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from portal import clock
from portal.db import audit, database
from portal.dossiers import commands
from portal.settings import Settings
from portal.web.session import Session
from tests.support.client import Client
from tests.support.delegues import ALICE
from tests.support.volets import ALICE_ACTS, dossier

pytestmark = pytest.mark.proves("R10")
BACK = [timedelta(seconds=-1), timedelta(hours=-3), timedelta(days=-400)]


@pytest.mark.parametrize("back", BACK)
def test_acts_keep_their_order_and_the_chain_holds(tables: Settings, midday: datetime, back: timedelta) -> None:
    one = dossier()
    with clock.shift(back), database.writing():
        commands.set_status(ALICE_ACTS, one, "demande_envoyee")
    with database.writing():
        audit.record(ALICE_ACTS, "dossier.ouvert", dossier=f"ga {one.numero}")
    assert audit.broken_link() is None
    assert [act.event for act in audit.timeline(f"ga {one.numero}")] == [
        "dossier.ouvert", "dossier.statut", "dossier.cree"]


@pytest.mark.parametrize("back", BACK)
def test_who_is_logged_in_stays_so_and_no_longer_than_he_may(client: Client, midday: datetime, back: timedelta) -> None:
    client.login(ALICE)
    with clock.shift(back):
        client.get("/dossiers/grand-age")
    client.get("/dossiers/grand-age")
    with clock.shift(timedelta(minutes=31)):
        assert "/connexion" in client.get("/dossiers/grand-age", 303).location


@pytest.mark.parametrize("back", BACK)
def test_who_logged_out_stays_out(client: Client, midday: datetime, back: timedelta) -> None:
    client.login(ALICE)
    cookie = client.cookie
    client.post("/connexion/quitter")
    assert not Session.select().where(Session.rpps == ALICE).exists()
    with clock.shift(back):
        client.http.cookies.set("__Host-session", str(cookie), domain="portail.test")
        assert "/connexion" in client.get("/dossiers/grand-age", 303).location
