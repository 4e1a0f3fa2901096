"""The sections of « Mon compte »: notifications, sessions, access log, charters, copy of one's data."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from starlette.applications import Starlette

from portal import clock
from portal.compte import commands as comptes
from portal.compte import queries
from portal.compte.espace import queries as chosen
from portal.compte.models import SECRETAIRE, Compte
from portal.compte.rules import CHARTE
from portal.db import audit, database
from portal.db.audit import Actor, Mandate, Trace
from portal.dossiers import commands as dossiers
from portal.web.session import Access, Session
from tests.support.client import Client
from tests.support.people import LEROUX, account
from tests.support.sessions import open_session

ALICE, BOB = 10100000011, 10100000022
BY_CARD = Actor(ALICE, "Dr Alice MARTIN", "cps")


@pytest.fixture
def compte_id(app: Starlette) -> int:
    """Dr Alice MARTIN's account, charter accepted."""
    found = account(ALICE)
    with database.writing():
        comptes.accept_charte(BY_CARD, queries.own(found), CHARTE)
    return found


@pytest.fixture
def alice(client: Client, compte_id: int) -> Client:
    return client.login(ALICE, compte_id=compte_id)


def elsewhere(client: Client, compte_id: int, device: str = "Safari, iPhone") -> Client:
    """The same account, open in another browser."""
    return client.login(ALICE, compte_id=compte_id, level="ecps", device=device)


# --- Notifications


def test_all_are_on_and_unticking_one_stops_it(alice: Client, compte_id: int) -> None:
    page = alice.get("/compte/notifications")
    boxes = page.soup.select("input[type=checkbox]")
    assert len(boxes) == 8 and all(box.has_attr("checked") for box in boxes)
    assert "jamais le nom d’un patient" in page.text
    ticked = {box["name"]: "oui" for box in boxes if box["name"] != "refus"}
    answer = alice.post("/compte/notifications", ticked | {"silence_jours": "14"})
    assert "enregistrés" in alice.follow(answer).text
    assert not queries.wants(compte_id, "refus") and queries.wants(compte_id, "nouveau")
    again = alice.get("/compte/notifications").soup
    assert not again.find(id="refus").has_attr("checked") and again.find(id="nouveau").has_attr("checked")
    assert again.select_one("#silence_jours [selected]")["value"] == "14"


def test_a_forged_delay_counts_as_the_usual_one(alice: Client, compte_id: int) -> None:
    alice.post("/compte/notifications", {"silence_jours": "-1", "nouveau": "peut-être"})
    found = chosen.preferences(compte_id)
    assert found.silence_jours == 7 and "nouveau" in found.sans_avis.split()


def test_security_mails_have_no_box(alice: Client) -> None:
    section = alice.get("/compte/notifications").soup.find(attrs={"aria-labelledby": "titre-toujours"})
    assert "ne se désactivent pas" in section.get_text() and not section.find("input")


# --- Practice


def test_place_radius_signature_and_secure_address_are_kept(alice: Client) -> None:
    typed = {"adresse": "1 rue Froide", "ville": "14000 CAEN", "recherche_ville": "14400 Bayeux", "rayon": "45 km",
             "mssante": "Alice.Martin@medecin.mssante.fr", "signature": "Dr Alice MARTIN\nCabinet du port"}
    alice.post("/compte/exercice", typed)
    page = alice.get("/compte/exercice").soup
    kept = {"ville": "14000 CAEN", "recherche_ville": "14400 BAYEUX", "rayon": "45",
            "mssante": "alice.martin@medecin.mssante.fr", "adresse": "1 rue Froide"}
    assert {name: page.find(id=name)["value"] for name in kept} == kept
    assert page.find(id="signature").get_text().strip() == "Dr Alice MARTIN\nCabinet du port"


def test_an_error_keeps_every_field_typed(alice: Client) -> None:
    typed = {"adresse": "2 rue Neuve", "ville": "14400 BAYEUX", "recherche_ville": "Saint", "rayon": "trente",
             "mssante": "x", "signature": "<b>Dr</b>"}
    answer = alice.post("/compte/exercice", typed, status=422)
    assert len(answer.errors) == 3
    for name in ("adresse", "ville", "recherche_ville", "rayon", "mssante"):
        assert answer.soup.find(id=name)["value"] == typed[name]
    assert answer.soup.find(id="signature").get_text().strip() == "<b>Dr</b>"
    assert "14400" not in alice.get("/compte/exercice").soup.find(id="ville")["value"]


