"""« Créer un dossier »: choose, fill in, be told what is wrong, and never open the same one twice unknowingly."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from portal.app import create_app
from portal.dossiers import queries, rules
from portal.dossiers.models import Dossier, Lien
from portal.settings import Settings
from tests.support.client import Client

ALICE = 10100000011
LEROUX = {
    "civilite": "Mme", "nom_naissance": "LEROUX", "nom_usage": "", "prenoms": "Josette", "naissance": "05/03/1941",
    "sexe": "F", "telephone": "0231000001", "adresse": "1 rue des Prés", "ville": "14000 Caen", "sejour_0": "oui",
    "sejour_2": "oui", "information": "oui",
}


@pytest.fixture
def alice(client: Client, midday: datetime) -> Client:
    return client.login(ALICE)


def test_three_modules_are_offered(alice: Client) -> None:
    answer = alice.get("/dossiers/creer")
    assert [link["href"] for link in answer.soup.select(".tuile a")] == [
        f"/dossiers/{slug}/creer" for slug in rules.BY_SLUG]
    assert alice.get("/dossiers/creer?module=tnd", 303).location == "/dossiers/tnd/creer"
    alice.get("/dossiers/creer?module=//evil.test")


@pytest.mark.parametrize(("module", "statut"), [
    ("grand-age", "Non envoyée"), ("sanitaire", "En cours de rédaction"), ("tnd", "En cours de rédaction")])
def test_a_dossier_is_opened_in_the_physicians_name(alice: Client, module: str, statut: str) -> None:
    data = LEROUX | {"naissance": "05/03/2022" if module == "tnd" else "05/03/1941"}
    page = alice.follow(alice.post(f"/dossiers/{module}/creer", data))
    assert "est créé. Vous en êtes le référent." in page.text and statut in page.text and "LEROUX JOSETTE" in page.text
    lien = Lien.get(Lien.rpps == ALICE)
    assert (lien.referent, lien.etat, lien.ville, lien.code_postal) == ("Vous", "accepte", "CAEN", "14000")
    assert len(str(lien.numero)) == rules.BY_SLUG[module].digits
    row = alice.get(f"/dossiers/{module}").soup.select_one("tbody tr")
    assert row is not None and "Vous" in row.get_text() and "Ouvrir" in row.get_text()


def test_what_was_typed_is_stored_and_the_phone_sealed(alice: Client) -> None:
    alice.post("/dossiers/grand-age/creer", LEROUX)
    dossier = Dossier.get()
    assert dossier.sejours == "Permanent, Jour" and dossier.insee == "14118"
    assert queries.telephone(dossier) == "02 31 00 00 01" and b"02 31" not in bytes(dossier.telephone)


@pytest.mark.parametrize(("field", "value", "message"), [
    ("nom_naissance", "", "Indiquez le nom de naissance"), ("prenoms", "", "Indiquez les prénoms"),
    ("prenoms", "<b>", "Écrivez les prénoms de naissance avec des lettres"),
    ("nom_usage", "x" * 81, "Raccourcissez le nom d’usage"),
    ("naissance", "", "Indiquez la date de naissance"), ("naissance", "31/02/1941", "Cette date n’existe pas"),
    ("naissance", "23/11/2026", "dans le futur"), ("naissance", "31/12/1899", "antérieure à 1900"),
    ("naissance", "hier", "Cette date n’existe pas"), ("sexe", "", "Choisissez le sexe"),
    ("sexe", "X", "Choisissez le sexe"), ("civilite", "Dr", "Choisissez la civilité"),
    ("telephone", "12", "numéro de téléphone"), ("ville", "", "code postal et la ville"),
    ("ville", "00000 Zzyzx", "introuvable"), ("information", "", "Informez la personne"),
    ("sejour", "", "cochez au moins un choix"),
])
def test_each_error_names_its_field_and_keeps_the_rest(alice: Client, field: str, value: str, message: str) -> None:
    data = {name: text for name, text in LEROUX.items() if not (field == "sejour" and name.startswith("sejour"))}
    answer = alice.post("/dossiers/grand-age/creer", data | ({} if field == "sejour" else {field: value}), 422)
    assert len(answer.errors) == 1 and message in answer.errors[0]
    link = answer.soup.select_one(".resume-erreurs a")
    assert link is not None and answer.soup.select_one(f'[id="{str(link["href"])[1:]}"]')
    assert answer.soup.select_one('[name="adresse"]')["value"] == "1 rue des Prés"
    assert answer.soup.title is not None and answer.soup.title.get_text().startswith("Erreur")
    assert not Dossier.select().exists()


@pytest.mark.parametrize(("born", "status"), [("23/11/2019", 303), ("22/11/2019", 422), ("22/11/2026", 303)])
def test_the_tnd_platform_is_for_children_under_seven(alice: Client, born: str, status: int) -> None:
    answer = alice.post("/dossiers/tnd/creer", LEROUX | {"naissance": born}, status)
    if status == 422:
        assert "enfants de 0 à 6 ans" in answer.errors[0]


def test_a_child_too_old_is_told_the_limit_its_source_and_what_to_do(alice: Client) -> None:
    answer = alice.post("/dossiers/tnd/creer", LEROUX | {"naissance": "05/03/2018"}, 422)
    for words in ("avant le 7e anniversaire", "guide pratique", "Vérifiez la date", "avant le 12e anniversaire"):
        assert words in answer.errors[0]
    assert answer.soup.select_one('[name="naissance"]')["value"] == "05/03/2018" and not Dossier.select().exists()


@pytest.mark.parametrize(("born", "status"), [("23/11/2014", 303), ("22/11/2014", 422)])
def test_an_instance_may_follow_the_law_s_age(settings: Settings, midday: datetime, born: str, status: int) -> None:
    with Client(create_app(replace(settings, tnd_age="loi"))) as client:
        client.login(ALICE)
        answer = client.post("/dossiers/tnd/creer", LEROUX | {"naissance": born}, status)
    assert status == 303 or "avant le 12e anniversaire" in answer.errors[0]


@pytest.mark.parametrize("name", ["N’Golo", "O'Brien", "Jean-Marie", "De La Tour d’Auvergne", "Éloïse", "Nguyễn"])
def test_real_names_are_accepted(alice: Client, name: str) -> None:
    alice.post("/dossiers/grand-age/creer", LEROUX | {"nom_naissance": name})
    assert Dossier.get().nom_naissance == name


def test_the_same_person_twice_asks_first(alice: Client) -> None:
    alice.post("/dossiers/grand-age/creer", LEROUX)
    answer = alice.post("/dossiers/sanitaire/creer", LEROUX | {"prenoms": "JOSÉTTE"}, 422)
    assert "est déjà dans vos dossiers" in answer.text and "ga 10000000" in answer.text
    assert answer.soup.select_one('button[name="confirme"]') and Dossier.select().count() == 1
    alice.post("/dossiers/sanitaire/creer", LEROUX | {"confirme": "oui"})
    assert Dossier.select().count() == 2


def test_anothers_patients_are_no_hint(alice: Client, another_client: Client) -> None:
    alice.post("/dossiers/grand-age/creer", LEROUX)
    another_client.login(10100000022, "Dr Bob DURAND").post("/dossiers/grand-age/creer", LEROUX)


def test_an_unknown_module_creates_nothing(alice: Client) -> None:
    alice.post("/dossiers/inconnu/creer", LEROUX, 404)
    alice.get("/dossiers/inconnu/creer", 404)


def test_a_town_that_may_be_several_is_offered(alice: Client) -> None:
    answer = alice.post("/dossiers/grand-age/creer", LEROUX | {"ville": "Saint-Aubin"}, 422)
    assert len(answer.soup.select('.choix-communes input[name="ville"]')) > 1
