"""« Mes clés d’accès »: adding, renaming and removing passkeys, and who may."""

from __future__ import annotations

from datetime import timedelta

import pytest
from starlette.applications import Starlette

from portal import clock
from portal.compte.models import Compte
from portal.db import database, outbox
from portal.db.audit import Trace
from portal.facteurs.cles import queries
from portal.facteurs.cles.presenters import REFUSALS
from portal.facteurs.cles.rules import MAX_KEYS, Reason
from portal.settings import Settings, load
from portal.web.session import Access
from tests.support.authentificateur import PRESENT, Authentificateur
from tests.support.cles import BOB, EMAIL, KEYS, account_of, add, asked
from tests.support.client import Client
from tests.support.codes import given_an_application

pytestmark = pytest.mark.usefixtures("midday")


@pytest.fixture
def app(trusting_app: Starlette) -> Starlette:
    return trusting_app


@pytest.fixture
def compte_id(app: Starlette) -> int:
    return account_of(BOB)


@pytest.fixture
def bob(client: Client, compte_id: int) -> Client:
    return client.login(BOB, "Dr Bob DURAND", compte_id)


@pytest.fixture
def device() -> Authentificateur:
    return Authentificateur()


def events() -> list[str]:
    return [trace.event for trace in Trace.select().order_by(Trace.id) if trace.event.startswith("facteur.")]


class TestAdding:
    def test_it_is_listed_audited_and_told_by_mail(
            self, bob: Client, compte_id: int, device: Authentificateur) -> None:
        assert "Aucune pour l’instant" in bob.get(KEYS).text
        page = bob.follow(add(bob, device))
        assert [cell.get_text() for cell in page.soup.select("tbody td")][:3] == ["Téléphone", "22/11/2026", "jamais"]
        assert events() == ["facteur.cle_ajoutee"]
        (mail,) = outbox.latest(1)
        assert mail.to == EMAIL and mail.subject.startswith("Une clé d’accès a été ajoutée")
        assert "1 clé d’accès" in bob.get("/facteurs").text and "1 clé d’accès" in bob.get("/compte/securite").text

    def test_one_that_is_there_is_excluded_then_refused(self, bob: Client, device: Authentificateur) -> None:
        add(bob, device)
        assert len(asked(bob, KEYS)["excludeCredentials"]) == 1
        assert REFUSALS[Reason.DEJA_LA] in add(bob, device, 403).errors

    def test_another_account_cannot_take_the_same_credential(
            self, bob: Client, another_client: Client, device: Authentificateur) -> None:
        add(bob, device)
        chloe = account_of(10100000033)
        another_client.login(10100000033, "Dr Chloé PETIT", chloe)
        add(another_client, device, 403)
        assert queries.count(chloe) == 0

    @pytest.mark.parametrize(("nom", "kept"), [("  PC   du cabinet ", "PC du cabinet"), ("", "Clé du 22/11/2026")])
    def test_its_name_is_tidied_or_given(
            self, bob: Client, compte_id: int, device: Authentificateur, nom: str, kept: str) -> None:
        add(bob, device, nom=nom)
        assert [one.nom for one in queries.keys_of(compte_id)] == [kept]

    def test_a_long_name_is_kept_and_the_challenge_too(self, bob: Client, device: Authentificateur) -> None:
        reponse = device.create(asked(bob, KEYS))
        answer = bob.post(KEYS, {"nom": "x" * 41, "reponse": reponse}, 422)
        assert answer.soup.find(id="nom")["value"] == "x" * 41
        bob.post(KEYS, {"nom": "x" * 40, "reponse": reponse})

    def test_markup_in_a_name_stays_text(self, bob: Client, device: Authentificateur) -> None:
        page = bob.follow(add(bob, device, nom="<img src=x>"))
        assert "<img src=x>" not in page.html and "<img src=x>" in page.text

    def test_a_challenge_serves_once_and_five_minutes(self, bob: Client, compte_id: int) -> None:
        options = asked(bob, KEYS)
        bob.post(KEYS, {"reponse": Authentificateur().create(options)})
        again = bob.post(KEYS, {"reponse": Authentificateur().create(options)}, 403)
        assert REFUSALS[Reason.REJOUE] in again.errors
        late = asked(bob, KEYS)
        with clock.shift(timedelta(minutes=5, seconds=1)):
            answer = bob.post(KEYS, {"reponse": Authentificateur().create(late)}, 403)
        assert REFUSALS[Reason.EXPIRE] in answer.errors
        assert queries.count(compte_id) == 1

    def test_a_refused_answer_spends_its_challenge(self, bob: Client, compte_id: int) -> None:
        options = asked(bob, KEYS)
        bob.post(KEYS, {"reponse": "{}"}, 403)
        bob.post(KEYS, {"reponse": Authentificateur().create(options)}, 403)
        assert queries.count(compte_id) == 0 and events() == ["facteur.cle_refusee"] * 2

    def test_a_challenge_of_another_session_is_worthless(
            self, bob: Client, another_client: Client, compte_id: int) -> None:
        another_client.login(BOB, "Dr Bob DURAND", compte_id)
        asked(another_client, KEYS)
        answer = another_client.post(KEYS, {"reponse": Authentificateur().create(asked(bob, KEYS))}, 403)
        assert REFUSALS[Reason.REJOUE] in answer.errors

    @pytest.mark.parametrize(("device", "told", "reason"), [
        (Authentificateur(origin="https://imitation.test"), {}, Reason.ORIGINE),
        (Authentificateur(rp_id="imitation.test"), {}, Reason.DOMAINE),
        (Authentificateur(), {"flags": PRESENT}, Reason.SANS_VERIFICATION),
    ], ids=["origine", "domaine", "sans-verification"])
    def test_a_wrong_answer_adds_nothing(
            self, bob: Client, compte_id: int, device: Authentificateur, told: dict[str, int], reason: Reason) -> None:
        assert add(bob, device, 403, **told).errors == [" ".join(REFUSALS[reason].split())]
        assert queries.count(compte_id) == 0

    def test_without_script_the_page_says_so(self, bob: Client) -> None:
        assert "JavaScript" in bob.get(KEYS).soup.noscript.get_text()
        assert "JavaScript" in bob.post(KEYS, {"nom": "PC"}, 403).errors[0]

    def test_there_is_a_most(self, bob: Client, compte_id: int) -> None:
        options = [Authentificateur() for _ in range(MAX_KEYS)]
        for one in options[:-1]:
            add(bob, one)
        last = asked(bob, KEYS)
        bob.post(KEYS, {"reponse": options[-1].create(last)})
        assert "autant qu’il est permis" in bob.get(KEYS).text
        bob.post(f"{KEYS}/defi", status=409)
        assert queries.count(compte_id) == MAX_KEYS


