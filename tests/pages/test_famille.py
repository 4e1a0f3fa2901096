"""The physician or the team invites the person or a relative: the link works, the roles hold, mistakes are said."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from starlette.applications import Starlette

from portal.db import database, outbox
from portal.db.audit import Trace
from portal.dossiers import commands
from portal.dossiers.models import Dossier
from portal.espaces.models import Usager
from tests.support import espaces
from tests.support.client import Client
from tests.support.people import LEROUX

PERSON = {"role": "aidant", "prenom": "Anne", "nom": "Moreau", "courriel": "anne.moreau@exemple.fr",
          "lien": "Fils ou fille"}


@pytest.fixture
def path(opened_app: Starlette, midday: datetime) -> str:
    with database.writing():
        made = commands.create(espaces.ASKS, "ga", LEROUX)
    return f"/dossiers/grand-age/{made.numero}/famille"


def test_who_is_invited_comes_in_by_her_link_and_reads_no_medical_word(
        client: Client, another_client: Client, path: str) -> None:
    client.login(10100000011).post(path, PERSON)
    assert Usager.get().role == "aidant"
    mail = outbox.latest(1)[0]
    assert mail.to == PERSON["courriel"]
    assert "LEROUX" not in mail.body and "Moreau" not in mail.body
    link = re.search(r"/espaces/usager/lien/\S+", mail.body)
    assert link
    another_client.get(link[0])
    another_client.post(link[0])
    assert "LEROUX" in another_client.get("/espaces/usager/dossier").text
    base = path.removesuffix("/famille")
    assert another_client.http.get(f"{base}/volets/medical").status_code == 403
    assert "Anne Moreau" in client.get(path).text.replace("MOREAU", "Moreau")
    assert Trace.select().where(Trace.event == "usager.invite").count() == 1


@pytest.mark.parametrize(("changes", "field"), [
    ({"role": ""}, "role"), ({"role": "receveur_medical"}, "role"), ({"prenom": ""}, "prenom"),
    ({"nom": "\u0000"}, "nom"), ({"courriel": "pas une adresse"}, "courriel"), ({"lien": "Maître"}, "lien"),
    ({"nom": "x" * 5000}, "nom")])
def test_what_is_wrong_is_said_kept_and_invites_nobody(
        client: Client, path: str, changes: dict[str, str], field: str) -> None:
    page = client.login(10100000011).post(path, PERSON | changes, 422)
    assert page.soup.select_one(f"#{field}-erreur")
    assert page.soup.select_one("#prenom")["value"] == (PERSON | changes)["prenom"]
    assert not Usager.select().exists()


def test_a_team_that_leads_invites_too(client: Client, path: str) -> None:
    clic = espaces.structure("coordination", "CLIC")
    espaces.follow(clic, Dossier.get())
    espaces.member(client, clic).post(path, PERSON)
    assert Usager.get().courriel is not None


def test_a_dossier_of_another_module_has_no_such_page(client: Client, opened_app: Starlette) -> None:
    with database.writing():
        made = commands.create(espaces.ASKS, "s", LEROUX)
    client.login(10100000011).get(f"/dossiers/sanitaire/{made.numero}/famille", 404)
