"""The requests of a dossier as those who ask see them: the list, one of them, choosing, sending."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from starlette.applications import Starlette

from portal import clock
from portal.annuaire.models import Etablissement, Unite
from portal.db import audit, database
from portal.demandes import actes, commands, machines, queries, rules
from portal.demandes.models import Demande
from portal.dossiers.models import Dossier
from tests.support import annuaire, espaces
from tests.support.client import Client
from tests.support.delegues import ALICE, physician
from tests.support.volets import dossier, sign

GA = machines.of("ga")
HUGE = "9" * 40
FORGED = ["", "0", "-1", "1.5", "١٢", HUGE, "12\x00", "1e3", "🙂", "9" * 15]


@pytest.fixture
def mine(opened_app: Starlette) -> Dossier:
    """Mme LEROUX's dossier, which Dr Alice MARTIN leads."""
    physician(ALICE)
    return dossier()


@pytest.fixture
def alice(opened_app: Starlette, mine: Dossier) -> Iterator[Client]:
    with Client(opened_app) as client:
        client.login(ALICE)
        yield client


def here(one: Dossier, more: str = "") -> str:
    return f"/dossiers/grand-age/{one.numero}/demandes{more}"


def ready(one: Dossier) -> None:
    """All of the dossier's volets are signed and nothing is missing."""
    with database.writing():
        Dossier.update(adresse="3 rue des Prés", sejours="Permanent").where(Dossier.id == one.id).execute()
    for code in ("administratif", "medical", "autonomie"):
        sign(one.numero, code)


def ticket(one: Demande) -> str:
    return f"{one.id}.{one.version}"


# --- the list

def test_without_a_request_the_page_leads_to_the_choice(alice: Client, mine: Dossier) -> None:
    page = alice.get(here(mine))
    assert "Aucun établissement n’est choisi" in page.text
    assert page.soup.select_one(f"main a.bouton-principal[href='{here(mine, '/choisir')}']")


@pytest.mark.parametrize("etat", espaces._WAYS)
def test_each_state_prints_its_words_and_offers_what_its_table_allows(alice: Client, mine: Dossier, etat: str) -> None:
    one = espaces.demande(mine, espaces.etablissement(), etat)
    assert GA.etats[etat].label in alice.get(here(mine)).text
    page = alice.get(here(mine, f"/{one.id}"))
    assert GA.etats[etat].label in page.text
    for acte in actes.ACTES["ga"].values():
        offered = bool(page.soup.select(f"main a[href='{here(mine, f'/{one.id}/{acte.code}')}']"))
        assert offered == (acte in actes.possible("ga", etat)), acte.code


def test_a_row_gives_one_button_the_phone_and_the_age_of_the_silence(alice: Client, mine: Dossier) -> None:
    espaces.demande(mine, espaces.etablissement())
    with clock.freeze(clock.now() + timedelta(days=9, minutes=1)):
        alice.login(ALICE)
        row = alice.get(here(mine)).soup.select_one(".demandes > li")
    assert row is not None
    assert "sans réponse depuis 9 jours" in row.get_text()
    assert row.select_one("a[href='tel:0261914400']")
    assert [" ".join(link.get_text().split(",")[0].split()) for link in row.select("a.bouton")] == [
        "Relancer l’établissement"]
    assert row.select("details a[href$='/annuler']")


def test_the_list_counts_what_waits_and_what_is_away(alice: Client, mine: Dossier) -> None:
    espaces.demande(mine, espaces.etablissement("EHPAD Un"), rules.NON_ENVOYEE)
    espaces.demande(mine, espaces.etablissement("EHPAD Deux"))
    espaces.demande(mine, espaces.etablissement("EHPAD Trois"), rules.REFUS)
    text = alice.get(here(mine)).text
    assert "Une demande est choisie et n’est pas partie" in text
    assert "3 demandes : 1 à envoyer, 1 en cours, 1 close" in text


def test_the_dossiers_page_shows_the_latest_states_and_the_next_act(alice: Client, mine: Dossier) -> None:
    one = espaces.demande(mine, espaces.etablissement(), rules.PROPOSEE)
    page = alice.get(f"/dossiers/grand-age/{mine.numero}")
    assert "EHPAD Les Tilleuls" in page.text and "Admission proposée" in page.text
    assert page.soup.select(f"main a[href='{here(mine, f'/{one.id}')}']")


