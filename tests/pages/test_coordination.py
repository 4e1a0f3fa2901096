"""The space of coordination teams: creating, look-alikes, the médecin traitant, and the transfer in two acts."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from starlette.applications import Starlette

from portal import clock
from portal.avis.models import Avis
from portal.compte.models import Compte
from portal.compte.rules import CHARTE
from portal.db import audit, database
from portal.db.audit import Actor
from portal.dossiers import commands as dossiers
from portal.dossiers import queries as of_dossiers
from portal.dossiers.models import Dossier, Lien
from portal.espaces import queries as espaces_queries
from portal.espaces.coordination import commands, rules
from portal.espaces.models import Structure
from portal.volets import commands as of_volets
from tests.support import espaces, volets
from tests.support.client import Client
from tests.support.people import LEROUX, account

ALICE, BOB = 10100000011, 10100000022
PERSON = {"nom_naissance": "Tournebride", "prenoms": "Odette", "naissance": "05/03/1941", "sexe": "F",
          "ville": "14000 Caen", "telephone": "02 31 11 22 33", "sejour_0": "oui", "information": "oui"}


@pytest.fixture
def clic(opened_app: Starlette, midday: datetime) -> Iterator[Structure]:
    yield espaces.structure("coordination", "CLIC BESSIN", service="CLIC du Bessin")


def made(client: Client, clic: Structure, **changes: str) -> Dossier:
    espaces.member(client, clic).post("/espaces/coordination/creer/grand-age", PERSON | changes)
    found: Dossier = Dossier.select().order_by(Dossier.id.desc()).get()
    return found


def path(dossier: Dossier, page: str = "") -> str:
    return f"/espaces/coordination/dossiers/grand-age/{dossier.numero}{page}"


def physician(rpps: int) -> None:
    """An account that can be found."""
    account(rpps)
    database.connect()
    Compte.update(charte=CHARTE.version).where(Compte.rpps == rpps).execute()


def accepted(client: Client, clic: Structure) -> Dossier:
    """A dossier led by the team, its administrative volet validated, accepted by Dr Alice MARTIN."""
    with database.writing():
        dossier = dossiers.create(Actor(ALICE, "Dr Alice MARTIN", "cps", None, f"8{ALICE}"), "ga", LEROUX)
    full = volets.complete(dossier.numero, "administratif")
    with database.writing():
        of_volets.validate(volets.ALICE_ACTS, volets.seen(dossier.numero), "administratif", full.version)
    espaces.follow(clic, dossier)
    espaces.member(client, clic)
    return of_dossiers.by_id(dossier.id)


def test_a_created_dossier_is_led_by_the_structure_and_seen_by_no_physician(client: Client, clic: Structure) -> None:
    dossier = made(client, clic)
    assert (dossier.referent_kind, dossier.referent_structure) == ("structure", clic.id)
    assert dossier.referent_texte == "CLIC BESSIN — CLIC du Bessin"
    assert not Lien.select().exists()
    assert "TOURNEBRIDE" in client.get("/espaces/coordination").text
    assert audit.timeline(f"ga {dossier.numero}")[-1].name.endswith("CLIC BESSIN — CLIC du Bessin")


@pytest.mark.parametrize(("changes", "said"), [
    ({"nom_naissance": ""}, "nom de naissance"), ({"naissance": "31/02/1941"}, "date"),
    ({"naissance": "01/01/9999"}, ""),
    ({"sejour_0": ""}, "cochez"), ({"information": ""}, "Informez"), ({"ville": "Nulle-Part"}, "commune"),
    ({"telephone": "\u0660\u0662\u0663\u0661"}, "téléphone"), ({"nom_naissance": "A" * 5000}, "")])
def test_what_is_wrong_is_said_kept_and_changes_nothing(
        client: Client, clic: Structure, changes: dict[str, str], said: str) -> None:
    espaces.member(client, clic)
    page = client.post("/espaces/coordination/creer/grand-age", PERSON | changes, 422)
    assert said in page.text
    assert page.soup.select_one("#prenoms")["value"] == "Odette"
    assert not Dossier.select().exists()


def test_a_look_alike_of_one_s_own_asks_first(client: Client, another_client: Client, clic: Structure) -> None:
    first = made(client, clic)
    page = client.post("/espaces/coordination/creer/grand-age", PERSON | {"prenoms": "Odète"}, 422)
    assert f"ga {first.numero}" in page.text
    client.post("/espaces/coordination/creer/grand-age", PERSON | {"confirme": "oui"})
    assert Dossier.select().count() == 2
    # Another team has no look-alike: its question tells nothing of others' patients.
    other = espaces.structure("coordination", "CLIC CAEN")
    espaces.member(another_client, other).post("/espaces/coordination/creer/grand-age", PERSON)
    assert Dossier.select().count() == 3


@pytest.mark.parametrize(("kind", "module", "status"), [
    ("coordination", "grand-age", 200), ("coordination", "sanitaire", 200), ("hospitalier", "sanitaire", 200),
    ("hospitalier", "tnd", 404), ("coordination", "zzz", 404)])
def test_each_kind_of_structure_opens_its_modules(
        client: Client, opened_app: Starlette, kind: str, module: str, status: int) -> None:
    espaces.member(client, espaces.structure(kind, "UN"))
    client.get(f"/espaces/coordination/creer/{module}", status)


@pytest.mark.parametrize("q", ["tourne", "TOURNEBRIDE odette", "caen", "éàç", "%", "'; DROP", "\u202e", "x" * 5000])
def test_the_list_is_searched_by_words(client: Client, clic: Structure, q: str) -> None:
    made(client, clic)
    page = client.http.get("/espaces/coordination", params={"q": q, "onglet": "zzz", "apres": "9" * 30})
    assert page.status_code == 200
    # Words without a letter narrow nothing.
    assert ("TOURNEBRIDE" in page.text) == (q.lower() in ("tourne", "tournebride odette", "caen", "%", "\u202e"))


# --- the médecin traitant

def test_a_physician_is_found_by_name_named_told_and_replaced(client: Client, clic: Structure) -> None:
    dossier = made(client, clic)
    for rpps in (ALICE, BOB):
        physician(rpps)
    page = client.post(path(dossier, "/medecin"), {"nom": "martin", "ville": ""}, 200)
    assert len(page.soup.select("form button")) >= 2
    client.post(path(dossier, "/medecin/choisir"), {"rpps": str(ALICE), "avant": ""})
    assert of_dossiers.physicians(dossier) == {ALICE: "attente"}
    assert [one.destinataire for one in Avis.select().where(Avis.code == "nouveau")] == [f"medecin:{ALICE}"]
    client.post(path(dossier, "/medecin/choisir"), {"rpps": str(BOB), "avant": str(ALICE)})
    assert of_dossiers.physicians(dossier) == {BOB: "attente"}


@pytest.mark.parametrize(("sent", "status"), [
    ({"rpps": "1", "avant": ""}, 404), ({"rpps": "9" * 40, "avant": ""}, 404), ({"rpps": "abc", "avant": ""}, 404),
    ({"rpps": "\u0661\u0660", "avant": ""}, 404), ({"rpps": str(BOB), "avant": str(ALICE)}, 409)])
def test_a_forged_or_late_choice_changes_nothing(
        client: Client, clic: Structure, sent: dict[str, str], status: int) -> None:
    dossier = made(client, clic)
    physician(BOB)
    client.post(path(dossier, "/medecin/choisir"), sent, status)
    assert not of_dossiers.physicians(dossier)


def test_one_letter_is_no_question(client: Client, clic: Structure) -> None:
    dossier = made(client, clic)
    assert "deux lettres" in client.post(path(dossier, "/medecin"), {"nom": "m", "ville": ""}, 422).text


# --- the transfer

@pytest.mark.parametrize(("source", "event", "target"), [
    (rules.SUIVI, "proposer", rules.PROPOSE), (rules.PROPOSE, "annuler", rules.SUIVI),
    (rules.PROPOSE, "prendre", rules.PRIS), (rules.SUIVI, "prendre", None), (rules.SUIVI, "annuler", None),
    (rules.PROPOSE, "proposer", None), (rules.PRIS, "annuler", None), (rules.PRIS, "prendre", None)])
def test_the_transfer_has_these_arrows(source: str, event: str, target: str | None) -> None:
    arrow = rules.transition(source, event)
    assert (arrow.target if arrow else None) == target


@pytest.mark.parametrize(("missing", "said"), [
    ("leads", "conduit"), ("alive", "clos"), ("accepted", "accepter"), ("filled", "volet administratif")])
def test_why_a_transfer_waits(missing: str, said: str) -> None:
    flags = {"accepted": True, "leads": True, "filled": True, "alive": True}
    assert not rules.why_not_offered(**flags)
    assert said in rules.why_not_offered(**flags | {missing: False})


def test_two_acts_then_the_structure_is_out(client: Client, another_client: Client, clic: Structure) -> None:
    dossier = accepted(client, clic)
    another_client.login(ALICE)
    taking = f"/dossiers/grand-age/{dossier.numero}/prise-en-charge"
    another_client.get(taking, 409)
    assert "Dès qu’il l’a prise" in client.get(path(dossier, "/transfert")).text
    client.post(path(dossier, "/transfert"))
    assert "Transfert proposé le" in client.get(path(dossier)).text
    assert "CLIC BESSIN" in another_client.get(taking).text
    another_client.post(taking)
    now = of_dossiers.by_id(dossier.id)
    assert (now.referent_kind, now.referent_rpps, now.referent_structure) == ("medecin", ALICE, None)
    assert Lien.get(Lien.rpps == ALICE).referent == "Vous"
    assert espaces_queries.link(clic.id, dossier.id) == "transfere"
    for gone in ("", "/transfert", "/medecin"):
        client.get(path(dossier, gone), 404)
    client.get(f"/dossiers/grand-age/{dossier.numero}/volets/administratif", 404)
    assert f"ga {dossier.numero}" not in client.get("/espaces/coordination").text
    events = [row.event for row in audit.timeline(f"ga {dossier.numero}")]
    assert {"dossier.transfert_propose", "dossier.responsabilite"} <= set(events)
    assert Avis.select().where(Avis.code == "transfere", Avis.destinataire == f"structure:{clic.id}").exists()


def test_taken_back_it_can_t_be_taken_over(client: Client, another_client: Client, clic: Structure) -> None:
    dossier = accepted(client, clic)
    client.post(path(dossier, "/transfert"))
    client.post(path(dossier, "/transfert"), {"retour": "oui"})
    another_client.login(ALICE)
    taking = f"/dossiers/grand-age/{dossier.numero}/prise-en-charge"
    assert "repris avant vous" in another_client.post(taking, status=409).text
    client.post(path(dossier, "/transfert"), {"retour": "oui"}, 409)
    assert of_dossiers.by_id(dossier.id).referent_structure == clic.id


def test_a_transfer_is_offered_once_and_holds_the_physician(client: Client, clic: Structure) -> None:
    dossier = accepted(client, clic)
    physician(BOB)
    client.post(path(dossier, "/transfert"))
    assert "déjà proposé" in client.post(path(dossier, "/transfert"), status=409).text
    client.post(path(dossier, "/medecin/choisir"), {"rpps": str(BOB), "avant": str(ALICE)}, 409)


def test_an_undo_and_a_take_over_at_once_are_one_of_the_two(client: Client, clic: Structure) -> None:
    dossier = accepted(client, clic)
    client.post(path(dossier, "/transfert"))
    alice = Actor(ALICE, "Dr Alice MARTIN", "cps", None, f"8{ALICE}")
    outcomes: list[str] = []
    gate = threading.Barrier(2)

    def run(kind: str) -> None:
        gate.wait()
        try:
            with database.writing():
                found = of_dossiers.by_id(dossier.id)
                if kind == "undo":
                    commands.take_back(espaces.ANSWERS, found)
                else:
                    commands.take_over(alice, found, "Dr Alice MARTIN")
        except commands.Meanwhile:
            outcomes.append("late")
        else:
            outcomes.append("done")
        finally:
            database.close()

    threads = [threading.Thread(target=run, args=(kind,)) for kind in ("undo", "take")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "late"]
    now = of_dossiers.by_id(dossier.id)
    lost = espaces_queries.link(clic.id, dossier.id) == "transfere"
    assert lost == (now.referent_kind == "medecin")


def test_an_offer_is_void_once_the_physician_has_left_and_again_when_he_is_back(
        client: Client, another_client: Client, clic: Structure) -> None:
    dossier = accepted(client, clic)
    client.post(path(dossier, "/transfert"))
    alice = Actor(ALICE, "Dr Alice MARTIN", "cps", None, f"8{ALICE}")
    with clock.shift(timedelta(minutes=10)):
        with database.writing():
            dossiers.decide(alice, "ga", dossier.numero, "retirer", 1)
        assert "Transfert proposé le" not in client.get(path(dossier)).text
        with database.writing():
            dossiers.decide(alice, "ga", dossier.numero, "accepter", 2)
        another_client.login(ALICE).post(f"/dossiers/grand-age/{dossier.numero}/prise-en-charge", status=409)
        client.post(path(dossier, "/transfert"))
        another_client.post(f"/dossiers/grand-age/{dossier.numero}/prise-en-charge")


def test_a_closed_dossier_is_taken_over_by_nobody(client: Client, another_client: Client, clic: Structure) -> None:
    dossier = accepted(client, clic)
    client.post(path(dossier, "/transfert"))
    with database.writing():
        dossiers.set_status(espaces.ASKS, of_dossiers.by_id(dossier.id), "historise")
    taking = f"/dossiers/grand-age/{dossier.numero}/prise-en-charge"
    another_client.login(ALICE).get(taking, 409)
    another_client.post(taking, status=409)
    assert "prise-en-charge" not in another_client.get(taking.removesuffix("/prise-en-charge")).html
    assert of_dossiers.by_id(dossier.id).referent_structure == clic.id
