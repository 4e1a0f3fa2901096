"""Paper dossiers and the establishment's own sheet: kept by who may, sealed, audited, and nothing else follows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from starlette.applications import Starlette

from portal.annuaire.models import Etablissement, Unite
from portal.avis.models import Avis
from portal.db import database
from portal.db.audit import Trace
from portal.db.base import rows
from portal.demandes import rules
from portal.demandes.models import Demande
from portal.espaces.etablissement.papier.models import Papier
from portal.espaces.models import Structure
from tests.support import espaces, volets
from tests.support.client import Client

PAPER, SHEET = "/espaces/etablissement/papier", "/espaces/etablissement/fiche"
NEW = {"nom": "Lévêque", "prenom": "Zoé", "telephone": "0231000000", "sejour": "permanent", "gir": "2",
       "recu_le": "20/11/2026"}


@pytest.fixture
def place(opened_app: Starlette, midday: datetime) -> Etablissement:
    return espaces.etablissement()


@pytest.fixture
def team(place: Etablissement) -> Structure:
    return espaces.structure(nom=place.nom, etablissement_id=place.id)


@pytest.fixture
def browser(opened_app: Starlette, team: Structure) -> Iterator[Client]:
    with Client(opened_app) as client:
        yield espaces.member(client, team, "admissions referent")


def noted(browser: Client, **fields: str) -> str:
    """Note a paper dossier; returns its address."""
    return browser.post(f"{PAPER}/nouveau", NEW | fields).location


# --- paper

def test_a_paper_dossier_is_sealed_and_audited_without_a_name(browser: Client) -> None:
    page = browser.get(noted(browser))
    assert "LÉVÊQUE ZOÉ" in page.text and "02 31 00 00 00" in page.text
    (row,) = rows("SELECT * FROM papier")
    assert not [value for value in row if isinstance(value, bytes) and "vêque".encode() in value]
    assert not [value for value in row if isinstance(value, str) and "Zoé" in value]
    received, read = Trace.select().order_by(Trace.id.desc()).limit(2)[::-1]
    assert (received.event, received.detail, received.dossier) == ("papier.recevoir", "1", None)
    assert (read.event, read.detail, read.dossier) == ("dossier.page", "etablissement-papier", "papier 1")


def test_the_page_says_what_paper_does_not_do(browser: Client) -> None:
    for address in (PAPER, f"{PAPER}/nouveau"):
        said = browser.get(address).text
        assert "une entrée ailleurs ne l’annule pas" in said and "aucun doublon n’est cherché" in said


def test_paper_touches_no_request_and_tells_nobody(browser: Client, place: Etablissement) -> None:
    demande = espaces.demande(volets.dossier(), place, rules.LUE)
    before, told = Demande.get_by_id(demande.id).version, Avis.select().count()
    address = noted(browser, nom="LEROUX", prenom="Josette")
    browser.post(address, {"version": "1", "etat": "admis", "entree": "22/11/2026"})
    assert Demande.get_by_id(demande.id).version == before and Avis.select().count() == told
    assert "Entré Le 22/11/2026" in browser.get(f"{PAPER}?onglet=clos").text


@pytest.mark.parametrize(("fields", "message"), [
    ({"nom": " "}, "Donnez le nom."), ({"prenom": "\x00"}, "Donnez le prénom."),
    ({"nom": "x" * 100_000}, "80 caractères au plus."), ({"telephone": "douze"}, "numéro de téléphone"),
    ({"sejour": "complet"}, "Choisissez un séjour"), ({"gir": "7"}, "Choisissez un GIR"),
    ({"gir": "1" * 40}, "Choisissez un GIR"), ({"recu_le": "31/02/2026"}, "Reçu le : donnez une date qui existe"),
    ({"recu_le": "23/11/2026"}, "Cette date est à venir"), ({"recu_le": "01/01/1900"}, "plus de cinq ans"),
    ({"recu_le": "01/01/9999"}, "Cette date est à venir"),
])
def test_what_is_wrong_is_said_and_kept(browser: Client, fields: dict[str, str], message: str) -> None:
    page = browser.post(f"{PAPER}/nouveau", NEW | fields, 422)
    assert any(message in said.replace("\u00a0", " ") for said in page.errors), page.errors
    assert page.soup.select_one("#prenom")["value"] == (NEW | fields)["prenom"].strip("\x00")
    assert not Papier.select().exists()


@pytest.mark.parametrize(("fields", "status", "said"), [
    ({"etat": ""}, 422, "Choisissez un état"), ({"etat": "vendu"}, 422, "Choisissez un état"),
    ({"etat": "liste", "niveau": "premier"}, 422, "un des trois niveaux"),
    ({"etat": "admis", "entree": "19/11/2026"}, 422, "précède la réception"),
    ({"etat": "recu"}, 409, "il ne peut passer qu’à"),
    ({"etat": "clos", "version": "0"}, 409, "avant vous"),
    ({"etat": "clos", "version": "9" * 40}, 409, "avant vous"),
])
def test_a_move_that_is_none_changes_nothing(
        browser: Client, fields: dict[str, str], status: int, said: str) -> None:
    address = noted(browser)
    page = browser.post(address, {"version": "1"} | fields, status)
    assert said in page.text and Papier.get().etat == "recu" and Papier.get().version == 1


def test_paper_goes_and_comes_back(browser: Client) -> None:
    address = noted(browser)
    for version, fields, label in ((1, {"etat": "liste", "niveau": "admis"}, "Admis, en attente d’une place"),
                                   (2, {"etat": "propose"}, "Place proposée"), (3, {"etat": "clos"}, "Clos"),
                                   (4, {"etat": "recu"}, "Reçu")):
        page = browser.follow(browser.post(address, {"version": str(version)} | fields))
        assert label in page.text


def test_another_establishment_s_paper_is_a_page_that_is_not(browser: Client, opened_app: Starlette) -> None:
    address = noted(browser)
    strange = espaces.etablissement("EHPAD Autre")
    with Client(opened_app) as other:
        espaces.member(other, espaces.structure(nom=strange.nom, etablissement_id=strange.id))
        for forged in (address, f"{PAPER}/0", f"{PAPER}/{10 ** 30}"):
            other.get(forged, 404)
        other.post(address, {"version": "1", "etat": "clos"}, 404)
        assert "LÉVÊQUE" not in other.get(PAPER).text
    assert Papier.get().etat == "recu"


def test_the_list_goes_on_page_by_page(browser: Client) -> None:
    for rank in range(27):
        noted(browser, nom=f"Numero{rank}")
    first = browser.get(PAPER)
    rest = browser.get(str(first.soup.select_one("a[rel=next]")["href"]))
    assert [len(page.soup.select("tbody tr")) for page in (first, rest)] == [25, 2]
    assert "NUMERO26" in first.text and "NUMERO0 " in rest.text
    for cursor in ("x", "9" * 30, "-1", "٣"):
        assert browser.get(f"{PAPER}?apres={cursor}").soup.select_one("a[rel=next]")


# --- the sheet

def sheet(place: Etablissement, **fields: Any) -> dict[str, Any]:
    (unit,) = Unite.select().where(Unite.etablissement_id == place.id)
    known = {"telephone": "02 61 91 44 00", f"places-{unit.id}": "3"}
    return {"version": Etablissement.get_by_id(place.id).version} | known | fields


def test_the_public_sheet_says_what_the_establishment_declares(browser: Client, place: Etablissement) -> None:
    done = browser.post(SHEET, sheet(place, incomplets="oui", rappel_heures="4", services=["jardin", "kine", "bar"],
                                     site="www.tilleuls.fr", courriel="accueil@tilleuls.example"))
    kept = Etablissement.get_by_id(place.id)
    assert (kept.incomplets, kept.rappel_heures, kept.services) == (True, 4, "jardin kine")
    assert Unite.get(Unite.etablissement_id == place.id).places == 3
    trace = Trace.select().order_by(Trace.id.desc()).get()
    assert trace.event == "annuaire.fiche" and trace.detail.startswith(f"{place.finess} courriel site services")
    browser.follow(done)
    public = browser.get(f"/annuaire/etablissements/{place.finess}").text
    for words in ("4 heures ouvrées", "https://www.tilleuls.fr", "Jardin", "3 au 22/11/2026", "dossiers incomplets"):
        assert words in public


@pytest.mark.parametrize(("fields", "message"), [
    ({"rappel_heures": "0"}, "de 1 à 80"), ({"rappel_heures": "9" * 30}, "de 1 à 80"),
    ({"rappel_heures": "٣"}, "de 1 à 80"), ({"telephone": "x" * 100_000}, "numéro de téléphone"),
    ({"courriel": "accueil@"}, "adresse électronique"), ({"site": "javascript:alert(1)"}, "adresse du site"),
    ({"site": "https://"}, "adresse du site"), ({"site": "https://a.fr/" + "x" * 300}, "adresse du site"),
    ({"site": "https://exemple.fr/\u202etxt"}, "adresse du site"), ({"site": "http://[::1"}, "adresse du site"),
    ({"places": "81"}, "80 places en tout"), ({"places": "-1"}, "nombre entier"), ({"places": "deux"}, "nombre entier"),
])
def test_a_wrong_sheet_is_said_and_changes_nothing(
        browser: Client, place: Etablissement, fields: dict[str, str], message: str) -> None:
    sent = sheet(place)
    for name, words in fields.items():
        sent |= {next(key for key in sent if key.startswith("places-")) if name == "places" else name: words}
    page = browser.post(SHEET, sent, 422)
    assert any(message in said for said in page.errors), page.errors
    assert Etablissement.get_by_id(place.id).version == 1
    kept = {str(field["name"]): field.get("value", "") for field in page.soup.select("input[name]")}
    assert all(kept[name] == words for name, words in sent.items() if name != "version")


def test_two_referents_do_not_write_over_each_other(browser: Client, place: Etablissement) -> None:
    mine = sheet(place, site="https://www.mien.fr")
    browser.post(SHEET, sheet(place, site="https://www.autre.fr"))
    page = browser.post(SHEET, mine, 409)
    assert "La fiche a changé" in page.text and "https://www.autre.fr" in page.text
    assert page.soup.select_one("#site")["value"] == "https://www.mien.fr"
    assert Etablissement.get_by_id(place.id).site == "https://www.autre.fr"


def test_another_establishment_s_units_are_out_of_reach(browser: Client, place: Etablissement) -> None:
    other = espaces.etablissement("EHPAD Autre")
    theirs = Unite.get(Unite.etablissement_id == other.id)
    browser.post(SHEET, sheet(place) | {f"places-{theirs.id}": "9"})
    assert Unite.get_by_id(theirs.id).places is None


@pytest.mark.parametrize(("roles", "paper", "kept"), [
    ("admissions", 200, 403), ("medical", 403, 403), ("referent", 403, 200), ("", 403, 403),
])
def test_each_page_asks_for_its_role(
        opened_app: Starlette, team: Structure, roles: str, paper: int, kept: int) -> None:
    with Client(opened_app) as someone:
        espaces.member(someone, team, roles)
        someone.get(PAPER, paper)
        someone.get(f"{PAPER}/nouveau", paper)
        someone.get(SHEET, kept)
        if paper == 403:
            someone.post(f"{PAPER}/nouveau", NEW, 403)
        if kept == 403:
            someone.post(SHEET, {"version": "1"}, 403)
    with database.reading():
        assert not Papier.select().exists()
