"""Writing many establishments at once, in the caller's transaction: statements by hand, each run over all rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from portal import clock
from portal.annuaire.fichier import Line
from portal.annuaire.models import Etablissement, Tarif, Unite
from portal.db.base import many, numbered, rows, to_millis

# What an import writes; what an establishment says of itself is not among them.
COLUMNS = ("nom", "mots", "finess_juridique", "statut_juridique", "adresse", "code_postal", "ville", "insee",
           "latitude", "longitude", "position", "telephone", "source", "ferme")
_INSERT = (f"INSERT INTO etablissement (id, finess, maj, courriel, site, services, aide_sociale, incomplets, version, "
           f"{', '.join(COLUMNS)}) VALUES (?, ?, ?, '', '', '', FALSE, FALSE, 1, {', '.join('?' * len(COLUMNS))})")
_UPDATE = (f"UPDATE etablissement SET maj = ?, version = version + 1, {', '.join(f'{name} = ?' for name in COLUMNS)} "
           "WHERE id = ?")
_UNPLACE = "DELETE FROM etablissement_lieu WHERE id = ?"
_PLACE = "INSERT INTO etablissement_lieu (id, lat_min, lat_max, lon_min, lon_max) VALUES (?, ?, ?, ?, ?)"
_UNIT = "INSERT INTO unite (etablissement_id, genre, nom, sejours, capacite) VALUES (?, ?, '', ?, ?)"
_PRICE = ("INSERT INTO tarif (etablissement_id, sejour, chambre, hebergement, dep12, dep34, dep56) "
          "VALUES (?, 'permanent', ?, ?, ?, ?, ?)")
_DEFAULTS = {"finess_juridique": "", "statut_juridique": ""}


@dataclass
class Outcome:
    """How many establishments were new, changed, and as they were."""

    new: int = 0
    changed: int = 0
    same: int = 0


@dataclass
class _Writes:
    """The rows of each statement."""

    inserts: list[tuple[Any, ...]] = field(default_factory=list)
    updates: list[tuple[Any, ...]] = field(default_factory=list)
    places: list[tuple[Any, ...]] = field(default_factory=list)
    unplaced: list[tuple[Any, ...]] = field(default_factory=list)
    units: list[tuple[Any, ...]] = field(default_factory=list)
    unit_changes: list[tuple[Any, ...]] = field(default_factory=list)
    stale_prices: list[tuple[Any, ...]] = field(default_factory=list)
    prices: list[tuple[Any, ...]] = field(default_factory=list)


def write(outcome: Outcome, lines: Sequence[tuple[Line, dict[str, Any]]]) -> None:
    """Write these lines with their columns' values, and count what came of them in ``outcome``."""
    known = {one.finess: one for one in Etablissement.select().where(
        Etablissement.finess.in_([line.finess for line, _ in lines]))}
    units, prices = _details([one.id for one in known.values()])
    writes, next_id = _Writes(), int(rows("SELECT COALESCE(MAX(id), 0) + 1 FROM etablissement")[0][0])
    for line, values in lines:
        there = known.get(line.finess)
        if there is None:
            _new(writes, next_id, line, values)
            next_id += 1
            outcome.new += 1
            continue
        touched = _changed(writes, there, values)
        told = _detail(writes, there.id, line, units.get((there.id, line.genre)), prices.get(there.id, set()))
        outcome.changed += touched or told
        outcome.same += not (touched or told)
    _run(writes)


def _details(ids: Sequence[int]) -> tuple[dict[tuple[int, str], Unite], dict[int, set[tuple[Any, ...]]]]:
    units = {(one.etablissement_id, one.genre): one for one in Unite.select().where(
        Unite.etablissement.in_(ids)).order_by(Unite.id.desc())}
    prices: dict[int, set[tuple[Any, ...]]] = {}
    for one in Tarif.select().where(Tarif.etablissement.in_(ids), Tarif.sejour == "permanent"):
        prices.setdefault(one.etablissement_id, set()).add(
            (one.chambre, one.hebergement, one.dep12, one.dep34, one.dep56))
    return units, prices


def _new(writes: _Writes, row: int, line: Line, values: dict[str, Any]) -> None:
    full = _DEFAULTS | values
    writes.inserts.append((row, line.finess, to_millis(clock.now()), *(full[name] for name in COLUMNS)))
    _put(writes, row, values)
    _detail(writes, row, line, None, set())


def _changed(writes: _Writes, there: Etablissement, values: dict[str, Any]) -> bool:
    """Whether the establishment's own row differs; a telephone that is there may be its own word since."""
    now = {name: getattr(there, name) for name in COLUMNS}
    then = now | values | ({"telephone": there.telephone} if there.telephone else {})
    if then == now:
        return False
    writes.updates.append((to_millis(clock.now()), *(then[name] for name in COLUMNS), there.id))
    _put(writes, there.id, then)
    return True


def _put(writes: _Writes, row: int, values: dict[str, Any]) -> None:
    latitude, longitude = values["latitude"], values["longitude"]
    if latitude is None:
        writes.unplaced.append((row,))
    else:
        writes.places.append((row, latitude, latitude, longitude, longitude))


def _detail(writes: _Writes, row: int, line: Line, unit: Unite | None, prices: set[tuple[Any, ...]]) -> bool:
    """The unit of the line's kind and its prices; whether anything has to be written."""
    told = False
    capacity = line.capacite if line.capacite is not None or unit is None else unit.capacite
    if unit is None:
        writes.units.append((row, line.genre, line.sejours, capacity))
        told = True
    elif (unit.sejours, unit.capacite) != (line.sejours, capacity):
        writes.unit_changes.append((line.sejours, capacity, unit.id))
        told = True
    if line.tarifs and set(line.tarifs) != prices:
        writes.stale_prices.append((row,))
        writes.prices += [(row, *price) for price in line.tarifs]
        told = True
    return told


def _run(writes: _Writes) -> None:
    if writes.inserts:
        many(_INSERT, writes.inserts)
        numbered("etablissement")
    many(_UPDATE, writes.updates)
    many(_UNPLACE, [*writes.unplaced, *(place[:1] for place in writes.places)])
    many(_PLACE, writes.places)
    many(_UNIT, writes.units)
    many("UPDATE unite SET sejours = ?, capacite = ? WHERE id = ?", writes.unit_changes)
    many("DELETE FROM tarif WHERE etablissement_id = ? AND sejour = 'permanent'", writes.stale_prices)
    many(_PRICE, writes.prices)
