"""The volets of a child's request on their pages: the range of his age proposed, counts, marks, paper and export."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from portal.db import database
from portal.dossiers import commands as dossiers
from portal.dossiers.models import Dossier
from portal.volets.models import Volet
from tests.support import espaces
from tests.support.client import Answer, Client
from tests.support.people import LEROUX
from tests.support.volets import ALICE, ALICE_ACTS


@pytest.fixture
def alice(client: Client, midday: datetime) -> Client:
    return client.login(ALICE)


def child(naissance: date = date(2024, 9, 20)) -> Dossier:
    """Léo's dossier: 26 months old, nothing filled."""
    with database.writing():
        return dossiers.create(ALICE_ACTS, "tnd", replace(
            LEROUX, prenom="LÉO", civilite="", sexe="M", naissance=naissance, sejours=("Psychologie",)))


def place(dossier: Dossier, volet: str = "reperage") -> str:
    return f"/dossiers/tnd/{dossier.numero}/volets/{volet}"


def save(who: Client, where: str, status: int = 200, **typed: str) -> Answer:
    """Send fields as the page's script does; a name may be « tranches.m24 »."""
    page = who.get(where).soup
    base = json.loads(page.select_one("#volet input[name=base]")["value"])
    data: dict[str, Any] = {
        name: page.select_one(f"#volet input[name={name}]")["value"] for name in ("version", "cle")}
    data["base"] = json.dumps({name.split(".")[0]: base[name.split(".")[0]] for name in typed})
    return who.post(where, data | typed, status, htmx="suivi")


def ticked(page: Answer) -> list[str]:
    return [str(one["name"]) for one in page.soup.select('[name^="tranches."][checked]')]


# --- the range

@pytest.mark.parametrize(("born", "proposed"), [
    (date(2024, 9, 20), ["tranches.m24"]), (date(2026, 5, 22), ["tranches.m6"]), (date(2020, 3, 1), ["tranches.a6"]),
    (date(2026, 9, 1), [])])
def test_the_range_of_the_child_s_age_is_proposed_and_its_indicators_come_first(
        alice: Client, born: date, proposed: list[str]) -> None:
    page = alice.get(place(child(born)))
    assert ticked(page) == proposed
    assert not Volet.select().exists()  # looking writes nothing
    if proposed:
        code = proposed[0].removeprefix("tranches.")
        first = page.soup.select("#rubrique-langage [data-champ]")
        shown = [str(one["data-champ"]) for one in first if "non-demande" not in one["class"]]
        assert shown and all(name.startswith(f"{code}_la_") for name in shown)
        assert [str(one["data-champ"]) for one in first[:len(shown)]] == shown
        assert "Proposé d’après l’âge de l’enfant" in page.text


def test_the_physician_s_own_choice_is_not_replaced(alice: Client) -> None:
    dossier = child()
    save(alice, place(dossier), **{"tranches.m18": "oui"})
    page = alice.get(place(dossier))
    assert ticked(page) == ["tranches.m18"] and "Proposé d’après" not in page.text


def test_once_all_is_unticked_nothing_is_proposed_again(alice: Client) -> None:
    dossier = child()
    save(alice, place(dossier), regression="non")
    assert ticked(alice.get(place(dossier))) == []


# --- counts and marks

def test_counts_and_marks_follow_each_saving(alice: Client) -> None:
    dossier = child()
    assert "à observer" in alice.get(place(dossier)).text
    bar = save(alice, place(dossier), **{"tranches.m24": "oui"}, m24_mg_ballon="oui")
    assert "Aucun point d’attention" in bar.text and "Ceci n’est pas un diagnostic" in bar.text
    bar = save(alice, place(dossier), **dict.fromkeys(
        ("m24_mg_court", "m24_mg_escalier", "m24_la_dix_mots", "m24_la_deux_mots"), "non"), regression="oui")
    assert "3 points d’attention" in bar.text and "Perte de ce qui était acquis" in bar.text
    marked = [row.select_one("th").get_text() for row in bar.soup.select(".aggir-decisif")]
    assert marked == ["Motricité globale", "Langage"]
    assert "aucun texte ne les confirme" in bar.text
    assert "3 points d’attention" in alice.get(place(dossier)).text


@pytest.mark.parametrize("value", ["peut-être", "OUI", "9" * 4000, "\u202eoui", "🧒"])
def test_an_answer_that_is_none_is_refused_and_counts_for_nothing(alice: Client, value: str) -> None:
    dossier = child()
    save(alice, place(dossier), **{"tranches.m24": "oui"})
    answer = save(alice, place(dossier), 422 if value != "\u202eoui" else 200, m24_mg_court=value)
    assert answer.soup.select_one(".aggir-table tbody tr td:nth-of-type(1)").get_text() == "0"


@pytest.mark.proves("V2.2.3")
def test_an_examination_before_the_birth_or_tomorrow(alice: Client) -> None:
    dossier = child()
    save(alice, place(dossier), 422, date_examen="23/11/2026")
    assert "examen daté d’avant la naissance, à vérifier" in save(alice, place(dossier), date_examen="01/01/2020").text


# --- paper and export

def test_the_paper_says_what_the_grid_comes_to_and_that_it_is_no_diagnosis(alice: Client) -> None:
    dossier = child()
    save(alice, place(dossier), **{"tranches.m24": "oui"}, m24_mg_court="non", inquietude="oui")
    paper = alice.get(f"/dossiers/tnd/{dossier.numero}/imprimer/dossier?volet=reperage").soup.select_one(".papier")
    words = paper.get_text(" ", strip=True)
    assert "1 point d’attention" in words and "Inquiétude des parents" in words
    assert "Ceci n’est pas un diagnostic" in words and "Court, les bras accompagnant" in words
    assert "18-23 mois" not in words  # ranges that were not examined are not printed


def test_the_grid_goes_out_as_a_questionnaire_with_its_conditions(alice: Client) -> None:
    dossier = child()
    save(alice, place(dossier), **{"tranches.m24": "oui"}, m24_mg_court="non")
    bundle = json.loads(alice.get(f"/dossiers/tnd/{dossier.numero}/fhir").text)
    forms = {one["resource"]["resourceType"]: one["resource"] for one in bundle["entry"]}
    assert "HAS (2020)" in forms["Questionnaire"]["description"]
    asked = {item["linkId"]: item for group in forms["Questionnaire"]["item"] for item in group["item"]}
    assert asked["m24_mg_court"]["enableWhen"][0]["answerCoding"]["code"] == "m24"
    said = {item["linkId"] for group in forms["QuestionnaireResponse"]["item"] for item in group["item"]}
    assert said == {"tranches", "m24_mg_court"}


# --- the parents

def test_a_parent_fills_the_administrative_volet_and_never_reads_the_grid(client: Client, midday: datetime) -> None:
    dossier = child()
    parent = espaces.usager(client, dossier, "aidant")
    page = parent.get("/espaces/usager/dossier")
    assert "Volet repérage : à remplir par votre médecin" in page.text
    assert "Autorité parentale" in parent.get(place(dossier, "administratif")).text
    for volet in ("reperage", "medical"):
        parent.get(place(dossier, volet), 403)
