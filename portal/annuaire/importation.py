"""« portal annuaire import »: bring the directory up to a public file.

A few thousand establishments a transaction, so that those who write meanwhile wait a moment only. An import that was
stopped half way is run again: what is written already changes nothing the second time.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from portal.annuaire import fichier, geo, lot, queries
from portal.annuaire.fichier import BadLine, Line
from portal.annuaire.models import Etablissement, Unite
from portal.annuaire.rules import key
from portal.db import database
from portal.db.base import many

T = TypeVar("T")
STEP, BATCH = 1_000, 2_000
SHOWN = 50


@dataclass
class Report(lot.Outcome):
    """What an import did; ``refused`` holds a line's number and why."""

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
    for number, line in _told(fichier.lines(path), "lignes lues"):
        if line is None:
            report.ignored += 1
        elif isinstance(line, BadLine):
            report.refused.append((number, str(line)))
        elif line.finess in found:
            report.refused.append((number, f"le numéro FINESS {line.finess} est déjà plus haut dans ce fichier"))
        else:
            found[line.finess] = line
    for batch in _told(_batches(list(found.values())), "lots écrits", step=1):
        with database.writing():
            lot.write(report, [(line, _values(line)) for line in batch])
    if close and not report.refused:
        with database.writing():
            report.closed = _close(found)
    return report


def _batches(lines: list[Line]) -> Iterator[list[Line]]:
    for start in range(0, len(lines), BATCH):
        yield lines[start:start + BATCH]


def _told(things: Iterator[T], what: str, step: int = STEP) -> Iterator[T]:
    """The same things, counted on a terminal as they pass."""
    shown, count = sys.stderr.isatty(), 0
    for count, one in enumerate(things, 1):
        if shown and count % step == 0:
            print(f"\r{count} {what}", end="", file=sys.stderr, flush=True)
        yield one
    if shown:
        print(f"\r{count} {what}", file=sys.stderr)


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
    gone = [(one.id,) for one in Etablissement.select(Etablissement.id, Etablissement.finess).where(
        Etablissement.source == "import", ~Etablissement.ferme, Etablissement.id.in_(mine)) if one.finess not in found]
    many("UPDATE etablissement SET ferme = TRUE, version = version + 1 WHERE id = ?", gone)
    return len(gone)
