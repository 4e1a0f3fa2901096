"""Lending one's access to a colleague: the form, acting, ending; every refusal says what to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from bs4 import BeautifulSoup
from starlette.applications import Starlette

from portal import clock
from portal.compte import blocage
from portal.db import database
from portal.db.audit import Actor, Trace
from portal.db.outbox import Courriel
from portal.delegations import queries
from portal.delegations.models import Delegation
from portal.dossiers import commands as dossiers
from portal.settings import Settings
from portal.web.session import Session
from tests.support.client import Answer, Client
from tests.support.delegues import ALICE, BOB, CHLOE, EVERYTHING, lent, physician
from tests.support.people import LEROUX

GOOD = {"rpps": str(CHLOE), "debut": "22/11/2026", "fin": "24/12/2026", "modules": ["ga", "s"],
        "droits": ["lire", "accepter"]}


pytestmark = pytest.mark.usefixtures("midday")


@pytest.fixture
def app(opened_app: Starlette) -> Starlette:
    return opened_app


@pytest.fixture
def alice(client: Client) -> Client:
    """Dr Alice MARTIN, logged in by card."""
    return client.login(ALICE, "Dr Alice MARTIN", physician(ALICE).id)


def chloe_acts(browser: Client) -> Client:
    """Dr Chloé PETIT logs in and chooses to act for Dr Alice MARTIN."""
    found = physician(CHLOE)
    browser.login(CHLOE, found.name, found.id)
    answer = browser.post("/delegations/agir", {"delegation": str(Delegation.select().get().id)})
    assert answer.location == "/accueil"
    browser.acting = Delegation.select().get().id
    return browser


def errors(answer: Answer) -> set[str]:
    return {str(link["href"]) for link in answer.soup.select(".resume-erreurs a[href^='#']")}


class TestForm:
    def test_it_is_checked_shown_whole_then_made(self, alice: Client) -> None:
        physician(CHLOE)
        shown = alice.post("/delegations/nouvelle", GOOD, 200)
        assert "Dr Chloé PETIT" in shown.text and "du 22/11/2026 au 24/12/2026" in shown.text
        assert not Delegation.select().exists()
        hidden = {"geste": "confirmer"} | hidden_fields(shown.soup)
        assert alice.post("/delegations/nouvelle", hidden).location == "/delegations"
        made = Delegation.get()
        assert (made.modules, made.rights, made.starts, made.ends) == (
            "ga s", "lire accepter", date(2026, 11, 22), date(2026, 12, 24))
        assert "en cours" in alice.get("/delegations").text
        assert {mail.to for mail in Courriel.select()} == {f"{ALICE}@exemple.fr", f"{CHLOE}@exemple.fr"}
        assert Trace.select().where(Trace.event == "delegation.creee", Trace.rpps == ALICE).count() == 1

    def test_it_can_be_taken_up_again(self, alice: Client) -> None:
        physician(CHLOE)
        again = alice.post("/delegations/nouvelle", GOOD | {"geste": "modifier"}, 200)
        boxes = {box["value"] for box in again.soup.select("input[type=checkbox][checked]")}
        assert boxes == {"ga", "s", "lire", "accepter"} and 'value="24/12/2026"' in again.html

    @pytest.mark.parametrize(("changed", "field", "words"), [
        ({"rpps": "123"}, "#rpps", "11 chiffres"),
        ({"rpps": str(ALICE)}, "#rpps", "votre propre numéro"),
        ({"rpps": "10100000099"}, "#rpps", "ouvrir son compte avec sa propre carte"),
        ({"debut": "21/11/2026"}, "#debut", "avant aujourd’hui"),
        ({"debut": "01/12/9999", "fin": "31/12/9999"}, "#debut", "vérifiez l’année"),
        ({"debut": "31/02/2027"}, "#debut", "Indiquez une date"),
        ({"fin": ""}, "#fin", "Indiquez une date"),
        ({"fin": "21/11/2026"}, "#fin", "avant le premier"),
        ({"fin": "23/05/2027"}, "#fin", "22/05/2027 au plus tard"),
        ({"modules": []}, "#modules", "au moins un module"),
        ({"modules": ["tout"]}, "#modules", "au moins un module"),
        ({"droits": []}, "#droits", "au moins un droit"),
        ({"droits": ["consulter"]}, "#droits", "au moins un droit"),
        ({"droits": ["rediger"]}, "#droits", "demandent aussi le droit"),
    ])
    def test_each_slip_is_named_and_what_was_typed_stays(
            self, alice: Client, changed: dict[str, object], field: str, words: str) -> None:
        physician(CHLOE)
        answer = alice.post("/delegations/nouvelle", GOOD | {"geste": "confirmer"} | changed, 422)
        assert errors(answer) == {field} and words in answer.text
        typed = GOOD | changed
        assert f'value="{typed["rpps"]}"' in answer.html and f'value="{typed["debut"]}"' in answer.html
        assert not Delegation.select().exists()

    def test_the_last_day_may_be_the_very_last(self, alice: Client) -> None:
        physician(CHLOE)
        alice.post("/delegations/nouvelle", GOOD | {"fin": "22/05/2027", "geste": "confirmer"})
        assert Delegation.get().ends == date(2027, 5, 22)

    def test_who_has_not_accepted_the_charter_or_is_blocked_gets_nothing(self, alice: Client) -> None:
        physician(BOB, charte=False)
        chloe = physician(CHLOE)
        with database.writing():
            blocage.block(chloe)
        for rpps in (BOB, CHLOE):
            answer = alice.post("/delegations/nouvelle", GOOD | {"rpps": str(rpps), "geste": "confirmer"}, 422)
            assert errors(answer) == {"#rpps"}

    def test_a_code_is_not_enough_to_lend(self, client: Client) -> None:
        client.login(ALICE, "Dr Alice MARTIN", physician(ALICE).id, level="otp")
        answer = client.post("/delegations/nouvelle", GOOD)
        assert answer.location == "/connexion?renforcer=1&suite=%2Fdelegations%2Fnouvelle"
        assert not Delegation.select().exists()


def hidden_fields(soup: BeautifulSoup) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for field in soup.select("main form input[type=hidden]"):
        if field["name"] != "_csrf":
            found.setdefault(str(field["name"]), []).append(str(field["value"]))
    return found


class TestActing:
    def test_a_banner_says_so_on_every_page_and_leads_back(self, client: Client, settings: Settings) -> None:
        lent(settings)
        chloe_acts(client)
        for path in ("/accueil", "/dossiers/grand-age", "/compte", "/delegations", "/accueil/contact"):
            banner = client.get(path).soup.select_one(".bandeau-mandat")
            assert banner is not None
            assert "Vous agissez pour le Dr Alice MARTIN jusqu’au 31/12/2026" in " ".join(banner.text.split())
        assert client.post("/delegations/agir", {}).location == "/accueil"
        client.acting = None
        assert client.get("/accueil").soup.select_one(".bandeau-mandat") is None
        assert [trace.event for trace in Trace.select().where(Trace.rpps == CHLOE).order_by(Trace.id)][-2:] == [
            "delegation.prise", "delegation.quittee"]

    def test_the_dashboard_offers_it(self, client: Client, settings: Settings) -> None:
        lent(settings)
        chloe = physician(CHLOE)
        page = client.login(CHLOE, chloe.name, chloe.id).get("/accueil")
        assert "Le Dr Alice MARTIN vous a confié ses dossiers" in page.text

    @pytest.mark.parametrize("typed", ["999", "x", "1.5", "-1", "٣", "9" * 19, "9" * 5000])
    def test_only_ones_own_delegation_can_be_used(self, client: Client, settings: Settings, typed: str) -> None:
        lent(settings)
        bob = physician(BOB)
        client.login(BOB, bob.name, bob.id)
        for number in (typed, str(Delegation.get().id)):
            assert client.post("/delegations/agir", {"delegation": number}).location == "/delegations"
        assert Session.get().delegation_id is None

    def test_a_dossier_made_for_her_is_hers_and_says_who_made_it(self, client: Client, settings: Settings) -> None:
        lent(settings)
        chloe_acts(client)
        mandate = queries.mandate(Delegation.get().id, physician(CHLOE).id)
        with database.writing():
            made = dossiers.create(Actor(CHLOE, "Dr Chloé PETIT", "cps", mandate), "ga", LEROUX)
        assert made.referent_rpps == ALICE
        page = client.get(f"/dossiers/grand-age/{made.numero}")
        assert "par délégation du Dr Alice MARTIN" in page.text
        for path in ("/dossiers/grand-age", f"/dossiers/grand-age/{made.numero}"):
            shown = client.get(path).soup.main.get_text(" ")
            assert "Dr Alice MARTIN" in shown and "Vous" not in shown.split(), path

    @pytest.mark.proves("A6")
    def test_a_delegate_lends_nothing_of_hers_further(self, client: Client, settings: Settings) -> None:
        """What she gives while acting is her own: her delegate never reaches Dr Alice MARTIN's dossiers."""
        lent(settings)
        chloe_acts(client)
        physician(BOB)
        client.post("/delegations/nouvelle", GOOD | {"rpps": str(BOB), "geste": "confirmer"})
        made = Delegation.select().order_by(Delegation.id.desc()).get()
        assert made.principal == physician(CHLOE).id
        mandate = queries.mandate(made.id, physician(BOB).id)
        assert mandate is not None and mandate.rpps == CHLOE
        act = Trace.select().where(Trace.event == "delegation.creee").order_by(Trace.id.desc()).get()
        assert (act.rpps, act.on_behalf_of) == (CHLOE, None)

    @pytest.mark.parametrize("right", ["lire", "accepter"])
    def test_what_is_not_lent_is_not_offered(self, client: Client, settings: Settings, right: str) -> None:
        lent(settings, replace(EVERYTHING, rights=(right,)))
        with database.writing():
            made = dossiers.create(Actor(ALICE, "Dr Alice MARTIN", "cps"), "ga", LEROUX)
        chloe_acts(client)
        page = client.get(f"/dossiers/grand-age/{made.numero}")
        assert ("/retirer" in page.html) is (right == "accepter")
        assert "sous cette délégation" in client.get("/delegations").text
        assert "Créer un dossier" not in page.soup.select_one("nav.menu").get_text()
        client.get("/dossiers/grand-age/creer", 403)