def test_words_of_others_are_told_in_order_with_who_and_why(alice: Client, mine: Dossier) -> None:
    one = espaces.demande(mine, espaces.etablissement(), rules.REFUS)
    steps = [" ".join(step.get_text().split()) for step in alice.get(here(mine, f"/{one.id}")).soup.select(".pas > li")]
    assert steps[0].startswith("Admission impossible : Ressources insuffisantes")
    assert "Claire DUBOIS, EHPAD Les Tilleuls" in steps[0]
    assert steps[-1].startswith("Établissement choisi") and "Dr Alice MARTIN" in steps[-1]


# --- someone else's

def test_another_dossiers_request_is_not_found_under_mine(alice: Client, mine: Dossier) -> None:
    other = dossier()
    theirs = espaces.demande(other, espaces.etablissement())
    for way in ("", "/annuler", "/relancer", "/retirer"):
        alice.get(here(mine, f"/{theirs.id}{way}"), 404)
    alice.post(here(mine, f"/{theirs.id}/annuler"), {"version": str(theirs.version), "motif": "85"}, 404)
    alice.post(here(mine, "/envoyer"), {"demande": ticket(theirs)}, 404)
    assert queries.one(theirs.id).version == theirs.version


@pytest.mark.parametrize("row", ["0", "999999", HUGE, "-1", "x", "%00", "1e3"])
@pytest.mark.parametrize("act", ["", "/annuler"])
def test_no_such_request(alice: Client, mine: Dossier, row: str, act: str) -> None:
    alice.get(here(mine, f"/{row}{act}"), 404)


def test_no_such_act(alice: Client, mine: Dossier) -> None:
    one = espaces.demande(mine, espaces.etablissement())
    alice.get(here(mine, f"/{one.id}/admettre"), 404)
    alice.post(here(mine, f"/{one.id}/admettre"), {"version": "2"}, 404)


# --- choosing

def test_choosing_two_stays_makes_two_rows_and_sends_nothing(alice: Client, mine: Dossier) -> None:
    place = espaces.etablissement()
    answer = alice.post(here(mine, "/choisir?ville=14000+Caen"), {
        "etablissement": str(place.id), "sejour": ["permanent", "temporaire"]})
    assert answer.location.startswith(here(mine, "/choisir?ville="))
    assert {(one.etat, one.sejour) for one in Demande.select()} == {
        (rules.NON_ENVOYEE, "permanent"), (rules.NON_ENVOYEE, "temporaire")}
    again = {"etablissement": str(place.id), "sejour": ["permanent"]}
    alice.post(here(mine, "/choisir"), again)
    assert Demande.select().count() == 2
    assert audit.timeline(f"ga {mine.numero}")[0].event == "demande.selectionner"


@pytest.mark.parametrize("row", FORGED)
def test_an_unknown_establishment_is_refused(alice: Client, mine: Dossier, row: str) -> None:
    answer = alice.post(here(mine, "/choisir"), {"etablissement": row, "sejour": "permanent"}, 422)
    assert "n’est plus dans l’annuaire" in answer.text
    assert not Demande.select().count()


@pytest.mark.parametrize(("stays", "said"), [
    ([], "Cochez au moins un type d’accueil"),
    (["palace"], "Ce type d’accueil n’existe pas"),
    (["permanent", "\x00"], "Ce type d’accueil n’existe pas"),
    (["hc"], "Ce type d’accueil n’existe pas"),
    (["x" * 100_000], "Ce type d’accueil n’existe pas"),
])
def test_an_unknown_stay_is_refused(alice: Client, mine: Dossier, stays: list[str], said: str) -> None:
    place = espaces.etablissement()
    answer = alice.post(here(mine, "/choisir"), {"etablissement": str(place.id), "sejour": stays}, 422)
    assert said in answer.text
    assert not Demande.select().count()


def test_a_stay_that_the_establishment_has_not_is_refused(alice: Client, mine: Dossier) -> None:
    place = espaces.etablissement()
    with database.writing():
        Unite.update(sejours="permanent").where(Unite.etablissement == place).execute()
    answer = alice.post(here(mine, "/choisir"), {"etablissement": str(place.id), "sejour": ["permanent", "nuit"]}, 409)
    assert "ne propose pas l’accueil" in answer.text
    assert not Demande.select().count(), "neither of the two is kept"


def test_the_kind_of_stay_of_the_dossier_is_ticked(alice: Client, mine: Dossier) -> None:
    annuaire.place("EHPAD Les Tilleuls", units=[{"genre": "ehpad", "sejours": "permanent temporaire"}])
    with database.writing():
        Dossier.update(sejours="Temporaire").where(Dossier.id == mine.id).execute()
    page = alice.get(here(mine, "/choisir?ville=14000+Caen&rayon=20"))
    ticked = [str(box["value"]) for box in page.soup.select(".choix-sejours input[checked]")]
    assert ticked == ["temporaire"]


