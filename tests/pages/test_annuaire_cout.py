"""The calculator of the remaining cost: asked by POST, keeps nothing, says what it supposes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from portal import clock
from portal.annuaire.models import Etablissement, Tarif
from portal.db import audit, database
from tests.support.annuaire import place
from tests.support.client import Answer, Client

PRICES = ({"hebergement": 6500, "dep12": 2200, "dep34": 1400, "dep56": 600},
          {"hebergement": 5800, "dep12": 2200, "dep34": 1400, "dep56": 600, "chambre": "double"},
          {"hebergement": 9900, "sejour": "temporaire"})


@pytest.fixture
def there(app: object) -> Etablissement:
    database.connect()
    return place("EHPAD Les Tilleuls", prices=PRICES, aide_sociale=True)


def estimate(client: Client, there: Etablissement, status: int = 200, **typed: str) -> Answer:
    first = Tarif.select().where(Tarif.etablissement == there).order_by(Tarif.id).first()
    values = {"tarif": str(first.id) if first else "", "gir": "2"} | typed
    return client.post(f"/annuaire/etablissements/{there.finess}/cout", values, status)


def said(answer: Answer) -> str:
    return answer.text.replace("\u202f", " ").replace("\u00a0", " ")


def test_the_form_offers_the_prices_of_a_permanent_stay(client: Client, there: Etablissement) -> None:
    page = client.get(f"/annuaire/etablissements/{there.finess}/cout")
    options = [" ".join(option.text.split()) for option in page.soup.select("#tarif option")]
    assert options == ["Chambre seule : 65 € par jour", "Chambre à deux lits : 58 € par jour"]
    assert "Règles du 01/01/2026 au 31/12/2026" in said(page)
    assert "C’est une estimation" in said(page)


def test_every_line_of_an_estimate(client: Client, there: Etablissement) -> None:
    words = said(estimate(client, there, ressources="1 500", logement="200", impot="1 000,00"))
    for line in ("Reste à payer : environ 1 960 € par mois", "1 959,58 €", "1 977,08 €", "669,17 €",
                 "2 646,25 €", "− 486,67 €",
                 "− 200 €", "− 83,33 €", "1 876,25 €"):
        assert line in words
    assert "participation la plus faible" not in words.partition("Règles appliquées")[0].partition("Estimer")[0]


def test_without_resources_it_says_what_it_supposes(client: Client, there: Etablissement) -> None:
    assert "l’estimation compte la participation la plus faible" in said(estimate(client, there))


def test_the_social_help_is_asked_for_where_it_exists(client: Client, there: Etablissement) -> None:
    words = said(estimate(client, there, ressources="1000", aide_sociale="oui"))
    assert "Reste à payer : environ 875 € par mois" in words
    assert "récupérable sur la succession" in words
    other = place("Résidence privée", prices=PRICES)
    page = client.get(f"/annuaire/etablissements/{other.finess}/cout")
    assert page.soup.select_one("#aide_sociale") is None


def test_a_place_without_prices_asks_for_them(client: Client) -> None:
    there = place("USLD")
    answer = estimate(client, there, 422)
    assert "Indiquez ce prix en euros par jour" in answer.text
    words = said(estimate(client, there, hebergement="65", dependance="22", dependance56="6"))
    assert "environ 2 160 € par mois" in words


def test_a_place_without_a_dependency_tariff_opens_no_tax_reduction(client: Client) -> None:
    there = place("Résidence autonomie", prices=[{"hebergement": 3000}],
                  units=[{"genre": "ra", "sejours": "permanent"}])
    words = said(estimate(client, there, gir="5", impot="900"))
    assert "la réduction d’impôt n’y est pas ouverte" in words
    assert "Réduction d’impôt, ramenée au mois" not in words


def test_the_flat_share_takes_the_tariffs_place(client: Client, there: Etablissement) -> None:
    words = said(estimate(client, there, forfait="6,10", ressources="9000"))
    assert "participation de 6,10 € par jour" in words
    assert "Allocation personnalisée" not in words


@pytest.mark.parametrize(("typed", "field", "says"), [
    ({"gir": "7"}, "gir", "GIR 1 à GIR 6"), ({"gir": ""}, "gir", "GIR 1 à GIR 6"), ({"gir": "٢"}, "gir", "GIR 1"),
    ({"tarif": "0"}, "tarif", "dans la liste"), ({"tarif": "9" * 50}, "tarif", "dans la liste"),
    ({"ressources": "-1"}, "ressources", "un montant en euros"), ({"ressources": "abc"}, "ressources", "un montant"),
    ({"ressources": "1" + "0" * 30}, "ressources", "un montant"), ({"logement": "1e3"}, "logement", "un montant"),
    ({"impot": "12,345"}, "impot", "un montant"), ({"forfait": "\u202e6"}, "forfait", "un montant"),
    ({"aide_sociale": "oui"}, "ressources", "l’aide sociale dépend d’elles"),
    ({"ressources": "a" * 100_000}, "ressources", "un montant"), ({"logement": "😀"}, "logement", "un montant"),
])
def test_wrong_input_is_told_and_kept(
        client: Client, there: Etablissement, typed: dict[str, str], field: str, says: str) -> None:
    answer = estimate(client, there, 422, **typed)
    assert says in answer.soup.select_one(f"#{field}-erreur").text  # type: ignore[union-attr]  # it is there
    assert "environ" not in answer.text
    box = answer.soup.select_one(f"input#{field}")
    if box is not None and field in typed:
        assert box["value"] == typed[field][:40]


def test_nothing_is_kept(client: Client, there: Etablissement) -> None:
    before = audit.Trace.select().count()
    answer = estimate(client, there, ressources="1234,56")
    assert audit.Trace.select().count() == before
    assert "location" not in answer.headers
    assert "1234" not in client.get(f"/annuaire/etablissements/{there.finess}/cout").html


def test_rules_that_have_ended_are_said_to_have(client: Client, there: Etablissement) -> None:
    with clock.freeze(datetime(2027, 1, 2, 12, tzinfo=UTC)):
        assert "elles ont pu changer depuis" in client.get(f"/annuaire/etablissements/{there.finess}/cout").text


def test_the_sheet_leads_to_it_where_one_lives_there(client: Client, there: Etablissement) -> None:
    assert client.get(f"/annuaire/etablissements/{there.finess}").soup.select_one(f'a[href$="{there.finess}/cout"]')
    care = place("SMR", units=[{"genre": "smr", "sejours": "complet"}])
    assert not client.get(f"/annuaire/etablissements/{care.finess}").soup.select_one('a[href$="/cout"]')