class TestChanging:
    def test_it_is_renamed(self, bob: Client, compte_id: int, device: Authentificateur) -> None:
        address = bob.follow(add(bob, device)).soup.select_one("td a")["href"]
        assert bob.get(address).soup.find(id="nom")["value"] == "Téléphone"
        bob.post(address, {"geste": "renommer", "nom": ""}, 422)
        page = bob.follow(bob.post(address, {"geste": "renommer", "nom": "Tablette"}))
        assert page.soup.select_one("tbody td").get_text() == "Tablette"
        bob.post(address, {"geste": "renommer", "nom": "Tablette"})
        assert events() == ["facteur.cle_ajoutee", "facteur.cle_renommee"]

    @pytest.mark.proves("V6.5.6")
    def test_it_is_removed_and_may_come_back(self, bob: Client, compte_id: int, device: Authentificateur) -> None:
        address = bob.follow(add(bob, device)).soup.select_one("td a")["href"]
        assert "Aucune pour l’instant" in bob.follow(bob.post(address, {"geste": "retirer"})).text
        assert "retirée" in outbox.latest(1)[0].subject and events()[-1] == "facteur.cle_retiree"
        bob.post(address, {"geste": "retirer"}, 404)
        add(bob, device)

    def test_nobody_reaches_another_s_key(
            self, bob: Client, another_client: Client, device: Authentificateur, compte_id: int) -> None:
        address = bob.follow(add(bob, device)).soup.select_one("td a")["href"]
        another_client.login(10100000033, "Dr Chloé PETIT", account_of(10100000033))
        another_client.get(address, 404)
        another_client.post(address, {"geste": "retirer"}, 404)
        assert queries.count(compte_id) == 1


class TestWhoMay:
    @pytest.mark.parametrize(("level", "status"), [("cps", 200), ("ecps", 200), ("cle", 200), ("otp", 303),
                                                   ("courriel", 303)])
    def test_a_physician_needs_a_strong_login(self, client: Client, compte_id: int, level: str, status: int) -> None:
        client.login(BOB, "Dr Bob DURAND", compte_id, level=level)
        answer = client.get(KEYS, status)
        if status == 303:
            assert answer.location == "/connexion?renforcer=1&suite=%2Ffacteurs%2Fcles"
            client.post(f"{KEYS}/defi", status=303)

    def test_a_secretary_keeps_one_way_in(
            self, client: Client, compte_id: int, settings: Settings, device: Authentificateur) -> None:
        with database.writing():
            Compte.update(kind="secretaire", rpps=None, subject="S00000000001").execute()
        client.enter(Access.SECRETARIAT, None, "Lucie MOREL", compte_id, level="otp", subject="S00000000001")
        address = client.follow(add(client, device)).soup.select_one("td a")["href"]
        assert "votre seul moyen" in client.post(address, {"geste": "retirer"}, 409).text
        given_an_application(compte_id, settings)
        client.post(address, {"geste": "retirer"})


class TestAddress:
    """A browser makes no passkey for an IP address."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return load({}, data=settings.data, database=settings.database, demonstration=True,
                               origin="http://127.0.0.1:8000", ecps_port=9)

    def test_the_page_says_so_in_place_of_the_button(self, bob: Client) -> None:
        page = bob.get(KEYS)
        assert "http://127.0.0.1:8000" in page.text and "nom de site" in page.text
        assert not page.soup.find("form", attrs={"data-cle": True})
        assert page.soup.find("a", href="/facteurs/application")
        bob.post(f"{KEYS}/defi", status=409)
