"""The handicap module: the certificate begun from what is known, the notification followed with consent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from starlette.applications import Starlette

from portal import clock
from portal.db import audit, database
from portal.db.base import rows
from portal.dossiers import commands as dossiers
from portal.dossiers import queries as of_dossiers
from portal.dossiers.models import Dossier
from portal.handicap import queries, rules
from portal.volets import commands as of_volets
from portal.volets import queries as volets
from tests.support.client import Client
from tests.support.espaces import ASKS
from tests.support.people import LEROUX
from tests.support.volets import filled

ALICE, BOB = 10100000011, 10100000022
TODAY = date(2026, 11, 22)
DECISION = {"droit": "esms_adulte", "numero": "14-2026-0042", "du": "01/01/2026", "au": "31/12/2030", "accord": "oui",
            "accord_le": "20/11/2026", "version": "0"}
ANSWER = {"nom": "EAM Les Érables", "statut": "42", "unite": "", "motif": "", "statut_le": "21/11/2026"}


@pytest.fixture
def dossier(opened_app: Starlette, midday: datetime) -> Dossier:
    with database.writing():
        return dossiers.create(ASKS, "h", replace(LEROUX, sejours=("Adulte",)))


def here(dossier: Dossier, page: str = "") -> str:
    return f"/dossiers/handicap/{dossier.numero}{page}"


# --- the rules

@pytest.mark.parametrize(("until", "code"), [
    (TODAY - timedelta(days=1), "expiree"), (TODAY, "bientot"), (date(2027, 2, 21), "bientot"),
    (date(2027, 2, 22), "valable"), (date(2030, 1, 1), "valable"),
])
def test_validity_turns_three_months_before_its_end_and_the_day_after_it(until: date, code: str) -> None:
    found = rules.validity(until, TODAY)
    assert found.code == code
    assert found.mots and found.icon


def test_each_validity_has_an_icon_of_its_own() -> None:
    shown = [rules.validity(day, TODAY) for day in (date(2030, 1, 1), TODAY, date(2020, 1, 1))]
    assert len({one.icon for one in shown}) == len({one.mots for one in shown}) == 3


@pytest.mark.parametrize(("du", "au", "wrong"), [
    (date(2026, 1, 1), date(2030, 12, 31), False), (TODAY, TODAY, False),
    (TODAY + timedelta(days=1), date(2030, 1, 1), True), (date(2026, 2, 1), date(2026, 1, 31), True),
    (date(2026, 1, 1), date(9999, 12, 31), True),
])
def test_a_span_that_can_t_be(du: date, au: date, wrong: bool) -> None:
    assert bool(rules.why_wrong_span(du, au, TODAY)) is wrong


@pytest.mark.parametrize("statut", rules.STATUTS)
def test_a_status_that_ends_something_is_not_without_a_motive(statut: str) -> None:
    alone = rules.why_no_status(statut, "", TODAY, TODAY)
    assert set(alone) == ({"motif"} if statut in rules.NEEDS_MOTIVE else set())
    assert not rules.why_no_status(statut, "113", TODAY, TODAY)
    assert rules.why_no_status(statut, "90", TODAY, TODAY), "« 90 Décès » is deprecated in TRE_R358"


# --- the module

def test_it_has_no_tile_and_an_entry_where_dossiers_are_made_and_found(client: Client, dossier: Dossier) -> None:
    client.login(ALICE)
    home = client.get("/accueil")
    assert not home.soup.select("main a[href='/dossiers/handicap']")
    assert home.soup.select("nav a[href='/dossiers/handicap']")
    assert client.get("/dossiers/creer").soup.select("a[href='/dossiers/handicap/creer']")
    assert f"h {dossier.numero}" in client.get("/dossiers/handicap").text
    assert client.get(f"/dossiers/recherche?numero=h{dossier.numero}", 303).location == here(dossier)


def test_the_certificate_is_begun_from_the_person_s_medical_volet(client: Client, dossier: Dossier) -> None:
    with database.writing():
        before = dossiers.create(ASKS, "ga", LEROUX)
        of_volets.first(ASKS, before, "medical", filled("ga", "medical") | {"pathologies": "Sclérose en plaques"})
    seen = of_dossiers.visible_dossier(ALICE, "h", dossier.numero)
    assert ASKS.rpps == ALICE
    found = volets.sources(ALICE, seen, "certificat")
    assert [(one.dossier, one.url.endswith("/volets/medical")) for one in found] == [(f"ga {before.numero}", True)]
    assert volets.preview(ALICE, seen, "certificat", f"ga {before.numero}")["pathologies"] == "Sclérose en plaques"


def test_nothing_of_it_is_sent_to_anybody(client: Client, dossier: Dossier) -> None:
    client.login(ALICE)
    for page in ("/demandes", "/demandes/choisir", "/demandes/envoyer", "/famille"):
        client.get(here(dossier, page), 404)


# --- the notification

def test_a_notification_is_noted_shown_and_corrected(client: Client, dossier: Dossier) -> None:
    client.login(ALICE)
    client.post(here(dossier, "/notification"), DECISION)
    page = client.get(here(dossier, "/notification"))
    assert "Valable plus de trois mois encore" in page.text
    assert page.soup.select_one(".statut-valide use")
    client.post(here(dossier, "/notification"), DECISION | {"au": "01/12/2026", "version": "1"})
    assert "Moins de trois mois de validité" in client.get(here(dossier, "/notification")).text
    with clock.shift(timedelta(days=30)):
        client.login(ALICE)
        assert "Expirée" in client.get(here(dossier, "/notification")).text


@pytest.mark.parametrize(("changes", "field"), [
    ({"droit": ""}, "droit"), ({"droit": "toutes"}, "droit"), ({"du": "31/02/2026"}, "du"),
    ({"du": "01/01/9999"}, "au"),
    ({"au": "01/01/2020"}, "au"), ({"accord": ""}, "accord"), ({"accord_le": "01/01/2027"}, "accord_le"),
    ({"accord_le": "٢٠/١١/٢٠٢٦"}, "accord_le"), ({"numero": "9" * 500}, "numero"),
])
def test_what_is_wrong_is_said_kept_and_changes_nothing(
        client: Client, dossier: Dossier, changes: dict[str, str], field: str) -> None:
    answer = client.login(ALICE).post(here(dossier, "/notification"), DECISION | changes, 422)
    assert answer.soup.select_one(f"#{field}-erreur, [id='{field}-erreur']")
    assert answer.soup.select_one("#accord_le")["value"] == (DECISION | changes)["accord_le"]
    assert queries.of(dossier.id) is None


def test_somebody_who_changed_it_before_is_not_overwritten(client: Client, dossier: Dossier) -> None:
    client.login(ALICE)
    client.post(here(dossier, "/notification"), DECISION)
    for version in ("0", "", "9" * 40, "x"):
        client.post(here(dossier, "/notification"), DECISION | {"au": "31/12/2027", "version": version}, 409)
    kept = queries.of(dossier.id)
    assert kept is not None and kept.au == date(2030, 12, 31)


def test_answers_are_added_and_none_is_lost(client: Client, dossier: Dossier) -> None:
    client.login(ALICE)
    client.post(here(dossier, "/notification"), DECISION)
    client.post(here(dossier, "/notification/reponse"), ANSWER)
    client.post(here(dossier, "/notification/reponse"), ANSWER | {"statut": "45", "motif": "114"})
    shown = client.get(here(dossier, "/notification")).text
    assert "Liste d’attente, demande en cours d’analyse" in shown
    assert "Admission impossible signalée, ressources insuffisantes" in shown
    assert [one.statut for one in queries.steps(dossier.id)] == ["45", "42"]


@pytest.mark.parametrize(("changes", "field"), [
    ({"nom": ""}, "nom"), ({"nom": "x" * 5000}, "nom"), ({"statut": ""}, "statut"), ({"statut": "999"}, "statut"),
    ({"statut": "45"}, "motif"), ({"motif": "90"}, "motif"), ({"unite": "1"}, "unite"),
    ({"statut_le": "31/02/2026"}, "statut_le"), ({"statut_le": "01/01/9999"}, "statut_le"),
])
def test_a_wrong_answer_is_said_and_not_kept(
        client: Client, dossier: Dossier, changes: dict[str, str], field: str) -> None:
    client.login(ALICE)
    client.post(here(dossier, "/notification"), DECISION)
    answer = client.post(here(dossier, "/notification/reponse"), ANSWER | changes, 422)
    assert answer.soup.select_one(f"[id='{field}-erreur']")
    assert queries.steps(dossier.id) == []


def test_everything_that_misses_is_said_at_once_in_the_order_of_the_page(client: Client, dossier: Dossier) -> None:
    client.login(ALICE)
    client.post(here(dossier, "/notification"), DECISION)
    answer = client.post(here(dossier, "/notification/reponse"), dict.fromkeys(ANSWER, ""), 422)
    links = answer.soup.select(".resume-erreurs a[href^='#']")
    assert [link["href"] for link in links] == ["#nom", "#statut", "#statut_le"]


def test_without_a_notification_no_answer_is_noted(client: Client, dossier: Dossier) -> None:
    client.login(ALICE).post(here(dossier, "/notification/reponse"), ANSWER, 409)
    assert queries.steps(dossier.id) == []


def test_nothing_typed_is_in_clear_in_the_database_nor_in_the_audit(client: Client, dossier: Dossier) -> None:
    client.login(ALICE)
    client.post(here(dossier, "/notification"), DECISION)
    client.post(here(dossier, "/notification/reponse"), ANSWER)
    stored = b"".join(row[0] for table in ("notification", "notification_reponse")
                      for row in rows(f"SELECT contenu FROM {table}"))  # our own tables
    for word in (b"esms_adulte", b"14-2026-0042", "Érables".encode()):
        assert word not in stored
    written = audit.timeline(f"h {dossier.numero}")
    assert {"notification.decision", "notification.reponse"} <= {one.event for one in written}
    assert not any("Érables" in str(one.detail) for one in written)


def test_who_is_not_the_physician_finds_nothing(client: Client, dossier: Dossier) -> None:
    client.login(BOB)
    client.get(here(dossier, "/notification"), 404)
    client.post(here(dossier, "/notification"), DECISION, 404)
    assert queries.of(dossier.id) is None


@pytest.mark.parametrize("module", ["grand-age", "sanitaire", "tnd"])
def test_other_modules_have_no_notification(client: Client, dossier: Dossier, module: str) -> None:
    client.login(ALICE).get(f"/dossiers/{module}/{dossier.numero}/notification", 404)
