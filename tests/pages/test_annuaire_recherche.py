"""The search of the directory: what each filter finds, in what order, and what wrong input is told."""

from __future__ import annotations

from datetime import date
from urllib.parse import quote, urlencode

import pytest

from portal import clock
from portal.annuaire import recherche
from portal.annuaire.models import Etablissement, Reponse
from portal.annuaire.rules import Commune
from portal.compte.espace import commands as preferences
from portal.compte.espace.commands import Habits
from portal.db import database
from portal.db.audit import Actor
from portal.dossiers import commands as dossiers
from tests.support import espaces
from tests.support.annuaire import place
from tests.support.client import Answer, Client
from tests.support.people import LEROUX, account

PATH = "/annuaire/etablissements"


@pytest.fixture(autouse=True)
def region(app: object) -> dict[str, Etablissement]:
    """Five establishments north of Caen, the first in the town itself."""
    database.connect()
    return {one.nom: one for one in (
        place("EHPAD Alpha", 0, prices=[{"hebergement": 9000, "dep56": 600}], services="jardin couple",
              units=[{"genre": "ehpad", "sejours": "permanent temporaire", "capacite": 80, "places": 2,
                      "places_le": date(2026, 11, 20)}]),
        place("Résidence Bêta", 12, prices=[{"hebergement": 5000}], incomplets=True,
              units=[{"genre": "ra", "sejours": "permanent", "places": 0}]),
        place("EHPAD Gamma", 25, services="jardin", prices=[{"hebergement": 6000, "dep56": 550}, {
            "hebergement": 5500, "dep56": 550, "chambre": "double"}]),
        place("SMR Delta", 28, units=[{"genre": "smr", "sejours": "complet jour"}]),
        place("EHPAD Epsilon", 80, units=[{"genre": "ehpad", "sejours": "permanent"},
                                          {"genre": "aj", "sejours": "jour"}]),
    )}


def ask(client: Client, status: int = 200, **fields: str) -> Answer:
    return client.get(f"{PATH}?{urlencode(fields)}" if fields else PATH, status)


def names(answer: Answer) -> list[str]:
    return [link.text for link in answer.soup.select("#resultats tbody th a")]


@pytest.mark.parametrize(("fields", "found"), [
    ({}, ["EHPAD Alpha", "Résidence Bêta", "EHPAD Gamma", "SMR Delta"]),
    ({"rayon": "24"}, ["EHPAD Alpha", "Résidence Bêta"]),
    ({"rayon": "200 km"}, ["EHPAD Alpha", "Résidence Bêta", "EHPAD Gamma", "SMR Delta", "EHPAD Epsilon"]),
    ({"genre": "ehpad"}, ["EHPAD Alpha", "EHPAD Gamma"]),
    ({"genre": "smr"}, ["SMR Delta"]),
    ({"sejour": "temporaire"}, ["EHPAD Alpha"]),
    ({"sejour": "jour", "rayon": "100"}, ["SMR Delta", "EHPAD Epsilon"]),
    # One unit must be of the kind and offer the stay: Epsilon's EHPAD takes nobody for the day.
    ({"sejour": "jour", "genre": "ehpad", "rayon": "100"}, []),
    ({"services": "jardin"}, ["EHPAD Alpha", "EHPAD Gamma"]),
    ({"places": "oui"}, ["EHPAD Alpha"]),
    ({"incomplets": "oui"}, ["Résidence Bêta"]),
    ({"nom": "ehpad gam"}, ["EHPAD Gamma"]), ({"nom": "bêta"}, ["Résidence Bêta"]), ({"nom": "100%"}, []),
    # 60,50 € a day are 1 840,21 € a month.
    ({"prix": "1840"}, ["Résidence Bêta"]), ({"prix": "1 841 €"}, ["Résidence Bêta", "EHPAD Gamma"]),
    ({"prix": "60,50", "par": "jour"}, ["Résidence Bêta", "EHPAD Gamma"]), ({"prix": "49.99", "par": "jour"}, []),
    ({"tri": "prix"}, ["Résidence Bêta", "EHPAD Gamma", "EHPAD Alpha", "SMR Delta"]),
    ({"tri": "nom"}, ["EHPAD Alpha", "EHPAD Gamma", "Résidence Bêta", "SMR Delta"]),
])
def test_what_a_search_finds(client: Client, fields: dict[str, str], found: list[str]) -> None:
    assert names(ask(client, ville="14000 Caen", **fields)) == found


