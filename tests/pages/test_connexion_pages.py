"""The pages around the login: what they say, their headers, the end and the lengthening of a session."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from starlette.applications import Starlette

from portal import clock
from portal.db.audit import Trace
from portal.db.base import rows
from portal.settings import Settings
from portal.web.session import Access
from tests.support.client import Client

ALICE = 10100000011


class TestLoginPage:
    def test_shows_the_words_of_the_practical_guide(self, client: Client) -> None:
        page = client.get("/connexion")
        for words in ("Connexion au site ViaTrajectoire Libéral", "CONNEXION PAR CARTE CPS",
                      "Permet de vous connecter grâce à votre carte CPS. Avant de procéder",
                      "Vérifiez que votre carte est correctement insérée dans votre lecteur de carte.",
                      "Vérifiez que celle-ci est bien lue par votre poste.", "Comment faire"):
            assert words in page.text
        assert "Se connecter par CPS" in [button.get_text() for button in page.soup.find_all("button")]

    def test_may_post_to_the_agent_and_the_provider_and_tells_our_origin(
            self, client: Client, settings: Settings) -> None:
        headers = client.get("/connexion").headers
        reached = f"{settings.agent_url} {settings.ecps_authorization}"
        assert f"form-action 'self' {reached};" in headers["content-security-policy"]
        assert headers["referrer-policy"] == "origin"
        assert headers["cross-origin-opener-policy"] == "same-origin-allow-popups"

    @pytest.mark.parametrize("path", ["/", "/connexion/ecps", "/connexion/quitter"])
    def test_no_other_page_may(self, client: Client, settings: Settings, path: str) -> None:
        assert settings.agent_url not in client.get(path).headers["content-security-policy"]

    def test_the_form_token_is_not_given_to_the_agent(self, client: Client, settings: Settings) -> None:
        forms = client.get("/connexion").soup.select(f'form[action^="{settings.agent_url}"]')
        assert len(forms) == 2
        assert not any(form.find("input", attrs={"name": "_csrf"}) for form in forms)

    def test_keeps_the_way_on(self, client: Client) -> None:
        page = client.get("/connexion?suite=/dossiers/grand-age")
        assert page.soup.select_one("#carte-cps input[name=suite]")["value"] == "/dossiers/grand-age"

    def test_forgets_a_way_out(self, client: Client) -> None:
        page = client.get("/connexion?suite=https://evil.example")
        assert page.soup.select_one("#carte-cps input[name=suite]")["value"] == ""

    def test_says_that_the_session_expired_and_promises_no_more_than_is_kept(self, client: Client) -> None:
        page = client.get("/connexion?expiree=1")
        assert "Votre session a expiré" in page.text and "conservé" not in page.text

    def test_says_that_no_authority_is_installed(self, client: Client) -> None:
        assert "Aucune autorité de certification" in client.get("/connexion").text

    def test_tells_a_visitor_without_script(self, client: Client) -> None:
        assert "JavaScript" in client.get("/connexion").soup.find("noscript").get_text()

    def test_the_address_of_the_answer_can_be_reloaded(self, client: Client) -> None:
        assert "CONNEXION PAR CARTE CPS" in client.get("/connexion/cps").text

    @pytest.mark.parametrize("path", ["/connexion/ecps", "/connexion/otp"])
    def test_other_ways_are_explained(self, client: Client, path: str) -> None:
        assert path in {link.get("href") for link in client.get("/connexion").soup.find_all("a")}
        assert "première connexion" in client.get(path).text


class TestTheEnd:
    def test_leaving_deletes_the_session_and_says_so(self, client: Client) -> None:
        client.login(ALICE)
        answer = client.post("/connexion/quitter")
        assert answer.location == "/"
        assert "Vous êtes déconnecté" in client.follow(answer).text
        assert rows("SELECT COUNT(*) FROM session WHERE rpps = ?", ALICE) == [(0,)]
        assert Trace.select().where(Trace.event == "session.fermee", Trace.rpps == ALICE).count() == 1

    def test_one_may_leave_before_the_account_is_made(self, client: Client) -> None:
        client.enter(Access.CARTE, ALICE)
        assert client.post("/connexion/quitter").location == "/"

    def test_a_link_alone_closes_nothing(self, client: Client) -> None:
        client.login(ALICE)
        assert "Fermer ma session" in client.get("/connexion/quitter").text
        client.get("/connexion", 303)

    def test_a_visitor_is_told_that_he_is_not_in(self, client: Client) -> None:
        assert "Vous n’êtes pas connecté" in client.get("/connexion/quitter").text


SCRIPT = {"Accept": "application/json"}


class TestStaying:
    def test_the_idle_time_starts_again(self, client: Client, app: Starlette, midday: datetime) -> None:
        client.login(ALICE)
        with clock.shift(timedelta(minutes=29, seconds=30)):
            answer = client.post("/connexion/prolonger", status=200, headers=SCRIPT)
            assert json.loads(answer.html) == {"expires_in": 1800}
            assert answer.headers["x-session-fin"] == "1800"
        with clock.shift(timedelta(minutes=59)):
            client.get("/connexion", 303)

    def test_but_not_beyond_the_absolute_end(self, client: Client, midday: datetime) -> None:
        client.login(ALICE)
        for minutes in range(25, 720, 25):
            with clock.shift(timedelta(minutes=minutes)):
                answer = client.post("/connexion/prolonger", status=200, headers=SCRIPT)
        assert json.loads(answer.html) == {"expires_in": 1200}

    def test_a_plain_form_comes_back_to_a_page(self, client: Client) -> None:
        client.login(ALICE)
        assert client.post("/connexion/prolonger", {"suite": "/compte"}).location == "/compte"
        assert client.post("/connexion/prolonger", {"suite": "//evil.example"}).location == "/accueil"

    def test_too_late_is_told(self, client: Client, midday: datetime) -> None:
        client.login(ALICE)
        with clock.shift(timedelta(minutes=31)):
            client.post("/connexion/prolonger", status=401, headers=SCRIPT)
            assert client.post("/connexion/prolonger").location == "/connexion?expiree=1"
