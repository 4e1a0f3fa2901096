"""The answers of an establishment: what each changes, what is refused, and two people at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from starlette.applications import Starlette

from portal.annuaire.models import Etablissement
from portal.db import audit, database
from portal.demandes import commands as demandes
from portal.demandes import queries, rules
from portal.demandes.models import Demande
from portal.dossiers import commands as dossiers
from portal.dossiers.models import Dossier
from portal.espaces.models import Structure
from tests.support import espaces
from tests.support.client import Answer, Client
from tests.support.people import LEROUX
from tests.support.volets import ALICE_ACTS

HOME = "/espaces/etablissement"
PLACE = {"entree_prevue": "05/12/2026", "chambre": "12, rez-de-chaussée", "tarif": "65,40 €",
         "reponse_avant": "30/11/2026"}
HUGE = "x" * 100_000
RTL = "\u202emort\u202c \u0627\u0644\u0639 👵🏽"


@pytest.fixture
def place(opened_app: Starlette, midday: datetime) -> Etablissement:
    return espaces.etablissement()


@pytest.fixture
def team(place: Etablissement) -> Structure:
    return espaces.structure(nom=place.nom, etablissement_id=place.id)


@pytest.fixture
def browser(opened_app: Starlette, team: Structure) -> Iterator[Client]:
    """Somebody with every role."""
    with Client(opened_app) as client:
        yield espaces.member(client, team)


def received(place: Etablissement, etat: str = rules.LUE) -> Demande:
    with database.writing():
        made = dossiers.create(ALICE_ACTS, "ga", replace(LEROUX))
    return Demande.get_by_id(espaces.demande(made, place, etat).id)


def now(demande: Demande) -> Demande:
    found: Demande = Demande.get_by_id(demande.id)
    return found


def send(browser: Client, demande: Demande, act: str, fields: dict[str, Any] | None = None, status: int = 303,
         version: object = None) -> Answer:
    body = {"version": now(demande).version if version is None else version} | (fields or {})
    return browser.post(f"{HOME}/demandes/{demande.id}/{act}", body, status)


def typed(answer: Answer, name: str) -> str:
    """What a field of the form holds when the page comes back."""
    field = answer.soup.select_one(f"[name={name}]")
    assert field is not None
    return field.get_text() if field.name == "textarea" else str(field.get("value", ""))


# --- what each answer does

@pytest.mark.parametrize(("etat", "act", "fields", "target"), [
    (rules.LUE, "complement", {"texte": "Quel traitement ?"}, rules.COMPLEMENT),
    (rules.LUE, "liste", {"niveau": "admissible", "rang": "4"}, rules.LISTE),
    (rules.LISTE, "liste", {"niveau": "admis", "rang": ""}, rules.LISTE),
    (rules.EXPIREE, "liste", {"niveau": "analyse"}, rules.LISTE),
    (rules.LUE, "proposer", PLACE, rules.PROPOSEE),
    (rules.DECLINEE, "proposer", PLACE, rules.PROPOSEE),
    (rules.ACCEPTEE, "retirer", {}, rules.LISTE),
    (rules.COMPLEMENT, "refuser", {"motif": "86", "texte": "Pas d’unité protégée."}, rules.REFUS),
    (rules.REFUS, "reactiver", {}, rules.LUE),
    (rules.ACCEPTEE, "admettre", {"entree": "22/11/2026"}, rules.ADMIS),
    (rules.ADMIS, "corriger", {}, rules.LISTE),
    (rules.LISTE, "avis", {"avis": "reserve", "texte": "Fugues."}, rules.LISTE),
])
def test_an_answer_moves_the_request_and_leaves_its_trace(
        browser: Client, place: Etablissement, etat: str, act: str, fields: dict[str, str], target: str) -> None:
    demande = received(place, rules.PROPOSEE if etat == rules.EXPIREE else etat)
    if etat == rules.EXPIREE:
        with database.writing():
            Demande.update(reponse_avant=date(2026, 11, 1)).where(Demande.id == demande.id).execute()
            assert demandes.expire(demande.id)
    done = send(browser, demande, act, fields)
    assert done.location == f"{HOME}/demandes/{demande.id}"
    assert now(demande).etat == target
    label = f"ga {Dossier.get_by_id(demande.dossier_id).numero}"
    trace = next(one for one in audit.timeline(label) if one.event.startswith("demande."))
    assert trace.name == "Claire DUBOIS, EHPAD Les Tilleuls" and trace.detail == str(demande.id)
    assert not [word for word in fields.values() if len(word) > 5 and word in trace.detail]
    browser.follow(done)


def test_a_proposal_keeps_all_that_was_offered(browser: Client, place: Etablissement) -> None:
    demande = received(place)
    page = browser.follow(send(browser, demande, "proposer", PLACE))
    offered = now(demande)
    assert (offered.entree_prevue, offered.reponse_avant) == (date(2026, 12, 5), date(2026, 11, 30))
    assert (offered.chambre, offered.tarif) == ("12, rez-de-chaussée", 6540)
    assert "65,40 € par jour" in page.text and "avant le 30/11/2026" in page.text


def test_words_are_sealed_and_shown_again(browser: Client, place: Etablissement) -> None:
    demande = received(place)
    page = browser.follow(send(browser, demande, "complement", {"texte": "Ordonnance du mois\nsvp " + RTL}))
    assert "Ordonnance du mois" in page.html
    raw = bytes(now(demande).complement)
    assert b"Ordonnance" not in raw
    assert queries.words(now(demande), "complement") == "Ordonnance du mois\nsvp " + RTL


def test_an_admission_elsewhere_is_not_undone_by_taking_a_refusal_back(
        browser: Client, place: Etablissement) -> None:
    demande = received(place, rules.REFUS)
    other = espaces.demande(Dossier.get_by_id(demande.dossier_id), espaces.etablissement("EHPAD Autre"), rules.LUE)
    with database.writing():
        demandes.admit(espaces.ANSWERS, other.id, other.version, date(2026, 11, 20))
    page = send(browser, demande, "reactiver", status=409)
    assert "déjà entrée" in page.text and "EHPAD Autre" not in page.text
    assert now(demande).etat == rules.REFUS


# --- the opinion of the médecin coordonnateur

def test_the_words_of_an_opinion_are_for_the_medical_role(
        browser: Client, opened_app: Starlette, team: Structure, place: Etablissement) -> None:
    demande = received(place)
    here = f"{HOME}/demandes/{demande.id}"
    send(browser, demande, "avis", {"avis": "favorable", "texte": "Troubles du comportement stabilisés."})
    assert "Troubles du comportement" in browser.get(here).text
    with Client(opened_app) as admissions:
        espaces.member(admissions, team, "admissions")
        page = admissions.get(here)
        assert "Favorable, par Claire DUBOIS" in page.text and "Troubles du comportement" not in page.html
        assert "Avis médical : favorable" in admissions.get(HOME).text
        admissions.get(f"{here}/avis", 403)
        send(admissions, demande, "avis", {"avis": "favorable"}, 403)


def test_the_medical_role_alone_answers_nothing_else(
        opened_app: Starlette, team: Structure, place: Etablissement) -> None:
    demande = received(place)
    with Client(opened_app) as doctor:
        espaces.member(doctor, team, "medical")
        offered = [link["href"].rsplit("/", 1)[1] for link in
                   doctor.get(f"{HOME}/demandes/{demande.id}").soup.select(".liste-actes a")]
        assert offered == ["avis", "complement"]
        for act, fields in (("refuser", {"motif": "114"}), ("proposer", PLACE), ("liste", {"niveau": "admis"}),
                            ("admettre", {"entree": "22/11/2026"})):
            assert "Vos rôles" in send(doctor, demande, act, fields, 403).text
    assert now(demande).etat == rules.LUE


# --- what is refused

@pytest.mark.parametrize(("act", "fields", "field", "message"), [
    ("proposer", {"entree_prevue": "31/02/2027"}, "entree_prevue", "donnez une date qui existe"),
    ("proposer", {"entree_prevue": ""}, "entree_prevue", "donnez une date qui existe"),
    ("proposer", {"entree_prevue": "٠٥/١٢/٢٠٢٦"}, "entree_prevue", "donnez une date qui existe"),
    ("proposer", {"entree_prevue": "21/11/2026"}, "entree_prevue", "Cette date est passée"),
    ("proposer", {"entree_prevue": "01/01/9999"}, "entree_prevue", "à plus d’un an"),
    ("proposer", {"reponse_avant": "21/11/2026"}, "reponse_avant", "Cette date est passée"),
    ("proposer", {"reponse_avant": "06/12/2026"}, "reponse_avant", "au plus tard le jour de l’entrée"),
    ("proposer", {"tarif": "douze"}, "tarif", "en chiffres"),
    ("proposer", {"tarif": "-65"}, "tarif", "en chiffres"),
    ("proposer", {"tarif": "1" + "0" * 30}, "tarif", "en chiffres"),
    ("proposer", {"tarif": "0"}, "tarif", "entre 0,01 et 1 000 euros"),
    ("proposer", {"tarif": "6540"}, "tarif", "entre 0,01 et 1 000 euros"),
    ("proposer", {"tarif": "٦٥"}, "tarif", "en chiffres"),
    ("proposer", {"chambre": "C" * 61}, "chambre", "60 caractères au plus"),
    ("refuser", {"motif": ""}, "motif", "Choisissez un motif"),
    ("refuser", {"motif": "999"}, "motif", "Choisissez un motif"),
    ("refuser", {"motif": "85"}, "motif", "Choisissez un motif"),
    ("refuser", {"motif": "95"}, "motif", "Choisissez un motif"),
    ("refuser", {"texte": HUGE}, "texte", "raccourcissez-le à 2000"),
    ("complement", {"texte": " \x00\n "}, "texte", "Dites ce qui vous manque"),
    ("complement", {"texte": HUGE}, "texte", "raccourcissez-le à 2000"),
    ("liste", {"niveau": "premier"}, "niveau", "Choisissez un des trois niveaux"),
    ("liste", {"rang": "0"}, "rang", "de 1 à 999"),
    ("liste", {"rang": "-3"}, "rang", "de 1 à 999"),
    ("liste", {"rang": "9" * 40}, "rang", "de 1 à 999"),
    ("liste", {"rang": "٣"}, "rang", "de 1 à 999"),
    ("avis", {"avis": ""}, "avis", "Choisissez un avis"),
    ("avis", {"avis": "parfait"}, "avis", "Choisissez un avis"),
    ("admettre", {"entree": "30/02/2026"}, "entree", "donnez une date qui existe"),
    ("admettre", {"entree": "23/11/2026"}, "entree", "Cette date est à venir"),
    ("admettre", {"entree": "31/12/9999"}, "entree", "Cette date est à venir"),
    ("admettre", {"entree": "21/11/2026"}, "entree", "précède la réception"),
])
def test_what_is_wrong_is_said_at_its_field_and_kept(
        browser: Client, place: Etablissement, act: str, fields: dict[str, str], field: str, message: str) -> None:
    right = {"proposer": PLACE, "refuser": {"motif": "114", "texte": "Non."}, "complement": {"texte": "Quoi ?"},
             "liste": {"niveau": "admis", "rang": "2"}, "avis": {"avis": "favorable", "texte": ""},
             "admettre": {"entree": "22/11/2026"}}[act]
    demande = received(place)
    page = send(browser, demande, act, right | fields, 422)
    assert any(message in said.replace("\u202f", " ") for said in page.errors), page.errors
    assert page.soup.select_one(f"[name={field}]") is not None
    for name, words in (right | fields).items():
        if name not in ("motif", "niveau", "avis"):
            assert typed(page, name).strip() == words.replace("\x00", "").strip()
    assert now(demande).etat == rules.LUE and now(demande).version == demande.version


@pytest.mark.parametrize("act", ["complement", "liste", "proposer", "admettre", "refuser", "avis", "corriger"])
def test_a_forged_request_is_a_page_that_is_not(browser: Client, place: Etablissement, act: str) -> None:
    strange = espaces.demande(Dossier.get_by_id(received(place).dossier_id), espaces.etablissement("EHPAD Autre"))
    for number in (strange.id, 0, 999_999, 10 ** 18, 10 ** 30):
        browser.get(f"{HOME}/demandes/{number}/{act}", 404)
        browser.post(f"{HOME}/demandes/{number}/{act}", {"version": "1"}, 404)
    assert Demande.get_by_id(strange.id).version == strange.version


def test_an_act_that_is_none_is_a_page_that_is_not(browser: Client, place: Etablissement) -> None:
    browser.get(f"{HOME}/demandes/{received(place).id}/vendre", 404)


# --- two at once

@pytest.mark.parametrize("version", ["", "0", "-1", "999999999999", "deux", "٣"])
def test_a_version_never_shown_changes_nothing(browser: Client, place: Etablissement, version: str) -> None:
    demande = received(place)
    send(browser, demande, "refuser", {"motif": "114"}, 409, version)
    assert now(demande).etat == rules.LUE


def test_the_physician_cancels_while_a_refusal_is_written(browser: Client, place: Etablissement) -> None:
    demande = received(place)
    with database.writing():
        demandes.cancel(ALICE_ACTS, demande.id, demande.version, "89")
    page = send(browser, demande, "refuser", {"motif": "114", "texte": "Toutes nos places sont prises."}, 409,
                demande.version)
    said = page.soup.select_one("[role=alert]").get_text(" ")
    for words in ("Rien n’a été enregistré", "Dr Alice MARTIN a agi avant vous", "Demande annulée",
                  "«\u00a0Dossier ouvert\u00a0»", "Toutes nos places sont prises."):
        assert words in said
    assert not page.soup.select("main form") and now(demande).etat == rules.ANNULEE


def test_a_colleague_proposes_while_a_rank_is_written(
        browser: Client, opened_app: Starlette, team: Structure, place: Etablissement) -> None:
    demande = received(place)
    with Client(opened_app) as other:
        espaces.member(other, team)
        send(other, demande, "liste", {"niveau": "analyse"})
    page = send(browser, demande, "liste", {"niveau": "admis", "rang": "7"}, 409, demande.version)
    assert "Claire DUBOIS, EHPAD Les Tilleuls a agi avant vous" in page.text
    assert "passée de « Dossier ouvert » à « Liste d’attente »" in page.text
    assert typed(page, "rang") == "7" and "reprise ci-dessous" in page.text
    fresh = typed(page, "version")
    assert "Vous avez déjà agi, depuis un autre écran" not in page.text
    send(browser, demande, "liste", {"niveau": "admis", "rang": "7"}, version=fresh)
    assert (now(demande).niveau, now(demande).rang) == ("admis", 7)


def test_one_s_own_other_screen_is_named(browser: Client, place: Etablissement) -> None:
    demande = received(place)
    send(browser, demande, "liste", {"niveau": "analyse"})
    page = send(browser, demande, "refuser", {"motif": "114"}, 409, demande.version)
    assert "Vous avez déjà agi, depuis un autre écran" in page.text


def test_the_family_accepts_while_the_proposal_is_withdrawn(browser: Client, place: Etablissement) -> None:
    demande = received(place, rules.PROPOSEE)
    with database.writing():
        demandes.accept(ALICE_ACTS, demande.id, demande.version)
    page = send(browser, demande, "retirer", status=409, version=demande.version)
    assert "Proposition acceptée" in page.text and now(demande).etat == rules.ACCEPTEE


@pytest.mark.proves("V2.3.4")
def test_two_establishments_admit_at_once(browser: Client, place: Etablissement) -> None:
    demande = received(place, rules.LISTE)
    other = espaces.demande(Dossier.get_by_id(demande.dossier_id), espaces.etablissement("EHPAD Autre"), rules.LUE)
    with database.writing():
        demandes.admit(espaces.ANSWERS, other.id, other.version, date(2026, 11, 22))
    page = send(browser, demande, "admettre", {"entree": "22/11/2026"}, 409, demande.version)
    assert "passée de « Liste d’attente » à « Demande annulée »" in page.text
    assert "EHPAD Autre" not in page.text and "Système" not in page.text and "automatiquement" not in page.text
    assert now(demande).etat == rules.ANNULEE_AUTO


@pytest.mark.parametrize(("etat", "act"), [
    (rules.ENVOYEE, "refuser"), (rules.PROPOSEE, "refuser"), (rules.ADMIS, "proposer"), (rules.LUE, "retirer"),
    (rules.ANNULEE, "reactiver"), (rules.ANNULEE, "avis"), (rules.REFUS, "complement"),
])
def test_a_step_that_is_none_says_from_where_to_where(
        browser: Client, place: Etablissement, etat: str, act: str) -> None:
    demande = received(place, etat)
    for page in (browser.get(f"{HOME}/demandes/{demande.id}/{act}", 409),
                 send(browser, demande, act, {"motif": "114", "avis": "favorable", "texte": "x"}, 409)):
        assert "Cette demande est à l’état" in page.text and "Cela se fait depuis" in page.text
    assert now(demande).etat == etat
