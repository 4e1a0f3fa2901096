"""In whose place a session acts, and how sure its login was: the guards that no handler has to remember."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from starlette.applications import Starlette

from portal import clock
from portal.compte.models import Compte
from portal.compte.rules import CHARTE
from portal.db import audit, database
from portal.db.audit import Actor, Mandate, Trace
from portal.dossiers import commands
from portal.dossiers.models import Dossier
from portal.settings import Settings
from portal.web import devices
from portal.web.session import Access, Session
from tests.support import cartes
from tests.support.client import Answer, Client
from tests.support.people import LEROUX, account

ALICE, BOB = 10100000011, 10100000022
EVERY_RIGHT = frozenset({"consulter", "preparer", "lire", "rediger", "valider", "envoyer", "repondre", "accepter"})
Lend = Callable[..., None]


pytestmark = pytest.mark.usefixtures("midday")


@pytest.fixture
def lent(app: Starlette) -> Lend:
    """Say what the mandate 1 holds from now on; before the first call, and after ``None``, it holds no more."""
    def lend(rights: frozenset[str] | None = EVERY_RIGHT, modules: tuple[str, ...] = ("ga", "san", "tnd")) -> None:
        mandate = rights and Mandate(
            1, ALICE, "Dr Alice MARTIN", "medecin", frozenset(modules), rights, date(2026, 12, 31))
        app.state.mandate_of = lambda delegation_id, compte_id: mandate
    return lend


@pytest.fixture
def hers(app: Starlette) -> Dossier:
    """A dossier of Dr Alice MARTIN's."""
    database.connect()
    with database.writing():
        return commands.create(Actor(ALICE, "Dr Alice MARTIN", "cps"), "ga", LEROUX)


def acting(client: Client, **more: object) -> Client:
    """Dr Bob DURAND, who chose to act for Dr Alice MARTIN."""
    return client.login(BOB, "Dr Bob DURAND", account(BOB), delegation_id=1, **more)


@pytest.fixture
def trusting(app: Starlette, settings: Settings) -> Starlette:
    """A portal that accepts the demonstration's cards."""
    shutil.copytree(cartes.deck() / "confiance", settings.trust, dirs_exist_ok=True)
    return app


def log_in(client: Client, card: str) -> Answer:
    client.get("/connexion")
    nonce = json.loads(client.post("/connexion/defi", status=200).html)["nonce"]
    with database.writing():
        Compte.update(charte=CHARTE.version).execute()
    return client.post("/connexion/cps", {"jeton": json.dumps(cartes.token(card, nonce))})


def last_act() -> Trace:
    return Trace.select().order_by(Trace.id.desc()).get()


class TestActing:
    @pytest.mark.proves("A6")
    def test_he_sees_her_dossiers_and_signs_for_her(self, client: Client, lent: Lend, hers: Dossier) -> None:
        lent()
        acting(client)
        assert "LEROUX" in client.get("/dossiers/grand-age").text
        assert "LEROUX" in client.get(f"/dossiers/grand-age/{hers.numero}").text
        act = last_act()
        assert (act.event, act.rpps, act.on_behalf_of) == ("dossier.ouvert", BOB, ALICE)
        assert act.name == "Dr Bob DURAND, par délégation du Dr Alice MARTIN"
        assert audit.broken_link() is None

    def test_in_his_own_name_he_does_not(self, client: Client, lent: Lend, hers: Dossier) -> None:
        lent()
        client.login(BOB, "Dr Bob DURAND", account(BOB))
        client.get(f"/dossiers/grand-age/{hers.numero}", 404)

    @pytest.mark.proves("A6", "V8.2.1", "V8.3.1")
    def test_what_was_not_lent_is_refused_whatever_the_number(
            self, client: Client, lent: Lend, hers: Dossier) -> None:
        lent(frozenset({"consulter"}))
        acting(client)
        for numero in (hers.numero, 49999999):
            answer = client.post(f"/dossiers/grand-age/{numero}/retirer", {"version": "1"}, 403)
            assert "Votre délégation ne le permet pas" in answer.text

    def test_another_module_is_refused_and_hidden(self, client: Client, lent: Lend, hers: Dossier) -> None:
        lent(modules=("tnd",))
        acting(client)
        assert "ne porte pas sur ce module" in client.get("/dossiers/grand-age", 403).text
        assert "Hébergements" not in client.get("/accueil").soup.main.get_text()
        assert "LEROUX" not in client.get(f"/dossiers/recherche?numero={hers.numero}").text

    @pytest.mark.parametrize("path", ["/accueil", "/dossiers/grand-age", "/compte"])
    def test_an_ended_mandate_makes_him_himself_again(self, client: Client, lent: Lend, path: str) -> None:
        lent(None)
        acting(client)
        assert client.get(path, 303).location == "/delegations"
        client.acting = None
        assert Session.get(Session.compte_id.is_null(False)).delegation_id is None
        assert last_act().event == "delegation.terminee"
        client.get("/accueil")

    @pytest.mark.proves("C5", "V8.3.2")
    def test_revoked_between_the_page_and_its_form_nothing_is_done(
            self, client: Client, lent: Lend, hers: Dossier) -> None:
        lent()
        acting(client)
        client.get(f"/dossiers/grand-age/{hers.numero}/retirer")
        lent(None)
        answer = client.post(f"/dossiers/grand-age/{hers.numero}/retirer", {"version": "1"})
        assert answer.location == "/delegations"
        assert not Trace.select().where(Trace.event == "dossier.sorti").exists()

    def test_a_form_of_the_other_role_is_refused(self, client: Client, lent: Lend, hers: Dossier) -> None:
        """Two tabs: the role changed in one, the form of the other was opened before."""
        lent()
        acting(client)
        for before in (None, 2):
            client.acting = before
            answer = client.post(f"/dossiers/grand-age/{hers.numero}/retirer", {"version": "1"}, 409)
            assert "Vous n’agissez plus au nom de la même personne" in answer.text

    @pytest.mark.parametrize("token", ["1.", "1.x", "²." + "x" * 43, "-1.x", "1", "9" * 5000 + ".x"], ids=range(6))
    def test_a_made_up_token_is_no_other_role(self, client: Client, lent: Lend, token: str) -> None:
        lent()
        acting(client).post("/compte", status=403, token=token)

    def test_a_new_charter_comes_before_any_mandate(self, client: Client, app: Starlette, lent: Lend) -> None:
        lent()
        acting(client)
        app.state.charte = "2099"
        assert client.get("/dossiers/grand-age", 303).location == "/compte/charte"