def test_several_services_must_all_be_there(client: Client) -> None:
    assert names(client.get(f"{PATH}?ville=caen&services=jardin&services=couple")) == ["EHPAD Alpha"]


def test_a_row_says_distance_places_price_and_answers(client: Client) -> None:
    row = ask(client, ville="caen").soup.select_one("#resultats tbody tr")
    assert row is not None
    words = " ".join(row.get_text(" ").split())
    for said in ("EHPAD", "14000 CAEN", "2 places libres au 20/11/2026", "2 920 € par mois", "Moins de 5 réponses",
                 "02 31 00 00 00"):
        assert said in words.replace("\u202f", " ").replace("\u00a0", " ")


def test_the_fastest_to_answer_comes_first_and_few_answers_last(
        client: Client, region: dict[str, Etablissement]) -> None:
    with database.writing():
        for name, n, median in (("EHPAD Alpha", 9, 50), ("EHPAD Gamma", 5, 3), ("Résidence Bêta", 4, None)):
            Reponse.create(etablissement_id=region[name].id, n=n, mediane=median, maj=clock.now())
    found = ask(client, ville="caen", tri="reponse")
    assert names(found) == ["EHPAD Gamma", "EHPAD Alpha", "Résidence Bêta", "SMR Delta"]
    assert "Répond en 3\u00a0heures" in found.html
    assert "Répond en 2\u00a0jours" in found.html


def test_a_closed_establishment_is_not_found_but_its_sheet_stays(
        client: Client, region: dict[str, Etablissement]) -> None:
    with database.writing():
        Etablissement.update(ferme=True).where(Etablissement.id == region["EHPAD Alpha"].id).execute()
    assert "EHPAD Alpha" not in names(ask(client, ville="caen"))
    assert "n’est plus dans l’annuaire" in client.get(f"{PATH}/{region['EHPAD Alpha'].finess}").text


def test_a_name_alone_searches_the_whole_directory(client: Client) -> None:
    found = ask(client, nom="epsilon")
    assert names(found) == ["EHPAD Epsilon"]
    assert "dans tout l’annuaire" in found.text


def test_nothing_asked_asks_for_a_town(client: Client) -> None:
    found = ask(client)
    assert names(found) == []
    assert "Indiquez une ville" in found.text


@pytest.mark.parametrize(("fields", "words"), [
    ({"ville": "caen", "rayon": "10", "genre": "smr"}, ["Chercher jusqu’à 30\u00a0km\u00a0: 1 établissement",
                                                       "Chercher pour tous les types d’établissement"]),
    ({"ville": "caen", "services": "animal"}, ["Chercher sans les services cochés\u00a0: 4 établissements"]),
    ({"ville": "caen", "prix": "100"}, ["Chercher sans prix maximum\u00a0: 4 établissements"]),
    ({"nom": "epsilon", "places": "oui"}, ["Chercher sans le nom\u00a0: 1 établissement", "avec ou sans place libre"]),
])
def test_a_vain_search_says_what_to_widen(client: Client, fields: dict[str, str], words: list[str]) -> None:
    found = ask(client, **fields)
    assert "Aucun établissement" in found.text
    for said in words:
        assert said in found.html
    # What it offers is true: the address finds as many as it says.
    for link in found.soup.select("#resultats .etat-vide a"):
        wider = client.get(str(link["href"]))
        assert f": {len(names(wider))} établissement" in link.text


def test_the_list_comes_by_pages_and_says_how_many_there_are(client: Client) -> None:
    for rank in range(25):
        place(f"EHPAD Zone {rank:02d}", 5)
    first = ask(client, ville="caen", genre="ehpad")
    assert len(names(first)) == recherche.PAGE_SIZE
    assert "27 établissements à moins de 30\u00a0km de Caen (14000), page 1 sur 2" in first.html
    second = client.get(str(first.soup.select_one("#suivants")["href"]))  # type: ignore[index]  # it is there
    assert len(names(second)) == 7
    assert not set(names(first)) & set(names(second))
    assert names(ask(client, ville="caen", genre="ehpad", page="999")) == names(second)


