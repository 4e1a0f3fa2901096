"""A child's request leaves with the consent of each holder of parental authority, and not otherwise."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from portal.annuaire.models import Etablissement
from portal.db import database
from portal.demandes import envoi
from portal.demandes.models import Demande
from portal.dossiers import commands as dossiers
from portal.dossiers import queries as dossiers_queries
from portal.dossiers.models import Dossier
from portal.volets import commands as volets
from tests.support import espaces
from tests.support.client import Client
from tests.support.people import LEROUX
from tests.support.volets import ALICE, ALICE_ACTS

AGREED = {"titulaires": "deux", "titulaire1_accord": "oui", "titulaire1_accord_le": "2026-11-02",
          "titulaire2_accord": "oui", "titulaire2_accord_le": "2026-11-03"}


@pytest.fixture
def alice(client: Client, midday: datetime) -> Client:
    return client.login(ALICE)


@pytest.fixture
def pco() -> Etablissement:
    """A platform that reads incomplete requests too: only the consent can stop one."""
    made = espaces.etablissement("PCO du Calvados", genre="pco")
    with database.writing():
        Etablissement.update(incomplets=True).where(Etablissement.id == made.id).execute()
    return made


@pytest.fixture
def leo(alice: Client) -> Dossier:
    with database.writing():
        return dossiers.create(ALICE_ACTS, "tnd", replace(
            LEROUX, prenom="LÉO", civilite="", sexe="M", naissance=date(2024, 9, 20), sejours=("Psychologie",)))


def said(dossier: Dossier, **answers: str) -> None:
    with database.writing():
        volets.first(ALICE_ACTS, dossier, "administratif", answers)


def here(dossier: Dossier, more: str = "") -> str:
    return f"/dossiers/tnd/{dossier.numero}/demandes{more}"


@pytest.mark.parametrize(("answers", "words"), [
    ({}, "qui exerce l’autorité parentale"),
    (AGREED | {"titulaire2_accord": "attente"}, "l’accord daté du second titulaire"),
    (AGREED | {"titulaire1_accord": "non"}, "n’est pas d’accord"),
])
def test_nothing_leaves_without_every_consent(alice: Client, leo: Dossier, pco: Etablissement,
                                              answers: dict[str, str], words: str) -> None:
    if answers:
        said(leo, **answers)
    one = espaces.demande(leo, pco, "non_envoyee")
    page = alice.get(here(leo, "/envoyer"))
    assert words in page.text and "attend l’accord des titulaires" in page.text
    assert page.soup.select_one("input[name=demande][disabled]") and "button" not in str(page.soup.select(
        "form[action$='/envoyer'] button"))
    link = page.soup.find("a", string=lambda text: bool(text) and words in text)
    assert link and str(link["href"]).endswith("/volets/administratif")
    answer = alice.post(here(leo, "/envoyer"), {"demande": f"{one.id}.{one.version}"}, 409)
    assert words in answer.soup.select_one("[role=alert]").get_text()
    assert Demande.get_by_id(one.id).etat == "non_envoyee"


def test_with_every_consent_it_leaves(alice: Client, leo: Dossier, pco: Etablissement) -> None:
    said(leo, **AGREED)
    one = espaces.demande(leo, pco, "non_envoyee")
    alice.post(here(leo, "/envoyer"), {"demande": f"{one.id}.{one.version}"})
    assert Demande.get_by_id(one.id).etat == "envoyee"


def test_a_consent_withdrawn_since_keeps_a_refused_request_from_leaving_again(
        alice: Client, leo: Dossier, pco: Etablissement) -> None:
    said(leo, **AGREED | {"titulaire2_accord": "non"})
    one = espaces.demande(leo, pco, "refus")
    answer = alice.post(here(leo, f"/{one.id}/rouvrir"), {"version": str(one.version)}, 409)
    assert "n’est pas d’accord" in answer.text and Demande.get_by_id(one.id).etat == "refus"


def test_a_consent_taken_from_another_dossier_counts_once_it_was_read_again(
        alice: Client, leo: Dossier, pco: Etablissement) -> None:
    said(leo, **AGREED)
    with database.writing():
        again = dossiers.create(ALICE_ACTS, "tnd", replace(
            LEROUX, prenom="LÉO", civilite="", sexe="M", naissance=date(2024, 9, 20), sejours=("Psychologie",)))
    place = f"/dossiers/tnd/{again.numero}/volets/administratif"
    alice.post(f"{place}/reprendre", {"source": f"tnd {leo.numero}"})
    one = espaces.demande(again, pco, "non_envoyee")
    sent = {"demande": f"{one.id}.{one.version}"}
    assert "redemandez-les, puis confirmez-les" in alice.post(here(again, "/envoyer"), sent, 409).text
    form = alice.get(place).soup.select_one("#volet")
    alice.post(place, {name: str(form.select_one(f"input[name={name}]")["value"]) for name in ("version", "cle")}
               | {"base": "{}", "confirmer_tout": "oui"})
    alice.post(here(again, "/envoyer"), sent)
    assert Demande.get_by_id(one.id).etat == "envoyee"


def test_the_clocks_count_a_missing_consent_among_what_the_dossier_lacks(leo: Dossier) -> None:
    said(leo, **AGREED | {"titulaire1_accord": "attente"})
    assert any("premier titulaire" in what for what in envoi.lacking(leo))


def test_an_adult_s_request_asks_for_no_parental_consent(alice: Client) -> None:
    with database.writing():
        made = dossiers.create(ALICE_ACTS, "ga", LEROUX)
    assert envoi.refusal(dossiers_queries.visible_dossier(ALICE, "ga", made.numero)) == ""
