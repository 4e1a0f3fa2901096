"""What the login page says of late revocation lists, and whom they let in meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from starlette.applications import Starlette

from portal import clock
from portal.connexion.rules import Refusal
from portal.db import database
from portal.settings import Settings
from tests.support import cartes
from tests.support.client import Client
from tests.support.connexions import log_in, refused, trusting

HOUR = timedelta(hours=1)


pytestmark = pytest.mark.usefixtures("midday")


@pytest.fixture
def granted() -> timedelta:
    """How long a late list is tolerated."""
    return 6 * HOUR


@pytest.fixture
def app(settings: Settings, granted: timedelta) -> Iterator[Starlette]:
    portal = trusting(replace(settings, crl_grace=granted))
    due = clock.now() + HOUR
    (settings.trust / "personnes.crl.pem").write_bytes(cartes.crl(ends=due).public_bytes(Encoding.PEM))
    yield portal
    database.close()


def banner(client: Client) -> str:
    shown = client.get("/connexion").soup.select_one("#connexion-cps > .alerte")
    return " ".join(shown.get_text(" ").split()) if shown else ""


def test_on_time_nothing_is_said(client: Client) -> None:
    assert banner(client) == ""


def test_late_it_says_since_when_and_until_when_cards_pass(
        client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with clock.shift(2 * HOUR):
        assert "n’est plus à jour depuis le 22/11/2026 à 14 h 00." in banner(client)
        assert "encore acceptée jusqu’au 22/11/2026 à 20 h 00" in banner(client)
        assert log_in(client, "alice-martin").location == "/compte/creer"
    assert "listes de révocation sont absentes ou périmées" in caplog.text


def test_past_the_granted_time_the_card_login_is_closed_and_the_card_is_not_blamed(
        client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with clock.shift(8 * HOUR):
        assert "fermée pour l’instant" in banner(client) and "La vôtre n’est pas en cause" in banner(client)
        refused(client, log_in(client, "alice-martin", 403), Refusal.LISTE_PERIMEE)
    assert "listes de révocation sont absentes ou périmées" in caplog.text


@pytest.mark.parametrize("granted", [timedelta(0)])
def test_nothing_is_granted_unless_the_installation_says_so(client: Client) -> None:
    with clock.shift(2 * HOUR):
        assert "fermée pour l’instant" in banner(client)
        refused(client, log_in(client, "alice-martin", 403), Refusal.LISTE_PERIMEE)


def test_a_missing_list_is_said(client: Client, settings: Settings) -> None:
    (settings.trust / "personnes.crl.pem").unlink()
    assert "La liste des cartes révoquées manque" in banner(client)


def test_a_renewed_list_opens_again_without_a_restart(client: Client, settings: Settings) -> None:
    with clock.shift(8 * HOUR):
        assert banner(client)
        fresh = cartes.crl(ends=clock.now() + 24 * HOUR)
        (settings.trust / "personnes.crl.pem").write_bytes(fresh.public_bytes(Encoding.PEM))
        assert banner(client) == ""
        assert log_in(client, "alice-martin").location == "/compte/creer"


def test_it_leads_to_the_help(client: Client) -> None:
    with clock.shift(8 * HOUR):
        page = client.get("/connexion")
    assert page.soup.select_one('#connexion-cps .alerte a[href="/aide/connexion/#listes-revocation"]')