# --- Sessions


def test_the_list_says_which_one_is_here(alice: Client, another_client: Client, compte_id: int) -> None:
    elsewhere(another_client, compte_id)
    rows = alice.get("/compte/sessions").soup.select("#sessions tbody tr")
    words = sorted(" ".join(row.get_text(" ").split()) for row in rows)
    assert len(words) == 2
    assert "Firefox, Linux" in words[0] and "cette session" in words[0] and "Carte CPS" in words[0]
    assert "Safari, iPhone" in words[1] and "e-CPS" in words[1] and "Déconnecter" in words[1]


@pytest.mark.proves("V7.5.2")
def test_a_closed_browser_has_to_log_in_at_its_next_click(
    alice: Client, another_client: Client, compte_id: int,
) -> None:
    other = elsewhere(another_client, compte_id)
    other.get("/compte")
    key = alice.get("/compte/sessions").soup.select_one("input[name=session]")["value"]
    answer = alice.post("/compte/sessions", {"session": key})
    assert "La session est fermée." in alice.follow(answer).text
    assert other.get("/compte", 303).location.startswith("/connexion?suite=")
    alice.get("/compte")
    answer = alice.post("/compte/sessions", {"session": key})
    assert "déjà terminée" in alice.follow(answer).text
    assert Trace.select().where(Trace.event == "session.autres_fermees").count() == 1


@pytest.mark.proves("V7.5.2")
def test_all_others_close_at_once_and_this_one_stays(alice: Client, another_client: Client, compte_id: int) -> None:
    other = elsewhere(another_client, compte_id)
    open_session(alice.app.state.settings, ALICE, "Dr Alice MARTIN", compte_id=compte_id, device="Edge, Windows")
    answer = alice.post("/compte/sessions", {"geste": "autres"})
    assert "Les 2 autres sessions sont fermées." in alice.follow(answer).text
    other.get("/compte", 303)
    answer = alice.post("/compte/sessions", {"geste": "autres"})
    assert "Aucune autre session" in alice.follow(answer).text


def test_nobody_closes_another_s_session(alice: Client, another_client: Client) -> None:
    bob = another_client.login(BOB, "Dr Bob DURAND", compte_id=account(BOB))
    key = Session.select(Session.key).where(Session.rpps == BOB).scalar()
    alice.post("/compte/sessions", {"session": key})
    alice.post("/compte/sessions", {"geste": "autres"})
    bob.get("/compte")


def test_the_history_goes_on_page_by_page(alice: Client) -> None:
    with database.writing():
        for _ in range(chosen.HISTORY_PAGE + 1):
            audit.record(BY_CARD, "connexion.cps")
        audit.record(Actor(ALICE, "Dr Alice MARTIN", "mot_de_passe"), "otp.code_refuse")
    first = alice.get("/compte/sessions").soup
    assert len(first.select("#connexions tbody tr")) == chosen.HISTORY_PAGE
    assert "Code refusé" in first.select_one("#connexions tbody tr").get_text()
    older = first.find("a", string="Plus anciennes")["href"]
    second = alice.get(older.partition("#")[0]).soup
    assert len(second.select("#connexions tbody tr")) == 2
    assert second.find("a", string="Les plus récentes") and not second.find("a", string="Plus anciennes")
    alice.get("/compte/sessions?avant=pas-un-nombre")
    alice.get("/compte/sessions?avant=" + "9" * 40)


# --- Access log


def given_a_dossier() -> str:
    with database.writing():
        return f"ga {dossiers.create(BY_CARD, 'ga', LEROUX).numero}"


def test_the_log_shows_acts_and_no_patient(alice: Client) -> None:
    label = given_a_dossier()
    with database.writing():
        audit.record(Actor(BOB, "Dr Bob DURAND", "cps"), "dossier.ouvert", dossier=label)
    page = alice.get("/compte/acces")
    rows = [[" ".join(cell.get_text().split()) for cell in row.select("td")] for row in page.soup.select("tbody tr")]
    assert [row[1:] for row in rows] == [
        [label.upper(), "Dossier consulté", "Fait", "Dr Bob DURAND", "Carte CPS"],
        [label.upper(), "Dossier créé", "Fait", "vous", "Carte CPS"]]
    for word in ("LEROUX", "JOSETTE", "1931"):
        assert word not in page.html


