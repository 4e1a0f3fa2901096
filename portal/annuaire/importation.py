"""« portal annuaire import »: bring the directory up to a public file, in one transaction.

One transaction: a reader sees the directory before or after, never half of it, and a stopped import leaves nothing.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from portal import clock
from portal.annuaire import commands, fichier, geo, queries
from portal.annuaire.fichier import BadLine, Line
from portal.annuaire.models import Etablissement, Tarif, Unite
from portal.annuaire.rules import key
from portal.db import database
from portal.db.base import db

STEP = 1_000
SHOWN = 50


@dataclass
class Report:
    """What an import did; ``refused`` holds a line's number and why."""

    new: int = 0
    changed: int = 0
    same: int = 0
    ignored: int = 0
    closed: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("fichier", type=Path, help="fichier CSV de la CNSA ou extraction FINESS")
    parser.add_argument("--fermer-absents", action="store_true",
                        help="fermer les établissements importés des mêmes genres qui n’y sont plus")


def command(args: argparse.Namespace) -> int:
    """The command: 0 when every line was taken, 1 when some were refused, 2 when the file can't be read."""
    try:
        report = run(args.fichier, close=args.fermer_absents)
    except fichier.Refused as refused:
        print(refused, file=sys.stderr)
        return 2
    print(f"{report.new} nouveaux, {report.changed} modifiés, {report.same} inchangés, {report.closed} fermés, "
          f"{report.ignored} lignes d’un autre genre, {len(report.refused)} refusées.")
    for number, why in report.refused[:SHOWN]:
        print(f"Ligne {number} : {why}.", file=sys.stderr)
    if len(report.refused) > SHOWN:
        print(f"… et {len(report.refused) - SHOWN} autres.", file=sys.stderr)
    if report.refused and args.fermer_absents:
        print("Aucun établissement n’a été fermé : corrigez d’abord les lignes refusées.", file=sys.stderr)
    return 1 if report.refused else 0


def run(path: Path, *, close: bool = False) -> Report:
    """Import a file; raises fichier.Refused before anything is written."""
    report, found = Report(), dict[str, Line]()
    for number, line in _told(fichier.lines(path)):
        if line is None:
            report.ignored += 1
        elif isinstance(line, BadLine):
            report.refused.append((number, str(line)))
        elif line.finess in found:
            report.refused.append((number, f"le numéro FINESS {line.finess} est déjà plus haut dans ce fichier"))
        else:
            found[line.finess] = line
    with database.writing():
        known = {one.finess: one for one in Etablissement.select()}
        details = _details()
        for finess, line in found.items():
            _one(report, line, known.get(finess), details)
        if close and not report.refused:
            report.closed = _close(found)
    return report


def _told(numbered: Iterator[tuple[int, Line | BadLine | None]]) -> Iterator[tuple[int, Line | BadLine | None]]:
    for count, one in enumerate(numbered, 1):
        if count % STEP == 0 and sys.stderr.isatty():
            print(f"\r{count} lignes lues", end="", file=sys.stderr, flush=True)
        yield one
    if sys.stderr.isatty():
        print(file=sys.stderr)


_Details = tuple[dict[tuple[int, str], Unite], dict[int, set[tuple[Any, ...]]]]


def _details() -> _Details:
    units = {(one.etablissement_id, one.genre): one for one in Unite.select().order_by(Unite.id.desc())}
    prices: dict[int, set[tuple[Any, ...]]] = {}
    for one in Tarif.select().where(Tarif.sejour == "permanent"):
        prices.setdefault(one.etablissement_id, set()).add(
            (one.chambre, one.hebergement, one.dep12, one.dep34, one.dep56))
    return units, prices


def _one(report: Report, line: Line, known: Etablissement | None, details: _Details) -> None:
    """Write one establishment; what it says of itself (places, incomplete dossiers, call-back) stays as it is."""
    values = _values(line)
    if known is None:
        made = Etablissement.create(finess=line.finess, maj=clock.now(), **values)
        commands.place(made.id, made.latitude, made.longitude)
        _details_of(made.id, line, None, set())
        report.new += 1
        return
    if known.telephone:
        del values["telephone"]  # perhaps its own word since
    changed = {name: value for name, value in values.items() if getattr(known, name) != value}
    if changed:
        Etablissement.update(maj=clock.now(), version=Etablissement.version + 1, **changed).where(
            Etablissement.id == known.id).execute()
        commands.place(known.id, values["latitude"], values["longitude"])
    units, prices = details
    told = _details_of(known.id, line, units.get((known.id, line.genre)), prices.get(known.id, set()))
    if changed or told:
        report.changed += 1
    else:
        report.same += 1


def _details_of(etablissement_id: int, line: Line, unit: Unite | None, prices: set[tuple[Any, ...]]) -> bool:
    """The unit of the line's kind and its prices; whether anything had to be written."""
    told = False
    capacity = line.capacite if line.capacite is not None or unit is None else unit.capacite
    if unit is None:
        Unite.create(etablissement=etablissement_id, genre=line.genre, sejours=line.sejours, capacite=capacity)
        told = True
    elif (unit.sejours, unit.capacite) != (line.sejours, capacity):
        Unite.update(sejours=line.sejours, capacite=capacity).where(Unite.id == unit.id).execute()
        told = True
    if line.tarifs and set(line.tarifs) != prices:
        Tarif.delete().where(Tarif.etablissement_id == etablissement_id, Tarif.sejour == "permanent").execute()
        for room, lodging, dep12, dep34, dep56 in line.tarifs:
            Tarif.create(etablissement=etablissement_id, sejour="permanent", chambre=room, hebergement=lodging,
                         dep12=dep12, dep34=dep34, dep56=dep56)
        told = True
    return told


def _values(line: Line) -> dict[str, Any]:
    insee, where = _town(line.valeurs["code_postal"], line.valeurs["ville"])
    if line.point:
        where = geo.Position(*line.point, geo.DIRECTORY)
    return {**line.valeurs, "mots": key(line.valeurs["nom"]), "insee": insee, "source": "import", "ferme": False,
            "latitude": where.latitude if where else None, "longitude": where.longitude if where else None,
            "position": where.source if where else ""}


@cache
def _town(code: str, name: str) -> tuple[str | None, geo.Position | None]:
    commune = queries.parse(f"{code} {name}")
    insee = commune.insee if commune else None
    return insee, geo.position(insee, code)


def _close(found: dict[str, Line]) -> int:
    """Close what earlier imports brought, of kinds that this file holds, and that it no longer names."""
    kinds = sorted({line.genre for line in found.values()})
    mine = Unite.select(Unite.etablissement).where(Unite.genre.in_(kinds))
    gone = [one.id for one in Etablissement.select(Etablissement.id, Etablissement.finess).where(
        Etablissement.source == "import", ~Etablissement.ferme, Etablissement.id.in_(mine)) if one.finess not in found]
    for one in gone:
        db.execute_sql("UPDATE etablissement SET ferme = 1, version = version + 1 WHERE id = ?", (one,))
    return len(gone)
