"""A hospital service in a sanitaire dossier: who fills what, the physician who follows, accepts and takes over."""

from __future__ import annotations

from datetime import datetime

import pytest
from starlette.applications import Starlette

from portal.db import database
from portal.dossiers import commands as dossiers
from portal.dossiers import queries as of_dossiers
from portal.dossiers.models import Dossier, Lien
from portal.espaces.models import Structure
from portal.volets import commands as of_volets
from tests.support import espaces
from tests.support.client import Client
from tests.support.espaces import ASKS
from tests.support.people import LEROUX
from tests.support.volets import filled

ALICE, BOB = 10100000011, 10100000022
VOLETS = ("demandeur", "administratif", "orientation", "medical", "soins")
PERSON = {"nom_naissance": "Tournebride", "prenoms": "Odette", "naissance": "05/03/1941", "sexe": "F",
          "ville": "14000 Caen", "telephone": "02 31 11 22 33", "sejour_0": "oui", "information": "oui"}


@pytest.fixture
def service(opened_app: Starlette, midday: datetime) -> Structure:
    return espaces.structure("hospitalier", "CHU COTE DE NACRE - CAEN", service="Addictologie")


@pytest.fixture
def dossier(service: Structure) -> Dossier:
    """Led by the service, Dr Alice MARTIN is the médecin traitant and has accepted it."""
    with database.writing():
        made = dossiers.create(ASKS, "s", LEROUX)
    espaces.follow(service, made)
    Lien.update(referent=service.label).execute()
    return of_dossiers.by_id(made.id)


def volet(dossier: Dossier, code: str) -> str:
    return f"/dossiers/sanitaire/{dossier.numero}/volets/{code}"


def home(dossier: Dossier, page: str = "") -> str:
    return f"/espaces/coordination/dossiers/sanitaire/{dossier.numero}{page}"


def validate(dossier: Dossier, *codes: str) -> None:
    """What the service answers for is signed."""
    seen = of_dossiers.visible_dossier(ALICE, "s", dossier.numero)
    with database.writing():
        for code in codes:
            of_volets.first(ASKS, dossier, code, filled("s", code))
            of_volets.validate(ASKS, seen, code, 1)


# --- who fills what

@pytest.mark.parametrize(("kind", "roles", "opened"), [
    ("hospitalier", "dossiers", ("demandeur", "administratif", "orientation", "soins")),
    ("hospitalier", "dossiers medical", VOLETS), ("hospitalier", "medical", VOLETS),
    ("coordination", "dossiers", ("demandeur", "administratif", "orientation")),
])
def test_each_role_opens_its_volets_and_no_other(
        client: Client, service: Structure, dossier: Dossier, kind: str, roles: str, opened: tuple[str, ...]) -> None:
    of = service
    if kind == "coordination":
        of = espaces.structure("coordination", "DAC DU CALVADOS")
        espaces.follow(of, dossier)
    espaces.member(client, of, roles)
    page = client.get(home(dossier))
    for code in VOLETS:
        client.get(volet(dossier, code), 200 if code in opened else 403)
        assert bool(page.soup.select(f"main a[href='{volet(dossier, code)}']")) == (code in opened)


def test_a_member_who_keeps_the_sheet_alone_sees_no_dossier(client: Client, service: Structure,
                                                           dossier: Dossier) -> None:
    espaces.member(client, service, "referent")
    client.get(home(dossier), 403)
    client.get(volet(dossier, "demandeur"), 404)


def test_a_physician_of_the_service_alone_opens_no_new_dossier(client: Client, service: Structure) -> None:
    espaces.member(client, service, "medical")
    assert not client.get("/espaces/coordination").soup.select("a[href*='/creer/']")
    client.get("/espaces/coordination/creer/sanitaire", 403)


def test_a_service_opens_a_sanitaire_dossier_and_is_its_referent(client: Client, service: Structure) -> None:
    espaces.member(client, service, "dossiers")
    client.post("/espaces/coordination/creer/sanitaire", PERSON)
    made = Dossier.get()
    assert (made.module, made.referent_texte) == ("s", "CHU COTE DE NACRE - CAEN — Addictologie")


# --- the médecin traitant

def test_the_physician_s_table_names_the_service_as_referent(client: Client, dossier: Dossier) -> None:
    row = client.login(ALICE).get("/dossiers/sanitaire").text
    assert "CHU COTE DE NACRE - CAEN — Addictologie" in row


def test_he_reads_what_the_service_fills_and_signs_no_administrative_volet(client: Client, dossier: Dossier) -> None:
    client.login(ALICE)
    for code in VOLETS:
        client.get(volet(dossier, code))
    page = client.get(volet(dossier, "demandeur"))
    assert not page.soup.select("main form button[name=valider]")


def test_a_physician_who_is_not_the_medecin_traitant_finds_nothing(client: Client, dossier: Dossier) -> None:
    client.login(BOB)
    for page in (f"/dossiers/sanitaire/{dossier.numero}", volet(dossier, "medical"),
                 f"/dossiers/sanitaire/{dossier.numero}/prise-en-charge"):
        client.get(page, 404)
    client.post(f"/dossiers/sanitaire/{dossier.numero}/prise-en-charge", status=404)
    assert of_dossiers.by_id(dossier.id).referent_kind == "structure"


def test_the_transfer_waits_for_both_volets_of_the_service(client: Client, service: Structure,
                                                          dossier: Dossier) -> None:
    espaces.member(client, service)
    assert "les volets demandeur et administratif" in client.get(home(dossier)).text
    validate(dossier, "administratif")
    client.post(home(dossier, "/transfert"), status=409)
    validate(dossier, "demandeur")
    client.post(home(dossier, "/transfert"))
    assert "Transfert proposé le" in client.get(home(dossier)).text


def test_taken_over_it_is_the_physician_s_and_the_service_is_out(
        client: Client, another_client: Client, service: Structure, dossier: Dossier) -> None:
    espaces.member(client, service)
    validate(dossier, "administratif", "demandeur")
    client.post(home(dossier, "/transfert"))
    another_client.login(ALICE)
    another_client.post(f"/dossiers/sanitaire/{dossier.numero}/prise-en-charge")
    assert Lien.get(Lien.rpps == ALICE).referent == "Vous"
    for gone in (home(dossier), volet(dossier, "demandeur"), volet(dossier, "soins")):
        client.get(gone, 404)


def test_what_the_transfer_waits_for_is_said_with_addresses(client: Client, service: Structure,
                                                           dossier: Dossier) -> None:
    espaces.member(client, service)
    part = "section[aria-labelledby='titre-transfert'] a[href*='/volets/']"
    waited = [link["href"] for link in client.get(home(dossier)).soup.select(part)]
    assert waited == [volet(dossier, "demandeur"), volet(dossier, "administratif")]
    validate(dossier, "demandeur")
    waited = [link["href"] for link in client.get(home(dossier)).soup.select(part)]
    assert waited == [volet(dossier, "administratif")]
    validate(dossier, "administratif")
    assert not client.get(home(dossier)).soup.select(part)


def test_a_coordination_team_opens_one_too_without_a_stay_in_hospital(client: Client, midday: datetime) -> None:
    dac = espaces.structure("coordination", "DAC DU CALVADOS")
    espaces.member(client, dac, "dossiers")
    client.post("/espaces/coordination/creer/sanitaire", PERSON)
    made = Dossier.get()
    assert (made.module, made.referent_texte) == ("s", "DAC DU CALVADOS")
    page = client.get(volet(made, "demandeur"))
    assert "ans hospitalisation préalable" in page.text
