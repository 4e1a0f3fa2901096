"""Opinions on the help are numbers alone; the support's page is the support's."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from starlette.applications import Starlette

from portal import clock
from portal.aide import construction
from portal.aide.queries import Site, load_site
from portal.assistance import commands, queries
from portal.assistance.models import Opinion
from portal.db import database, outbox
from portal.settings import Settings, load
from tests.support import cartes, espaces
from tests.support.client import Client

GOOD = {"page": "dossiers", "ancre": "onglets", "raison": "obscur"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    settings = load({}, data=tmp_path_factory.mktemp("aide"), demonstration=True)
    construction.build(settings, settings.help_site)
    return load_site(settings.help_site)


@pytest.fixture
def reader(opened_app: Starlette, site: Site, midday: datetime) -> Iterator[Client]:
    opened_app.state.help_site = site
    with Client(opened_app) as client:
        yield client


def counted() -> list[tuple[str, str, date, str, int]]:
    return list(Opinion.select(Opinion.page, Opinion.ancre, Opinion.jour, Opinion.raison, Opinion.nombre).order_by(
        Opinion.raison).tuples())


def test_answers_are_counted_by_day_and_nothing_else_is_kept(reader: Client) -> None:
    for raison in ("obscur", "obscur", "oui"):
        reader.post("/assistance/avis", GOOD | {"raison": raison}, 303)
    assert counted() == [("dossiers", "onglets", date(2026, 11, 22), "obscur", 2),
                         ("dossiers", "onglets", date(2026, 11, 22), "oui", 1)]
    assert set(Opinion._meta.fields) == {"page", "ancre", "jour", "raison", "nombre"}


def test_the_form_sends_back_the_section_it_is_about(reader: Client) -> None:
    form = reader.get("/assistance/avis?page=connexion/carte&ancre=code-porteur").soup.select_one("main form")
    assert form is not None
    sent = {field["name"]: field["value"] for field in form.select("input[type=hidden]")}
    assert (sent["page"], sent["ancre"]) == ("connexion/carte", "code-porteur")


def test_the_answer_leads_back_to_the_section(reader: Client) -> None:
    answer = reader.post("/assistance/avis", GOOD, 303)
    assert answer.headers["location"] == "/aide/dossiers/#onglets"


@pytest.mark.parametrize("raison", ["", "autre", "DROP", "x" * 5000])
def test_a_word_of_one_s_own_is_refused(reader: Client, raison: str) -> None:
    page = reader.post("/assistance/avis", GOOD | {"raison": raison}, 422)
    assert "Choisissez une réponse." in page.text
    assert counted() == []


@pytest.mark.parametrize("place", [{"page": "inconnue"}, {"ancre": "inconnue"}, {"page": "../x"}, {"ancre": ""}])
def test_what_the_help_has_not_is_not_counted(reader: Client, place: dict[str, str]) -> None:
    reader.post("/assistance/avis", GOOD | place, 404)
    assert counted() == []


def test_a_forged_form_is_refused(reader: Client) -> None:
    reader.post("/assistance/avis", GOOD, 403, token="faux")
    assert counted() == []


def test_a_flood_waits(reader: Client) -> None:
    for _ in range(20):
        reader.post("/assistance/avis", GOOD, 303)
    reader.post("/assistance/avis", GOOD, 429)
    assert sum(row[4] for row in counted()) == 20


def test_every_page_of_the_help_asks(site: Site) -> None:
    for path, file in site.files.items():
        if path.endswith("index.html"):
            assert "/assistance/avis?page=" in file.bodies[""].decode(), path


def test_the_least_helpful_come_first_and_the_old_are_left_out(reader: Client, midday: datetime) -> None:
    with database.writing():
        commands.count("dossiers", "onglets", "oui")
        for _ in range(2):
            commands.count("dossiers", "colonnes", "absent")
        with clock.freeze(midday - timedelta(days=200)):
            commands.count("dossiers", "statuts", "absent")
    found = queries.opinions()
    assert [(one.ancre, one.oui, one.non) for one in found] == [("colonnes", 0, 2), ("onglets", 1, 0)]
    assert found[0].raisons == {"Non, je n’y ai pas trouvé ma réponse": 2}


# --- the support's page

@pytest.fixture
def support(reader: Client) -> Client:
    return espaces.member(reader, espaces.structure("assistance", "Assistance"), "support")


def test_the_support_finds_a_step_and_its_address(support: Client) -> None:
    page = support.get("/assistance?q=code porteur")
    assert "https://portail.test/aide/connexion/carte/#code-porteur" in page.text


def test_the_support_sees_how_the_service_is(support: Client) -> None:
    page = support.get("/assistance")
    assert "Elle répond." in page.text and "Aucun serveur de courriel n’est réglé" in page.text
    assert "En retard" in page.text


def test_lists_that_another_process_installed_are_known(support: Client, settings: Settings) -> None:
    assert "Aucune autorité de confiance n’est installée." in support.get("/assistance").text
    shutil.copytree(cartes.deck() / "confiance", settings.trust, dirs_exist_ok=True)
    assert "Les listes de cartes révoquées sont à jour." in support.get("/assistance").text


def test_mails_that_wait_too_long_are_told(support: Client, midday: datetime) -> None:
    with database.writing(), clock.freeze(midday - timedelta(hours=1)):
        outbox.send("a@exemple.fr", "Objet", "Corps")
    assert outbox.overdue(timedelta(minutes=15)) == 1
    assert outbox.overdue(timedelta(hours=2)) == 0


def test_another_structure_does_not_know_the_page(reader: Client) -> None:
    espaces.member(reader, espaces.structure("coordination", "CLIC")).get("/assistance", 404)


def test_a_member_without_the_role_is_told_so(reader: Client) -> None:
    espaces.member(reader, espaces.structure("assistance", "Assistance"), "referent").get("/assistance", 403)


def test_the_support_opens_no_dossier(support: Client) -> None:
    support.get("/espaces/coordination", 404)
    support.get("/espaces/etablissement", 404)