def test_a_physician_begins_where_he_prefers(client: Client) -> None:
    compte = account(10100000011)
    client.login(10100000011, compte_id=compte)
    assert "4 établissements à moins de 30\u00a0km de Caen" in ask(client).html
    actor = Actor(10100000011, "Dr Alice MARTIN", "cps")
    with database.writing():
        preferences.set_habits(actor, compte, Habits(Commune("14118", "Caen", "14000"), 15, "", ""))
    found = ask(client)
    assert "2 établissements à moins de 15\u00a0km de Caen" in found.html
    # A town that no longer exists is no reason to begin with an error.
    with database.writing():
        preferences.set_habits(actor, compte, Habits(Commune("99999", "Ys", "29999"), 15, "", ""))
    assert "Indiquez une ville" in ask(client).text
    # Another radius than his own stays in the address.
    answer = client.get(f"{PATH}?ville=caen&rayon=30", htmx="resultats")
    assert "rayon=30" in answer.headers["hx-push-url"]


@pytest.mark.parametrize(("fields", "says"), [
    ({"ville": "zzzz"}, "Cette commune est introuvable"), ({"ville": "9" * 60_000}, "Cette commune est introuvable"),
    ({"ville": "saint"}, "choisissez la vôtre"), ({"ville": "\u202ecaen\u202c zz"}, "commune"),
    ({"ville": "caen", "rayon": "0"}, "de 1 à 200"), ({"ville": "caen", "rayon": "1" + "0" * 30}, "de 1 à 200"),
    ({"ville": "caen", "rayon": "abc"}, "de 1 à 200"), ({"ville": "caen", "rayon": "-5"}, "de 1 à 200"),
    ({"ville": "caen", "rayon": "٣٠"}, "de 1 à 200"), ({"ville": "caen", "rayon": "201"}, "de 1 à 200"),
    ({"ville": "caen", "prix": "-5"}, "Indiquez un prix"), ({"ville": "caen", "prix": "0"}, "Indiquez un prix"),
    ({"ville": "caen", "prix": "1e9"}, "Indiquez un prix"), ({"ville": "caen", "prix": "9" * 30}, "Indiquez un prix"),
    ({"ville": "caen", "genre": "hotel"}, "ce type d’établissement"),
    ({"ville": "caen", "sejour": "' OR 1=1"}, "ce type d’accueil"), ({"ville": "caen", "tri": "id"}, "cet ordre"),
    ({"ville": "caen", "par": "an"}, "cette façon de compter"), ({"ville": "caen", "services": "bar"}, "ce service"),
])
def test_wrong_input_is_told_and_kept(client: Client, fields: dict[str, str], says: str) -> None:
    answer = ask(client, 422, **fields)
    assert says in answer.text
    assert "La recherche n’a pas été faite" in answer.text
    for name, value in fields.items():
        box = answer.soup.select_one(f"#filtre input[name={name}]:not([type=checkbox])")
        assert box is None or box["value"] == value[:80]


@pytest.mark.proves("V1.2.4")
@pytest.mark.parametrize("nom", ["\x00", "a\x00b", "é" * 10_000, "\u202egauche", "😀", "%", "_", "'; DROP TABLE unite"])
def test_any_name_is_only_a_name(client: Client, nom: str) -> None:
    answer = client.get(f"{PATH}?ville=caen&nom={quote(nom)}")
    assert "établissement" in answer.text


@pytest.mark.parametrize("page", ["0", "-1", "abc", "9" * 40, "٢"])
def test_an_odd_page_is_the_nearest_one(client: Client, page: str) -> None:
    assert len(names(ask(client, ville="caen", page=page))) == 4


def test_a_town_of_several_meanings_offers_them(client: Client) -> None:
    answer = ask(client, 422, ville="saint-denis", genre="ehpad")
    links = [str(link["href"]) for link in answer.soup.select("#resultats ul.actions a")]
    assert len(links) > 1
    assert all("genre=ehpad" in link for link in links)
    client.get(links[0])


