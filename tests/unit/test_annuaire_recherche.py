"""The search against a plain reading of every row, and the way it asks the base."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest

from portal.annuaire import distance, genres, recherche
from portal.annuaire.criteres import Criteria
from portal.annuaire.models import Etablissement, Tarif, Unite
from portal.annuaire.rules import Commune
from portal.db import database
from portal.db.base import db
from portal.settings import Settings
from tests.support import bases
from tests.support.annuaire import CAEN, place

TOWN = Commune("14118", "Caen", "14000")
HOW_MANY = 80


@pytest.fixture
def region(tables: Settings) -> random.Random:
    """Establishments of all kinds within some 200 km, by a fixed chance."""
    database.connect()
    chance = random.Random(5)  # the same region each time
    for rank in range(HOW_MANY):
        kinds = chance.sample(list(genres.GENRES), chance.randint(1, 2))
        place(f"{chance.choice(['EHPAD', 'Maison', 'Résidence'])} {rank}", chance.uniform(-210, 210),
              services=" ".join(chance.sample(list(genres.SERVICES), 3)), incomplets=chance.random() < 0.4,
              ferme=chance.random() < 0.1,
              units=[{"genre": kind, "sejours": " ".join(_stays(chance, kind)), "places": chance.choice([None, 0, 2]),
                      "places_le": date(2026, 11, 1)} for kind in kinds],
              prices=[{"hebergement": chance.choice([None, 4000, 6000, 8000]), "dep56": chance.choice([None, 500]),
                       "sejour": chance.choice(["permanent", "temporaire"])} for _ in range(chance.randint(0, 2))])
    return chance


def _stays(chance: random.Random, kind: str) -> list[str]:
    stays = genres.SEJOURS_OF[genres.GENRES[kind].module]
    return chance.sample(stays, chance.randint(1, len(stays)))


def _wanted(chance: random.Random) -> Criteria:
    """A search with each filter now and then."""
    def now_and_then(values: list[Any], empty: Any) -> Any:
        return chance.choice(values) if chance.random() < 0.35 else empty
    module = now_and_then(["ga", "s", "tnd"], "")
    return Criteria(
        TOWN, chance.choice([1, 20, 60, 200]), module=module,
        genre=now_and_then([kind.code for kind in genres.GENRES.values() if module in ("", kind.module)], ""),
        sejour=now_and_then(list(genres.SEJOURS), ""), prix=now_and_then([4000, 4500, 6500], None),
        nom=now_and_then(["ehpad", "mai", "résid 1"], ""), services=now_and_then([("jardin",), ("kine", "pasa")], ()),
        places=now_and_then([True], False), incomplets=now_and_then([True], False))


def _fits(one: Any, wanted: Criteria) -> bool:
    """The rule in words, row by row."""
    kinds = {kind.code for kind in genres.GENRES.values() if wanted.module in ("", kind.module)}
    units = [unit for unit in one.unites if unit.genre in kinds and wanted.genre in ("", unit.genre)
             and (not wanted.sejour or wanted.sejour in unit.sejours.split())
             and (not wanted.places or (unit.places or 0) > 0)]
    prices = [row.hebergement + (row.dep56 or 0) for row in one.tarifs
              if row.hebergement is not None and row.sejour == (wanted.sejour or "permanent")]
    words = one.mots.split()
    return bool(
        not one.ferme and units and distance.distance_km(CAEN, (one.latitude, one.longitude)) <= wanted.rayon
        and (wanted.prix is None or any(price <= wanted.prix for price in prices))
        and set(wanted.services) <= set(one.services.split()) and (one.incomplets or not wanted.incomplets)
        and all(any(word.startswith(part) for word in words) for part in wanted.nom.replace("é", "e").split()))


def test_it_finds_what_a_reading_of_every_row_finds(region: random.Random, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recherche, "_position", lambda town: CAEN)
    every, found_some = list(Etablissement.select()), 0
    for one in every:
        one.unites = list(Unite.select().where(Unite.etablissement == one))
        one.tarifs = list(Tarif.select().where(Tarif.etablissement == one))
    for _ in range(150):
        wanted = _wanted(region)
        page = recherche.search(wanted)
        expected = {one.id for one in every if _fits(one, wanted)}
        assert page.total == len(expected), wanted
        assert {one.etablissement.id for one in page.lignes} <= expected
        away = [one.distance for one in page.lignes]
        assert away == sorted(away, key=lambda km: km or 0)
        found_some += bool(expected)
    assert found_some > 30


def test_every_page_together_holds_each_establishment_once(region: random.Random) -> None:
    wanted = Criteria(TOWN, 200)
    first = recherche.search(wanted)
    shown = [one.etablissement.id for number in range(1, first.pages + 1)
             for one in recherche.search(Criteria(TOWN, 200, page=number)).lignes]
    assert len(shown) == len(set(shown)) == first.total


def _a_whole_country() -> None:
    """PostgreSQL chooses by what the tables hold: of a few rows any way is good."""
    for table, changed in (("etablissement", "'finess', 'Z' || g"),
                           ("unite", "'etablissement_id', 100000 + g, 'genre', 'ehpad'")):
        db.execute_sql(
            f"INSERT INTO {table} SELECT (jsonb_populate_record(t, jsonb_build_object('id', 100000 + g, "
            f"{changed}))).* FROM {table} t, generate_series(1, 20000) g WHERE t.id = (SELECT MIN(id) FROM {table})")
        db.execute_sql(f"ANALYZE {table}")
    db.execute_sql(
        "INSERT INTO etablissement_lieu SELECT 100000 + g, 42 + g % 90 * 0.1, 42 + g % 90 * 0.1, "
        "g % 130 * 0.1 - 5, g % 130 * 0.1 - 5 FROM generate_series(1, 20000) g")
    db.execute_sql("ANALYZE etablissement_lieu")


def test_the_index_of_places_is_asked_first(region: random.Random) -> None:
    if bases.ON_POSTGRESQL:
        _a_whole_country()
    sql, params = recherche._statement(Criteria(TOWN, 30, genre="ehpad"), CAEN)
    plan = bases.plan(sql, *params)
    assert "VIRTUAL TABLE INDEX" in plan[0] or "etablissement_lieu_place" in " ".join(plan), plan
    assert not [step for step in plan if step.startswith("SCAN e") or "Seq Scan" in step]


@pytest.mark.parametrize("rayon", [1, 200])
def test_a_page_takes_the_same_few_statements_however_much_it_finds(
        region: random.Random, rayon: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    real = db.obj.execute_sql
    monkeypatch.setattr(db.obj, "execute_sql", lambda sql, *more: asked.append(sql) or real(sql, *more))
    recherche.search(Criteria(TOWN, rayon))
    assert len(asked) == 5
