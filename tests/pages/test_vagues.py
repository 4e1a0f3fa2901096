"""A search in waves on its page: the plan, where it stands, what is refused, and who may."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from starlette.applications import Starlette

from portal import clock
from portal.annuaire.models import Etablissement, Reponse, Unite
from portal.db import audit, database
from portal.demandes import commands as demandes
from portal.demandes import rules as of_demandes
from portal.demandes.models import Demande
from portal.dossiers.models import Dossier
from portal.settings import Settings
from portal.vagues import echeances, queries, rules
from portal.vagues.models import Plan
from portal.volets.models import Volet
from portal.web.session import Access
from tests.support import annuaire, espaces, vagues
from tests.support.client import Answer, Client
from tests.support.delegues import ALICE, BOB, CHLOE, EVERYTHING, lent, physician, secretary
from tests.support.volets import dossier as grand_age

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


@pytest.fixture
def mine(opened_app: Starlette) -> Iterator[Dossier]:
    """A dossier that lacks nothing, and fourteen units from 4 to 56 km; Monday noon."""
    with clock.freeze(NOON):
        physician(ALICE)
        vagues.units(14)
        yield vagues.dossier()


@pytest.fixture
def alice(opened_app: Starlette, mine: Dossier) -> Iterator[Client]:
    with Client(opened_app) as client:
        client.login(ALICE)
        yield client


def here(one: Dossier, more: str = "") -> str:
    return f"/dossiers/sanitaire/{one.numero}/vagues{more}"


def ticked(page: Answer) -> list[str]:
    return [str(box["value"]) for box in page.soup.select("input[name=unite][checked]")]


def names(page: Answer) -> list[list[str]]:
    """The establishments of each wave."""
    return [[one.get_text() for one in part.select("label strong, li p:first-child > [data-brut]")]
            for part in page.soup.select("section[aria-labelledby^=vague-]")]


def sent(page: Answer, **changes: object) -> dict[str, object]:
    return {"genre": "smr", "rayon": "30", "unite": ticked(page)} | changes


def begun(client: Client, one: Dossier) -> Answer:
    """The search has begun as it was planned."""
    page = client.get(here(one))
    return client.follow(client.post(here(one), sent(page)))


def plan_of(one: Dossier) -> Plan:
    found = queries.latest(one.id)
    assert found is not None
    return found


def asked() -> list[str]:
    found = Demande.select(Etablissement.nom).join(
        Etablissement, on=Demande.etablissement_id == Etablissement.id).where(
        Demande.etat != of_demandes.NON_ENVOYEE).order_by(Demande.id)
    return [row[0] for row in found.tuples()]


# --- the plan

def test_the_plan_asks_the_nearest_first_and_the_last_wave_farther(alice: Client, mine: Dossier) -> None:
    for page in ("", "/demandes"):
        assert alice.get(f"/dossiers/sanitaire/{mine.numero}{page}").soup.find("a", href=here(mine))
    page = alice.get(here(mine))
    # 4 to 28 km within the radius of 30, the others up to 60.
    assert names(page) == [[f"SMR {rank}" for rank in part] for part in (
        range(1, 4), range(4, 8), range(8, 15))]
    assert "Tout de suite" in page.text
    assert "Après 8 heures ouvrées sans accord" in page.text
    assert "jusqu’à 60 km" in page.text
    assert len(ticked(page)) == 14
    assert asked() == []


def test_those_asked_already_are_not_in_the_plan(alice: Client, mine: Dossier) -> None:
    espaces.demande(mine, Etablissement.get(Etablissement.nom == "SMR 2"), of_demandes.REFUS)
    assert names(alice.get(here(mine)))[0] == ["SMR 1", "SMR 3", "SMR 4"]


def test_the_plan_says_why_each_unit_has_its_rank(alice: Client, mine: Dossier) -> None:
    for name, places in (("SMR 1", 0), ("SMR 2", 3)):
        place = Etablissement.get(Etablissement.nom == name)
        with database.writing():
            Unite.update(places=places).where(Unite.etablissement == place.id).execute()
            Reponse.create(etablissement_id=place.id, n=12, mediane=30, maj=clock.now())
    page = alice.get(here(mine))
    assert names(page)[0][0] == "SMR 2"
    said = page.soup.select_one("section[aria-labelledby=vague-1] label").get_text()
    assert "3 places libres" in said and "Répond en 30\u00a0h" in said
    assert "aucune place libre déclarée" in page.text and "À vérifier – places libres" in page.text


def test_another_radius_and_another_kind_make_another_plan(alice: Client, mine: Dossier) -> None:
    vagues.units(1, genre="had", sejours="domicile")
    assert [len(part) for part in names(alice.get(here(mine, "?rayon=10")))] == [2, 3]
    page = alice.get(here(mine, "?genre=had"))
    assert names(page) == [["HAD 1"]]
    assert "à domicile" in page.text
    # Nothing of that kind: said, with ways out.
    assert "Aucune unité à solliciter" in alice.get(here(mine, "?genre=usp")).text


def test_the_volet_orientation_says_what_to_look_for(alice: Client, mine: Dossier) -> None:
    annuaire.place("SMR de jour", 2, near=annuaire.BAYEUX, units=({"genre": "smr", "sejours": "complet jour"},))
    vagues.say(mine, prise_en_charge="smr", hospitalisation="jour", lieu_recherche="14400 BAYEUX", rayon="12")
    page = alice.get(here(mine))
    # Around Bayeux, day stays alone; the units of Caen, 26 km away, take none.
    assert "Autour de 14400 BAYEUX" in page.text
    assert names(page) == [["SMR de jour"]]
    assert page.soup.select_one("#rayon option[selected]")["value"] == "20"
    alice.post(here(mine), sent(page, rayon="20"))
    assert Demande.get().sejour == "jour"


@pytest.mark.parametrize("query", ["genre=ehpad", "rayon=31", "rayon=-1", f"rayon={'9' * 40}",
                                   "rayon=%D9%A3%D9%A0", "genre=🙂", f"genre={'x' * 3000}"])
def test_a_search_that_cannot_be_made_is_refused_in_words(alice: Client, mine: Dossier, query: str) -> None:
    page = alice.get(here(mine, f"?{query}"), status=422)
    assert "dans la liste" in page.soup.select_one(".resume-erreurs").get_text()


def test_an_incomplete_dossier_reads_what_it_lacks_and_cannot_begin(alice: Client, mine: Dossier) -> None:
    page = alice.get(here(mine))
    with database.writing():
        Dossier.update(sejours="").where(Dossier.id == mine.id).execute()
    again = alice.get(here(mine))
    assert "Ce qui manque au dossier" in again.text
    assert not again.soup.find("button", string=lambda text: text and "Commencer" in text)
    assert "n’est pas complet" in alice.post(here(mine), sent(page), status=409).text
    assert asked() == []


# --- beginning

def test_beginning_sends_the_first_wave_and_shows_where_it_stands(alice: Client, mine: Dossier) -> None:
    page = begun(alice, mine)
    assert asked() == ["SMR 1", "SMR 2", "SMR 3"]
    assert "Recherche en cours" in page.text
    assert "Prochaine vague : le 24/11/2026 à 12 h 00, sans accord d’ici là" in page.text
    assert [part.get_text(strip=True) for part in page.soup.select("section[aria-labelledby^=vague-] > .discret")] == [
        "Partie", "Le 24/11/2026 à 12\u00a0h\u00a000, sans accord d’ici là",
        "8\u00a0heures ouvrées après la précédente, sans accord"]
    assert {trace.event for trace in audit.timeline(f"s {mine.numero}", limit=30)} >= {
        "vagues.commencer", "vagues.partir", "demande.envoyer"}


def test_those_that_are_not_ticked_are_left_aside(alice: Client, mine: Dossier) -> None:
    chosen = ticked(alice.get(here(mine)))
    alice.post(here(mine), {"genre": "smr", "rayon": "30", "unite": [chosen[1], *chosen[4:6]]})
    assert asked() == ["SMR 2"]
    with clock.shift(timedelta(hours=24)):
        echeances.leave(alice.app.state.settings)
    assert asked() == ["SMR 2", "SMR 5", "SMR 6"]


@pytest.mark.parametrize("forged", ["", "0.0.complet", "1.1.domicile", "9" * 60, "1", "١.1.complet", "🙂", "x\x00"])
def test_a_unit_that_is_not_in_the_plan_is_refused(alice: Client, mine: Dossier, forged: str) -> None:
    page = alice.get(here(mine))
    refused = alice.post(here(mine), sent(page, unite=[*ticked(page), forged]), status=409)
    assert "a changé" in refused.text
    assert asked() == []


def test_a_unit_that_closes_meanwhile_changes_the_plan(alice: Client, mine: Dossier) -> None:
    page = alice.get(here(mine))
    with database.writing():
        Etablissement.update(ferme=True).where(Etablissement.nom == "SMR 2").execute()
    assert "a changé" in alice.post(here(mine), sent(page), status=409).text
    assert asked() == []


def test_nothing_ticked_and_wrong_fields_change_nothing(alice: Client, mine: Dossier) -> None:
    page = alice.get(here(mine))
    assert "Cochez au moins" in alice.post(here(mine), sent(page, unite=[]), status=422).text
    assert "dans la liste" in alice.post(here(mine), sent(page, rayon="12"), status=422).text
    assert asked() == []


def test_beginning_twice_keeps_the_first(alice: Client, mine: Dossier) -> None:
    page = alice.get(here(mine))
    alice.post(here(mine), sent(page))
    alice.post(here(mine), sent(page), status=409)
    assert (Plan.select().count(), len(asked())) == (1, 3)


# --- conducting it

def press(client: Client, one: Dossier, act: str, status: int = 303, version: object = None) -> Answer:
    return client.post(here(one, f"/{act}"), {"version": str(plan_of(one).version if version is None else version)},
                       status=status)


def buttons(page: Answer) -> list[str]:
    forms = page.soup.select("section[aria-labelledby=titre-etat] form")
    return [str(form["action"]).rpartition("/")[2] for form in forms]


def test_it_is_hurried_paused_resumed_and_stopped(alice: Client, mine: Dossier) -> None:
    assert buttons(begun(alice, mine)) == ["poursuivre", "suspendre", "arreter"]
    alice.follow(press(alice, mine, "poursuivre"))
    assert len(asked()) == 7
    page = alice.follow(press(alice, mine, "suspendre"))
    assert "Recherche suspendue" in page.text and buttons(page) == ["poursuivre", "reprendre", "arreter"]
    assert buttons(alice.follow(press(alice, mine, "reprendre"))) == ["poursuivre", "suspendre", "arreter"]
    page = alice.follow(press(alice, mine, "arreter"))
    assert "Recherche arrêtée" in page.text and buttons(page) == []
    # Another one may be prepared, without those that were asked.
    assert names(alice.get(here(mine, "?nouvelle=1")))[-1][-1] == "SMR 14"
    assert len(asked()) == 7


@pytest.mark.parametrize("act", ["poursuivre", "suspendre", "arreter"])
@pytest.mark.parametrize("version", ["", "0", "-1", "9" * 40, "٢", "1.0", "🙂"])
def test_an_act_on_what_has_moved_is_refused(alice: Client, mine: Dossier, act: str, version: str) -> None:
    begun(alice, mine)
    before = plan_of(mine).version
    page = press(alice, mine, act, status=409, version=version)
    assert "a avancé depuis" in page.text
    assert plan_of(mine).version == before


def test_an_act_that_its_state_does_not_know_is_refused(alice: Client, mine: Dossier) -> None:
    begun(alice, mine)
    assert "cela ne peut pas être fait" in press(alice, mine, "reprendre", status=409).text
    press(alice, mine, "arreter")
    for act in ("poursuivre", "suspendre", "arreter", "reprendre"):
        press(alice, mine, act, status=409)
    alice.post(here(mine, "/inconnu"), {"version": "1"}, status=404)


def test_an_accord_is_shown_and_holds_the_search(alice: Client, mine: Dossier) -> None:
    begun(alice, mine)
    first = Demande.select().order_by(Demande.id).first()
    with database.writing():
        one = demandes.read(espaces.ANSWERS, first.id)
        demandes.propose(espaces.ANSWERS, one.id, one.version, espaces.TOMORROW)
    page = alice.get(here(mine))
    assert "Un accord est arrivé" in page.text and "Répondez à cet accord" in page.text
    assert "poursuivre" not in buttons(page) and "Prochaine vague" not in page.text
    assert "a donné son accord" in press(alice, mine, "poursuivre", status=409).text


def test_a_volet_reopened_suspends_it_and_the_page_says_why(alice: Client, mine: Dossier) -> None:
    begun(alice, mine)
    with database.writing():
        Volet.update(etat="rouvert").execute()
        Dossier.update(sejours="").where(Dossier.id == mine.id).execute()
    with clock.shift(timedelta(hours=24)):
        echeances.leave(alice.app.state.settings)
    assert plan_of(mine).etat == rules.PAUSE
    assert "n’est plus validé" in alice.get(here(mine)).text
    notices = alice.get("/avis")
    assert "est suspendue" in notices.text
    # The notice leads to the search.
    form = notices.soup.find("form", action=lambda text: text and text.startswith("/avis/"))
    assert alice.post(str(form["action"])).location == here(mine)


def test_an_orientation_signed_again_is_said_on_the_page(alice: Client, mine: Dossier) -> None:
    assert "validé de nouveau" not in begun(alice, mine).text
    with clock.shift(timedelta(hours=1)):
        vagues.whole(mine)
    assert "validé de nouveau" in alice.get(here(mine)).text


# --- who may

def test_another_module_has_no_search(alice: Client, mine: Dossier) -> None:
    other = grand_age()
    alice.get(f"/dossiers/grand-age/{other.numero}/vagues", status=404)


def test_a_colleague_needs_the_right_to_send(alice: Client, mine: Dossier, settings: Settings) -> None:
    begun(alice, mine)
    loan = lent(settings, replace(EVERYTHING, rights=("lire",)))
    with Client(alice.app) as chloe:
        chloe.login(CHLOE, "Dr Chloé PETIT", physician(CHLOE).id, delegation_id=loan.id)
        page = chloe.get(here(mine))
        assert "le droit d’envoyer" in page.text and buttons(page) == []
        press(chloe, mine, "arreter", status=403)
    assert plan_of(mine).etat == rules.EN_COURS


def test_the_secretary_sees_where_it_stands_and_no_more(alice: Client, mine: Dossier, settings: Settings) -> None:
    sophie, loan = secretary(settings)
    with Client(alice.app) as client:
        client.enter(Access.SECRETARIAT, None, sophie.name, sophie.id, level="otp", subject=sophie.subject,
                     delegation_id=loan.id)
        client.get(here(mine), status=403)
        begun(alice, mine)
        assert buttons(client.get(here(mine))) == []
        press(client, mine, "poursuivre", status=403)


def test_strangers_and_establishments_find_nothing(alice: Client, mine: Dossier) -> None:
    begun(alice, mine)
    physician(BOB)
    first = Demande.select().order_by(Demande.id).first()
    with database.writing():
        demandes.read(espaces.ANSWERS, first.id)
    with Client(alice.app) as bob, Client(alice.app) as there:
        bob.login(BOB, "Dr Bob DURAND")
        espaces.member(there, espaces.structure(etablissement_id=first.etablissement_id))
        for client in (bob, there):
            client.get(here(mine), status=404)
            press(client, mine, "arreter", status=404)


def test_the_team_that_leads_the_request_conducts_it(alice: Client, mine: Dossier) -> None:
    team = espaces.structure("hospitalier", "CHU de Caen")
    espaces.follow(team, mine)
    with Client(alice.app) as client:
        espaces.member(client, team)
        begun(client, mine)
    assert len(asked()) == 3
