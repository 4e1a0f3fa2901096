"""Numbers of dossiers: one sequence a module, given once each, whoever writes at the same time."""

from __future__ import annotations

import threading

import pytest

from portal.db import database
from portal.db.audit import Actor
from portal.db.base import db
from portal.dossiers import commands, numeros, rules
from portal.dossiers.models import Dossier, Lien, Numero
from portal.settings import Settings
from tests.support.client import Client
from tests.support.people import LEROUX

OWNER = Actor(10100000011, "Dr Alice MARTIN", "cps")
FORM = {"nom_naissance": "LEROUX", "prenoms": "Josette", "naissance": "05/03/1941", "sexe": "F", "ville": "14000 Caen",
        "sejour_0": "oui", "information": "oui"}


def take(module: str) -> int:
    with database.writing():
        return numeros.suivant(module)


@pytest.mark.parametrize(("module", "first"), [("ga", 10_000_000), ("s", 1_000_000), ("tnd", 100_000)])
def test_the_first_numbers_have_their_modules_length(tables: Settings, module: str, first: int) -> None:
    assert [take(module), take(module)] == [first, first + 1]
    assert len(str(first)) == rules.MODULES[module].digits


def test_the_number_of_a_dossier_that_is_gone_never_comes_back(tables: Settings) -> None:
    with database.writing():
        made = commands.create(OWNER, "ga", LEROUX)
        Lien.delete().execute()
        Dossier.delete().execute()
    assert take("ga") == made.numero + 1


def test_numbers_go_on_after_those_that_came_by_another_way(tables: Settings) -> None:
    with database.writing():
        made = commands.create(OWNER, "ga", LEROUX)
        Dossier.update(numero=43_009_190).where(Dossier.id == made.id).execute()
    assert take("ga") == 43_009_191


@pytest.mark.proves("C4")
def test_eight_writers_never_get_the_same_number(tables: Settings) -> None:
    numbers: list[int] = []
    ready = threading.Barrier(8)

    def write() -> None:
        database.connect()
        ready.wait()
        for _ in range(12):
            with database.writing():
                numbers.append(commands.create(OWNER, "ga", LEROUX).numero)
        database.close()

    writers = [threading.Thread(target=write) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(numbers) == list(range(10_000_000, 10_000_096))
    assert Dossier.select().count() == 96


def test_a_transaction_that_fails_leaves_no_hole_and_no_repeat(tables: Settings) -> None:
    class PowerCut(Exception):
        pass

    before = take("s")
    with pytest.raises(PowerCut), database.writing():
        numeros.suivant("s")
        raise PowerCut
    # At most one number would be lost; the transaction gave it back.
    assert take("s") == before + 1


def test_a_connection_that_dies_gives_its_number_back(tables: Settings) -> None:
    def die() -> None:
        database.connect()
        db.begin()
        numeros.suivant("tnd")
        db.connection().close()
        db.obj._state.reset()

    writer = threading.Thread(target=die)
    writer.start()
    writer.join()
    assert take("tnd") == 100_000


@pytest.mark.parametrize(("module", "last"), [("ga", 99_999_999), ("s", 9_999_999), ("tnd", 999_999)])
def test_the_last_number_is_given_and_none_after(tables: Settings, module: str, last: int) -> None:
    with database.writing():
        Numero.update(dernier=last - 1).where(Numero.module == module).execute()
    assert take(module) == last
    with pytest.raises(numeros.Epuises, match="Tous les numéros"):
        take(module)
    with pytest.raises(numeros.Epuises):
        take(module)


def test_who_creates_one_too_many_is_told_and_loses_no_word(client: Client) -> None:
    client.login(10100000011)
    with database.writing():
        Numero.update(dernier=99_999_999).where(Numero.module == "ga").execute()
    answer = client.post("/dossiers/grand-age/creer", FORM, 503)
    assert "Tous les numéros « ga » à 8 chiffres sont attribués" in answer.text
    assert answer.soup.select_one("#nom_naissance")["value"] == "LEROUX"
    assert not Dossier.select().exists() and Numero.get_by_id("ga").dernier == 99_999_999