def test_the_log_of_one_dossier(alice: Client) -> None:
    label, other = given_a_dossier(), given_a_dossier()
    page = alice.get(f"/compte/acces?numero={label.upper().replace(' ', '+')}")
    assert [cell.get_text() for cell in page.soup.select("tbody td[data-libelle=Dossier]")] == [label.upper()]
    assert page.soup.find(id="numero")["value"] == label.upper()
    assert "Rien n’a été fait sur ce dossier." in alice.get("/compte/acces?numero=ga+99999999").text
    bad = alice.get("/compte/acces?numero=abc", 422)
    assert "par exemple GA 43009190" in bad.errors[0] and bad.soup.find(id="numero")["value"] == "abc"
    assert other.upper() not in page.text


def test_the_log_of_a_period(alice: Client) -> None:
    label = given_a_dossier()
    with clock.freeze(clock.now() - timedelta(days=20)), database.writing():
        audit.record(Actor(BOB, "Dr Bob DURAND", "cps"), "dossier.ouvert", dossier=label)
    assert "Dr Bob DURAND" in alice.get("/compte/acces?periode=30").text
    page = alice.get(f"/compte/acces?periode=7&numero={label.replace(' ', '')}")
    assert "Dr Bob DURAND" not in page.text and page.soup.select_one("#periode [selected]")["value"] == "7"
    assert "Dr Bob DURAND" in alice.get("/compte/acces?periode=demain").text


@pytest.mark.proves("D5")
def test_the_log_tells_what_was_refused_and_pages_that_were_looked_at(alice: Client, another_client: Client) -> None:
    label = given_a_dossier()
    here = f"/dossiers/grand-age/{label.split()[1]}"
    another_client.login(BOB, "Dr Bob DURAND").get(here, 404)
    alice.get(f"{here}/demandes")
    page = alice.get(alice.get(here).soup.find("a", string="Qui a ouvert ce dossier")["href"])
    rows = [[" ".join(cell.get_text().split()) for cell in row.select("td")][2:]
            for row in page.soup.select("tbody tr")]
    assert rows[1:3] == [["Page consultée : Demandes", "Fait", "vous", "Carte CPS"],
                         ["Accès demandé", "Refusé", "Dr Bob DURAND", "Carte CPS"]]


def test_the_log_goes_on_page_by_page(alice: Client) -> None:
    label = given_a_dossier()
    with database.writing():
        for _ in range(30):
            audit.record(BY_CARD, "dossier.ouvert", dossier=label)
    first = alice.get(f"/compte/acces?numero={label.replace(' ', '')}").soup
    older = first.find("a", string="Plus anciens")["href"]
    assert label.replace(" ", "") in older
    second = alice.get(older).soup
    assert len(first.select("tbody tr")) + len(second.select("tbody tr")) == 31
    assert "Dossier créé" in second.select("tbody tr")[-1].get_text()


# --- Charters, means of login


def test_each_accepted_charter_is_listed_with_its_text(alice: Client, midday: datetime) -> None:
    link = alice.get("/compte/chartes").soup.select_one("tbody a")
    assert CHARTE.version in link.get_text()
    page = alice.get(link["href"])
    assert "Vous avez accepté cette version" in page.text
    assert page.soup.find("a", href="/compte/chartes")


def test_the_means_of_login_are_linked(alice: Client) -> None:
    page = alice.get("/compte/securite")
    assert page.soup.find("a", href="/facteurs") and page.soup.find("a", href="/compte/mot-de-passe")
    assert "aucune application" in page.text


# --- Copy of his data


def test_the_copy_is_a_download_and_leaves_a_trace(alice: Client) -> None:
    assert Trace.select().where(Trace.event == "compte.exporte").count() == 0
    alice.get("/compte/export")
    assert Trace.select().where(Trace.event == "compte.exporte").count() == 0
    answer = alice.post("/compte/export", status=200)
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"].startswith('attachment; filename="mon-compte-')
    with ZipFile(BytesIO(answer.response.content)) as folder:
        data = json.loads(folder.read("donnees.json"))
    assert data["compte"]["rpps"] == ALICE and len(data["sessions"]) == 1
    assert Trace.select().where(Trace.event == "compte.exporte").count() == 1


