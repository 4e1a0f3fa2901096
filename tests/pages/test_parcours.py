"""The path of a child: the platform found, the path opened and followed, synthesis, renewal, what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from starlette.applications import Starlette

from portal import clock
from portal.annuaire import territoires
from portal.annuaire.models import Etablissement
from portal.db import database
from portal.demandes import queries as demandes
from portal.demandes import rules as of_demandes
from portal.demandes.models import Demande
from portal.dossiers import commands as dossiers
from portal.dossiers.models import Dossier
from portal.espaces.models import Structure
from portal.parcours import queries, rules
from tests.support import espaces
from tests.support.client import Answer, Client
from tests.support.delegues import ALICE, physician
from tests.support.people import LEROUX
from tests.support.volets import ALICE_ACTS

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
POINTS = {f"point-{code}": "oui" for code in rules.CONFORMITE}
ADDED = {"nom": "Inès BRUN", "mode": "psychomot_bilan", "bilan_le": "01/12/2026"}
SYNTHESIS = "Bilan en faveur d’un trouble du langage."


def platform(nom: str = "PCO de la Baie", departements: str = "14", avant: int = 7) -> Etablissement:
    """A platform that declared its territory."""
    made = espaces.etablissement(nom, genre="pco")
    unit = territoires.unit(made.id)
    assert unit is not None
    if departements:
        with database.writing():
            territoires.declare(espaces.ANSWERS, unit, 0, departements=departements, communes="", age_min=0,
                                avant=avant)
    return made


@pytest.fixture
def child(opened_app: Starlette) -> Iterator[Dossier]:
    """A child of two, of Caen, whose dossier Dr Alice MARTIN leads."""
    with clock.freeze(NOON):
        physician(ALICE)
        with database.writing():
            made = dossiers.create(ALICE_ACTS, "tnd", replace(
                LEROUX, nom_naissance="MERCIER", prenom="LÉO", naissance=date(2024, 9, 1), nom_usage="", civilite="",
                sejours=("Psychomotricité",)))
        yield made


@pytest.fixture
def alice(opened_app: Starlette, child: Dossier) -> Iterator[Client]:
    with Client(opened_app) as client:
        client.login(ALICE)
        yield client


@pytest.fixture
def pco(opened_app: Starlette, child: Dossier) -> Iterator[Client]:
    """The browser of a member of the platform with every role; ``PCO de la Baie``."""
    there = platform()
    with Client(opened_app) as client:
        yield espaces.member(client, espaces.structure(nom=there.nom, etablissement_id=there.id))


def there() -> Etablissement:
    found: Etablissement = Etablissement.get(Etablissement.nom == "PCO de la Baie")
    return found


def asked(child: Dossier) -> Demande:
    """The platform has opened the request."""
    return espaces.demande(child, there(), of_demandes.LUE)


def now(one: Demande) -> Demande:
    return demandes.one(one.id)


def here(one: Demande, more: str = "") -> str:
    return f"/espaces/etablissement/parcours/{one.id}{more}"


def act(client: Client, one: Demande, code: str, status: int = 303, **typed: str) -> Answer:
    return client.post(here(one, f"/{code}"), {"version": now(one).version, **typed}, status)


def opened(client: Client, child: Dossier) -> Demande:
    """The path is open, one professional takes part, the bilans have begun."""
    one = asked(child)
    act(client, one, "valider", debut="23/11/2026", **POINTS)
    client.post(here(one, "/professionnel"), ADDED, 303)
    act(client, one, "commencer")
    return one


# --- the platform of a child

def test_the_platform_of_the_territory_is_chosen_and_nothing_leaves(alice: Client, child: Dossier) -> None:
    made = platform()
    page = alice.get(f"/dossiers/tnd/{child.numero}/plateforme")
    assert "PCO de la Baie" in page.text and "Sa plateforme" in page.text
    sent = alice.post(f"/dossiers/tnd/{child.numero}/plateforme", {"etablissement": made.id}, 303)
    assert sent.location == f"/dossiers/tnd/{child.numero}/demandes/envoyer"
    assert demandes.states(child.id) == [of_demandes.NON_ENVOYEE]


def test_two_platforms_give_a_choice(alice: Client, child: Dossier) -> None:
    platform()
    platform("PCO du Bocage", "14 61")
    page = alice.get(f"/dossiers/tnd/{child.numero}/plateforme")
    assert "2 plateformes couvrent ce territoire" in page.text
    assert len(page.soup.select("form button:-soup-contains('Choisir cette plateforme')")) == 2


@pytest.mark.parametrize(("departements", "avant", "why"), [
    ("61", 7, "Elle ne couvre pas la commune de l’enfant."),
    ("14", 2, "Elle suit les enfants jusqu’à la veille des 2 ans."),
    ("61", 2, "Elle ne couvre pas la commune de l’enfant et elle suit les enfants jusqu’à la veille des 2 ans."),
    ("", 7, "Elle n’a pas déclaré son territoire."),
])
def test_no_platform_says_what_to_do_and_offers_a_neighbour_with_the_reason(
        alice: Client, child: Dossier, departements: str, avant: int, why: str) -> None:
    made = platform(departements=departements, avant=avant)
    page = alice.get(f"/dossiers/tnd/{child.numero}/plateforme")
    assert "Aucune plateforme ne couvre ce territoire" in page.text and "02 50 53 70 01" in page.text
    assert why in page.text
    alice.post(f"/dossiers/tnd/{child.numero}/plateforme", {"etablissement": made.id}, 303)
    assert demandes.states(child.id) == [of_demandes.NON_ENVOYEE]


@pytest.mark.parametrize("wanted", ["", "0", "999999", "9" * 400, "٤", "1 OR 1=1"])
def test_an_unknown_platform_is_refused(alice: Client, child: Dossier, wanted: str) -> None:
    alice.post(f"/dossiers/tnd/{child.numero}/plateforme", {"etablissement": wanted}, 422)
    assert demandes.states(child.id) == []


def test_one_platform_at_a_time(alice: Client, child: Dossier) -> None:
    platform()
    other = platform("PCO du Bocage")
    asked(child)
    page = alice.post(f"/dossiers/tnd/{child.numero}/plateforme", {"etablissement": other.id}, 409)
    assert "Une plateforme suit déjà ce dossier" in page.text


# --- the path

@pytest.mark.proves("V2.3.1")
def test_a_path_is_opened_when_every_point_is_checked(pco: Client, child: Dossier) -> None:
    one = asked(child)
    missing = dict(list(POINTS.items())[1:])
    page = act(pco, one, "valider", 422, debut="23/11/2026", **missing)
    assert "Vérifiez ce point" in page.text and queries.of_demande(one.id) is None
    act(pco, one, "valider", debut="23/11/2026", **POINTS)
    path = queries.of_demande(one.id)
    assert path is not None and (path.debut, path.fin) == (date(2026, 11, 23), date(2027, 11, 22))
    assert now(one).etat == of_demandes.PARCOURS


@pytest.mark.parametrize("day", ["", "31/02/2026", "01/01/9999", "01/01/1900", "٢٣/١١/٢٠٢٦", "demain", "9" * 500])
def test_a_path_begins_on_a_day_near_by(pco: Client, child: Dossier, day: str) -> None:
    one = asked(child)
    page = act(pco, one, "valider", 422, debut=day, **POINTS)
    assert page.soup.select_one("#debut-erreur") is not None and now(one).etat == of_demandes.LUE


def test_bilans_begin_with_a_professional(pco: Client, child: Dossier) -> None:
    one = asked(child)
    act(pco, one, "valider", debut="23/11/2026", **POINTS)
    assert "ajoutez-en un" in act(pco, one, "commencer", 409).text
    pco.post(here(one, "/professionnel"), ADDED, 303)
    act(pco, one, "commencer")
    page = pco.get(here(one))
    assert "Inès BRUN" in page.text and "forfait de 140" in page.text and "Prévu le 01/12/2026" in page.text
    path = queries.of_demande(one.id)
    assert path is not None
    sealed = queries.professionals(path)[0].row.nom
    assert sealed is not None and b"BRUN" not in bytes(sealed)


@pytest.mark.parametrize(("name", "value"), [
    ("nom", ""), ("nom", "x" * 81), ("mode", ""), ("mode", "gratuit"), ("bilan_le", "31/02/2026"),
    ("bilan_le", "01/01/9999"),
])
def test_a_professional_is_whole(pco: Client, child: Dossier, name: str, value: str) -> None:
    one = asked(child)
    act(pco, one, "valider", debut="23/11/2026", **POINTS)
    page = pco.post(here(one, "/professionnel"), ADDED | {name: value}, 422)
    assert page.soup.select_one(f"#{name}-erreur") is not None
    path = queries.of_demande(one.id)
    assert path is not None and queries.professionals(path) == []


def test_a_bilan_is_dated_once_by_whoever_saw_it_as_it_is(pco: Client, child: Dossier) -> None:
    one = opened(pco, child)
    path = queries.of_demande(one.id)
    assert path is not None
    row = queries.professionals(path)[0].row
    place = here(one, f"/professionnels/{row.id}")
    assert "à venir" in pco.post(place, {"vu": 1, "etat": "fait", "bilan_le": "24/11/2026"}, 422).text
    pco.post(place, {"vu": 1, "etat": "fait", "bilan_le": "20/11/2026"}, 303)
    assert "a changé" in pco.post(place, {"vu": 1, "etat": "abandonne", "bilan_le": ""}, 409).text
    assert "Fait le 20/11/2026" in pco.get(here(one)).text


def test_the_synthesis_is_sealed_and_read_by_who_sent_the_child(pco: Client, alice: Client, child: Dossier) -> None:
    one = opened(pco, child)
    act(pco, one, "synthese", texte=SYNTHESIS)
    path = queries.of_demande(one.id)
    assert path is not None and path.synthese is not None and SYNTHESIS.encode() not in bytes(path.synthese)
    page = alice.get(f"/dossiers/tnd/{child.numero}/parcours")
    assert SYNTHESIS in page.text and "du 23/11/2026 au 22/11/2027" in page.text


def test_a_member_without_the_medical_role_reads_no_synthesis_and_validates_nothing(
        pco: Client, child: Dossier, opened_app: Starlette) -> None:
    one = opened(pco, child)
    act(pco, one, "synthese", texte=SYNTHESIS)
    with Client(opened_app) as other:
        espaces.member(other, Structure.get(Structure.etablissement_id == there().id), "admissions")
        page = other.get(here(one))
        assert SYNTHESIS not in page.text and "les médecins seulement" in page.text
        other.get(here(one, "/synthese"), 403)
        other.post(here(one, "/synthese"), {"version": now(one).version, "texte": "x"}, 403)


def test_a_path_is_renewed_once_and_refused_clearly_the_second_time(
        pco: Client, alice: Client, child: Dossier) -> None:
    one = opened(pco, child)
    wish = f"/dossiers/tnd/{child.numero}/parcours"
    alice.post(wish, {}, 303)
    assert "déjà demandé" in alice.post(wish, {}, 409).text
    act(pco, one, "renouveler")
    path = queries.of_demande(one.id)
    assert path is not None and path.fin == date(2028, 11, 22)
    assert "qu’une fois" in act(pco, one, "renouveler", 409).text
    assert "qu’une fois" in alice.post(wish, {}, 409).text


@pytest.mark.parametrize(("code", "motif", "etat"), [
    ("clore", "T6", of_demandes.CLOS), ("clore", "T8", of_demandes.CLOS), ("reorienter", "T11", of_demandes.REORIENTEE),
])
def test_a_path_ends_with_its_motive_which_the_physician_reads(
        pco: Client, alice: Client, child: Dossier, code: str, motif: str, etat: str) -> None:
    one = opened(pco, child)
    act(pco, one, code, 422, motif="119", texte="CAMSP de Caen")
    act(pco, one, code, motif=motif, texte="CAMSP de Caen")
    assert now(one).etat == etat
    page = alice.get(f"/dossiers/tnd/{child.numero}/demandes/{one.id}")
    assert of_demandes.MOTIFS[motif].label in page.text and "CAMSP de Caen" in page.text


def test_who_acts_on_what_changed_is_told_and_changes_nothing(pco: Client, child: Dossier) -> None:
    one = opened(pco, child)
    page = pco.post(here(one, "/clore"), {"version": 1, "motif": "T7", "texte": "Relais"}, 409)
    assert "Rien n’a été enregistré" in page.text and "Relais" in page.text and now(one).etat == of_demandes.BILANS


# --- the territory

def test_the_platform_declares_its_territory(pco: Client) -> None:
    place = "/espaces/etablissement/territoire"
    sent = {"version": 1, "departements": "14, 2a 14", "communes": "61001", "age_min": "", "avant": "12"}
    pco.post(place, sent, 303)
    assert "Départements 14 et 2A, 1 commune, jusqu’à la veille des 12 ans" in pco.get(place).text
    assert "a changé" in pco.post(place, sent, 409).text


@pytest.mark.parametrize(("name", "value"), [
    ("departements", "99"), ("departements", "x"), ("departements", "١٤"), ("communes", "1400"),
    ("communes", "a" * 3000),    ("age_min", "-1"), ("avant", ""), ("avant", "19"), ("avant", "9" * 90), ("avant", "0"),
])
def test_a_territory_that_is_none_is_refused(pco: Client, name: str, value: str) -> None:
    sent = {"version": 1, "departements": "14", "communes": "", "age_min": "0", "avant": "7"} | {name: value}
    page = pco.post("/espaces/etablissement/territoire", sent, 422)
    assert page.soup.select_one(f"#{name}-erreur") is not None
