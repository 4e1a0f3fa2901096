"""The search of the directory: near a town, by what is offered; and the sheet of one establishment.

The R-tree gives the establishments of a square around the town, one statement filters them, the exact distance sorts
them; what is printed is read for one page only.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from portal.annuaire import distance, etablissements, genres, geo, unites
from portal.annuaire.capacites import Capacites
from portal.annuaire.criteres import Criteria
from portal.annuaire.criteres import criteria as criteria  # read from an address
from portal.annuaire.models import Etablissement, Reponse, Tarif, Unite
from portal.annuaire.rules import Commune, plain
from portal.db.base import rows
from portal.web.errors import NotFound

PAGE_SIZE = 20
RADII = (10, 20, 30, 50, 75, 100, 150, 200)
MIN_ANSWERS = 5


@dataclass(frozen=True)
class Reponses:
    """How an establishment answers: ``n`` answers, their median time in hours, its refusals by motive (in words).

    ``n`` under ``MIN_ANSWERS`` says nothing more: the rest is empty then.
    """

    n: int = 0
    mediane: int | None = None
    refus: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Fiche:
    """An establishment with its parts, its prices and its answers.

    ``capacites``: what its sanitaire units declared that they take, read for the sheet alone (``by_id``).
    ``distance`` in km and ``wind`` (« nord-est ») are from where one searched; None and "" without a town.
    """

    etablissement: Etablissement
    unites: list[Unite]
    tarifs: list[Tarif]
    reponses: Reponses
    distance: float | None = None
    wind: str = ""
    capacites: Mapping[int, Capacites] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """One page of what was found: ``total`` in all, ``page`` of ``pages``; ``here``: the middle of the town."""

    lignes: list[Fiche]
    total: int
    page: int
    pages: int
    here: tuple[float, float] | None = None


@dataclass(frozen=True)
class Wider:
    """A change of a vain search that finds ``total``: ``fields`` of the address with their new texts."""

    what: str
    value: str
    total: int
    fields: dict[str, str] = field(default_factory=dict)


# --- the search

def search(wanted: Criteria) -> Page:
    """One page of the establishments that a search finds, in its order."""
    found = _found(wanted)
    pages = max(1, -(-len(found) // PAGE_SIZE))
    page = min(wanted.page, pages)
    shown = found[(page - 1) * PAGE_SIZE:page * PAGE_SIZE]
    here = _position(wanted.commune) if wanted.commune else None
    sheets = _sheets({row.id: row.distance for row in shown})
    return Page([_turned(one, here) for one in sheets], len(found), page, pages, here)


def _turned(one: Fiche, here: tuple[float, float] | None) -> Fiche:
    """The sheet with the direction in which it lies."""
    place = one.etablissement
    if here is None or place.latitude is None or place.longitude is None:
        return one
    return replace(one, wind=distance.wind(here, (place.latitude, place.longitude)))


def wider(wanted: Criteria) -> list[Wider]:
    """What to loosen when a search finds nothing: the next radius that finds something, or one filter less."""
    ways = []
    if wanted.commune:
        near = _found(replace(wanted, rayon=RADII[-1]))
        for radius in RADII:
            total = sum(1 for row in near if radius > wanted.rayon and _near(row) <= radius)
            if total:
                ways.append(Wider("rayon", str(radius), total, {"rayon": str(radius)}))
                break
    empty = Criteria()
    for name in ("prix", "nom", "services", "places", "incomplets", "sejour", "genre"):
        if getattr(wanted, name):
            total = len(_found(replace(wanted, **{name: getattr(empty, name)})))
            if total:
                ways.append(Wider(name, "", total, {name: ""}))
    return ways or _anything(wanted)


def _anything(wanted: Criteria) -> list[Wider]:
    """Without any filter, as near as there is something."""
    alone = Criteria(wanted.commune, module=wanted.module)
    for radius in (wanted.rayon, *(other for other in RADII if other > wanted.rayon)):
        total = len(_found(replace(alone, rayon=radius)))
        if total:
            return [Wider("tout", str(radius), total, {"rayon": str(radius)})]
    return []


@dataclass(frozen=True)
class _Candidate:
    id: int
    distance: float | None
    mots: str
    prix: int
    mediane: int


LAST = 1 << 30


def _found(wanted: Criteria) -> list[_Candidate]:
    """Every establishment of the search, sorted; one without a price, or with too few answers, is last in that order.

    Near a town whose place is unknown, only its own establishments are found.
    """
    here = _position(wanted.commune) if wanted.commune else None
    sql, params = _statement(wanted, here)
    found = []
    for id_, words, latitude, longitude, price, median in rows(sql, *params):
        away = distance.distance_km(here, (latitude, longitude)) if here else None
        if away is None or away <= wanted.rayon:
            found.append(_Candidate(id_, away, words, LAST if price is None else price,
                                    LAST if median is None else median))
    found.sort(key=_ORDERS[wanted.tri])
    return found


def _position(town: Commune) -> tuple[float, float] | None:
    """Where a town is; one that no table places is where its own establishments are. None when nothing says it."""
    known = geo.position(town.insee, town.code_postal)
    if known:
        return known.latitude, known.longitude
    found = rows("SELECT AVG(latitude), AVG(longitude) FROM etablissement WHERE insee = ?", town.insee)
    return None if found[0][0] is None else (found[0][0], found[0][1])


def _near(one: _Candidate) -> float:
    return one.distance or 0.0


_ORDERS: dict[str, Callable[[_Candidate], Any]] = {
    "distance": lambda one: (_near(one), one.mots, one.id),
    "prix": lambda one: (one.prix, _near(one), one.mots, one.id),
    "reponse": lambda one: (one.mediane, _near(one), one.mots, one.id),
    "nom": lambda one: (one.mots, _near(one), one.id),
}
_PRICE = ("(SELECT MIN(t.hebergement + COALESCE(t.dep56, 0)) FROM tarif t WHERE t.etablissement_id = e.id "
          "AND t.sejour = ? AND t.hebergement IS NOT NULL)")
_UNIT = "EXISTS (SELECT 1 FROM unite u WHERE u.etablissement_id = e.id"
_NEAR = "etablissement_lieu l JOIN etablissement e ON e.id = l.id"


def _statement(wanted: Criteria, here: tuple[float, float] | None) -> tuple[str, list[Any]]:
    """The statement of a search and its values: the index of places first, then what is offered."""
    stay = wanted.sejour or "permanent"
    priced = wanted.tri == "prix"
    sql = (f"SELECT e.id, e.mots, e.latitude, e.longitude, {_PRICE if priced else 'NULL'}, r.mediane "  # noqa: S608
           f"FROM {_NEAR if here else 'etablissement e'} "  # every part is one of this module's constants
           "LEFT JOIN etablissement_reponse r ON r.etablissement_id = e.id WHERE NOT e.ferme")
    params: list[Any] = [stay] if priced else []
    if here:
        sql += " AND l.lat_min >= ? AND l.lat_max <= ? AND l.lon_min >= ? AND l.lon_max <= ?"
        params += distance.box(here[0], here[1], wanted.rayon)
    elif wanted.commune:
        sql += " AND e.insee = ?"
        params.append(wanted.commune.insee)
    for condition, values in _conditions(wanted, stay):
        sql += f" AND {condition}"
        params += values
    return sql, params


def _conditions(wanted: Criteria, stay: str) -> Iterator[tuple[str, list[Any]]]:
    """What an establishment must offer, each with its values. One unit must meet kind, stay and free place at once."""
    unit, values = _unit(wanted)
    if unit:
        yield f"{_UNIT}{unit})", values
    if wanted.prix is not None:
        yield f"{_PRICE} <= ?", [stay, wanted.prix]
    for code in wanted.services:
        yield "' ' || e.services || ' ' LIKE ?", [f"% {code} %"]
    if wanted.incomplets:
        yield "e.incomplets", []
    for word in plain(wanted.nom).split()[:4]:
        yield "' ' || e.mots LIKE ?", [f"% {word}%"]


def _unit(wanted: Criteria) -> tuple[str, list[Any]]:
    kinds = [wanted.genre] if wanted.genre else [kind.code for kind in genres.genres_of(wanted.module)]
    sql, values = "", list[Any]()
    if kinds:
        sql += f" AND u.genre IN ({', '.join('?' * len(kinds))})"
        values += kinds
    if wanted.sejour:
        sql += " AND ' ' || u.sejours || ' ' LIKE ?"
        values.append(f"% {wanted.sejour} %")
    if wanted.places:
        sql += " AND u.places > 0"
    return sql, values


# --- the sheets

def sheet(finess: str) -> Fiche:
    """The sheet of an establishment, closed or not; raises NotFound."""
    return by_id(etablissements.by_finess(finess).id)


def by_id(etablissement_id: int) -> Fiche:
    """The sheet of an establishment by its row; raises NotFound."""
    found = _sheets({etablissement_id: None})
    if not found:
        raise NotFound()
    return replace(found[0], capacites=unites.declared([unit.id for unit in found[0].unites]))


def _sheets(wanted: Mapping[int, float | None]) -> list[Fiche]:
    """The sheets of these establishments (id -> distance), in this order: four statements, whatever their number."""
    ids = list(wanted)
    places = {row.id: row for row in Etablissement.select().where(Etablissement.id.in_(ids))}
    units, prices = defaultdict[int, list[Unite]](list), defaultdict[int, list[Tarif]](list)
    for unit in Unite.select().where(Unite.etablissement.in_(ids)).order_by(Unite.id):
        units[unit.etablissement_id].append(unit)
    for price in Tarif.select().where(Tarif.etablissement.in_(ids)).order_by(Tarif.id):
        prices[price.etablissement_id].append(price)
    answers = {row.etablissement_id: row for row in Reponse.select().where(Reponse.etablissement_id << ids)}
    return [Fiche(places[id_], units[id_], prices[id_], _answers(answers.get(id_)), wanted[id_])
            for id_ in ids if id_ in places]


def _answers(row: Reponse | None) -> Reponses:
    if row is None or row.n < MIN_ANSWERS:
        return Reponses(row.n if row else 0)
    return Reponses(row.n, row.mediane, tuple((words, n) for words, n in json.loads(row.refus)))
