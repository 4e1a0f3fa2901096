"""What a page of a volet never shows: a medical word to a secretary, an altered content to anybody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from starlette.applications import Starlette

from portal.db import audit, database
from portal.dossiers import commands as dossiers
from portal.dossiers.models import Dossier
from portal.dossiers.queries import Visible
from portal.settings import Settings
from portal.volets import coffre, queries, reponses
from portal.volets.commands import Sent, save
from portal.volets.models import Volet
from portal.web.session import Access
from tests.support import formulaires as support
from tests.support.client import Client
from tests.support.delegues import secretary
from tests.support.formulaires import ALICE

WORDS = "Maladie d’Alzheimer"
RPPS = 10100000011


@pytest.fixture
def seen(opened_app: Starlette, midday: datetime) -> Visible:
    """Mme LEROUX's dossier, her volet médical begun."""
    found = support.dossier()
    fill(found, WORDS)
    return found


def fill(where: Visible, words: str) -> None:
    with database.writing():
        saved = save(ALICE, where, "medical", Sent({"antecedents": words}, {"antecedents": reponses.digest(None)}))
    assert saved.volet.answers == {"antecedents": words}


@pytest.fixture
def unsealed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The volets whose seals were opened meanwhile."""
    opened: list[str] = []
    unseal = coffre.unseal
    monkeypatch.setattr(coffre, "unseal", lambda label, code, blob: opened.append(code) or unseal(label, code, blob))
    yield opened


def address(where: Visible, code: str = "medical", more: str = "") -> str:
    return f"/dossiers/grand-age/{where.dossier.numero}/volets/{code}{more}"


@pytest.mark.proves("A3", "V8.2.3")
@pytest.mark.parametrize("code", ["medical", "autonomie"])
@pytest.mark.parametrize("more", ["", "/valider", "/rouvrir", "/reprendre", "/nouvelle-version"])
def test_a_secretary_opens_no_medical_seal(opened_app: Starlette, settings: Settings, seen: Visible,
                                           unsealed: list[str], code: str, more: str) -> None:
    found, made = secretary(settings)
    before = len(audit.timeline(seen.label))
    with Client(opened_app) as client:
        client.enter(Access.SECRETARIAT, None, found.name, found.id, level="otp", subject=found.subject,
                     delegation_id=made.id)
        refused = client.get(address(seen, code, more), status=403)
        assert "lzheimer" not in refused.text and "réservé aux médecins" in refused.text
        for posted in ({"base": "{}", "version": "1"}, {"base": "{", "version": "x"}):
            if more != "/valider":
                client.post(address(seen, code, more), posted, status=403)
    assert unsealed == [] and len(audit.timeline(seen.label)) == before


def test_a_secretary_fills_the_administrative_volet_and_opens_that_one_only(
        opened_app: Starlette, settings: Settings, seen: Visible, unsealed: list[str]) -> None:
    found, made = secretary(settings)
    with Client(opened_app) as client:
        client.enter(Access.SECRETARIAT, None, found.name, found.id, level="otp", subject=found.subject,
                     delegation_id=made.id)
        client.get(address(seen, "administratif"))
        client.get(f"/dossiers/grand-age/{seen.dossier.numero}")
        client.get(f"/dossiers/grand-age/{seen.dossier.numero}/volets/administratif/reprendre")
    assert "medical" not in unsealed and "autonomie" not in unsealed


def test_a_physician_who_does_not_lead_reads_the_administrative_volet_and_is_told_who_fills_it(
        opened_app: Starlette, seen: Visible) -> None:
    Dossier.update(referent_kind="structure", referent_rpps=None, referent_texte="CLIC du Bessin").where(
        Dossier.id == seen.dossier.id).execute()
    with database.writing():
        dossiers.set_status(ALICE, support.seen(ALICE, seen.dossier.numero).dossier, "non_envoyee")
    with Client(opened_app) as client:
        client.login(RPPS)
        client.get(address(seen, "administratif"))
        refused = client.post(address(seen, "administratif"), {"base": "{}", "version": "0"}, status=403)
        assert "Le volet administratif est rempli par le référent : CLIC du Bessin." in refused.text


@pytest.mark.parametrize("spoilt", ["moved", "altered"])
def test_an_altered_content_is_said_and_never_shown(opened_app: Starlette, seen: Visible, spoilt: str,
                                                    caplog: pytest.LogCaptureFixture) -> None:
    other = support.dossier(prenom="Jeanne")
    fill(other, "Parkinson")
    mine, theirs = (Volet.get(Volet.dossier_id == one.dossier.id) for one in (seen, other))
    content = theirs.contenu if spoilt == "moved" else bytes(mine.contenu)[:-1] + b"\x00"
    Volet.update(contenu=content).where(Volet.id == mine.id).execute()
    with Client(opened_app) as client:
        client.login(RPPS)
        page = client.get(address(seen), status=503)
        assert queries.Illisible.title in page.text
        assert "Parkinson" not in page.text + caplog.text and "lzheimer" not in page.text + caplog.text
        line = next(one.getMessage() for one in caplog.records if one.name == "portal.volets")
        assert f"{seen.label} medical" in line and line.split()[1].rstrip(":") in page.text
        client.post(address(seen), {"base": "{}", "version": "1"}, status=503)
    assert Volet.get(Volet.id == mine.id).version == 1


@pytest.mark.parametrize("state", ["annule", "historise"])
def test_a_dossier_that_is_over_is_read_and_no_longer_written(opened_app: Starlette, seen: Visible,
                                                              state: str) -> None:
    with database.writing():
        dossiers.set_status(ALICE, seen.dossier, state)
    with Client(opened_app) as client:
        client.login(RPPS)
        assert WORDS in client.get(address(seen)).text
        refused = client.post(address(seen), {"base": "{}", "version": "1"}, status=403)
        assert "ses volets se lisent, mais ne changent plus" in refused.text


def test_a_preview_of_another_dossier_is_an_opening_of_it(opened_app: Starlette, seen: Visible) -> None:
    new = support.dossier()
    with Client(opened_app) as client:
        client.login(RPPS)
        assert WORDS in client.get(address(new, more="/reprendre")).text
        client.get(address(new, more=f"/reprendre?source=ga+{new.dossier.numero}"), status=404)
    latest = audit.timeline(seen.label)[0]
    assert (latest.event, latest.detail, latest.rpps) == ("volet.ouvert", "medical", RPPS)
