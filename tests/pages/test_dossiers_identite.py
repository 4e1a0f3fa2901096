"""« Identité » of a dossier: the referent corrects it, others read why they may not, and nobody's words are lost."""

from __future__ import annotations

from datetime import datetime

import pytest

from portal.db import audit, database
from portal.db.audit import Actor
from portal.dossiers import commands, queries
from portal.dossiers.models import Dossier, Lien
from tests.support.client import Client
from tests.support.people import LEROUX

ALICE, BOB = 10100000011, 10100000022
OWN = Actor(ALICE, "Dr Alice MARTIN", "cps")


@pytest.fixture
def alice(client: Client, midday: datetime) -> Client:
    return client.login(ALICE)


@pytest.fixture
def dossier(alice: Client) -> Dossier:
    """Mme LEROUX's dossier, that Dr Alice MARTIN leads."""
    database.connect()
    with database.writing():
        made = commands.create(OWN, "ga", LEROUX)
        commands.designate(Actor(None, "CLIC du Bessin", "interne"), made, BOB)
        commands.decide(Actor(BOB, "Dr Bob DURAND", "cps"), "ga", made.numero, "accepter", 1)
    return made


def page_of(dossier: Dossier) -> str:
    return f"/dossiers/grand-age/{dossier.numero}/identite"


def typed(client: Client, dossier: Dossier) -> dict[str, str]:
    """What the page's form holds, as a browser would send it back."""
    form = client.get(page_of(dossier)).soup.select_one("main form")
    assert form is not None
    fields = {}
    for field in form.select("input[name], select[name]"):
        if field.get("type") in ("radio", "checkbox") and not field.has_attr("checked"):
            continue
        chosen = field.select_one("option[selected]") if field.name == "select" else field
        fields[str(field["name"])] = str(chosen["value"]) if chosen else ""
    return fields


def test_the_referent_corrects_and_every_table_follows(alice: Client, dossier: Dossier) -> None:
    data = typed(alice, dossier) | {
        "civilite": "Mme", "nom_naissance": "LEROUY", "prenoms": "Josette, Marie", "naissance": "18/04/1931",
        "naissance_lieu": "Algérie", "telephone2": "0612345678", "courriel": "josette@exemple.fr"}
    answer = alice.follow(alice.post(page_of(dossier), data))
    assert "L’identité est enregistrée." in answer.text and "LEROUY JOSETTE" in answer.text
    now = Dossier.get()
    assert (now.naissance_insee, now.naissance_lieu, now.prenoms) == ("99352", "Algérie", "Josette, Marie")
    assert queries.sealed(now, "courriel") == "josette@exemple.fr" and b"exemple" not in bytes(now.courriel)
    assert {lien.patient for lien in Lien.select()} == {"LEROUY JOSETTE"}
    assert {lien.naissance for lien in Lien.select()} == {"1931-04-18"}


def test_the_audit_says_which_fields_and_never_what_they_hold(alice: Client, dossier: Dossier) -> None:
    alice.post(page_of(dossier), typed(alice, dossier) | {"nom_naissance": "LEROUY", "nir": "2 31 04 99 352 001 11"},
               422)
    alice.post(page_of(dossier), typed(alice, dossier) | {"civilite": "Mme", "nom_naissance": "LEROUY"})
    trace = audit.timeline(f"ga {dossier.numero}")[0]
    assert (trace.event, trace.detail) == ("dossier.identite", "civilite, nom_naissance, prenoms")


def test_nothing_changed_is_nothing_written(alice: Client, dossier: Dossier) -> None:
    data = typed(alice, dossier) | {"civilite": "Mme"}
    alice.post(page_of(dossier), data)
    assert "Rien n’a changé" in alice.follow(alice.post(page_of(dossier), typed(alice, dossier))).text
    assert [trace.event for trace in audit.timeline(f"ga {dossier.numero}")].count("dossier.identite") == 1


def test_two_who_correct_different_fields_both_succeed(alice: Client, dossier: Dossier) -> None:
    mine = typed(alice, dossier) | {"civilite": "Mme", "adresse": "3 rue Basse"}
    alice.post(page_of(dossier), typed(alice, dossier) | {"civilite": "Mme", "telephone": "0231000099"})
    alice.post(page_of(dossier), mine)
    now = Dossier.get()
    assert now.adresse == "3 rue Basse" and queries.telephone(now) == "02 31 00 00 99"


def test_two_who_correct_the_same_field_see_both_and_lose_neither(alice: Client, dossier: Dossier) -> None:
    mine = typed(alice, dossier) | {"civilite": "Mme", "nom_naissance": "LEROI"}
    alice.post(page_of(dossier), typed(alice, dossier) | {"civilite": "Mme", "nom_naissance": "LEROY"})
    answer = alice.post(page_of(dossier), mine, 409)
    assert "Enregistré : LEROY" in answer.text and "Votre saisie : LEROI" in answer.text
    assert Dossier.get().nom_naissance == "LEROY"
    again = {str(field["name"]): str(field.get("value", "")) for field in answer.soup.select("main form input[name]")
             if field.get("type") not in ("radio", "checkbox") or field.has_attr("checked")} | {"civilite": "Mme"}
    assert again["nom_naissance"] == "LEROI"
    alice.post(page_of(dossier), again)
    assert Dossier.get().nom_naissance == "LEROI"


