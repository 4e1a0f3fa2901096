"""A volet signed again after a request has left: who is told, and who reads what changed."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from starlette.applications import Starlette

from portal import clock
from portal.annuaire.models import Etablissement
from portal.avis.models import Avis
from portal.db import database
from portal.db.audit import Trace
from portal.demandes import rules
from portal.demandes.models import Demande, Pas
from portal.dossiers import commands as dossiers
from portal.dossiers import queries as of_dossiers
from portal.dossiers.models import Dossier
from portal.espaces.models import Structure
from portal.volets import commands as volets
from portal.volets import queries as of_volets
from portal.volets import reponses
from tests.support import espaces
from tests.support.client import Answer, Client
from tests.support.espaces import ASKS
from tests.support.people import LEROUX
from tests.support.volets import filled, sending

ALICE = 10100000011
NOTICE = "Un dossier que vous lisez a changé depuis son envoi."


@pytest.fixture
def place(opened_app: Starlette, midday: datetime) -> Etablissement:
    return espaces.etablissement("SMR de la Baie", genre="smr")


@pytest.fixture
def team(place: Etablissement) -> Structure:
    return espaces.structure(nom=place.nom, etablissement_id=place.id)


@pytest.fixture
def dossier(opened_app: Starlette, midday: datetime) -> Dossier:
    """Led by Dr Alice MARTIN, its volet orientation signed yesterday: nothing is isolated, the stay is whole."""
    with clock.shift(timedelta(days=-1)), database.writing():
        made = dossiers.create(ASKS, "s", LEROUX)
        answers = filled("s", "orientation") | {"isolement": "aucun"}
        volets.first(ASKS, made, "orientation", answers)
        volets.validate(ASKS, of_dossiers.visible_dossier(ALICE, "s", made.numero), "orientation", 1)
    return of_dossiers.by_id(made.id)


def sign_again(client: Client, dossier: Dossier, **answers: str) -> Answer:
    """Dr Alice MARTIN reopens the volet, writes these answers and signs it, five minutes after the request left."""
    here = f"/dossiers/sanitaire/{dossier.numero}/volets/orientation"
    seen = of_dossiers.visible_dossier(ALICE, "s", dossier.numero)
    with clock.shift(timedelta(minutes=5)):
        client.login(ALICE)
        client.post(f"{here}/rouvrir", {"version": str(of_volets.opened(seen, "orientation").version)})
        now = of_volets.opened(seen, "orientation")
        base = {name: reponses.digest(now.answers.get(name)) for name in answers}
        return client.post(f"{here}/valider", sending(base, answers, now.version))


def told(team: Structure) -> int:
    return int(Avis.select().where(Avis.destinataire == f"structure:{team.id}", Avis.code == "changement").count())


@pytest.mark.parametrize(("etat", "is_told"), [
    (rules.NON_ENVOYEE, False), (rules.ENVOYEE, False), (rules.LUE, True), (rules.ETUDE, True),
    (rules.LISTE, True), (rules.PROPOSEE, True), (rules.ADMIS, True), (rules.REFUS, False), (rules.ANNULEE, False),
])
def test_who_reads_the_dossier_is_told_and_nobody_else(
        client: Client, place: Etablissement, team: Structure, dossier: Dossier, etat: str, is_told: bool) -> None:
    espaces.demande(dossier, place, etat)
    sign_again(client, dossier, isolement="contact")
    assert told(team) == is_told
    flash = client.get(f"/dossiers/sanitaire/{dossier.numero}/volets/orientation").text
    assert ("L’établissement qui lit ce dossier est averti de ce qui a changé." in flash) == is_told


def test_a_signature_that_changes_nothing_tells_nobody(client: Client, place: Etablissement, team: Structure,
                                                      dossier: Dossier) -> None:
    espaces.demande(dossier, place, rules.LUE)
    sign_again(client, dossier)
    assert not told(team)


def test_the_receiver_s_physician_reads_each_question_before_and_now(
        client: Client, another_client: Client, place: Etablissement, team: Structure, dossier: Dossier) -> None:
    one = espaces.demande(dossier, place, rules.LUE)
    sign_again(client, dossier, isolement="contact")
    espaces.member(another_client, team, "medical")
    part = another_client.get(f"/espaces/etablissement/demandes/{one.id}").soup.select_one("#changements")
    assert part is not None
    lines = [line.get_text(" ", strip=True) for line in part.select("dl > div")]
    assert len(lines) == 1 and "Contact" in lines[0] and "Maintenant" in lines[0], lines
    assert "Dr Alice MARTIN" in part.text


def test_the_admissions_learn_that_it_changed_and_no_answer(
        client: Client, another_client: Client, place: Etablissement, team: Structure, dossier: Dossier) -> None:
    one = espaces.demande(dossier, place, rules.LUE)
    sign_again(client, dossier, isolement="contact")
    espaces.member(another_client, team, "admissions")
    part = another_client.get(f"/espaces/etablissement/demandes/{one.id}").soup.select_one("#changements")
    assert part is not None and "Volet orientation" in part.text
    assert not part.select("dl") and "solement" not in part.text
    assert NOTICE in another_client.get("/avis").text


def test_a_request_sent_after_the_change_shows_none(client: Client, another_client: Client, place: Etablissement,
                                                   team: Structure, dossier: Dossier) -> None:
    sign_again(client, dossier, isolement="contact")
    with clock.shift(timedelta(hours=2)):
        one = espaces.demande(dossier, place, rules.LUE)
    espaces.member(another_client, team, "medical")
    assert not another_client.get(f"/espaces/etablissement/demandes/{one.id}").soup.select("#changements")


def test_the_asking_side_reads_who_was_told_and_no_trace_holds_an_answer(
        client: Client, place: Etablissement, team: Structure, dossier: Dossier) -> None:
    one = espaces.demande(dossier, place, rules.LUE)
    sign_again(client, dossier, isolement="contact")
    page = client.get(f"/dossiers/sanitaire/{dossier.numero}/demandes/{one.id}").text
    assert "Établissement averti d’un changement du dossier" in page
    trace = Trace.get(Trace.event == "demande.changement")
    assert (trace.dossier, trace.detail) == (f"s {dossier.numero}", str(one.id))
    step = Pas.get(Pas.evenement == "changement")
    assert (step.de, step.vers, step.motif) == (rules.LUE, rules.LUE, "")
    assert Demande.get_by_id(one.id).version == one.version
