"""A session's id: unguessable, new at each step up or change of role, and the former one dead."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from starlette.applications import Starlette

from portal import clock
from portal.db import database
from portal.db.audit import Trace
from portal.db.base import rows
from portal.db.crypto import keys
from portal.delegations.models import Delegation
from portal.settings import Settings
from portal.web import session
from portal.web.session import Session
from tests.support.client import Client
from tests.support.codes import given_an_application, shown, wrong
from tests.support.delegues import BOB, CHLOE, PASSWORD, lent, physician

FIRST = {"email": f"{BOB}@exemple.fr", "mot_de_passe": PASSWORD}

pytestmark = pytest.mark.usefixtures("midday")


@pytest.fixture
def app(opened_app: Starlette) -> Starlette:
    return opened_app


def is_dead(client: Client, cookie: str | None) -> bool:
    """True when a browser with this cookie alone is nobody."""
    assert cookie
    with Client(client.app) as thief:
        thief.http.cookies.set("__Host-session", cookie, domain="portail.test")
        return thief.get("/compte", 303).location.startswith("/connexion?")


def ids() -> list[str]:
    return [key for (key,) in rows("SELECT key FROM session")]


@pytest.fixture
def chloe(client: Client, settings: Settings) -> Client:
    """Dr Chloé PETIT, to whom Dr Alice MARTIN has lent her access."""
    lent(settings)
    return client.login(CHLOE, "Dr Chloé PETIT", physician(CHLOE).id)


def take(client: Client, delegation: int | None) -> None:
    client.post("/delegations/agir", {"delegation": str(delegation or "")})
    client.acting = delegation


@pytest.mark.proves("V7.2.2", "V7.2.3")
def test_an_id_is_256_bits_of_the_system_s_and_the_table_holds_none(client: Client) -> None:
    seen = set()
    for _ in range(20):
        client.http.cookies.clear()
        client.get("/connexion/otp")
        name = keys().signer("session").unsign(client.cookie or "").decode()
        assert len(name) == 43, "32 bytes in base64"
        seen.add(name)
        client.post("/connexion/otp", FIRST | {"mot_de_passe": ""}, 422)
    assert len(seen) == 20
    client.login(BOB)
    assert keys().signer("session").unsign(client.cookie or "").decode() not in str(rows("SELECT * FROM session"))


@pytest.mark.proves("N7", "V7.2.4", "V7.2.1")
class TestNewIds:
    def test_the_second_step_of_a_login(self, client: Client, settings: Settings) -> None:
        given_an_application(physician(BOB).id, settings)
        client.post("/connexion/otp", FIRST)
        before, waiting = client.cookie, ids()
        client.post("/connexion/otp/code", {"moyen": "application", "code_application": shown()})
        assert client.cookie != before and is_dead(client, before)
        assert len(ids()) == 1 and not set(ids()) & set(waiting)

    def test_acting_for_somebody_and_back(self, chloe: Client) -> None:
        delegation, former = int(Delegation.select().get().id), [chloe.cookie]
        for chosen in (delegation, None, delegation):
            take(chloe, chosen)
            chloe.get("/accueil")
            assert chloe.cookie not in former and all(is_dead(chloe, one) for one in former)
            former.append(chloe.cookie)
        assert len(ids()) == 1

    def test_the_end_of_a_mandate(self, chloe: Client) -> None:
        take(chloe, int(Delegation.select().get().id))
        before = chloe.cookie
        with database.writing():
            Delegation.update(revoked_at=clock.now()).execute()
        assert chloe.get("/dossiers/grand-age", 303)
        assert chloe.cookie != before and is_dead(chloe, before)
        chloe.acting = None
        chloe.get("/accueil")

    def test_what_the_session_keeps_goes_along(self, chloe: Client) -> None:
        """The ends of the session, and what was typed before an expiry, are the same under the new id."""
        with database.writing():
            row = Session.select().get()
            Session.update(data=session._sealed(row.key, {"note": "gardée"})).execute()
        ends = rows("SELECT created, ends, level, compte_id FROM session")
        take(chloe, int(Delegation.select().get().id))
        assert rows("SELECT created, ends, level, compte_id FROM session") == ends
        row = Session.select().get()
        assert session._unsealed(row.key, row.data)["note"] == "gardée"

    def test_a_form_opened_before_is_still_told_from_a_forged_one(self, chloe: Client) -> None:
        before = chloe.token()
        take(chloe, int(Delegation.select().get().id))
        assert "Vous n’agissez plus au nom de la même personne" in chloe.post("/compte", status=409, token=before).text
        chloe.post("/compte", status=403, token=before[:-2] + "xx")

    def test_the_token_of_a_former_login_is_forged(self, chloe: Client) -> None:
        before = chloe.token()
        chloe.post("/connexion/quitter")
        chloe.login(CHLOE, "Dr Chloé PETIT", physician(CHLOE).id)
        chloe.post("/compte", status=403, token=before)


@pytest.mark.proves("V16.3.1")
def test_right_and_wrong_logins_are_recorded_with_their_means(
        client: Client, settings: Settings, midday: datetime) -> None:
    given_an_application(physician(BOB).id, settings)
    client.post("/connexion/otp", FIRST | {"mot_de_passe": "Faux-2031"}, 422)
    client.post("/connexion/otp", FIRST)
    client.post("/connexion/otp/code", {"moyen": "application", "code_application": wrong()}, 422)
    client.post("/connexion/otp/code", {"moyen": "application", "code_application": shown()})
    client.post("/connexion/quitter")
    kept = [(one.event, one.level) for one in Trace.select().order_by(Trace.id) if one.event.startswith(
        ("connexion", "otp", "session", "deconnexion"))]
    assert kept[:4] == [("connexion.refus", "aucun"), ("otp.mot_de_passe", "mot_de_passe"),
                        ("otp.code_refuse", "mot_de_passe"), ("connexion.otp", "otp")]


@pytest.mark.proves("V6.2.10")
def test_a_password_of_ten_years_ago_still_serves(client: Client, settings: Settings) -> None:
    given_an_application(physician(BOB).id, settings)
    with clock.shift(timedelta(days=3650)):
        assert client.post("/connexion/otp", FIRST).location == "/connexion/otp/code"
