"""Each look into a dossier leaves a row of the audit, and so does each refusal; nobody can fill the disk with them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from starlette.applications import Starlette

from portal import clock
from portal.db import audit, database
from portal.db.audit import Actor, Trace
from portal.db.base import db
from portal.demandes import rules
from portal.dossiers import commands, queries
from portal.dossiers.models import Dossier
from portal.routes import pages
from portal.settings import load
from portal.web import handlers, throttle, traces
from portal.web.session import Access
from tests.acces.adresses import filled
from tests.support import espaces
from tests.support.client import Client
from tests.support.people import LEROUX

ALICE, BOB = 10100000011, 10100000022
PAGES = [page for page in pages(load({}, demonstration=True)) if page.get]
pytestmark = pytest.mark.proves("D5", "V16.3.2")

LIST = "une liste : ce qu’elle nomme est ouvert ensuite, et noté alors"
SELF = "sur la personne elle-même ou sa structure, et sur aucun patient"
NOTED = "note sa propre ligne, sans numéro dans l’adresse"
# The pages behind a login whose address names no dossier, and why they record no reading of one by the door.
WITHOUT = {
    **dict.fromkeys(("mes-patients", "taches", "dossiers", "dossiers-choisir", "etablissement-accueil",
                     "etablissement-papiers", "coordination-accueil", "avis-liste", "espaces", "assistance"), LIST),
    **dict.fromkeys(("dossiers-recherche", "tableau-csv", "tableau-pdf"), NOTED),
    **dict.fromkeys(("usager-dossier", "usager-annuler", "usager-medecin", "usager-proches", "usager-retirer",
                     "usager-courriel", "usager-ouvertures", "usager-lettre", "etablissement-papier"), "par sa porte"),
}
ABOUT_ONESELF = ("/compte", "/facteurs", "/delegations", "/visite", "/espaces/membres", "/avis", "/formulaires",
                 "/espaces/etablissement/fiche", "/espaces/etablissement/papier/nouveau", "/espaces/coordination/creer",
                 "/dossiers/{module}/creer", "/dossiers/creer", "/assistance", "/espaces")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_page_behind_a_login_is_of_a_dossier_or_says_why_not(page: handlers.Page) -> None:
    """A page that is added and shows a dossier goes by its door, or has its line here."""
    if page.access is Access.PUBLIC or page.of_dossier or page.name in WITHOUT:
        return
    assert page.path.startswith(ABOUT_ONESELF), f"{page.name}: add it to WITHOUT, with the reason"


@pytest.fixture
def leroux(client: Client) -> Iterator[Dossier]:
    """Mme LEROUX's dossier, Alice's."""
    database.connect()
    with database.writing():
        made = commands.create(Actor(ALICE, "Dr Alice MARTIN", "cps"), "ga", LEROUX)
    yield made
    database.close()


def visitors(app: Starlette, dossier: Dossier) -> Iterator[tuple[Client, int]]:
    """Each kind of person who reads it, and the number of the request that some of them come by."""
    place = espaces.etablissement("EHPAD Un")
    people = espaces.structure(nom=place.nom, etablissement_id=place.id)
    team = espaces.structure("coordination", "CLIC")
    espaces.follow(team, dossier)
    demande = espaces.demande(dossier, place, rules.LUE)
    for come in (lambda client: client.login(ALICE), lambda client: espaces.member(client, people),
                 lambda client: espaces.member(client, team), lambda client: espaces.usager(client, dossier)):
        with Client(app) as client:
            yield come(client), demande.id


def test_each_page_that_shows_the_dossier_leaves_its_row(app: Starlette, leroux: Dossier) -> None:
    label, read = f"ga {leroux.numero}", set()
    for client, demande in visitors(app, leroux):
        for page in PAGES:
            if page.access is Access.PUBLIC or not page.database:
                continue
            db.execute_sql("DELETE FROM trace")
            answer = client.http.get(filled(page, leroux.numero, demande))
            rows = [trace.event for trace in Trace.select().where(Trace.dossier == label, Trace.result == "reussi")]
            if answer.status_code == 200 and (page.of_dossier or page.name.startswith("usager-")):
                assert rows, page.name
                read.add(page.name)
    # Those that a Grand Âge dossier with one request has: the others are held by ``traces.check``.
    assert read >= {
        "dossier", "dossier-identite", "dossier-lier", "dossier-autre-demande", "dossier-retirer", "messages",
        "demandes", "demandes-choisir", "demande", "volet", "pieces", "imprimer", "dossier-famille",
        "etablissement-demande", "coordination-dossier", "coordination-transfert", "usager-dossier",
        "usager-ouvertures", "usager-lettre"}, sorted(read)


def test_a_page_of_a_dossier_that_came_by_no_door_goes_to_nobody(
        leroux: Dossier, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traces, "saw", lambda request, label: None)
    answer = client.login(ALICE).http.get(f"/dossiers/grand-age/{leroux.numero}")
    assert answer.status_code == 500 and "LEROUX" not in answer.text


def test_a_page_read_again_at_once_is_one_reading(leroux: Dossier, client: Client) -> None:
    here = f"/dossiers/grand-age/{leroux.numero}/demandes"
    client.login(ALICE)
    for minutes, count in ((0, 1), (5, 1), (20, 2)):
        with clock.freeze(clock.now() + timedelta(minutes=minutes)):
            client.http.get(here)
        assert Trace.select().where(Trace.event == audit.PAGE_READ, Trace.detail == "demandes").count() == count


def test_what_was_refused_is_kept_with_who_asked_and_for_which_dossier(
        leroux: Dossier, client: Client) -> None:
    client.login(BOB, "Dr Bob DURAND")
    client.get(f"/dossiers/grand-age/{leroux.numero}/demandes", 404)
    client.get("/dossiers/grand-age/99999999", 404)
    client.get(f"/dossiers/recherche?numero={leroux.numero}")
    found = [(one.name, one.event, one.dossier, one.result)
             for one in Trace.select().where(Trace.rpps == BOB).order_by(Trace.id)]
    assert found == [
        ("Dr Bob DURAND", "acces.refuse", f"ga {leroux.numero}", "refuse"),
        ("Dr Bob DURAND", "acces.refuse", "ga 99999999", "refuse"),
        ("Dr Bob DURAND", queries.SEARCH_FAILED, f"ga {leroux.numero}", "refuse")]
    assert audit.broken_link() is None


def test_refusals_of_one_person_do_not_fill_the_disk(leroux: Dossier, client: Client) -> None:
    client.login(BOB, "Dr Bob DURAND")
    most = throttle.FREE[throttle.REFUSALS]
    for number in range(most + 5):
        client.http.get(f"/dossiers/grand-age/{90000000 + number}")
    assert Trace.select().where(Trace.event == audit.DENIED).count() == most


def test_nobody_who_is_not_known_is_recorded(leroux: Dossier, client: Client) -> None:
    before = Trace.select().count()
    client.get(f"/dossiers/grand-age/{leroux.numero}", 303)
    assert Trace.select().count() == before


def test_a_refusal_that_cannot_be_recorded_changes_no_answer(
        leroux: Dossier, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client.login(BOB)

    def full(*_args: object, **_more: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(audit, "record", full)
    client.get("/dossiers/grand-age/99999999", 404)
