"""A secretary: invited by mail, her own account and second factor, never the medical volet."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from starlette.applications import Starlette
from starlette.requests import Request

from portal import clock
from portal.app import create_app
from portal.compte import queries as comptes
from portal.compte.rules import CHARTE
from portal.db import database
from portal.db.audit import Actor, Trace
from portal.db.outbox import Courriel
from portal.delegations import commands, queries, routes, secretariat
from portal.delegations.models import Delegation, Invitation
from portal.dossiers import commands as dossiers
from portal.facteurs.models import Application
from portal.settings import Settings, load
from portal.web.session import Access, Session
from tests.support.client import Client
from tests.support.delegues import ALICE, BOB, PASSWORD, SOPHIE, physician, secretary
from tests.support.people import LEROUX

GOOD = {"prenom": "Sophie", "nom": "Legrand", "email": SOPHIE.email, "modules": ["ga", "tnd"]}
CHOSEN = {"mot_de_passe": PASSWORD, "mot_de_passe_2": PASSWORD}


pytestmark = pytest.mark.usefixtures("midday")


@pytest.fixture
def app(opened_app: Starlette) -> Starlette:
    return opened_app


def invited(client: Client, rpps: int = ALICE) -> str:
    """A physician invites Sophie LEGRAND; returns the path of the mailed link."""
    own = physician(rpps)
    client.login(rpps, own.name, own.id)
    assert client.post("/delegations/secretariat", GOOD).location == "/delegations"
    mail = Courriel.select().where(Courriel.to == SOPHIE.email).order_by(Courriel.id.desc()).get()
    found = re.search(r"/delegations/invitation/\S+", mail.body)
    assert found is not None
    return found.group()


def with_application(compte_id: int) -> None:
    """She has an authenticator application; which one does not matter here."""
    with database.writing():
        Application.create(key="a" * 22, compte_id=compte_id, nom="Téléphone", secret=b"x", compteur=0,
                           created=clock.now())


def sophie() -> int:
    found = comptes.by_email(SOPHIE.email)
    assert found is not None
    return int(found.id)


class TestInviting:
    @pytest.mark.parametrize(("changed", "words"), [
        ({"prenom": " "}, "Indiquez ce nom"), ({"nom": ""}, "Indiquez ce nom"),
        ({"email": "sophie"}, "adresse"), ({"email": f"{BOB}@exemple.fr"}, "ne peut pas être invitée"),
        ({"modules": []}, "au moins un module"),
    ])
    def test_each_slip_is_named_and_nothing_leaves(
            self, client: Client, changed: dict[str, object], words: str) -> None:
        physician(BOB)
        own = physician(ALICE)
        client.login(ALICE, own.name, own.id)
        answer = client.post("/delegations/secretariat", GOOD | changed, 422)
        assert any(words in error for error in answer.errors)
        assert not Invitation.select().exists() and not Courriel.select().exists()

    def test_it_waits_on_the_page_and_can_be_withdrawn(self, client: Client, another_client: Client) -> None:
        path = invited(client)
        page = client.get("/delegations")
        assert "Sophie LEGRAND" in page.text and SOPHIE.email in page.text
        button = page.soup.select_one("button[name=retirer]")
        assert button is not None
        client.post("/delegations/secretariat", {"retirer": button["value"]})
        another_client.get(path, 410)

    def test_nobody_withdraws_anothers(self, client: Client, another_client: Client) -> None:
        path = invited(client)
        bob = physician(BOB)
        another_client.login(BOB, bob.name, bob.id)
        another_client.post("/delegations/secretariat", {"retirer": Invitation.get().key})
        client.http.cookies.clear()
        client.get(path)

    def test_a_new_link_kills_the_one_before(self, client: Client, another_client: Client) -> None:
        first, second = invited(client), invited(client)
        another_client.get(first, 410)
        another_client.get(second)

    def test_where_codes_are_off_no_secretary_is_promised(self, settings: Settings) -> None:
        closed = load({}, data=settings.data, database=settings.database, demonstration=True,
                               origin=settings.origin, otp_mode="off")
        with Client(create_app(closed)) as client:
            database.connect()
            own = physician(ALICE)
            client.login(ALICE, own.name, own.id)
            page = client.get("/delegations/secretariat")
            assert "n’ouvre pas la connexion par mot de passe" in page.text
            assert not page.soup.select("main form")


class TestLink:
    def test_she_opens_her_account_accepts_and_adds_a_factor_before_acting(
            self, client: Client, another_client: Client) -> None:
        path = invited(client)
        her = another_client
        assert "Dr Alice MARTIN" in her.get(path).text
        assert her.post(path, CHOSEN).location == "/compte/charte"
        page = her.get("/compte/charte")
        assert page.soup.select_one("input[name=version]") is not None
        assert her.post("/compte/charte", {"version": CHARTE.version, "accepte": "oui"}).location == "/delegations"
        made = Delegation.get()
        assert (made.kind, made.ends, made.modules) == ("secretaire", None, "ga tnd")
        assert "ajoutez une application" in her.get("/delegations").text
        assert her.post("/delegations/agir", {"delegation": str(made.id)}).location == "/facteurs"
        her.get("/facteurs")
        with_application(sophie())
        assert her.post("/delegations/agir", {"delegation": str(made.id)}).location == "/accueil"

    @pytest.mark.proves("V6.4.1")
    def test_it_serves_once(self, client: Client, another_client: Client) -> None:
        path = invited(client)
        another_client.post(path, CHOSEN)
        another_client.http.cookies.clear()
        another_client.get(path, 410)

    @pytest.mark.parametrize(("sent", "words"), [
        ({"mot_de_passe": "court", "mot_de_passe_2": "court"}, "ne peut pas être accepté"),
        ({"mot_de_passe": PASSWORD, "mot_de_passe_2": "autre"}, "pas les mêmes"),
        ({}, "Choisissez un mot de passe"),
        ({"mot_de_passe": "Legrand-2031-x", "mot_de_passe_2": "Legrand-2031-x"}, "ne peut pas être accepté"),
    ])
    def test_a_weak_password_opens_nothing(
            self, client: Client, another_client: Client, sent: dict[str, str], words: str) -> None:
        path = invited(client)
        answer = another_client.post(path, sent, 422)
        assert any(words in error for error in answer.errors)
        assert comptes.by_email(SOPHIE.email) is None and Invitation.get().used_at is None

    @pytest.mark.proves("V6.4.1")
    def test_it_ends_after_a_week(self, client: Client, another_client: Client) -> None:
        path = invited(client)
        with clock.shift(timedelta(days=7)):
            another_client.get(path, 410)
            another_client.post(path, CHOSEN, 410)

    def test_a_changed_link_is_no_link(self, client: Client, another_client: Client) -> None:
        path = invited(client)
        another_client.get(path[:-2] + "xx", 404)
        another_client.get("/delegations/invitation/x", 404)

    def test_someone_else_logged_in_does_not_take_it(self, client: Client) -> None:
        path = invited(client)
        client.get(path, 403)
        client.post(path, CHOSEN, 403)
        assert Invitation.get().used_at is None

    def test_a_second_physician_joins_the_account_she_has(
            self, client: Client, another_client: Client, settings: Settings) -> None:
        found, _ = secretary(settings)
        with_application(found.id)
        path = invited(client, BOB)
        assert "Connectez-vous" in another_client.get(path).text
        another_client.post(path, CHOSEN, 200)
        assert Delegation.select().count() == 1
        another_client.enter(Access.SECRETARIAT, None, found.name, found.id, subject=found.subject, level="otp")
        assert another_client.post(path).location == "/delegations"
        assert {one.principal.rpps for one in queries.usable(found.id)} == {ALICE, BOB}

    def test_without_second_factor_link_and_password_let_her_back(
            self, client: Client, another_client: Client, settings: Settings) -> None:
        """Who left before adding one would else be locked out for ever."""
        first = invited(client)
        another_client.post(first, CHOSEN)
        another_client.http.cookies.clear()
        path = invited(client)
        wrong = another_client.post(path, {"mot_de_passe": "Autre-2031-chose"}, 422)
        assert "n’est pas celui de votre compte" in wrong.text
        assert another_client.post(path, {"mot_de_passe": PASSWORD}).location == "/compte/charte"
        assert Session.get(Session.compte_id == sophie()).level == "courriel"


    def test_two_links_at_once_never_spare_the_password(
            self, client: Client, another_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        """Both pages were opened before she had an account; the second one's new password proves nothing."""
        first, second = invited(client), invited(client, BOB)
        worked_out = secretariat.prepare_link

        def overtaken(request: Request) -> object:
            ready = worked_out(request)
            if request.url.path == second:
                another_client.post(first, CHOSEN)
            return ready

        page = next(page for page in routes.PAGES if page.name == "delegations-invitation")
        monkeypatch.setitem(page.__dict__, "prepare", overtaken)
        client.http.cookies.clear()
        client.post(second, {"mot_de_passe": "Autre-2031-chose", "mot_de_passe_2": "Autre-2031-chose"}, 200)
        assert sorted(row.used_at is None for row in Invitation.select()) == [False, True]
        assert not Session.select().where(Session.compte_id == sophie(), Session.level == "cps").exists()
        assert Session.select().where(Session.compte_id == sophie()).count() == 1


