"""The worklist on its page and on the dashboard, and the page that keeps a dossier from being archived."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from starlette.applications import Starlette

from portal import clock
from portal.db import audit, database
from portal.db.audit import Actor
from portal.dossiers import commands as dossiers
from portal.dossiers import queries as of_dossiers
from portal.dossiers.models import Dossier
from portal.echeances import archives
from portal.espaces.models import Transfert
from portal.settings import Settings
from portal.web.session import Access
from tests.support import espaces
from tests.support.client import Client
from tests.support.delegues import ALICE, CHLOE, EVERYTHING, lent, physician, secretary
from tests.support.espaces import ASKS
from tests.support.people import LEROUX

BOB = Actor(10100000022, "Dr Bob DURAND", "cps")
NAMES = ("AUBRY", "BENOIT", "CARON", "DUVAL", "ETIENNE", "FABRE", "GUERIN", "HUBERT", "IMBERT", "JOLY")


@pytest.fixture
def medecin(client: Client, midday: datetime) -> Iterator[Client]:
    """Dr Alice MARTIN, logged in."""
    database.connect()
    yield client.login(ALICE, "Dr Alice MARTIN", physician(ALICE).id)


def opened(nom: str = "LEROUX") -> Dossier:
    with database.writing():
        return dossiers.create(ASKS, "ga", replace(LEROUX, nom_naissance=nom))


def lines(answer: object) -> list[str]:
    return [" ".join(one.get_text(" ", strip=True).split()) for one in answer.soup.select(".tache")]  # type: ignore[attr-defined]


# --- the list

def test_each_task_says_who_what_since_when_and_has_one_action(medecin: Client) -> None:
    dossier = opened()
    one = espaces.demande(dossier, espaces.etablissement(), "complement")
    with clock.shift(timedelta(days=12)):
        page = medecin.login(ALICE, "Dr Alice MARTIN", physician(ALICE).id).get("/taches")
    asked, volets = page.soup.select(".tache")
    assert lines(page)[0] == (f"Complément demandé EHPAD Les Tilleuls LEROUX JOSETTE , ga {dossier.numero} , depuis "
                              f"12 jours Répondre , dossier ga {dossier.numero}")
    here = f"/dossiers/grand-age/{dossier.numero}"
    assert [link["href"] for link in asked.select("a")] == [f"{here}/demandes/{one.id}/completer"]
    assert [link["href"] for link in volets.select("a")] == [f"{here}/volets/medical"]


def waiting() -> None:
    """A dossier in which everything waits, since eight days; another to accept."""
    with clock.shift(-timedelta(days=8)):
        dossier = opened()
        for etat in ("complement", "proposee", "envoyee", "lue"):
            espaces.demande(dossier, espaces.etablissement(), etat)
        with database.writing():
            Transfert.create(dossier_id=dossier.id, structure=espaces.structure("coordination", "CLIC du Bessin"),
                             rpps=ALICE, propose_par="Léa MARTEL", propose_le=clock.now())
            bob = dossiers.create(BOB, "ga", LEROUX)
            dossiers.designate(BOB, bob, ALICE)


def test_each_action_leads_to_a_page_that_its_reader_may_open(medecin: Client) -> None:
    waiting()
    cards = medecin.get("/taches").soup.select(".tache a")
    assert len(cards) == 7
    for link in cards:
        assert medecin.get(str(link["href"])).soup.h1


def test_each_action_of_a_secretary_leads_to_a_page_that_she_may_open(
        client: Client, midday: datetime, settings: Settings) -> None:
    database.connect()
    physician(ALICE)
    waiting()
    sophie, made = secretary(settings)
    client.enter(Access.SECRETARIAT, None, sophie.name, sophie.id, level="otp", subject=sophie.subject,
                 delegation_id=made.id)
    cards = client.get("/taches").soup.select(".tache a")
    assert len(cards) == 3
    for link in cards:
        assert client.get(str(link["href"])).soup.h1


def test_a_colleague_s_actions_lead_to_pages_that_he_may_open(
        client: Client, midday: datetime, settings: Settings) -> None:
    database.connect()
    physician(ALICE)
    waiting()
    made = lent(settings, EVERYTHING)
    client.login(CHLOE, "Dr Chloé PETIT", physician(CHLOE).id, delegation_id=made.id)
    cards = client.get("/taches").soup.select(".tache a")
    assert len(cards) == 7
    for link in cards:
        assert client.get(str(link["href"])).soup.h1


def test_the_dashboard_shows_the_first_four_and_the_way_to_all(medecin: Client) -> None:
    for nom in NAMES:
        opened(nom)
    page = medecin.get("/accueil")
    assert len(page.soup.select("#titre-a-faire")) == 1 and len(lines(page)) == 4
    assert page.soup.select_one("#titre-a-faire .compteur").get_text() == "10"
    assert page.soup.select_one('a[href="/taches"]').get_text() == "Tout voir"
    assert len(lines(medecin.get("/taches"))) == 10


def test_the_dashboard_offers_no_way_to_all_when_all_is_there(medecin: Client) -> None:
    opened()
    page = medecin.get("/accueil")
    assert len(lines(page)) == 1 and not page.soup.select('a[href="/taches"]')


def test_the_list_is_filtered_by_kind_and_says_how_many_of_each(medecin: Client) -> None:
    dossier = opened()
    espaces.demande(dossier, espaces.etablissement(), "complement")
    page = medecin.get("/taches?genre=complement")
    tabs = [tab.get_text(" ", strip=True) for tab in page.soup.select(".onglets a")]
    assert tabs == ["Tout 2", "Compléments demandés 1", "Volets à remplir 1"]
    assert [tab.get_text(" ", strip=True) for tab in page.soup.select('.onglets [aria-current="page"]')] == [
        "Compléments demandés 1"]
    assert len(lines(page)) == 1


@pytest.mark.parametrize("genre", ["", "inconnu", "%00", "🙂", "silence%27--", "x" * 5000])
def test_an_unknown_kind_filters_nothing(medecin: Client, genre: str) -> None:
    opened()
    assert len(lines(medecin.get(f"/taches?genre={genre}"))) == 1


def test_a_kind_in_which_nothing_waits_any_more_says_so(medecin: Client) -> None:
    opened()
    page = medecin.get("/taches?genre=complement")
    assert "Rien de ce genre à faire" in page.text and not lines(page)


def test_with_nothing_to_do_both_pages_say_so_and_when_they_looked(medecin: Client) -> None:
    assert "Rien ne vous attend pour le moment, à 13\u00a0h\u00a000." in medecin.get("/accueil").soup.get_text()
    page = medecin.get("/taches")
    assert "Rien ne vous attend" in page.text and "vu à 13\u00a0h\u00a000" in page.soup.get_text()
    assert not page.soup.select(".onglets")


def test_a_name_is_shown_as_it_was_typed(medecin: Client) -> None:
    opened("<b>O’Neil & Fils")
    assert "&lt;B&gt;O’NEIL &amp; FILS" in medecin.get("/taches").html


# --- whoever acts for him

def test_a_colleague_who_only_reads_is_told_why_his_list_is_empty(client: Client, midday: datetime,
                                                                  settings: Settings) -> None:
    database.connect()
    physician(ALICE)
    opened()
    made = lent(settings, replace(EVERYTHING, rights=("lire",)))
    client.login(CHLOE, "Dr Chloé PETIT", physician(CHLOE).id, delegation_id=made.id)
    assert "aucune des actions de cette liste" in client.get("/taches").text
    assert not client.get("/accueil").soup.select("#titre-a-faire")


def test_a_secretary_has_her_own_list(client: Client, midday: datetime, settings: Settings) -> None:
    database.connect()
    physician(ALICE)
    dossier = opened()
    espaces.demande(dossier, espaces.etablissement(), "proposee")
    sophie, made = secretary(settings)
    client.enter(Access.SECRETARIAT, None, sophie.name, sophie.id, level="otp", subject=sophie.subject,
                 delegation_id=made.id)
    page = client.get("/taches")
    assert [one.get_text() for one in page.soup.select(".tache strong")] == ["Volet administratif à remplir"]
    assert "Proposition" not in page.text


# --- kept from the archive

@pytest.fixture
def announced(app: Starlette, midday: datetime) -> Iterator[Dossier]:
    """A dossier whose archiving was announced ten days ago."""
    database.connect()
    with clock.shift(-timedelta(days=200)):
        dossier = opened()
    with clock.shift(-timedelta(days=10)):
        assert archives.warn(app.state.settings) == 1
    yield dossier


def test_the_task_leads_to_the_day_of_the_archiving_and_to_its_button(announced: Dossier, medecin: Client) -> None:
    assert "Dossier bientôt archivé" in medecin.get("/taches?genre=archivage").text
    page = medecin.get(f"/dossiers/grand-age/{announced.numero}/garder")
    assert "il sera archivé le 12/01/2027" in page.soup.get_text()
    answer = medecin.post(f"/dossiers/grand-age/{announced.numero}/garder")
    assert "gardé actif" in medecin.follow(answer).text
    assert not lines(medecin.get("/taches?genre=archivage"))
    events = [one.event for one in audit.timeline(f"ga {announced.numero}")]
    assert events.count("dossier.garde") == 1 and audit.broken_link() is None


def test_keeping_twice_is_keeping_once(announced: Dossier, medecin: Client) -> None:
    for _ in range(2):
        medecin.post(f"/dossiers/grand-age/{announced.numero}/garder")
    assert [one.event for one in audit.timeline(f"ga {announced.numero}")].count("dossier.garde") == 1


def test_an_archived_dossier_is_reactivated_from_the_same_page(announced: Dossier, medecin: Client,
                                                               app: Starlette) -> None:
    with clock.shift(timedelta(days=60)):
        assert archives.archive(app.state.settings) == 1
    page = medecin.get(f"/dossiers/grand-age/{announced.numero}/garder")
    assert page.soup.h1.get_text() == "Réactiver ce dossier"
    medecin.post(f"/dossiers/grand-age/{announced.numero}/garder")
    assert of_dossiers.by_id(announced.id).etat == "redaction"
    assert "dossier.reactive" in [one.event for one in audit.timeline(f"ga {announced.numero}")]


def test_a_patient_keeps_her_own_dossier(announced: Dossier, client: Client) -> None:
    espaces.usager(client, announced)
    assert client.get(f"/dossiers/grand-age/{announced.numero}/garder").soup.h1.get_text() == "Garder ce dossier"
    client.post(f"/dossiers/grand-age/{announced.numero}/garder")
    assert of_dossiers.by_id(announced.id).alerte_le is None
