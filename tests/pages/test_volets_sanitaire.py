"""The five volets of a sanitaire dossier on their pages: one by one, what they add up to, paper and export."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from portal.db import database
from portal.demonstration import volets_sanitaire as demonstration
from portal.dossiers import commands as dossiers
from portal.dossiers import queries
from portal.dossiers.queries import Visible
from portal.volets import commands
from portal.volets import queries as volets
from tests.pages.test_volets_tnd import save
from tests.support.client import Client
from tests.support.people import LEROUX
from tests.support.volets import ALICE, ALICE_ACTS

FIVE = ("demandeur", "administratif", "orientation", "medical", "soins")


@pytest.fixture
def alice(client: Client, midday: datetime) -> Client:
    return client.login(ALICE)


def patient(**filled: str) -> Visible:
    """Mme LEROUX's sanitaire dossier, which Dr Alice MARTIN leads; ``filled``: a set of answers by volet."""
    with database.writing():
        made = dossiers.create(ALICE_ACTS, "s", replace(LEROUX, sejours=("SSR",)))
        seen = queries.visible_dossier(ALICE, "s", made.numero)
        for code, name in filled.items():
            commands.first(ALICE_ACTS, made, code, demonstration.answers(seen, code, name))
    return seen


def here(seen: Visible, rest: str = "") -> str:
    return f"/dossiers/sanitaire/{seen.dossier.numero}{rest}"


@pytest.mark.parametrize("kind", ["smr", "had", "usp"])
def test_each_volet_is_validated_on_its_own(alice: Client, kind: str) -> None:
    seen = patient(demandeur="hopital", administratif="complet", orientation=kind, medical=kind, soins=kind)
    for rank, code in enumerate(FIVE, start=1):
        page = alice.get(here(seen, f"/volets/{code}")).soup
        version = str(page.select_one("#volet input[name=version]")["value"])
        alice.post(here(seen, f"/volets/{code}/valider"), {"version": version, "base": "{}"})
        states = [one.etat for one in volets.situations(seen)]
        assert states == ["valide"] * rank + ["en_cours"] * (5 - rank)


def test_the_avq_total_follows_each_saving_and_is_printed(alice: Client) -> None:
    seen = patient(soins="commence")
    where = here(seen, "/volets/soins")
    assert "AVQ : pas encore de total" in alice.get(where).text
    bar = save(alice, where, avq_comportement="a1", avq_relation="a2")
    assert "AVQ : 13 sur 24" in bar.text
    paper = alice.get(here(seen, "/imprimer/dossier?volet=soins")).soup.select_one(".papier")
    assert paper is not None and "AVQ\u00a0: 13 sur 24" in paper.get_text(" ", strip=True)


def test_pallia_is_asked_of_palliative_and_home_care_only(alice: Client) -> None:
    seen = patient(orientation="usp")
    where = here(seen, "/volets/orientation")
    assert "PALLIA-10 : 7 oui sur 10" in alice.get(where).text
    bar = save(alice, where, prise_en_charge="smr")
    assert "PALLIA-10" not in bar.text  # its answers wait, and count nowhere
    assert volets.opened(seen, "orientation").answers["pallia1"] == "oui"


def test_what_a_device_needs_is_asked_with_it(alice: Client) -> None:
    seen = patient(medical="had")
    where = here(seen, "/volets/medical")
    bar = save(alice, where, **{"dispositifs.oxygene": "oui", "dispositifs.dialyse": "oui"})
    assert "Débit d’oxygène" in bar.text and "Jours et lieu de dialyse" in bar.text
    refused = save(alice, where, 422, oxygene_debit="60,5")
    assert volets.opened(seen, "medical").answers.get("oxygene_debit") is None and "60" in refused.text


@pytest.mark.parametrize("typed", ["9" * 400, "-1", "½", "١", "1e3", "99999999999999999999"])
def test_a_number_that_is_none_is_refused_and_changes_nothing(alice: Client, typed: str) -> None:
    seen = patient(soins="smr")
    where = here(seen, "/volets/soins")
    save(alice, where, 422, seances=typed)
    assert volets.opened(seen, "soins").answers["seances"] == "2"


def test_the_export_says_the_codes_of_the_pmsi(alice: Client) -> None:
    seen = patient(orientation="had")
    bundle = alice.get(here(seen, "/volets/orientation/fhir")).response.json()
    codes = {answer["valueCoding"]["code"]: answer["valueCoding"]["display"]
             for group in bundle["item"] for item in group["item"] for answer in item["answer"]
             if "valueCoding" in answer}
    assert codes["m09"] == "09 Pansements complexes et soins spécifiques" and codes["k50"].startswith("50 %")
