"""The FHIR files: who gets which, what is in them, and that nothing leaves unchecked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse
from starlette.applications import Starlette

from portal import clock
from portal.db import audit
from portal.dossiers import scelles
from portal.dossiers.models import Dossier
from portal.dossiers.queries import Visible
from portal.impression import queries, verification
from portal.settings import Settings
from portal.volets import commands, fhir
from portal.volets import queries as volets
from portal.web.session import Access
from tests.support import formulaires
from tests.support.client import Client
from tests.support.delegues import physician, secretary
from tests.support.formulaires import ALICE, BOB, shared, write
from tests.support.volets import complete, sign

RPPS = 10100000011
HISTORY = "Maladie d’Alzheimer"
AT = datetime(2026, 11, 22, 13, 32, tzinfo=UTC)
NIR = "279035121518989"


@pytest.fixture
def seen(opened_app: Starlette) -> Iterator[Visible]:
    """Mme LEROUX's dossier: volet médical begun, autonomie signed, administratif empty; her number is known."""
    with clock.freeze(AT):
        physician(RPPS)
        found = formulaires.dossier()
        write(ALICE, found, "medical", {"antecedents": HISTORY})
        sign(found.dossier.numero, "autonomie")
        Dossier.update(nir=scelles.seal("ga", found.dossier.numero, "nir", NIR)).execute()
        yield found


@pytest.fixture
def alice(opened_app: Starlette, seen: Visible) -> Iterator[Client]:
    with Client(opened_app) as client:
        client.login(RPPS)
        yield client


def address(seen: Visible, more: str) -> str:
    return f"/dossiers/grand-age/{seen.dossier.numero}{more}"


def file_of(client: Client, path: str) -> dict[str, Any]:
    response = client.http.get(path)
    assert response.status_code == 200, response.text[:300]
    assert response.headers["content-type"].startswith("application/fhir+json")
    assert response.headers["content-disposition"].startswith("attachment; filename=")
    found: dict[str, Any] = response.json()
    return found


def test_a_volet_leaves_with_its_author_and_without_the_number(alice: Client, seen: Visible) -> None:
    made = file_of(alice, address(seen, "/volets/medical/fhir"))
    QuestionnaireResponse.model_validate(made)
    assert made["status"] == "in-progress" and made["authored"] == "2026-11-22T13:32:00+00:00"
    assert made["author"] == {"type": "Practitioner", "display": "Dr Alice MARTIN", "identifier": {
        "system": "urn:oid:1.2.250.1.71.4.2.1", "value": "810100000011"}}
    assert HISTORY in str(made) and NIR not in str(made) and NIR[:13] not in str(made)
    act = audit.timeline(seen.label)[0]
    assert (act.event, act.detail) == ("dossier.exporte", "medical")


def test_a_signed_volet_is_complete_and_signed_again_is_amended(alice: Client, seen: Visible) -> None:
    here = address(seen, "/volets/autonomie/fhir")
    assert file_of(alice, here)["status"] == "completed"
    with formulaires.database.writing():
        commands.reopen(ALICE, seen, "autonomie", volets.opened(seen, "autonomie").version)
    assert file_of(alice, here)["status"] == "in-progress"
    formulaires.validated(ALICE, seen, "autonomie")
    assert file_of(alice, here)["status"] == "amended"


def test_the_author_is_who_wrote_last(alice: Client, seen: Visible) -> None:
    write(BOB, shared(seen), "medical", {"antecedents": "Revu"})
    made = file_of(alice, address(seen, "/volets/medical/fhir"))
    assert made["author"]["identifier"]["value"] == "810100000022"


def test_an_empty_volet_is_not_exported(alice: Client, seen: Visible) -> None:
    assert "Rien à exporter" in alice.get(address(seen, "/volets/administratif/fhir"), status=409).text
    assert audit.timeline(seen.label)[0].event != "dossier.exporte"


def test_the_whole_leaves_as_a_bundle_with_its_forms(alice: Client, seen: Visible) -> None:
    made = file_of(alice, address(seen, "/fhir"))
    Bundle.model_validate(made)
    kinds = [(one["resource"]["resourceType"], one["resource"].get("url") or one["resource"]["questionnaire"])
             for one in made["entry"]]
    form = "https://portail.test/formulaires/ga-"
    assert kinds == [("Questionnaire", f"{form}medical"), ("QuestionnaireResponse", f"{form}medical|1"),
                     ("Questionnaire", f"{form}autonomie"), ("QuestionnaireResponse", f"{form}autonomie|1")]


@pytest.mark.proves("A4")
def test_a_secretary_exports_what_she_reads(opened_app: Starlette, settings: Settings, seen: Visible) -> None:
    complete(seen.dossier.numero, "administratif")
    found, made = secretary(settings)
    with Client(opened_app) as client:
        client.enter(Access.SECRETARIAT, None, found.name, found.id, level="otp", subject=found.subject,
                     delegation_id=made.id)
        whole = file_of(client, address(seen, "/fhir"))
        assert [one["resource"]["resourceType"] for one in whole["entry"]] == ["Questionnaire", "QuestionnaireResponse"]
        assert "ga-medical" not in str(whole) and HISTORY not in str(whole)
        client.get(address(seen, "/volets/medical/fhir"), status=403)
        client.get(address(seen, "/volets/autonomie/fhir"), status=403)


def test_a_form_is_public_to_who_is_logged_in(alice: Client, seen: Visible) -> None:
    made = file_of(alice, "/formulaires/ga-medical/1/fhir")
    assert (made["resourceType"], made["title"], made["version"]) == ("Questionnaire", "Volet médical", "1")
    for unknown in ("/formulaires/ga-medical/2/fhir", "/formulaires/ga-medical/99999999999999999999/fhir",
                    "/formulaires/..%2f..%2fetc/1/fhir", "/formulaires/x/1/fhir"):
        alice.get(unknown, status=404)


def test_a_file_that_r4b_refuses_does_not_leave(
        alice: Client, seen: Visible, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    right = fhir.questionnaire_response
    monkeypatch.setattr(fhir, "questionnaire_response",
                        lambda *args: right(*args) | {"status": "fini", "authored": HISTORY})
    page = alice.get(address(seen, "/volets/medical/fhir"), status=500)
    assert verification.Invalide.title in page.text and HISTORY not in page.text
    assert "not valid R4B" in caplog.text and HISTORY not in caplog.text
    assert audit.timeline(seen.label)[0].event != "dossier.exporte"


def test_without_fhir_resources_files_leave_and_the_page_says_unchecked(
        alice: Client, seen: Visible, monkeypatch: pytest.MonkeyPatch) -> None:
    here = address(seen, "/imprimer")
    assert "Chaque fichier est vérifié" in alice.get(here).text
    monkeypatch.setattr(verification, "installed", lambda: False)
    assert "Non vérifié" in alice.get(here).text
    assert file_of(alice, address(seen, "/volets/medical/fhir"))["resourceType"] == "QuestionnaireResponse"


@pytest.mark.parametrize(("text", "names"), [
    ("Josette Marie", ("Josette", "Marie")), ("Josette, Marie-Anne ,Lucie", ("Josette", "Marie-Anne", "Lucie")),
    ("JOSETTE", ("JOSETTE",)), ("", ()), ("  ", ()),
])
def test_given_names_are_a_list(text: str, names: tuple[str, ...]) -> None:
    assert queries.given_names(text) == names
