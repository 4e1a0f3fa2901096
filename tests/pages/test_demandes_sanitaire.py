"""Sanitaire requests on both sides: study, accords, the médecin traitant's agreement at home, arrival, closed unit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import pytest
from starlette.applications import Starlette

from portal import clock
from portal.annuaire.models import Etablissement
from portal.avis.models import Avis
from portal.db import database
from portal.db.audit import Actor
from portal.demandes import commands, machines, queries, rules
from portal.demandes.models import Demande
from portal.dossiers import commands as dossiers
from portal.dossiers.models import Dossier
from tests.support import espaces
from tests.support.client import Answer, Client
from tests.support.delegues import ALICE, physician
from tests.support.people import LEROUX
from tests.support.volets import ALICE_ACTS

HOME = "/espaces/etablissement"
WARD = Actor(None, "Noé PETIT, CHU COTE DE NACRE - CAEN", "otp", None, "S00000000009")
DATED = {"entree_prevue": "27/11/2026", "reponse_avant": "25/11/2026"}


@pytest.fixture
def patient(opened_app: Starlette, midday: datetime) -> Dossier:
    """Mme LEROUX's sanitaire dossier, which Dr Alice MARTIN leads."""
    physician(ALICE)
    with database.writing():
        return dossiers.create(ALICE_ACTS, "s", LEROUX)


@pytest.fixture
def smr(patient: Dossier) -> Etablissement:
    return espaces.etablissement("SMR de la Baie", genre="smr")


@pytest.fixture
def had(patient: Dossier) -> Etablissement:
    return espaces.etablissement("HAD du Bocage", genre="had")


@pytest.fixture
def alice(opened_app: Starlette, patient: Dossier) -> Iterator[Client]:
    with Client(opened_app) as client:
        client.login(ALICE)
        yield client


@pytest.fixture
def unit(opened_app: Starlette, smr: Etablissement) -> Iterator[Client]:
    """Somebody of the SMR with every role."""
    with Client(opened_app) as client:
        yield espaces.member(client, espaces.structure(nom=smr.nom, etablissement_id=smr.id))


@pytest.fixture
def service(opened_app: Starlette, patient: Dossier) -> Iterator[Client]:
    """A hospital service that leads the dossier: its physician is no médecin traitant."""
    ward = espaces.structure("hospitalier", "CHU COTE DE NACRE - CAEN", service="Addictologie")
    espaces.follow(ward, patient)
    with Client(opened_app) as client:
        yield espaces.member(client, ward, "dossiers medical referent")


def here(patient: Dossier, one: Demande, act: str = "") -> str:
    return f"/dossiers/sanitaire/{patient.numero}/demandes/{one.id}{f'/{act}' if act else ''}"


def now(one: Demande) -> Demande:
    return queries.one(one.id)


def answer(unit: Client, one: Demande, act: str, status: int = 303, **sent: str) -> Answer:
    return unit.post(f"{HOME}/demandes/{one.id}/{act}", {"version": str(now(one).version)} | sent, status)


def do(client: Client, patient: Dossier, one: Demande, act: str, status: int = 303) -> Answer:
    return client.post(here(patient, one, act), {"version": str(now(one).version)}, status)


def other(patient: Dossier, etat: str, nom: str = "SMR Deux") -> Demande:
    return espaces.demande(patient, espaces.etablissement(nom, genre="smr"), etat)


def told(code: str) -> list[str]:
    return sorted(row.destinataire.partition(":")[0] for row in Avis.select().where(Avis.code == code))


# --- the unit

def test_a_unit_s_worklist_speaks_of_accords_and_not_of_gir(unit: Client, patient: Dossier,
                                                           smr: Etablissement) -> None:
    espaces.demande(patient, smr, rules.LUE)
    page = unit.get(HOME)
    assert [link.get_text(" ", strip=True).rsplit(" ", 1)[0] for link in page.soup.select(".onglets a")] == [
        "À traiter", "Accords sans place", "Accords", "Arrivées", "Closes ou refusées"]
    assert not page.soup.select("select[name=gir], select[name=niveau]") and "GIR" not in page.text
    assert [str(one["value"]) for one in page.soup.select("select[name=sejour] option")] == [
        "", "complet", "jour", "domicile"]