class TestSecretary:
    @pytest.fixture
    def secretary(self, client: Client) -> Client:
        return client.enter(Access.SECRETARIAT, None, "Sophie LEGRAND", account(BOB), level="otp",
                            subject="S00000000001")

    @pytest.mark.parametrize("path", ["/accueil", "/dossiers/grand-age", "/dossiers/recherche"])
    def test_alone_she_chooses_for_whom_first(self, secretary: Client, path: str) -> None:
        assert secretary.get(path, 303).location == "/delegations"

    def test_acting_she_sees_what_was_lent_and_the_audit_knows_her(
            self, client: Client, lent: Lend, hers: Dossier) -> None:
        lent(frozenset({"consulter", "preparer"}))
        client.enter(Access.SECRETARIAT, None, "Sophie LEGRAND", account(BOB), level="otp",
                     subject="S00000000001", delegation_id=1)
        client.get(f"/dossiers/grand-age/{hers.numero}")
        act = last_act()
        assert (act.rpps, act.subject, act.on_behalf_of) == (None, "S00000000001", ALICE)
        client.post(f"/dossiers/grand-age/{hers.numero}/retirer", {"version": "1"}, 403)
        assert audit.broken_link() is None


class TestComingBack:
    """Expired, or asked for a surer login: the same person goes on in the same place, with his words."""

    def test_after_an_expiry(self, client: Client, lent: Lend, trusting: Starlette) -> None:
        lent()
        acting(client)
        with clock.shift(timedelta(minutes=31)):
            answer = client.post("/dossiers/grand-age/creer", {"nom_naissance": "LEROUX"})
            assert answer.location.startswith("/connexion?suite=")
            assert log_in(client, "bob-durand").location == "/dossiers/grand-age/creer"
            assert Session.get().delegation_id == 1
            assert 'value="LEROUX"' in client.get("/dossiers/grand-age/creer").html

    def test_another_person_at_the_same_desk_gets_nothing_of_it(
            self, client: Client, lent: Lend, trusting: Starlette) -> None:
        lent()
        acting(client)
        with clock.shift(timedelta(minutes=31)):
            client.post("/dossiers/grand-age/creer", {"nom_naissance": "LEROUX"})
            log_in(client, "alice-martin")
            here = Session.get()
            assert here.delegation_id is None and here.subject == f"8{ALICE}"
            client.acting = None
            assert "LEROUX" not in client.get("/compte/creer").html


@pytest.mark.parametrize(("header", "words"), [
    ("Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0", "Firefox, Linux"),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 "
     "Safari/537.36 Edg/156.0.0.0", "Edge, Windows"),
    ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15",
     "Safari, macOS"),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1", "Safari, iPhone"),
    ("<script>", "Navigateur inconnu"), ("", "Navigateur inconnu"),
])
def test_a_device_is_named_in_our_own_words(header: str, words: str) -> None:
    assert devices.name(header) == words
