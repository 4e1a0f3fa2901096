"""Every fragment is its page's own part: swapped in, it gives the bytes of a full load."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from starlette.applications import Starlette

from tests.support import espaces
from tests.support.client import Client
from tests.support.volets import complete, dossier

# Fragment's template -> id of its root, address of a page that holds another state, addresses to prove.
PROOFS = {
    "dossiers/_resultats.html": (
        "resultats", "/dossiers/tnd?onglet=admis",
        ["/dossiers/tnd", "/dossiers/tnd?q=zz", "/dossiers/tnd?tri=-patient&statut=transmise"]),
    "annuaire/_resultats.html": (
        "resultats", "/annuaire/etablissements?nom=zz",
        ["/annuaire/etablissements", "/annuaire/etablissements?ville=caen&rayon=50&tri=prix",
         "/annuaire/etablissements?nom=introuvable"]),
    "aide/_resultats.html": (
        "resultats-aide", "/aide/recherche?q=carte",
        ["/aide/recherche", "/aide/recherche?q=refuser", "/aide/recherche?q=%3Cscript%3E"]),
}
# Fragments that answer a question asked by a form: id of the root, address, what is typed.
ASKED = {
    "dossiers/_doublons.html": (
        "doublons", "/dossiers/grand-age/creer/doublons",
        [{}, {"nom_naissance": "LEROUX", "prenoms": "Josette", "naissance": "05/03/1941"},
         {"nir": "2 79 03 51 215 189 89", "naissance": "05/03/1941"}]),
}
# The bar of a volet that is being filled in: it is proved on a dossier of the test's own.
BAR = "volets/_suivi.html"
# The worklist of an establishment: it is proved by one of its members.
WORKLIST = "espaces/etablissement/_resultats.html"


def test_every_fragment_has_its_proof() -> None:
    sources = "\n".join(path.read_text("utf-8") for path in Path("portal").rglob("*.py"))
    assert set(re.findall(r"fragment=\"([^\"]+)\"", sources)) == set(PROOFS) | set(ASKED) | {BAR, WORKLIST}


@pytest.mark.parametrize(("root", "other", "address"), [
    (root, other, address) for root, other, addresses in PROOFS.values() for address in addresses])
def test_fragment_equals_page(client: Client, root: str, other: str, address: str) -> None:
    client.login(10100000011)
    fragment = client.get(address, htmx=root)
    page, target = client.get(address).soup, client.get(other).soup
    assert "<html" not in fragment.html
    new = BeautifulSoup(f"<body>{fragment.html}</body>", "html5lib").find(id=root)
    old = target.find(id=root)
    assert new is not None and old is not None
    old.replace_with(new)
    assert str(target.find(id=root)) == str(page.find(id=root))
    assert "HX-Request" in fragment.headers["vary"]


@pytest.mark.parametrize(("root", "address", "typed"), [
    (root, address, typed) for root, address, forms in ASKED.values() for typed in forms])
def test_answer_to_a_question_equals_its_page(client: Client, root: str, address: str, typed: dict[str, str]) -> None:
    client.login(10100000011)
    fragment = client.post(address, typed, 200, htmx=root)
    page = client.post(address, typed, 200).soup
    assert "<html" not in fragment.html
    new = BeautifulSoup(f"<body>{fragment.html}</body>", "html5lib").find(id=root)
    assert new is not None and str(new) == str(page.find(id=root))


@pytest.mark.parametrize("code", ["administratif", "medical", "autonomie"])
def test_the_bar_of_a_volet_equals_its_page_s(opened_app: Starlette, midday: datetime, code: str) -> None:
    numero = dossier().numero
    address = f"/dossiers/grand-age/{numero}/volets/{code}"
    with Client(opened_app) as client:
        client.login(10100000011)
        before = client.get(address).soup
        complete(numero, code)
        fragment, page = client.get(address, htmx="suivi"), client.get(address).soup
    new = BeautifulSoup(f"<body>{fragment.html}</body>", "html5lib").find(id="suivi")
    old = before.find(id="suivi")
    assert new is not None and old is not None and str(old) != str(new)
    assert str(new) == str(page.find(id="suivi"))


@pytest.mark.parametrize("query", ["", "?onglet=liste", "?gir=2", "?onglet=closes&gir=1", "?sejour=jour&niveau=admis"])
def test_the_worklist_of_an_establishment_equals_its_page_s(
        opened_app: Starlette, midday: datetime, query: str) -> None:
    place = espaces.etablissement()
    for etat in ("lue", "liste_attente", "refus"):
        espaces.demande(dossier(), place, etat)
    with Client(opened_app) as client:
        espaces.member(client, espaces.structure(nom=place.nom, etablissement_id=place.id))
        address = f"/espaces/etablissement{query}"
        fragment, page = client.get(address, htmx="demandes"), client.get(address).soup
        target = client.get("/espaces/etablissement?onglet=propositions").soup
    new = BeautifulSoup(f"<body>{fragment.html}</body>", "html5lib").find(id="demandes")
    old = target.find(id="demandes")
    assert "<html" not in fragment.html and new is not None and old is not None
    old.replace_with(new)
    assert str(target.find(id="demandes")) == str(page.find(id="demandes"))
    assert fragment.headers["hx-push-url"] == address