def test_a_unit_studies_then_agrees_with_a_date_and_declares_the_arrival(
        unit: Client, alice: Client, patient: Dossier, smr: Etablissement) -> None:
    one = espaces.demande(patient, smr, rules.LUE)
    answer(unit, one, "etudier")
    assert now(one).etat == rules.ETUDE and told("etude") == ["medecin"]
    form = unit.get(f"{HOME}/demandes/{one.id}/proposer").soup
    assert form.select_one("[name=chambre]") and not form.select("[name=tarif]"), "no price of a day in a hospital"
    answer(unit, one, "proposer", **DATED)
    do(alice, patient, one, "accepter")
    assert now(one).etat == rules.ACCEPTEE
    answer(unit, one, "admettre", entree="22/11/2026")
    assert now(one).etat == rules.ADMIS and Dossier.get_by_id(patient.id).statut == "admis"


def test_an_accord_without_a_place_asks_for_a_rank_alone(unit: Client, patient: Dossier, smr: Etablissement) -> None:
    one = espaces.demande(patient, smr, rules.ETUDE)
    form = unit.get(f"{HOME}/demandes/{one.id}/liste").soup
    assert form.select_one("[name=rang]") and not form.select("[name=niveau]")
    answer(unit, one, "liste", 422, rang="0")
    answer(unit, one, "liste", rang="2")
    assert (now(one).etat, now(one).rang) == (rules.LISTE, 2)
    shown = unit.get(f"{HOME}?onglet=liste").text
    assert "Rang 2" in shown and "Accord sans place" in shown


def test_no_room_is_asked_for_at_home(opened_app: Starlette, patient: Dossier, had: Etablissement) -> None:
    one = espaces.demande(patient, had, rules.LUE, sejour="domicile")
    with Client(opened_app) as client:
        espaces.member(client, espaces.structure(nom=had.nom, etablissement_id=had.id))
        assert not client.get(f"{HOME}/demandes/{one.id}/proposer").soup.select("[name=chambre], [name=tarif]")
        answer(client, one, "proposer", **DATED)
    assert (now(one).etat, now(one).chambre) == (rules.PROPOSEE, "")


def test_a_unit_refuses_for_a_motive_of_its_module(unit: Client, patient: Dossier, smr: Etablissement) -> None:
    one = espaces.demande(patient, smr, rules.LUE)
    form = unit.get(f"{HOME}/demandes/{one.id}/refuser").soup
    offered = {str(option["value"]) for option in form.select("select[name=motif] option")} - {""}
    assert offered == {motif.code for motif in machines.of("s").motives("refuser")}
    answer(unit, one, "refuser", 422, motif="114")
    answer(unit, one, "refuser", motif="S1")
    assert now(one).etat == rules.REFUS


def test_a_late_arrival_is_marked_in_the_list_and_still_declared_after_the_clock_closed_it(
        unit: Client, patient: Dossier, smr: Etablissement) -> None:
    one = espaces.demande(patient, smr, rules.ACCEPTEE)
    Demande.update(entree_prevue=date(2026, 11, 20)).where(Demande.id == one.id).execute()
    assert "Arrivée attendue le 20/11/2026" in unit.get(f"{HOME}?onglet=propositions").text
    Demande.update(rappel_fin_le=clock.now()).where(Demande.id == one.id).execute()
    with database.writing():
        commands.close_unfinished(one.id)
    assert "Dire si le patient est arrivé" in unit.get(f"{HOME}?onglet=admis").text
    answer(unit, one, "admettre", entree="22/11/2026")
    assert now(one).etat == rules.ADMIS


# --- the asking side

def test_confirming_says_first_that_the_others_are_cancelled_then_cancels_them(
        alice: Client, patient: Dossier, smr: Etablissement) -> None:
    one, second = espaces.demande(patient, smr, rules.PROPOSEE), other(patient, rules.ETUDE)
    assert "vos autres demandes en cours sont annulées aussitôt" in alice.get(here(patient, one, "accepter")).text
    assert now(second).etat == rules.ETUDE, "reading it cancels nothing"
    do(alice, patient, one, "accepter")
    assert (now(one).etat, now(second).etat, now(second).motif) == (rules.ACCEPTEE, rules.ANNULEE_AUTO, "119")


