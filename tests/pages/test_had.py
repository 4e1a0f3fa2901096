"""The helper for a care at home: asking, the advice, keeping it sealed, printing it, and who may."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace

import pypdf
import pytest
from starlette.applications import Starlette

from portal.db import audit, database
from portal.db.audit import Actor
from portal.dossiers import commands as dossiers
from portal.dossiers.models import Dossier
from portal.had import definitions
from portal.had.models import Evaluation
from portal.settings import Settings
from portal.web.session import Access
from tests.support import espaces
from tests.support.client import Client
from tests.support.delegues import ALICE, BOB, CHLOE, EVERYTHING, lent, physician, secretary
from tests.support.people import LEROUX

SUFFICIENT = {"version": "1", "accord": "oui", "lieu": "oui", "stabilite": "oui", "soin": "perfusion"}
BETWEEN = SUFFICIENT | {"soin": "aucun", "passages": "plus", "reevaluation": "mois", "coordination": "peu"}
PROPOSED = "Une hospitalisation à domicile paraît à proposer"


@pytest.fixture
def mine(opened_app: Starlette) -> Dossier:
    """A sanitaire dossier of Mme LEROUX, which Dr Alice MARTIN leads."""
    physician(ALICE)
    with database.writing():
        return dossiers.create(Actor(ALICE, "Dr Alice MARTIN", "cps"), "s",
                               replace(LEROUX, sejours=("HAD",)))


@pytest.fixture
def alice(opened_app: Starlette, mine: Dossier) -> Iterator[Client]:
    with Client(opened_app) as client:
        client.login(ALICE)
        yield client


def here(one: Dossier, more: str = "/had") -> str:
    return f"/dossiers/sanitaire/{one.numero}{more}"


def made(client: Client, one: Dossier, answers: dict[str, str] = SUFFICIENT) -> str:
    """The address of an evaluation made now."""
    return client.post(here(one), answers).location


def events(one: Dossier) -> list[str]:
    return [trace.event for trace in audit.timeline(f"s {one.numero}", limit=20)]


# --- asking

def test_the_dossier_leads_to_the_questions(alice: Client, mine: Dossier) -> None:
    assert alice.get(here(mine, "")).soup.find("a", href=here(mine))
    page = alice.get(here(mine))
    assert len(page.soup.select("fieldset")) == 7
    assert "8 clics au plus" in page.text
    assert "ne décide rien" in page.text
    assert "ADOP-HAD" in page.text
    assert not page.soup.select("input[checked]")


def test_another_module_has_no_such_helper(alice: Client, opened_app: Starlette) -> None:
    with database.writing():
        other = dossiers.create(Actor(ALICE, "Dr Alice MARTIN", "cps"), "ga", LEROUX)
    alice.get(f"/dossiers/grand-age/{other.numero}/had", status=404)
    assert not alice.get(f"/dossiers/grand-age/{other.numero}").soup.select("a[href$='/had']")


def test_the_advice_is_explained_criterion_by_criterion(alice: Client, mine: Dossier) -> None:
    page = alice.get(made(alice, mine, BETWEEN))
    assert "à discuter" in page.soup.h1.get_text()
    assert len(page.soup.select("main h3")) == 7
    assert "2 sur 6" in page.text
    assert "ne décide rien" in page.text


def test_a_sufficient_care_leaves_the_needs_aside(alice: Client, mine: Dossier) -> None:
    page = alice.get(made(alice, mine))
    assert page.soup.h1.get_text(strip=True) == PROPOSED
    assert page.text.count("Sans objet pour ce conseil") == 3
    assert "sur 6" not in page.text


def test_what_is_missing_is_named_and_what_was_chosen_stays(alice: Client, mine: Dossier) -> None:
    page = alice.post(here(mine), {"version": "1", "accord": "oui", "soin": "aucun"}, status=422)
    assert [link["href"] for link in page.soup.select(".resume-erreurs a[href^='#']")] == [
        "#lieu", "#stabilite", "#passages", "#reevaluation", "#coordination"]
    assert page.soup.find("input", {"name": "accord", "value": "oui"}).has_attr("checked")
    assert not Evaluation.select().exists()


@pytest.mark.parametrize("wrong", ["peut-être", "9" * 40, "🙂", "\u202eoui", "oui\x00non", "o" * 100_000, "OUI", "١"])
def test_an_answer_that_is_not_in_the_list_is_refused(alice: Client, mine: Dossier, wrong: str) -> None:
    page = alice.post(here(mine), SUFFICIENT | {"accord": wrong}, status=422)
    assert "choisissez dans la liste" in page.text
    assert not Evaluation.select().exists()


@pytest.mark.parametrize("version", ["", "0", "2", "9" * 40, "1.0", "١"])
def test_answers_to_another_version_are_not_taken(alice: Client, mine: Dossier, version: str) -> None:
    page = alice.post(here(mine), SUFFICIENT | {"version": version}, status=409)
    assert "Les questions ont changé" in page.text
    assert page.soup.find("input", {"name": "soin", "value": "perfusion"}).has_attr("checked")
    assert not Evaluation.select().exists()


def test_sending_twice_keeps_one_and_changing_keeps_both(alice: Client, mine: Dossier) -> None:
    first = made(alice, mine)
    assert made(alice, mine) == first
    second = made(alice, mine, BETWEEN)
    assert second != first
    page = alice.get(here(mine))
    assert [link["href"] for link in page.soup.select("#titre-anciennes + ul a")] == [second, first]
    assert PROPOSED in alice.get(first).text


@pytest.mark.parametrize(("changes", "leads"), [
    ({}, True), ({"lieu": "a_voir"}, True), ({"lieu": "non"}, False),
    ({"soin": "aucun", "passages": "peu", "reevaluation": "mois", "coordination": "peu"}, False)])
def test_a_favourable_advice_leads_to_asking(
        alice: Client, mine: Dossier, changes: dict[str, str], leads: bool) -> None:
    found = alice.get(made(alice, mine, SUFFICIENT | changes)).soup.find(
        "a", href=here(mine, "/vagues?nouvelle=1&genre=had"))
    assert bool(found) == leads
    if leads:
        page = alice.get(str(found["href"]))
        assert page.soup.select_one("#genre option[selected]")["value"] == "had"
        assert page.soup.find("a", href=here(mine))


# --- keeping it

def test_the_answers_are_sealed_and_bound_to_their_dossier(alice: Client, mine: Dossier) -> None:
    address = made(alice, mine)
    row = Evaluation.get()
    assert b"perfusion" not in bytes(row.contenu)
    with database.writing():
        other = dossiers.create(Actor(ALICE, "Dr Alice MARTIN", "cps"), "s", replace(LEROUX, prenom="ANNE"))
        Evaluation.update(dossier_id=other.id).execute()
    # Another dossier's, and one whose seal was made for another dossier, are not there.
    alice.get(address, status=404)
    alice.get(here(other, f"/had/{row.id}"), status=404)
    assert "Évaluations déjà faites" not in alice.get(here(other)).text


def test_the_history_tells_the_acts_and_no_answer(alice: Client, mine: Dossier) -> None:
    alice.get(made(alice, mine))
    assert {"had.evaluee", "had.ouverte"} <= set(events(mine))
    details = " ".join(trace.detail or "" for trace in audit.timeline(f"s {mine.numero}", limit=20))
    assert "perfusion" not in details
    assert "Éligibilité à l’HAD évaluée" in alice.get(here(mine, "")).text


def test_an_evaluation_keeps_its_version(alice: Client, mine: Dossier, monkeypatch: pytest.MonkeyPatch) -> None:
    address = made(alice, mine)
    first = definitions.of(1)
    renewed = replace(first, version=2, title="Nouvelles questions", criteres=tuple(
        replace(one, label=f"{one.label[:-2]} aujourd’hui\u202f?") for one in first.criteres))
    monkeypatch.setattr(definitions, "registry", lambda: {1: first, 2: renewed})
    assert "aujourd’hui" in alice.get(here(mine)).text
    assert "aujourd’hui" not in alice.get(address).text


def test_a_closed_dossier_is_read_and_no_more(alice: Client, mine: Dossier) -> None:
    address = made(alice, mine)
    with database.writing():
        Dossier.update(etat="annule").where(Dossier.id == mine.id).execute()
    assert "se lisent" in alice.get(here(mine)).text
    assert "Refaire" not in alice.get(address).text
    alice.post(here(mine), BETWEEN, status=403)


# --- printing it

def test_the_synthesis_is_printed_with_who_and_when(alice: Client, mine: Dossier) -> None:
    row = made(alice, mine).rpartition("/")[2]
    page = alice.get(here(mine, f"/imprimer/had?evaluation={row}"))
    assert "LEROUX" in page.soup.select_one(".papier").get_text()
    assert PROPOSED in page.text
    assert "Édité par Dr Alice MARTIN" in page.text
    assert page.soup.find("a", href=here(mine, f"/imprimer/had.pdf?evaluation={row}"))
    assert "dossier.imprime" in events(mine)


def test_the_pdf_holds_the_same_words(alice: Client, mine: Dossier) -> None:
    made(alice, mine)
    answer = alice.http.get(here(mine, "/imprimer/had.pdf"))
    assert answer.headers["content-disposition"] == f'attachment; filename="had-s-{mine.numero}.pdf"'
    text = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.content)).pages)
    assert PROPOSED in re.sub(r"\s+", " ", text)


def test_nothing_to_print_before_an_evaluation(alice: Client, mine: Dossier) -> None:
    alice.get(here(mine, "/imprimer/had"), status=404)
    alice.get(here(mine, "/imprimer/had?evaluation=x"), status=404)


# --- who may

def test_a_colleague_needs_the_rights(alice: Client, mine: Dossier, settings: Settings) -> None:
    address = made(alice, mine)
    loan = lent(settings, replace(EVERYTHING, rights=("lire",)))
    with Client(alice.app) as chloe:
        chloe.login(CHLOE, "Dr Chloé PETIT", physician(CHLOE).id, delegation_id=loan.id)
        assert PROPOSED in chloe.get(address).text
        assert "le droit de rédiger" in chloe.get(here(mine)).text
        chloe.post(here(mine), BETWEEN, status=403)


def test_the_secretary_sees_nothing_of_it(alice: Client, mine: Dossier, settings: Settings) -> None:
    address = made(alice, mine)
    sophie, loan = secretary(settings)
    with Client(alice.app) as client:
        client.enter(Access.SECRETARIAT, None, sophie.name, sophie.id, level="otp", subject=sophie.subject,
                     delegation_id=loan.id)
        for path in (here(mine), address, here(mine, "/imprimer/had")):
            client.get(path, status=403)
        client.post(here(mine), BETWEEN, status=403)


def test_a_stranger_finds_no_dossier(alice: Client, mine: Dossier) -> None:
    address = made(alice, mine)
    physician(BOB)
    with Client(alice.app) as bob:
        bob.login(BOB, "Dr Bob DURAND")
        for path in (here(mine), address, here(mine, "/imprimer/had")):
            bob.get(path, status=404)


def test_an_establishment_that_was_asked_does_not_read_it(alice: Client, mine: Dossier) -> None:
    address = made(alice, mine)
    place = espaces.etablissement("HAD du Bocage", genre="had")
    espaces.demande(mine, place, "lue")
    with Client(alice.app) as had:
        espaces.member(had, espaces.structure(etablissement_id=place.id))
        for path in (here(mine), address, here(mine, "/imprimer/had")):
            had.get(path, status=404)


@pytest.mark.parametrize(("kind", "status"), [("coordination", 403), ("hospitalier", 200)])
def test_the_team_that_leads_evaluates_if_it_cares_for_the_patient(
        alice: Client, mine: Dossier, kind: str, status: int) -> None:
    team = espaces.structure(kind, "CHU de Caen")
    espaces.follow(team, mine)
    with Client(alice.app) as client:
        espaces.member(client, team, "dossiers")
        page = client.get(f"/espaces/coordination/dossiers/sanitaire/{mine.numero}")
        assert bool(page.soup.find("a", href=here(mine))) == (status == 200)
        client.get(here(mine), status=status)
        client.post(here(mine), SUFFICIENT, status=303 if status == 200 else 403)
