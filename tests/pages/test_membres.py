"""Accounts of structures: invited by mail, given roles, removed; the last referent stays; the support's command."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.applications import Starlette

from portal import clock
from portal.compte.models import STRUCTURE, Compte
from portal.compte.rules import CHARTE
from portal.db import outbox
from portal.db.audit import Trace
from portal.espaces.membres import invitation
from portal.espaces.membres.models import Invite
from portal.espaces.models import Membre, Structure
from portal.settings import Settings, load
from portal.web.session import Access
from tests.support import espaces
from tests.support.client import Client

PERSON = {"prenom": "Odile", "nom": "Vasseur", "email": "odile.vasseur@exemple.fr", "roles": "admissions"}
PASSWORD = "Pommier-de-Bayeux-2031"


@pytest.fixture
def tilleuls(opened_app: Starlette) -> Iterator[Structure]:
    place = espaces.etablissement()
    yield espaces.structure(nom=place.nom, etablissement_id=place.id)


def link() -> str:
    """The path of the latest invitation that was mailed."""
    found = re.search(r"/espaces/invitation/\S+", outbox.latest(1)[0].body)
    assert found
    return found[0]


def invite(client: Client, structure: Structure, **changes: str) -> str:
    espaces.member(client, structure).post("/espaces/membres", PERSON | changes)
    return link()


def test_an_invited_person_opens_an_account_and_lands_in_the_space(
        client: Client, another_client: Client, tilleuls: Structure) -> None:
    path = invite(client, tilleuls)
    page = another_client.get(path)
    assert "EHPAD Les Tilleuls" in page.text and "Admissions" in page.text
    answer = another_client.post(path, {"mot_de_passe": PASSWORD, "mot_de_passe_2": PASSWORD})
    assert answer.location == "/compte/charte"
    another_client.post("/compte/charte", {"version": CHARTE.version, "accepte": "oui"})
    assert another_client.get("/espaces", 303).location == "/espaces/etablissement"
    compte = Compte.get(Compte.email == PERSON["email"])
    assert (compte.kind, compte.rpps, Membre.get_by_id(compte.id).roles) == (STRUCTURE, None, "admissions")
    assert another_client.get("/espaces/etablissement").soup.find(string=re.compile("Odile VASSEUR"))


@pytest.mark.proves("V6.4.1")
def test_a_link_serves_once(client: Client, another_client: Client, tilleuls: Structure, app: Starlette) -> None:
    path = invite(client, tilleuls)
    another_client.post(path, {"mot_de_passe": PASSWORD, "mot_de_passe_2": PASSWORD})
    with Client(app) as third:
        assert "déjà servi" in third.get(path, 410).text
        third.post(path, {"mot_de_passe": PASSWORD, "mot_de_passe_2": PASSWORD}, 410)
    assert Compte.select().where(Compte.email == PERSON["email"]).count() == 1


@pytest.mark.parametrize("how", ["late", "withdrawn", "again", "forged"])
def test_a_dead_link_opens_nothing(client: Client, another_client: Client, tilleuls: Structure, how: str) -> None:
    path = invite(client, tilleuls)
    status = 410
    if how == "late":
        with clock.shift(timedelta(days=8)):
            another_client.get(path, 410)
        return
    if how == "withdrawn":
        client.post("/espaces/membres", {"retirer": Invite.get().key})
    elif how == "again":
        client.post("/espaces/membres", PERSON)
    else:
        path, status = path[:-3] + "abc", 404
    another_client.get(path, status)
    another_client.post(path, {"mot_de_passe": PASSWORD, "mot_de_passe_2": PASSWORD}, status)
    assert not Compte.select().where(Compte.email == PERSON["email"]).exists()


@pytest.mark.parametrize(("changes", "said"), [
    ({"prenom": ""}, "prénom"), ({"nom": " "}, "nom"), ({"email": "pas une adresse"}, "adresse"),
    ({"email": "membre@"}, "adresse"), ({"roles": ""}, "au moins un rôle"), ({"roles": "dossiers"}, "au moins un rôle"),
    ({"roles": "admin"}, "au moins un rôle"), ({"nom": "A\u0000\u0007"}, None), ({"prenom": "é" * 5_000}, None)])
def test_what_is_wrong_is_said_and_nobody_is_invited(
        client: Client, tilleuls: Structure, changes: dict[str, str], said: str | None) -> None:
    espaces.member(client, tilleuls)
    if said is None:  # cleaned or cut, never refused with an error page
        client.post("/espaces/membres", PERSON | changes)
        assert len(Invite.get().prenom) <= 60 and "\u0000" not in Invite.get().nom
        return
    page = client.post("/espaces/membres", PERSON | changes, 422)
    assert said in page.text
    assert not Invite.select().exists()
    kept = PERSON | changes
    assert page.soup.select_one("#email")["value"] == kept["email"]


def test_an_address_that_has_an_account_is_not_invited(client: Client, tilleuls: Structure) -> None:
    other = espaces.account(tilleuls)
    espaces.member(client, tilleuls)
    assert "déjà un compte" in client.post("/espaces/membres", PERSON | {"email": other.email}, 422).text


def test_only_the_referent_invites_and_changes(client: Client, tilleuls: Structure) -> None:
    other = espaces.account(tilleuls)
    espaces.member(client, tilleuls, "admissions")
    client.get("/espaces/membres")
    client.post("/espaces/membres", PERSON, 403)
    client.get(f"/espaces/membres/{other.id}", 403)
    client.post(f"/espaces/membres/{other.id}", {"retirer": "oui"}, 403)


@pytest.mark.proves("V8.4.1")
def test_another_structure_s_member_is_not_there(client: Client, tilleuls: Structure) -> None:
    stranger = espaces.account(espaces.structure("coordination", "CLIC"))
    espaces.member(client, tilleuls)
    for number in (stranger.id, 999_999, 10**25):
        client.get(f"/espaces/membres/{number}", 404)
        client.post(f"/espaces/membres/{number}", {"retirer": "oui"}, 404)


def test_roles_change_at_once_and_are_told(client: Client, another_client: Client, tilleuls: Structure) -> None:
    other = espaces.account(tilleuls, "admissions")
    another_client.enter(Access.STRUCTURE, None, "Claire DUBOIS", other.id, level="otp", subject=other.subject)
    another_client.get("/espaces/etablissement")
    espaces.member(client, tilleuls).post(f"/espaces/membres/{other.id}", {"roles": ["medical", "referent"]})
    assert set(Membre.get_by_id(other.id).roles.split()) == {"medical", "referent"}
    assert outbox.latest(1)[0].to == other.email
    another_client.get("/espaces/etablissement/fiche")


@pytest.mark.proves("V8.3.2")
def test_a_removed_member_is_out_at_once(client: Client, another_client: Client, tilleuls: Structure) -> None:
    espaces.member(another_client, tilleuls)
    mine = Membre.select().order_by(Membre.compte_id.desc()).get().compte_id
    espaces.member(client, tilleuls).post(f"/espaces/membres/{mine}", {"retirer": "oui"})
    assert another_client.get("/espaces/etablissement", 303).location.startswith("/connexion")
    assert Trace.select().where(Trace.event == "membre.retire").exists()


@pytest.mark.parametrize("sent", [{"retirer": "oui"}, {"roles": ["admissions"]}])
def test_the_last_referent_stays(client: Client, tilleuls: Structure, sent: dict[str, str]) -> None:
    espaces.member(client, tilleuls)
    mine = Membre.get().compte_id
    assert "dernier référent" in client.post(f"/espaces/membres/{mine}", sent, 422).text
    assert "referent" in Membre.get().roles


# --- the command of the support

def asked(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    invitation.arguments(parser)
    return parser.parse_args(["--prenom", "Odile", "--nom", "Vasseur", "--email", "odile.vasseur@exemple.fr", *words])


def test_the_command_makes_the_structure_and_invites(tables: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    place = espaces.etablissement()
    assert invitation.command(asked("--finess", place.finess), tables) == 0
    assert "EHPAD Les Tilleuls" in capsys.readouterr().out
    assert Structure.get().etablissement_id == place.id
    assert Invite.get().roles == "admissions medical referent"


@pytest.mark.parametrize(("words", "said"), [
    (["--finess", "000000000"], "FINESS"), (["--genre", "coordination"], "--structure"),
    (["--genre", "coordination", "--structure", "CLIC", "--role", "medical"], "dossiers, referent"),
    (["--genre", "coordination", "--structure", "CLIC", "--email", "rien"], "adresse")])
def test_the_command_says_what_is_wrong(
        tables: Settings, capsys: pytest.CaptureFixture[str], words: list[str], said: str) -> None:
    assert invitation.command(asked(*words), tables) == 1
    assert said in capsys.readouterr().err
    assert not Invite.select().exists()


def test_the_command_is_closed_where_nobody_could_log_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    closed = load({}, data=tmp_path, otp_mode="off")
    assert invitation.command(asked(), closed) == 1
    assert "otp_mode" in capsys.readouterr().err
