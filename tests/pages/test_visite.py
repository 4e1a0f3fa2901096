"""The first visit: offered once, in the help's words, and nothing but the visitor's own session changes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette

from portal.aide import construction
from portal.aide.queries import Site, load_site
from portal.db import database
from portal.settings import load
from portal.visite import presenters, rules
from portal.visite.models import Visite
from tests.support.client import Client
from tests.support.delegues import physician

ALICE = 10100000011


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    settings = load({}, data=tmp_path_factory.mktemp("aide"), demonstration=True)
    construction.build(settings, settings.help_site)
    return load_site(settings.help_site)


@pytest.fixture
def alice(opened_app: Starlette, site: Site) -> Iterator[Client]:
    opened_app.state.help_site = site
    with database.writing():
        compte_id = physician(ALICE).id
    with Client(opened_app) as client:
        yield client.login(ALICE, compte_id=compte_id)


@pytest.mark.parametrize("etape", rules.ETAPES, ids=lambda etape: etape.aide)
def test_each_step_has_its_section_and_words(site: Site, etape: rules.Etape) -> None:
    assert site.has(etape.aide)
    seen = presenters.vue(site, etape, etape.adresse.partition("?")[0])
    assert seen is not None and seen.ici
    assert len(seen.mots) > 80 and "<img" not in seen.mots
    assert not seen.titre[0].isdigit()


@pytest.mark.parametrize(("given", "number"), [("1", 1), (9, 9), ("10", None), ("0", None), ("", None), ("²", None),
                                               ("9" * 400, None), (None, None)])
def test_a_step_is_found_by_its_number_alone(given: object, number: int | None) -> None:
    found = rules.etape(given)
    assert (found.numero if found else None) == number


def test_each_step_s_page_tells_it(alice: Client) -> None:
    for step in rules.ETAPES:
        alice.post("/visite", {"geste": "aller", "etape": str(step.numero)}, 303)
        page = alice.get(step.adresse)
        assert f"Visite, étape {step.numero} sur {len(rules.ETAPES)}" in page.text
        assert "Reprendre la visite" not in page.text


def test_declined_it_is_not_offered_again(alice: Client) -> None:
    assert "Commencer la visite" in alice.get("/accueil").text
    alice.post("/visite", {"geste": "decliner"}, 303)
    assert "Commencer la visite" not in alice.get("/accueil").text
    database.connect()
    assert [one.issue for one in Visite.select()] == ["declinee"]


def test_quitting_ends_the_region(alice: Client) -> None:
    alice.post("/visite", {"geste": "aller", "etape": "2"}, 303)
    assert "Visite, étape 2" in alice.get("/accueil").text
    alice.post("/visite", {"geste": "finir"}, 303)
    assert "Visite, étape" not in alice.get("/accueil").text


@pytest.mark.parametrize("form", [{"geste": "aller", "etape": "99"}, {"geste": "aller"}, {"geste": "effacer"}, {}])
def test_a_forged_step_changes_nothing(alice: Client, form: dict[str, str]) -> None:
    alice.post("/visite", form, 400)
    assert "Visite, étape" not in alice.get("/accueil").text
    database.connect()
    assert Visite.select().count() == 0
