"""Who opened a dossier, for the patient who asks: on paper, in her space, from the support's command."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest

from portal import cli
from portal import settings as configuration
from portal.db import audit, database
from portal.db.audit import Actor, Mandate, Trace
from portal.dossiers import commands
from portal.dossiers.lectures import READS
from portal.dossiers.models import Dossier
from portal.espaces.usager.presenters import OPENED
from portal.settings import Settings
from tests.support import espaces
from tests.support.client import Client
from tests.support.people import LEROUX

ALICE, BOB, CHLOE = 10100000011, 10100000022, 10100000033
BY_CARD = Actor(ALICE, "Dr Alice MARTIN", "cps")
FOR_ALICE = Mandate(1, ALICE, "Dr Alice MARTIN", "medecin", frozenset({"ga"}), frozenset({"lire"}), None)
pytestmark = pytest.mark.proves("D5")


@pytest.fixture
def dossier(client: Client) -> Iterator[Dossier]:
    """Alice's; read by her replacement, refused to Bob."""
    database.connect()
    with database.writing():
        made = commands.create(BY_CARD, "ga", LEROUX)
        label = f"ga {made.numero}"
        audit.record(Actor(CHLOE, "Dr Chloé PETIT", "ecps", FOR_ALICE), "volet.ouvert", dossier=label, detail="medical")
        audit.record(Actor(BOB, "Dr Bob DURAND", "cps"), audit.DENIED, dossier=label, result=audit.REFUSED)
    yield made
    database.close()


def test_the_paper_says_who_when_how_and_what_was_refused(client: Client, dossier: Dossier) -> None:
    client.login(ALICE)
    here = f"/dossiers/grand-age/{dossier.numero}/imprimer"
    assert client.get(here).soup.find("a", href=f"{here}/acces")
    page = client.get(f"{here}/acces")
    rows = [[cell.get_text() for cell in row.select("td")][1:] for row in page.soup.select(".papier tbody tr")]
    assert [row for row in rows if row[2] != "Dr Alice MARTIN"] == [
        ["Accès demandé", "Refusé", "Dr Bob DURAND", "Carte CPS"],
        ["Volet consulté", "Fait", "Dr Chloé PETIT, par délégation du Dr Alice MARTIN", "e-CPS"]]
    assert "médical" not in page.soup.select_one(".papier tbody").get_text()
    assert "Liste des accès au dossier imprimée" in client.get(f"{here}/acces").text
    assert client.get(f"{here}/acces.pdf").headers["content-type"] == "application/pdf"


def test_it_is_nobodys_elses(client: Client, dossier: Dossier) -> None:
    client.login(BOB, "Dr Bob DURAND").get(f"/dossiers/grand-age/{dossier.numero}/imprimer/acces", 404)


def test_the_support_lists_every_act_and_that_is_one(
        client: Client, dossier: Dossier, settings: Settings, monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str]) -> None:
    with database.writing():
        audit.record(Actor(BOB, "=Dr Formule", "cps"), "dossier.ouvert", dossier=f"ga {dossier.numero}")
    monkeypatch.setattr(configuration, "load", lambda **_: settings)
    assert cli.main(["audit", "acces", f"GA {dossier.numero}"]) == 0
    head, *rows = csv.reader(io.StringIO(capsys.readouterr().out), delimiter=";")
    assert head == ["Date", "Ce qui a été fait", "Résultat", "Par", "Connexion"]
    assert [row[3] for row in rows] == ["'=Dr Formule", "Dr Bob DURAND",
                                        "Dr Chloé PETIT, par délégation du Dr Alice MARTIN", "Dr Alice MARTIN"]
    database.connect()
    last = Trace.select().order_by(Trace.id.desc()).get()
    assert (last.event, last.dossier, last.detail) == ("journal.imprime", f"ga {dossier.numero}", "assistance")
    assert cli.main(["audit", "acces", "abc"]) == 1
    assert "n’est pas un numéro" in capsys.readouterr().err


def test_the_patient_reads_every_kind_of_look_in_plain_words(client: Client, dossier: Dossier) -> None:
    assert set(OPENED) == set(READS)
    espaces.usager(client, dossier)
    with database.writing():
        for event in READS:
            audit.record(Actor(ALICE, f"Dr {event}", "cps"), event, dossier=f"ga {dossier.numero}", detail="medical")
    text = client.get("/espaces/usager/ouvertures").text
    assert all(f"Dr {event} {OPENED[event]}" in text for event in READS)
    assert "a vu une page" not in client.get("/espaces/usager/ouvertures").text.replace("Dr dossier.page a vu", "")
