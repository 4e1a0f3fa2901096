"""The charter: accepted before anything else, kept with its fingerprint, asked again when it changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from portal.compte import commands
from portal.compte.commands import Contact, Identity
from portal.compte.models import Acceptation, Compte
from portal.compte.rules import CHARTE, CHARTES
from portal.db import database
from portal.db.audit import Actor, Trace
from portal.web.session import Access
from tests.support.client import Client

ALICE = 10100000011
ACTOR = Actor(ALICE, "Dr Alice MARTIN", "cps")
IDENTITY = Identity("MARTIN", "Alice", "Médecin", "SM26", "Spécialiste en Médecine Générale (SM)")
CONTACT = Contact("alice.martin@exemple.fr", "", "", "14118", "14000", "CAEN")
BOX = "J’ai lu et accepte les conditions ci-dessus"
NEXT = replace(CHARTE, version="2027-02", published=date(2027, 2, 1), title="Charte nouvelle")


@pytest.fixture
def compte_id(client: Client) -> int:
    with database.writing():
        compte = commands.create(
            ACTOR, f"8{ALICE}", IDENTITY, CONTACT, "Bocage-2031-Pommier", client.app.state.settings)
    return int(compte.id)


@pytest.fixture
def reader(client: Client, compte_id: int) -> Client:
    """A physician whose account was just made."""
    return client.enter(Access.CHARTE, ALICE, compte_id=compte_id)


def publish(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CHARTES, NEXT.version, NEXT)
    client.app.state.charte = NEXT.version


def acceptances() -> list[Acceptation]:
    database.connect()
    return list(Acceptation.select().order_by(Acceptation.id))


def test_the_text_is_whole_and_the_box_is_at_the_bottom(reader: Client) -> None:
    answer = reader.get("/compte/charte")
    for section in CHARTE.sections:
        assert " ".join(section.title.split()) in answer.text
    assert answer.text.index(BOX) > answer.text.index(" ".join(CHARTE.sections[-1].title.split()))
    assert not answer.soup.find(id="accepte").has_attr("checked")
    assert answer.soup.select_one('form[action="/connexion/quitter"][method="post"]')
    assert "Je refuse et me déconnecte" in answer.text


def test_accepting_keeps_version_fingerprint_and_time(reader: Client, midday: datetime) -> None:
    answer = reader.post("/compte/charte", {"accepte": "oui", "version": CHARTE.version})
    assert answer.location == "/accueil"
    kept = acceptances()
    assert [(one.version, one.sha256, one.at) for one in kept] == [(CHARTE.version, CHARTE.sha256, midday)]
    assert Compte.get().charte == CHARTE.version
    traces = [(row.event, row.detail) for row in Trace.select().order_by(Trace.id.desc())]
    assert traces[0] == ("compte.charte_acceptee", CHARTE.version)
    again = reader.get("/compte/charte")
    assert "22/11/2026 à 13 h 00" in again.text
    assert not again.soup.find(id="accepte")


def test_without_the_box_nothing_is_accepted(reader: Client) -> None:
    answer = reader.post("/compte/charte", {"version": CHARTE.version}, status=422)
    assert "cochez" in answer.errors[0]
    assert answer.soup.find(id="accepte")["aria-invalid"] == "true"
    assert acceptances() == []


@pytest.mark.proves("A5", "V8.2.1")
@pytest.mark.parametrize("path", ["/accueil", "/compte", "/dossiers/grand-age", "/dossiers/tnd"])
def test_nothing_else_opens_before(reader: Client, path: str) -> None:
    assert reader.get(path, status=303).location == "/compte/charte"


def test_the_first_step_is_behind(reader: Client) -> None:
    assert reader.get("/compte/creer", status=303).location == "/compte/charte"


def test_accepting_twice_counts_once(reader: Client) -> None:
    for _ in range(2):
        answer = reader.post("/compte/charte", {"accepte": "oui", "version": CHARTE.version})
        assert answer.location == "/accueil"
    assert len(acceptances()) == 1


def test_a_new_version_asks_again_and_the_old_one_stays_readable(
    reader: Client, monkeypatch: pytest.MonkeyPatch,
) -> None:
    reader.post("/compte/charte", {"accepte": "oui", "version": CHARTE.version})
    publish(reader, monkeypatch)
    assert reader.get("/compte", status=303).location == "/compte/charte"
    answer = reader.get("/compte/charte")
    assert "Charte nouvelle" in answer.text and "a changé" in answer.text
    reader.post("/compte/charte", {"accepte": "oui", "version": NEXT.version})
    assert [one.version for one in acceptances()] == [CHARTE.version, NEXT.version]
    assert "Charte nouvelle" in reader.get("/compte/charte").text
    assert "Charte nouvelle" not in reader.get(f"/compte/charte?version={CHARTE.version}").text
    assert "Charte nouvelle" in reader.get("/compte/charte?version=1999-01").text


def test_a_version_not_shown_is_not_accepted(reader: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(reader, monkeypatch)
    answer = reader.post("/compte/charte", {"accepte": "oui", "version": CHARTE.version}, status=422)
    assert "pendant votre lecture" in answer.errors[0]
    assert acceptances() == []


def test_a_forged_form_accepts_nothing(reader: Client) -> None:
    reader.post("/compte/charte", {"accepte": "oui", "version": CHARTE.version}, status=403, token="faux")
    assert acceptances() == []