def test_the_sheet_says_all(client: Client) -> None:
    there = place(
        "EHPAD Les Tilleuls", prices=[{"hebergement": 6520, "dep12": 2200, "dep34": 1400, "dep56": 590,
                                       "valable_du": date(2026, 1, 1)}],
        units=[{"genre": "ehpad", "nom": "Unité protégée", "sejours": "permanent", "capacite": 14, "places": 1,
                "places_le": date(2026, 11, 20)}],
        statut_juridique="Public", adresse="4 rue des Tilleuls", courriel="accueil@tilleuls.example",
        site="www.tilleuls.example", services="alzheimer inconnu", aide_sociale=True, incomplets=True, rappel_heures=2)
    with database.writing():
        Reponse.create(etablissement_id=there.id, n=12, mediane=30, refus='[["Ressources insuffisantes", 6]]',
                       maj=clock.now())
    words = client.get(f"{PATH}/{there.finess}").text.replace("\u202f", " ").replace("\u00a0", " ")
    for said in (there.finess, "Établissement d’hébergement pour personnes âgées dépendantes", "Public",
                 "Unité protégée", "14", "1 au 20/11/2026", "65,20 €", "22 €", "14 €", "5,90 €", "01/01/2026",
                 "Unité protégée (maladie d’Alzheimer)", "Habilité à l’aide sociale", "Accepte les dossiers incomplets",
                 "S’engage à rappeler sous 2 heures ouvrées", "02 31 00 00 00", "en moins de 30 heures", "12 réponses",
                 "Ressources insuffisantes"):
        assert said in words


@pytest.mark.proves("V1.2.2")
@pytest.mark.parametrize("site", ["javascript:alert(1)", "data:text/html,x", "ftp://x", "a b", ""])
def test_a_site_that_is_no_web_address_is_no_link(client: Client, site: str) -> None:
    there = place("EHPAD", site=site)
    assert not client.get(f"{PATH}/{there.finess}").soup.select("main a[rel~=nofollow]")


@pytest.mark.parametrize("finess", ["149999999", "x", "%00", "9" * 300, "2A0000001"])
def test_an_unknown_establishment_is_not_found(client: Client, finess: str) -> None:
    client.get(f"{PATH}/{finess}", 404)
    client.get(f"{PATH}/{finess}/cout", 404)


@pytest.mark.parametrize(("dossier", "back"), [
    ("grand-age/43009190", "/dossiers/grand-age/43009190/demandes/choisir"), ("", PATH),
    ("//evil.example/1", PATH), ("grand-age/43009190/../..", PATH), ("grand-age/x", PATH),
])
def test_a_sheet_leads_back_to_the_choice_of_its_dossier(
        client: Client, region: dict[str, Etablissement], dossier: str, back: str) -> None:
    answer = client.get(f"{PATH}/{region['EHPAD Alpha'].finess}?{urlencode({'dossier': dossier})}")
    assert answer.soup.select_one(".fil-ariane a")["href"] == back  # type: ignore[index]  # it is there



def test_when_no_single_filter_is_to_blame_all_are_dropped(client: Client) -> None:
    found = ask(client, ville="caen", rayon="5", genre="usp", nom="introuvable")
    link = found.soup.select_one("#resultats .etat-vide a")
    assert link is not None
    assert "sans aucun filtre, jusqu’à 5 km : 1 établissement" in " ".join(link.text.split())
    assert names(client.get(str(link["href"]))) == ["EHPAD Alpha"]


@pytest.mark.parametrize("kind", ["structure", "usager"])
def test_the_other_actors_search_too(client: Client, kind: str) -> None:
    if kind == "structure":
        espaces.member(client, espaces.structure("coordination", "CLIC DU BESSIN"))
    else:
        with database.writing():
            dossier = dossiers.create(espaces.ASKS, "ga", LEROUX)
        espaces.usager(client, dossier)
    answer = ask(client, ville="caen")
    assert len(names(answer)) == 4
    assert [link.text for link in answer.soup.select("#menu a[aria-current]")] == ["Établissements"]


def test_filters_replace_the_address_and_pages_are_steps(client: Client) -> None:
    asked = f"{PATH}?ville=caen&genre=ehpad"
    typed = client.get(asked, htmx="resultats", **{"HX-Source": "form#filtre"})
    assert typed.headers["hx-replace-url"] == f"{PATH}?ville=14000+CAEN&genre=ehpad"
    assert "hx-push-url" in client.get(asked, htmx="resultats", **{"HX-Source": "a#suivants"}).headers
    refused = client.get(f"{PATH}?ville=caen&rayon=0", 422, htmx="resultats")
    assert not {"hx-push-url", "hx-replace-url"} & set(refused.headers)