def test_a_code_alone_gives_no_copy(client: Client, compte_id: int) -> None:
    client.login(ALICE, compte_id=compte_id, level="otp")
    for answer in (client.get("/compte/export", 303), client.post("/compte/export")):
        assert answer.location == "/connexion?renforcer=1&suite=%2Fcompte%2Fexport"


# --- A secretary


@pytest.fixture
def secretary(client: Client, compte_id: int) -> Client:
    """A secretary's account: no RPPS number, no practice."""
    with database.writing():
        Compte.update(kind=SECRETAIRE, rpps=None, subject="S00000000001", adresse="", insee="", code_postal="",
                      ville="", profession="", specialite="").where(Compte.id == compte_id).execute()
    return client.enter(Access.SECRETARIAT, None, "Léa ROUX", compte_id, level="otp", subject="S00000000001")


def test_a_secretary_sees_what_concerns_her(secretary: Client) -> None:
    page = secretary.get("/compte")
    links = [link["href"] for link in page.soup.select(".compte-sections a")]
    assert links == ["/compte", "/compte/securite", "/compte/sessions", "/delegations", "/compte/chartes",
                     "/compte/export"]
    assert "carte CPS" not in page.soup.main.get_text()
    for path in links:
        secretary.get(path)
    for path in ("/compte/exercice", "/compte/notifications", "/compte/acces"):
        assert secretary.get(path, 303).location == "/delegations"
    secretary.post("/compte/export", status=200)


def test_a_secretary_changes_her_phone(secretary: Client, compte_id: int) -> None:
    secretary.post("/compte", {"email": f"{ALICE}@exemple.fr", "telephone": "0231000033"})
    assert queries.telephone(queries.own(compte_id)) == "02 31 00 00 33"


def test_a_secretary_proves_herself_before_a_new_address(secretary: Client, compte_id: int) -> None:
    secretary.post("/compte", {"email": "autre@exemple.fr"}, status=422)
    assert queries.own(compte_id).email == f"{ALICE}@exemple.fr"


def test_old_sessions_are_not_listed(alice: Client, compte_id: int) -> None:
    with clock.shift(timedelta(hours=-2)):
        open_session(alice.app.state.settings, ALICE, "Dr Alice MARTIN", compte_id=compte_id, device="Edge, Windows")
    assert "Edge" not in alice.get("/compte/sessions").text


def test_a_change_of_one_s_own_account_is_never_on_another_s_behalf(alice: Client, compte_id: int) -> None:
    mandate = Mandate(7, BOB, "Dr Bob DURAND", "medecin", frozenset({"ga"}), frozenset({"lire"}), None)
    alice.app.state.mandate_of = lambda delegation_id, holder: mandate
    alice.login(ALICE, compte_id=compte_id, delegation_id=7)
    alice.post("/compte", {"email": f"{ALICE}@exemple.fr", "telephone": "0231000044"})
    last = Trace.select().order_by(Trace.id.desc()).get()
    assert (last.event, last.name, last.on_behalf_of) == ("compte.modifie", "Dr Alice MARTIN", None)


@pytest.mark.parametrize(("path", "typed"), [
    ("/compte", {"email": "autre@exemple.fr", "telephone": "02 31 00 00 55"}),
    ("/compte/exercice", {"adresse": "9 rue Neuve", "ville": "14400 BAYEUX", "rayon": "75", "signature": "Dr A."}),
    ("/compte/notifications", {"nouveau": "oui", "silence_jours": "30"}),
])
def test_what_was_typed_outlives_the_session(
    alice: Client, compte_id: int, path: str, typed: dict[str, str],
) -> None:
    kept = {"path": path, "fields": typed, "subject": f"8{ALICE}"}
    page = alice.login(ALICE, compte_id=compte_id, reprise=kept).get(path)
    assert "Votre session a expiré." in page.text
    for name, value in typed.items():
        field = page.soup.find(id=name)
        shown = {"textarea": field.get_text(), "input": field.get("value")}.get(field.name)
        if field.name == "select":
            shown = field.select_one("[selected]")["value"]
        assert shown.strip() == value, name
    boxes = page.soup.select("input[type=checkbox]")
    assert [box["name"] for box in boxes if box.has_attr("checked")] == ["nouveau"][:len(boxes)]