class TestEnding:
    def test_the_physician_revokes_and_both_are_told(self, alice: Client, settings: Settings) -> None:
        made = lent(settings)
        Courriel.delete().execute()
        assert "La fin est immédiate" in alice.get(f"/delegations/{made.id}/revoquer").text
        alice.post(f"/delegations/{made.id}/revoquer")
        assert queries.mandate(made.id, physician(CHLOE).id) is None
        assert {mail.to for mail in Courriel.select()} == {f"{ALICE}@exemple.fr", f"{CHLOE}@exemple.fr"}
        history = alice.get("/delegations").soup.select_one("#historique")
        assert history is not None and "révoquée" in history.text

    def test_the_delegate_may_give_it_up(self, client: Client, settings: Settings) -> None:
        made = lent(settings)
        chloe_acts(client)
        client.post(f"/delegations/{made.id}/revoquer")
        assert client.get("/dossiers/grand-age", 303).location == "/delegations"

    def test_twice_is_said_and_changes_nothing(self, alice: Client, settings: Settings) -> None:
        made = lent(settings)
        alice.post(f"/delegations/{made.id}/revoquer")
        before = Trace.select().count()
        alice.post(f"/delegations/{made.id}/revoquer")
        assert Trace.select().count() == before

    @pytest.mark.parametrize("path", ["revoquer", "fin"])
    def test_nobody_else_touches_it(self, client: Client, settings: Settings, path: str) -> None:
        made = lent(settings)
        bob = physician(BOB)
        client.login(BOB, bob.name, bob.id)
        client.get(f"/delegations/{made.id}/{path}", 404)
        client.post(f"/delegations/{made.id}/{path}", {"fin": "25/12/2026"}, 404)
        assert Delegation.get().revoked_at is None

    @pytest.mark.proves("V1.4.2")
    @pytest.mark.parametrize("path", ["revoquer", "fin"])
    def test_a_number_without_end_is_no_page(self, alice: Client, path: str) -> None:
        alice.get(f"/delegations/{'9' * 30}/{path}", 404)

    def test_the_delegate_does_not_move_the_end(self, client: Client, settings: Settings) -> None:
        made = lent(settings)
        chloe = physician(CHLOE)
        client.login(CHLOE, chloe.name, chloe.id)
        client.post(f"/delegations/{made.id}/fin", {"fin": "01/03/2027"}, 404)

    @pytest.mark.parametrize(("typed", "words"), [
        ("23/05/2027", "22/05/2027 au plus tard"), ("21/11/2026", "révoquez"), ("demain", "Indiquez une date"),
    ])
    def test_the_end_moves_within_limits(self, alice: Client, settings: Settings, typed: str, words: str) -> None:
        made = lent(settings)
        answer = alice.post(f"/delegations/{made.id}/fin", {"fin": typed}, 422)
        assert words in answer.text and f'value="{typed}"' in answer.html
        alice.post(f"/delegations/{made.id}/fin", {"fin": "22/05/2027"})
        assert Delegation.get().ends == date(2027, 5, 22)

    @pytest.mark.proves("A6")
    def test_it_ends_by_itself_at_midnight_in_paris(self, client: Client, settings: Settings) -> None:
        made = lent(settings, replace(EVERYTHING, ends=date(2026, 11, 22)))
        chloe = physician(CHLOE).id
        with clock.freeze(datetime(2026, 11, 22, 22, 59, 59, tzinfo=UTC)):
            assert queries.mandate(made.id, chloe) is not None
        with clock.freeze(datetime(2026, 11, 22, 23, 0, tzinfo=UTC)):
            assert queries.mandate(made.id, chloe) is None

    @pytest.mark.parametrize("who", [ALICE, CHLOE])
    def test_a_blocked_account_neither_lends_nor_acts(self, client: Client, settings: Settings, who: int) -> None:
        made = lent(settings)
        with database.writing():
            blocage.block(physician(who))
        assert queries.mandate(made.id, physician(CHLOE).id) is None