def test_a_closed_dossier_takes_no_establishment(alice: Client, mine: Dossier) -> None:
    place = espaces.etablissement()
    with database.writing():
        Dossier.update(etat="annule").where(Dossier.id == mine.id).execute()
    answer = alice.post(here(mine, "/choisir"), {"etablissement": str(place.id), "sejour": "permanent"}, 409)
    assert "Ce dossier est annulé" in answer.text


# --- sending

def test_what_is_missing_is_said_field_by_field(alice: Client, mine: Dossier) -> None:
    espaces.demande(mine, espaces.etablissement(), rules.NON_ENVOYEE)
    page = alice.get(here(mine, "/envoyer"))
    assert "attend un dossier complet" in page.text
    fields = page.soup.select(".manques details a[href*='/volets/medical#']")
    assert len(fields) > 3
    assert not page.soup.select("main button.bouton-principal")


def test_only_those_who_take_incomplete_dossiers_get_one_marked_so(alice: Client, mine: Dossier) -> None:
    strict = espaces.demande(mine, espaces.etablissement("EHPAD Strict"), rules.NON_ENVOYEE)
    easy = espaces.demande(mine, espaces.etablissement("EHPAD Souple", incomplets=True), rules.NON_ENVOYEE)
    answer = alice.post(here(mine, "/envoyer"), {"demande": [ticket(easy), ticket(strict)]}, 409)
    assert "EHPAD Strict » attend un dossier complet" in answer.text
    assert {one.etat for one in Demande.select()} == {rules.NON_ENVOYEE}, "all of them or none"
    alice.post(here(mine, "/envoyer"), {"demande": ticket(easy)})
    assert queries.one(easy.id).etat == rules.ENVOYEE and queries.one(easy.id).incomplet
    assert "envoyée incomplète" in alice.get(here(mine)).text


def test_a_whole_dossier_leaves_to_all_that_are_ticked(alice: Client, mine: Dossier) -> None:
    ready(mine)
    first = espaces.demande(mine, espaces.etablissement("EHPAD Un"), rules.NON_ENVOYEE)
    kept = espaces.demande(mine, espaces.etablissement("EHPAD Deux"), rules.NON_ENVOYEE)
    assert "Le dossier est complet" in alice.get(here(mine, "/envoyer")).text
    alice.post(here(mine, "/envoyer"), {"demande": ticket(first)})
    assert not queries.one(first.id).incomplet
    assert [queries.one(row.id).etat for row in (first, kept)] == [rules.ENVOYEE, rules.NON_ENVOYEE]
    assert "Demande envoyée" in alice.get("/dossiers/grand-age").text


@pytest.mark.parametrize("sent", [[], [""], ["x"], ["\x00"], [HUGE], ["0.1"]])
def test_nothing_ticked_sends_nothing(alice: Client, mine: Dossier, sent: list[str]) -> None:
    espaces.demande(mine, espaces.etablissement(), rules.NON_ENVOYEE)
    assert "Cochez au moins une demande" in alice.post(here(mine, "/envoyer"), {"demande": sent}, 422).text


@pytest.mark.parametrize("version", FORGED)
def test_a_forged_version_sends_nothing(alice: Client, mine: Dossier, version: str) -> None:
    one = espaces.demande(mine, espaces.etablissement(incomplets=True), rules.NON_ENVOYEE)
    alice.post(here(mine, "/envoyer"), {"demande": f"{one.id}.{version}"}, 409)
    assert queries.one(one.id).etat == rules.NON_ENVOYEE


def test_a_second_click_sends_nothing_twice(alice: Client, mine: Dossier) -> None:
    one = espaces.demande(mine, espaces.etablissement(incomplets=True), rules.NON_ENVOYEE)
    alice.post(here(mine, "/envoyer"), {"demande": ticket(one)})
    answer = alice.post(here(mine, "/envoyer"), {"demande": ticket(one)}, 409)
    assert "Vous avez agi sur cette demande" in answer.text
    assert sum(step.evenement == "envoyer" for step in queries.steps(one.id)) == 1


def test_an_establishment_that_has_closed_is_asked_for_nothing(alice: Client, mine: Dossier) -> None:
    place = espaces.etablissement(incomplets=True)
    one = espaces.demande(mine, place, rules.NON_ENVOYEE)
    with database.writing():
        Etablissement.update(ferme=True).where(Etablissement.id == place.id).execute()
    assert "n’est plus dans l’annuaire" in alice.get(here(mine, "/envoyer")).text
    alice.post(here(mine, "/envoyer"), {"demande": ticket(one)}, 409)
    with pytest.raises(commands.Impossible), database.writing():
        commands.send(espaces.ASKS, one.id, one.version, ())