def test_an_accord_withdrawn_after_it_was_confirmed_gives_the_others_back_and_is_told(
        alice: Client, unit: Client, patient: Dossier, smr: Etablissement) -> None:
    one, second = espaces.demande(patient, smr, rules.PROPOSEE), other(patient, rules.ETUDE)
    do(alice, patient, one, "accepter")
    assert "reprennent là où elles en étaient" in unit.get(f"{HOME}/demandes/{one.id}/retirer").text
    answer(unit, one, "retirer")
    assert (now(one).etat, now(second).etat) == (rules.LISTE, rules.ETUDE)
    assert told("proposition_retiree") == ["medecin"]


@pytest.mark.proves("V2.3.4")
def test_two_confirmations_at_once_leave_one(alice: Client, patient: Dossier, smr: Etablissement) -> None:
    one, second = espaces.demande(patient, smr, rules.PROPOSEE), other(patient, rules.PROPOSEE)
    late = {"version": str(second.version)}
    do(alice, patient, one, "accepter")
    refused = alice.post(here(patient, second, "accepter"), late, 409)
    assert "Rien n’a été enregistré" in refused.text and now(second).etat == rules.ANNULEE_AUTO


# --- at home

def test_a_service_waits_for_the_medecin_traitant_and_reads_why(
        service: Client, alice: Client, patient: Dossier, had: Etablissement) -> None:
    one = espaces.demande(patient, had, rules.PROPOSEE, sejour="domicile")
    Demande.update(accord="").where(Demande.id == one.id).execute()
    page = service.get(here(patient, one))
    assert "doit d’abord donner son accord" in page.text and "Attendu" in page.text
    sent = {"version": str(now(one).version)}
    blocked = service.post(here(patient, one, "accepter"), sent, 409)
    assert "médecin traitant" in blocked.text and now(one).etat == rules.PROPOSEE
    service.post(here(patient, one, "accord"), sent, 403)
    assert "reste le médecin du patient" in alice.get(here(patient, one, "accord")).text
    do(alice, patient, one, "accord")
    assert now(one).accord == "donne" and "Donné par Dr Alice MARTIN" in service.get(here(patient, one)).text
    service.post(here(patient, one, "accepter"), {"version": str(now(one).version)})
    assert now(one).etat == rules.ACCEPTEE


def test_a_refused_agreement_stops_the_confirmation_and_can_be_given_later(
        service: Client, alice: Client, patient: Dossier, had: Etablissement) -> None:
    one = espaces.demande(patient, had, rules.PROPOSEE, sejour="domicile")
    Demande.update(accord="").where(Demande.id == one.id).execute()
    do(alice, patient, one, "desaccord")
    assert now(one).accord == "refuse"
    assert "n’a pas donné son accord" in service.get(here(patient, one)).text
    service.post(here(patient, one, "accepter"), {"version": str(now(one).version)}, 409)
    do(alice, patient, one, "accord")
    assert now(one).accord == "donne"


def test_the_medecin_traitant_is_told_that_a_service_waits_for_him(
        service: Client, patient: Dossier, had: Etablissement, smr: Etablissement) -> None:
    for there, stay in ((had, "domicile"), (smr, "complet")):
        one = espaces.demande(patient, there, rules.NON_ENVOYEE, sejour=stay)
        with database.writing():
            commands.send(WARD, one.id, one.version, ())
    assert [(row.destinataire, queries.one(row.demande_id).sejour) for row in Avis.select().where(
        Avis.code == "accord_attendu")] == [(f"medecin:{ALICE}", "domicile")]


def test_no_agreement_is_asked_for_a_stay_in_hospital(alice: Client, patient: Dossier, smr: Etablissement) -> None:
    one = espaces.demande(patient, smr, rules.PROPOSEE)
    assert "Accord du médecin traitant" not in alice.get(here(patient, one)).text
    do(alice, patient, one, "accord", 409)
    assert now(one).accord == ""


# --- a unit that closes

def test_a_unit_closed_after_sending_is_named_and_the_request_can_be_cancelled(
        alice: Client, patient: Dossier, smr: Etablissement) -> None:
    one = espaces.demande(patient, smr, rules.LUE)
    with database.writing():
        Etablissement.update(ferme=True).where(Etablissement.id == smr.id).execute()
    assert "n’est plus dans l’annuaire" in alice.get(here(patient, one)).text
    assert "n’est plus dans l’annuaire" in alice.get(f"/dossiers/sanitaire/{patient.numero}/demandes").text
    alice.post(here(patient, one, "annuler"), {"version": str(one.version), "motif": "85", "texte": ""})
    assert "n’est plus dans l’annuaire" not in alice.get(here(patient, one)).text
