"""« Codes et clés de connexion »: enrolling an application, recovery codes, and who may come."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import unquote

import pytest
from starlette.applications import Starlette

from portal import clock
from portal.compte import commands as comptes
from portal.compte import queries
from portal.compte.rules import CHARTE
from portal.db import database, outbox
from portal.db.audit import Actor, Mandate, Trace
from portal.facteurs import presenters
from portal.facteurs import queries as facteurs
from portal.settings import Settings
from portal.web.session import Access
from tests.support.client import Answer, Client
from tests.support.codes import SECRET, given_an_application, given_recovery_codes, shown, wrong
from tests.support.connexions import answer_of
from tests.support.people import account

BOB, CHLOE = 10100000022, 10100000033
PAGE, APPLICATION, RECOVERY = "/facteurs", "/facteurs/application", "/facteurs/secours"
SECRET_SHOWN = re.compile(r"[A-Z2-7]{4}( [A-Z2-7]{4}){7}")

pytestmark = pytest.mark.usefixtures("midday")


@pytest.fixture
def app(trusting_app: Starlette) -> Starlette:
    return trusting_app


@pytest.fixture
def compte_id(app: Starlette) -> int:
    compte = queries.get(account(BOB))
    assert compte is not None
    with database.writing():
        comptes.accept_charte(Actor(BOB, "Dr Bob DURAND", "cps"), compte, CHARTE)
    return int(compte.id)


@pytest.fixture
def bob(client: Client, compte_id: int) -> Client:
    return client.login(BOB, "Dr Bob DURAND", compte_id)


def begin(client: Client) -> str:
    """Ask for the QR code; returns the secret that the page shows for typing."""
    page = client.follow(client.post(APPLICATION, {"geste": "commencer"}))
    return page.soup.find(id="cle-secrete").get_text().replace(" ", "")


def confirm(client: Client, code: str, status: int = 303, nom: str = "Téléphone") -> Answer:
    return client.post(APPLICATION, {"geste": "confirmer", "code": code, "nom": nom}, status)


def events() -> list[str]:
    return [trace.event for trace in Trace.select().order_by(Trace.id) if trace.event.startswith("facteur.")]


class TestApplication:
    def test_from_the_choice_to_the_recovery_codes(self, bob: Client, compte_id: int) -> None:
        assert "Aucune pour l’instant" in bob.get(PAGE).text
        assert "Installez une application" in bob.get(APPLICATION).text
        secret = begin(bob)
        answer = confirm(bob, shown(secret=secret))
        assert answer.location == RECOVERY
        page = bob.follow(answer)
        codes = [item.get_text() for item in page.soup.select("ol code")]
        assert len(set(codes)) == 10
        assert bob.follow(bob.post(RECOVERY, {"geste": "conserves"})).text.count("10 codes restants") == 1
        assert not [code for code in codes if code in bob.get(RECOVERY).html]
        assert events() == ["facteur.application_ajoutee", "facteur.secours_crees"]
        assert [mail.to for mail in outbox.latest()] == [f"{BOB}@exemple.fr"] * 2
        (row,) = facteurs.applications(compte_id)
        assert row.nom == "Téléphone"

    def test_the_qr_code_holds_the_secret_and_is_drawn_in_the_page(self, bob: Client) -> None:
        secret = begin(bob)
        image = bob.get(APPLICATION).soup.find("img", alt=re.compile("Code QR"))["src"]
        assert image == presenters.qr_image(secret, "ViaTrajectoire", f"{BOB}@exemple.fr")
        assert image.startswith("data:image/svg+xml")
        assert "<svg" in unquote(image) and "script" not in unquote(image)
        assert secret not in image

    @pytest.mark.parametrize("code", ["", "abc", "12345", "1234567"])
    def test_what_is_no_code_is_refused_and_the_name_kept(self, bob: Client, code: str) -> None:
        secret = begin(bob)
        answer = confirm(bob, code, 422, nom="Tablette")
        assert len(answer.errors) == 1 and answer.soup.find(id="nom")["value"] == "Tablette"
        assert answer.soup.find(id="code")["value"] == ""
        confirm(bob, shown(secret=secret))

    def test_a_wrong_code_adds_nothing_and_keeps_the_secret(self, bob: Client, compte_id: int) -> None:
        secret = begin(bob)
        assert "l’heure de votre téléphone" in confirm(bob, wrong(), 422).errors[0]
        assert not facteurs.has_application(compte_id)
        confirm(bob, shown(secret=secret))

    @pytest.mark.parametrize(("nom", "status"), [("x" * 40, 303), ("x" * 41, 422), ("  deux   mots ", 303), ("", 303)])
    def test_its_name_is_short_or_given(self, bob: Client, compte_id: int, nom: str, status: int) -> None:
        confirm(bob, shown(secret=begin(bob)), status, nom=nom)
        expected = " ".join(nom.split()) or "Application du 22/11/2026"
        assert [row.nom for row in facteurs.applications(compte_id)] == ([expected] if status == 303 else [])

    def test_markup_in_a_name_stays_text(self, bob: Client) -> None:
        confirm(bob, shown(secret=begin(bob)), nom="<script src=/x></script>")
        assert "<script src=/x>" not in bob.get(PAGE).html and "<script src=/x>" in bob.get(PAGE).text

    def test_it_can_be_given_up(self, bob: Client, compte_id: int) -> None:
        secret = begin(bob)
        bob.post(APPLICATION, {"geste": "annuler"})
        assert "Installez une application" in bob.get(APPLICATION).text
        answer = confirm(bob, shown(secret=secret))
        assert "Recommencez l’ajout" in bob.follow(answer).text
        assert not facteurs.has_application(compte_id)

    def test_tabs_that_confirm_at_once_add_one(self, bob: Client, compte_id: int) -> None:
        secret = begin(bob)
        sent = {"_csrf": bob.token(), "geste": "confirmer", "code": shown(secret=secret)}
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(
                lambda data: bob.http.post(APPLICATION, data=data, headers={"Sec-Fetch-Site": "same-origin"}),
                [sent] * 4))
        assert sorted(answer.headers["location"] for answer in answers) == [*[APPLICATION] * 3, RECOVERY]
        assert len(facteurs.applications(compte_id)) == 1

    def test_a_second_one_keeps_the_recovery_codes(self, bob: Client, compte_id: int, settings: Settings) -> None:
        given_recovery_codes(given_an_application(compte_id, settings), settings)
        assert confirm(bob, shown(secret=begin(bob)), nom="Tablette").location == PAGE
        assert facteurs.recovery_codes_left(compte_id) == 10

    def test_a_fourth_one_is_refused(self, bob: Client, compte_id: int, settings: Settings) -> None:
        secret = begin(bob)
        for nom in ("un", "deux", "trois"):
            given_an_application(compte_id, settings, nom=nom)
        assert "Retirez celle" in bob.get(APPLICATION).text
        assert "Retirez celle" in bob.follow(confirm(bob, shown(secret=secret))).text
        assert len(facteurs.applications(compte_id)) == 3


class TestRemoval:
    @pytest.mark.proves("V6.5.6")
    def test_it_says_what_will_change_then_does_it(self, bob: Client, compte_id: int, settings: Settings) -> None:
        given_recovery_codes(given_an_application(compte_id, settings), settings)
        link = bob.get(PAGE).soup.select_one("td a")
        page = bob.get(link["href"])
        assert "codes de secours seront supprimés" in page.text
        assert facteurs.has_application(compte_id), "a GET removes nothing"
        assert "est retirée" in bob.follow(bob.post(link["href"])).text
        assert not facteurs.has_application(compte_id) and facteurs.recovery_codes_left(compte_id) == 0
        assert events()[-1] == "facteur.application_retiree"
        bob.post(link["href"], status=404)

    def test_another_account_s_is_not_found(self, bob: Client, app: Starlette, settings: Settings) -> None:
        chloe = account(CHLOE)
        given_an_application(chloe, settings)
        path = f"{APPLICATION}/{facteurs.applications(chloe)[0].key}/retirer"
        bob.get(path, 404)
        bob.post(path, status=404)
        bob.get(f"{APPLICATION}/rien/retirer", 404)
        assert facteurs.has_application(chloe)

    def test_a_secretary_keeps_her_only_one(self, client: Client, compte_id: int, settings: Settings) -> None:
        given_an_application(compte_id, settings)
        secretary(client, compte_id)
        path = f"{APPLICATION}/{facteurs.applications(compte_id)[0].key}/retirer"
        assert "Ajoutez-en d’abord une autre" in client.post(path, status=409).text
        assert facteurs.has_application(compte_id)


class TestRecovery:
    def test_new_ones_replace_the_former(self, bob: Client, compte_id: int, settings: Settings) -> None:
        given_recovery_codes(given_an_application(compte_id, settings), settings)
        assert "Il vous reste 10 codes sur 10." in bob.get(RECOVERY).text
        page = bob.follow(bob.post(RECOVERY, {"geste": "generer"}))
        assert len(page.soup.select("ol code")) == 10
        assert "De nouveaux codes" in outbox.latest(1)[0].subject

    def test_they_are_shown_ten_minutes_at_most(self, bob: Client, compte_id: int, settings: Settings) -> None:
        given_an_application(compte_id, settings)
        bob.post(RECOVERY, {"geste": "generer"})
        with clock.shift(timedelta(minutes=10, seconds=1)):
            assert not bob.get(RECOVERY).soup.select("ol code")

    def test_without_application_there_are_none(self, bob: Client, compte_id: int) -> None:
        assert "Ajoutez d’abord une application" in bob.get(RECOVERY).text
        bob.post(RECOVERY, {"geste": "generer"}, 409)
        assert facteurs.recovery_codes_left(compte_id) == 0


class TestWhoMayCome:
    @pytest.mark.proves("V7.5.1")
    @pytest.mark.parametrize("level", ["otp", "courriel"])
    def test_a_login_by_code_is_asked_for_better(self, client: Client, compte_id: int, level: str) -> None:
        client.login(BOB, "Dr Bob DURAND", compte_id, level=level)
        for path in (PAGE, APPLICATION, RECOVERY):
            answer = client.get(path, 303)
            assert answer.location.startswith("/connexion?renforcer=1&suite=")
            assert "Cette page demande une connexion plus sûre." in client.follow(answer).text
        client.post(RECOVERY, {"geste": "generer"})
        assert not events()

    @pytest.mark.parametrize("level", ["cps", "ecps", "cle"])
    def test_a_better_login_comes_in(self, client: Client, compte_id: int, level: str) -> None:
        client.login(BOB, "Dr Bob DURAND", compte_id, level=level).get(PAGE)

    def test_the_card_leads_back_to_what_was_sent(self, client: Client, compte_id: int) -> None:
        client.login(BOB, "Dr Bob DURAND", compte_id, level="otp")
        answer = client.post(APPLICATION, {"geste": "confirmer", "nom": "Tablette", "code": "123456"})
        assert answer.location == "/connexion?renforcer=1&suite=%2Ffacteurs%2Fapplication"
        client.follow(answer)
        nonce = json.loads(client.post("/connexion/defi", status=200).html)["nonce"]
        assert client.post("/connexion/cps", answer_of("bob-durand", nonce)).location == APPLICATION
        secret = begin(client)
        client.get(APPLICATION)
        confirm(client, shown(secret=secret))

    def test_a_secretary_manages_hers_with_a_code(self, client: Client, compte_id: int) -> None:
        secretary(client, compte_id)
        page = client.get(PAGE)
        assert "par courriel" not in page.text and "Moyen de transition." not in page.text
        confirm(client, shown(secret=begin(client)))
        assert facteurs.has_application(compte_id)

    def test_one_s_own_factors_are_one_s_own_while_acting_for_another(
            self, client: Client, compte_id: int, app: Starlette) -> None:
        mandate = Mandate(7, CHLOE, "Dr Chloé PETIT", "medecin", frozenset({"ga"}), frozenset({"lire"}), None)
        app.state.mandate_of = lambda delegation_id, asked: mandate
        client.login(BOB, "Dr Bob DURAND", compte_id, delegation_id=7)
        confirm(client, shown(secret=begin(client)))
        added = Trace.get(Trace.event == "facteur.application_ajoutee")
        assert (added.rpps, added.on_behalf_of, added.name) == (BOB, None, "Dr Bob DURAND")


def test_the_page_never_shows_a_secret_again(bob: Client, compte_id: int, settings: Settings) -> None:
    given_an_application(compte_id, settings)
    for path in (PAGE, APPLICATION, RECOVERY):
        page = bob.get(path)
        assert SECRET not in page.html.replace(" ", "") and not SECRET_SHOWN.search(page.text)


def secretary(client: Client, compte_id: int) -> None:
    """Turn the account into a secretary's, logged in with a code."""
    with database.writing():
        database.db.execute_sql("UPDATE compte SET kind = 'secretaire', rpps = NULL")
    client.enter(Access.SECRETARIAT, None, "Sylvie LEROY", compte_id, level="otp", subject="900000000001")
