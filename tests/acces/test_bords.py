"""Two edges of the table: the preview before a physician has accepted, and an admission elsewhere."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from starlette.applications import Starlette

from portal.db import database
from portal.db.audit import Actor
from portal.demandes import commands as demandes
from portal.demandes import rules
from portal.dossiers import commands
from portal.dossiers.models import Dossier
from tests.support import espaces
from tests.support.client import Client
from tests.support.people import LEROUX

ALICE, ASKED = 10100000011, 10100000033
SECRETS = ("LEROUX", "1931-04-17", "17/04/1931", "12 rue des Tilleuls", "02 31 11 22 33")


@pytest.fixture
def dossier(opened_app: Starlette, midday: datetime) -> Dossier:
    """Mme LEROUX's dossier; another physician was asked, and has not answered."""
    with database.writing():
        made = commands.create(Actor(ALICE, "Dr Alice MARTIN", "cps"), "ga", LEROUX)
        commands.designate(Actor(None, "CLIC du Bessin", "interne"), made, ASKED)
    return made


@pytest.mark.proves("A3")
def test_the_preview_holds_what_the_guide_prints_and_nothing_else(dossier: Dossier, opened_app: Starlette) -> None:
    with Client(opened_app) as client:
        preview = client.login(ASKED).get(f"/dossiers/grand-age/{dossier.numero}")
    for shown in ("MME JOSETTE", "95 ans", "14000 CAEN", "Permanent", "Non envoyée"):
        assert shown.casefold() in preview.text.casefold()
    assert not [word for word in SECRETS if word in preview.html]


@pytest.mark.proves("A1", "V8.3.2")
def test_an_admission_elsewhere_shuts_the_dossier_at_once(dossier: Dossier, opened_app: Starlette) -> None:
    here, elsewhere = (espaces.etablissement(f"EHPAD {name}") for name in ("Un", "Deux"))
    espaces.demande(dossier, here, rules.LUE)
    admitted = espaces.demande(dossier, elsewhere, rules.LUE)
    path = f"/dossiers/grand-age/{dossier.numero}/volets/administratif"
    with Client(opened_app) as client:
        espaces.member(client, espaces.structure(nom=here.nom, etablissement_id=here.id))
        assert client.http.get(path).status_code == 200
        with database.writing():
            demandes.admit(espaces.ANSWERS, admitted.id, admitted.version, date(2026, 11, 20))
        assert client.http.get(path).status_code == 404