@pytest.mark.parametrize(("field", "value", "message"), [
    ("naissance", "31/02/1931", "Cette date n’existe pas"), ("naissance", "01/01/9999", "dans le futur"),
    ("nir", "2310435291111", "Ajoutez la clé"), ("ins_statut", "QUAL", "Ce statut ne se choisit pas"),
    ("ins_statut", "VALI", "J’ai contrôlé une pièce"), ("naissance_lieu", "99999", "code de pays"),
    ("courriel", "josette", "adresse électronique"), ("telephone2", "x", "numéro de téléphone"),
])
def test_what_is_wrong_changes_nothing_and_stays(
        alice: Client, dossier: Dossier, field: str, value: str, message: str) -> None:
    answer = alice.post(page_of(dossier), typed(alice, dossier) | {"civilite": "Mme", field: value}, 422)
    assert len(answer.errors) == 1 and message in answer.errors[0]
    before = {name: getattr(dossier, name) for name in commands.IDENTITY if name not in commands.SEALED}
    now = Dossier.get()
    assert {name: getattr(now, name) for name in before} == before


def test_an_identity_once_checked_is_checked_again_when_a_strict_trait_changes(
        alice: Client, dossier: Dossier) -> None:
    alice.post(page_of(dossier), typed(alice, dossier) | {"civilite": "Mme", "ins_statut": "VALI", "controle": "oui"})
    assert Dossier.get().ins_statut == "VALI"
    alice.post(page_of(dossier), typed(alice, dossier) | {"telephone": "0231000098"})
    answer = alice.post(page_of(dossier), typed(alice, dossier) | {"nom_naissance": "LEROI"}, 422)
    assert "J’ai contrôlé une pièce" in answer.errors[0]
    alice.post(page_of(dossier), typed(alice, dossier) | {"nom_naissance": "LEROI", "controle": "oui"})
    assert Dossier.get().nom_naissance == "LEROI"


def test_a_number_that_disagrees_is_kept_and_told(alice: Client, dossier: Dossier) -> None:
    data = typed(alice, dossier) | {"civilite": "Mme", "nir": "1 79 03 51 215 189 43"}
    refused = alice.post(page_of(dossier), data, 422)
    assert "La clé ne correspond pas" in refused.errors[0]
    data["nir"] = "2 79 03 51 215 189 89"
    told = alice.follow(alice.post(page_of(dossier), data)).text
    assert "ne concorde pas avec l’année de naissance et le mois de naissance" in told
    assert queries.sealed(Dossier.get(), "nir") == "279035121518989"
    assert "ne concorde pas" in alice.get(page_of(dossier)).text


def test_a_physician_who_is_not_the_referent_reads_why(
        alice: Client, dossier: Dossier, another_client: Client) -> None:
    bob = another_client.login(BOB, "Dr Bob DURAND")
    page = bob.get(page_of(dossier))
    assert "tenue par le référent du dossier" in page.text and "Alice MARTIN" in page.text
    assert not page.soup.select("main form")
    refused = bob.post(page_of(dossier), {"nom_naissance": "X"}, 403)
    assert "tenue par le référent" in refused.text and Dossier.get().nom_naissance == "LEROUX"


@pytest.mark.parametrize(("status", "word"), [("annule", "annulé"), ("historise", "historisé")])
def test_a_dossier_that_has_ended_is_read_only(alice: Client, dossier: Dossier, status: str, word: str) -> None:
    data = typed(alice, dossier) | {"nom_naissance": "LEROI"}
    with database.writing():
        commands.set_status(OWN, Dossier.get(), status)
    page = alice.get(page_of(dossier))
    assert f"Ce dossier est {word} : son identité se lit" in page.text and not page.soup.select("main form")
    alice.post(page_of(dossier), data, 403)
    assert Dossier.get().nom_naissance == "LEROUX"


def test_a_child_who_has_grown_may_still_be_corrected(alice: Client, dossier: Dossier) -> None:
    Dossier.update(module="tnd", numero=100001).execute()
    Lien.update(module="tnd", numero=100001).execute()
    place = "/dossiers/tnd/100001/identite"
    form = {"civilite": "Mme", "nom_naissance": "LEROUX", "prenoms": "Josette", "naissance": "17/04/1931", "sexe": "F",
            "ville": "14000 Caen", "ins_statut": "PROV", "adresse": "4 rue Basse"}
    alice.post(place, form)
    alice.post(place, form | {"naissance": "18/04/1931"}, 422)
