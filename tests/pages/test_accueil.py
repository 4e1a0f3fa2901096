"""The pages that everybody passes by: the menu of the fiche, « En savoir plus », « Contact et FAQ »."""

from __future__ import annotations

import pytest

from tests.support.client import Client

MENU = ["Accueil", "Créer un dossier", "Accéder à mes dossiers", "En savoir plus", "Mon compte", "Contact et FAQ"]
MODULES = ["Hébergements pour personnes âgées", "SSR, HAD, Soins Palliatifs", "Plateformes TND"]


@pytest.fixture
def alice(client: Client) -> Client:
    return client.login(10100000011)


def test_the_menu_is_the_fiche_s(alice: Client) -> None:
    menu = alice.get("/accueil").soup.select_one("#menu > ul")
    assert menu is not None
    assert [item.find(["a", "summary"]).get_text(strip=True) for item in menu.find_all("li", recursive=False)] == MENU
    modules = menu.select("details li a")
    assert [link.get_text(strip=True) for link in modules][:3] == MODULES
    assert [link["href"] for link in modules][:3] == ["/dossiers/grand-age", "/dossiers/sanitaire", "/dossiers/tnd"]


def test_contact_gives_the_region_s_support(client: Client) -> None:
    page = client.get("/accueil/contact")
    for words in ("02 50 53 70 01", "support@normand-esante.fr", "Normandie"):
        assert words in page.text
    assert page.soup.select_one("main a[href='tel:0250537001']") is not None
    assert page.soup.select_one("main a[href='mailto:support@normand-esante.fr']") is not None


def test_about_tells_what_the_platform_is_for(client: Client) -> None:
    text = client.get("/accueil/en-savoir-plus").text
    for words in ("service public, gratuit et sécurisé", "Hébergement pour Personnes Agées", "SSR, HAD",
                  "TND", "Handicap"):
        assert words in text, words