class TestHerWork:
    @pytest.fixture
    def acting(self, client: Client, settings: Settings) -> Client:
        found, made = secretary(settings, ("ga",))
        client.enter(Access.SECRETARIAT, None, found.name, found.id, level="otp", subject=found.subject,
                     delegation_id=made.id)
        return client

    def test_she_prepares_but_neither_accepts_nor_lends(self, acting: Client) -> None:
        with database.writing():
            made = dossiers.create(Actor(ALICE, "Dr Alice MARTIN", "cps"), "ga", LEROUX)
        assert "LEROUX" in acting.get(f"/dossiers/grand-age/{made.numero}").text
        acting.get("/dossiers/grand-age/creer")
        acting.get("/dossiers/tnd", 403)
        acting.post(f"/dossiers/grand-age/{made.numero}/retirer", {"version": "1"}, 403)
        for path in ("/delegations/nouvelle", "/delegations/secretariat"):
            assert acting.get(path, 303).location == "/delegations"

    def test_what_she_does_bears_her_name_and_her_physicians(self, acting: Client) -> None:
        with database.writing():
            made = dossiers.create(Actor(ALICE, "Dr Alice MARTIN", "cps"), "ga", LEROUX)
        acting.get(f"/dossiers/grand-age/{made.numero}")
        act = Trace.select().order_by(Trace.id.desc()).get()
        assert act.name == "Sophie LEGRAND, par délégation du Dr Alice MARTIN"
        assert (act.rpps, act.on_behalf_of) == (None, ALICE)

    def test_before_she_chooses_for_whom_no_dossier_is_offered(self, client: Client, settings: Settings) -> None:
        found, _ = secretary(settings, ("ga",))
        client.enter(Access.SECRETARIAT, None, found.name, found.id, level="otp", subject=found.subject)
        menu = client.get("/delegations").soup.select_one("nav.menu")
        assert menu is not None and not menu.select('a[href^="/dossiers"]')
        assert "Accéder à mes dossiers" not in menu.text

    def test_revoked_she_is_out_at_the_next_click(self, acting: Client, settings: Settings) -> None:
        lent = queries.of(Delegation.get().id)
        assert lent is not None
        with database.writing():
            commands.revoke(Actor(ALICE, "Dr Alice MARTIN", "cps"), lent, settings)
        assert acting.get("/dossiers/grand-age", 303).location == "/delegations"
        acting.acting = None
        assert acting.get("/dossiers/grand-age", 303).location == "/delegations"
