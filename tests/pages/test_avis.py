"""« Avis »: the list, the count in the page's head, the light poll that prolongs nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from starlette.applications import Starlette

from portal import clock
from portal.avis import commands
from portal.avis.models import Avis
from portal.avis.rules import CODES
from portal.compte.espace import queries as preferences
from portal.db import database
from portal.db.audit import Actor
from portal.dossiers import commands as dossiers
from portal.dossiers.models import Dossier
from portal.espaces.models import Membre, Usager
from portal.web.session import Access, Session
from tests.support import espaces
from tests.support.client import Client
from tests.support.delegues import ALICE, BOB, physician, secretary
from tests.support.people import LEROUX


@pytest.fixture
def dossier(app: Starlette) -> Iterator[Dossier]:
    database.connect()
    with database.writing():
        made = dossiers.create(Actor(ALICE, "Dr Alice MARTIN", "cps"), "ga", LEROUX)
    yield made


@pytest.fixture
def alice(client: Client, dossier: Dossier) -> Client:
    return client.login(ALICE, compte_id=physician(ALICE).id)


def tell(code: str = "refus", to: str = f"medecin:{ALICE}", dossier: str = "ga 43009190",
         demande: int | None = None) -> int:
    with database.writing():
        commands.tell([to], code, dossier=dossier, demande_id=demande)
    found: int = Avis.select().order_by(Avis.id.desc()).first().id
    return found


def count(client: Client, path: str = "/accueil") -> str:
    bell = client.get(path).soup.select_one("a[data-avis]")
    assert bell is not None
    return bell.get_text(" ", strip=True)


# --- the list

def test_the_bell_counts_and_the_list_says(alice: Client) -> None:
    assert count(alice) == "Avis"
    shown = ""
    for told, code in enumerate(CODES, 1):
        tell(code)
        # The page shows the latest ones only.
        shown += alice.get("/avis").text if told % 10 == 0 or told == len(CODES) else ""
    assert count(alice) == f"Avis {len(CODES)} non lus"
    assert all(" ".join(code.sentence.split()) in shown for code in CODES.values())


def test_all_are_read_as_far_as_the_page_went(alice: Client) -> None:
    tell()
    until = alice.get("/avis").soup.select_one("[name=jusque]")["value"]
    tell("message")
    alice.post("/avis", {"jusque": until})
    assert count(alice) == "Avis 1 non lu"


@pytest.mark.parametrize("until", ["", "x", "-1", "٣", "9" * 100, "1 OR 1=1"])
def test_a_forged_end_reads_nothing(until: str, alice: Client) -> None:
    tell()
    alice.post("/avis", {"jusque": until}, 400)
    assert Avis.get().lu_le is None


def test_following_one_reads_it(alice: Client, dossier: Dossier) -> None:
    one = tell(dossier=f"ga {dossier.numero}")
    assert alice.post(f"/avis/{one}").location == f"/dossiers/grand-age/{dossier.numero}"
    assert count(alice) == "Avis"


@pytest.mark.parametrize("avis", ["999", "9" * 18, "9" * 30])
def test_one_that_is_not_there(avis: str, alice: Client) -> None:
    alice.post(f"/avis/{avis}", {}, 404)


def test_nobody_reads_or_follows_anothers(alice: Client) -> None:
    one = tell(to=f"medecin:{BOB}")
    alice.post(f"/avis/{one}", {}, 404)
    alice.post("/avis", {"jusque": str(one)})
    assert Avis.get().lu_le is None and "Aucun avis" in alice.get("/avis").text


@pytest.mark.parametrize(("code", "kind", "place"), [
    ("refus", "medecin", "/dossiers/grand-age/{numero}"),
    ("message", "medecin", "/dossiers/grand-age/{numero}/demandes/7/messages"),
    ("refus", "coordination", "/espaces/coordination/dossiers/grand-age/{numero}"),
    ("message", "coordination", "/dossiers/grand-age/{numero}/demandes/7/messages"),
    ("demande", "etablissement", "/espaces/etablissement/demandes/7"),
    ("message", "etablissement", "/espaces/etablissement/demandes/7/messages"),
    ("lecture", "usager", "/espaces/usager/dossier"),
])
def test_each_notice_leads_to_what_it_tells_in_ones_own_space(
        code: str, kind: str, place: str, client: Client, dossier: Dossier) -> None:
    if kind == "medecin":
        client.login(ALICE)
        to = f"medecin:{ALICE}"
    elif kind == "usager":
        espaces.usager(client, dossier)
        to = f"usager:{Usager.get().id}"
    else:
        more = {"etablissement_id": espaces.etablissement().id} if kind == "etablissement" else {}
        of = espaces.structure(kind, **more)
        espaces.member(client, of)
        to = f"structure:{of.id}"
    one = tell(code, to, f"ga {dossier.numero}", 7)
    assert client.post(f"/avis/{one}").location == place.format(numero=dossier.numero)


def test_every_kind_of_person_has_the_bell_but_secretaries(
        client: Client, dossier: Dossier, app: Starlette) -> None:
    espaces.usager(client, dossier)
    assert count(client, "/avis") == "Avis"
    espaces.member(client, espaces.structure("coordination"))
    assert count(client, "/avis") == "Avis"
    found, _ = secretary(app.state.settings)
    client.enter(Access.SECRETARIAT, None, found.name, found.id, level="otp", subject=found.subject)
    assert client.get("/delegations").soup.select_one("a[data-avis]") is None
    assert client.get("/avis", 303).location == "/delegations"


# --- the poll

def test_nothing_new_is_a_304(alice: Client) -> None:
    tell()
    first = alice.get("/avis/etat", htmx=True)
    assert first.headers["cache-control"] == "private, no-cache" and first.text == "1 non lu"
    tag = {"If-None-Match": first.headers["etag"]}
    same = alice.get("/avis/etat", 304, htmx=True, **tag)
    assert same.html == "" and same.headers["etag"] == first.headers["etag"]
    tell("message")
    assert alice.get("/avis/etat", htmx=True, **tag).text == "2 non lus"


def test_a_notice_read_and_another_come_are_something_new(alice: Client) -> None:
    tell()
    tag = {"If-None-Match": alice.get("/avis/etat", htmx=True).headers["etag"]}
    with database.writing():
        commands.seen(f"medecin:{ALICE}", 999)
    tell("message")
    alice.get("/avis/etat", htmx=True, **tag)


def test_asking_prolongs_no_session(alice: Client) -> None:
    before = Session.get().last_seen
    with clock.shift(timedelta(minutes=10)):
        answer = alice.get("/avis/etat", htmx=True)
        assert Session.get().last_seen == before
        # What a browser keeps with a cached answer would tell a later page that the session lasts longer.
        assert "x-session-fin" not in answer.headers
        alice.get("/accueil")
        assert Session.get().last_seen > before


def test_a_page_left_open_sees_its_session_end(alice: Client, app: Starlette) -> None:
    idle = app.state.settings.session_idle
    for minute in range(0, int(idle.total_seconds() // 60), 5):
        with clock.shift(timedelta(minutes=minute)):
            alice.get("/avis/etat", htmx=True)
    with clock.shift(idle + timedelta(minutes=1)):
        # Nothing takes the page, and what is typed in it, away.
        answer = alice.get("/avis/etat", 204, htmx=True)
        assert "hx-redirect" not in answer.headers and "location" not in answer.headers
        assert alice.get("/compte", 303).location.startswith("/connexion")


def test_without_a_script_the_address_leads_to_the_list(alice: Client) -> None:
    assert alice.get("/avis/etat", 303).location == "/avis"


# --- which mails

def test_a_physician_chooses_rhythm_and_quiet_hours(alice: Client) -> None:
    compte = physician(ALICE)
    sent = {"message": "oui", "silence_jours": "14", "rythme": "quotidien", "calme_debut": "22", "calme_fin": "6"}
    alice.post("/compte/notifications", sent)
    found = preferences.preferences(compte.id)
    assert (found.quotidien, found.calme_debut, found.calme_fin, found.silence_jours) == (True, 22, 6, 14)
    assert preferences.wants(compte.id, "message") and not preferences.wants(compte.id, "refus")
    shown = alice.get("/compte/notifications").soup
    assert shown.select_one("#calme_debut option[selected]")["value"] == "22"
    alice.post("/compte/notifications", sent | {"calme_debut": "jamais"})
    assert preferences.preferences(compte.id).calme_debut is None


@pytest.mark.parametrize("hour", ["", "24", "-1", "٣", "1e3", "9" * 500, "é"])
def test_an_hour_that_is_none_is_the_usual_one(hour: str, alice: Client) -> None:
    alice.post("/compte/notifications", {"calme_debut": hour, "calme_fin": "6"})
    found = preferences.preferences(physician(ALICE).id)
    assert (found.calme_debut, found.calme_fin) == (20, 8)


def test_an_establishment_is_offered_what_it_can_be_told(client: Client, dossier: Dossier) -> None:
    there = espaces.structure(etablissement_id=espaces.etablissement().id)
    espaces.member(client, there)
    shown = client.get("/compte/notifications")
    offered = {box["name"] for box in shown.soup.select("main input[type=checkbox]")}
    assert offered == {"demande", "message"} and "sans réponse après" not in shown.text
    client.post("/compte/notifications", {"message": "oui"})
    compte_id = Membre.get().compte_id
    assert preferences.wants(compte_id, "message") and not preferences.wants(compte_id, "demande")
    assert preferences.wants(compte_id, "refus")


def test_the_patients_side_stops_and_takes_its_mails_again(client: Client, dossier: Dossier) -> None:
    espaces.usager(client, dossier, "famille")
    for button, kept in (("Ne plus en recevoir", False), ("En recevoir", True)):
        form = client.get("/avis").soup.select_one("form[action='/avis/courriels']")
        assert form.button.get_text(strip=True) == button
        client.post("/avis/courriels", {"courriels": form.select_one("[name=courriels]")["value"]})
        assert bool(Usager.get().avis) is kept


@pytest.mark.parametrize("sent", ["", "peut-être", "é" * 1000])
def test_an_unknown_choice_of_the_patients_side_stops_mails(
        sent: str, client: Client, dossier: Dossier) -> None:
    espaces.usager(client, dossier)
    client.post("/avis/courriels", {"courriels": sent})
    assert Usager.get().avis is False
