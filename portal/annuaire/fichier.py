"""A public directory file, read line by line: the CNSA's layout and the FINESS extraction's (docs/dev/annuaire.md)."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

FINESS = re.compile(r"(?:\d{2}|2[AB])\d{7}", re.ASCII)
MAX_CENTS = 100_000
MAX_CAPACITY = 5_000
# The category of a FINESS establishment, for the kinds that the directory holds.
CATEGORIES = {"500": "ehpad", "362": "usld", "202": "ra", "207": "aj", "109": "smr", "127": "had"}
STAYS = {"ehpad": "permanent", "usld": "permanent", "ra": "permanent", "aj": "jour", "smr": "complet",
         "had": "domicile"}
_KINDS = {"isehpad": "ehpad", "isesld": "usld", "isra": "ra", "isaja": "aj"}
_STAYS = {"ishcompl": "permanent", "ishtempo": "temporaire", "isacc_jour": "jour", "isacc_nuit": "nuit"}
_NEEDED = ("nofinesset", "title", "postcode", "city")
_FINESS_ROW = (
    "nofinesset", "nofinessej", "rs", "rslongue", "complrs", "compldistrib", "numvoie", "typvoie", "voie", "compvoie",
    "lieuditbp", "commune", "departement", "libdepartement", "ligneacheminement", "telephone", "telecopie", "categetab",
)
_TRUE = {"1", "true", "vrai", "oui", "o"}
_OWNERS = (("commercial", "prive_commercial"), ("non lucratif", "prive_non_lucratif"), ("public", "public"))


class Refused(Exception):
    """The whole file can't be read; the message is French and says what to change."""


class BadLine(ValueError):
    """One line can't be taken; the message is French and says why."""


@dataclass(frozen=True)
class Line:
    """One establishment of a file: ``tarifs`` holds (chambre, hebergement, dep12, dep34, dep56), cents a day."""

    finess: str
    valeurs: dict[str, str]
    genre: str
    sejours: str
    capacite: int | None
    point: tuple[float, float] | None
    tarifs: tuple[tuple[str, int | None, int | None, int | None, int | None], ...] = ()


def lines(path: Path) -> Iterator[tuple[int, Line | BadLine | None]]:
    """Each line's number with what it holds, None for one that is of no kind of the directory. Raises Refused."""
    text = _text(path)
    first = text.partition("\n")[0]
    mark = max(";,\t", key=first.count)
    if mark not in first:
        raise Refused("Ce fichier n’est pas un CSV : aucune colonne séparée par un point-virgule, une virgule ou "
                      "une tabulation.")
    table = csv.reader(text.splitlines(keepends=True), delimiter=mark)
    rows = _rows(table)
    head = next(rows)
    if head and head[0] in ("finess", "structureet"):
        rest = chain([head], rows) if head[0] == "structureet" else rows
        return ((table.line_num, _taken(_finess_line, row)) for row in rest)
    names = [name.strip().rpartition(".")[2].lower() for name in head]
    missing = [name for name in _NEEDED if name not in names]
    if missing:
        raise Refused(f"Colonnes absentes de la première ligne : {', '.join(missing)}.")
    return ((table.line_num, _taken(_cnsa_line, dict(zip(names, row, strict=False)))) for row in rows if row)


def _rows(table: Any) -> Iterator[list[str]]:
    """The rows of a csv.reader; raises Refused where it gives up, which is at a cell of more than 128 KiB."""
    try:
        yield from table
    except csv.Error as error:
        raise Refused(f"La ligne {table.line_num} ne peut pas être lue : une case y est trop longue. Un guillemet "
                      "ouvert n’est sans doute pas refermé.") from error


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise Refused(f"Le fichier {path} ne peut pas être lu.") from error
    if b"\0" in raw or not raw.strip():
        raise Refused("Ce fichier est vide ou n’est pas un texte : enregistrez-le en CSV, encodé en UTF-8.")
    for encoding in ("utf-8-sig", "cp1252", "latin-1"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise AssertionError("latin-1 reads every byte")


def _taken(read: Callable[[Any], Line | None], row: Any) -> Line | BadLine | None:
    try:
        return read(row)
    except BadLine as bad:
        return bad


def _cnsa_line(row: dict[str, str]) -> Line | None:
    get = {name: " ".join((value or "").split()) for name, value in row.items()}.get
    genre = next((kind for name, kind in _KINDS.items() if _yes(get(name))), None)
    finess = _number(get("nofinesset", ""))
    if genre is None:
        return None
    stays = " ".join(stay for name, stay in _STAYS.items() if _yes(get(name))) or STAYS[genre]
    care = tuple(_cents(get(name)) for name in ("tarifgir12", "tarifgir34", "tarifgir56"))
    rooms = (("simple", _cents(get("prixhebpermcs"))), ("double", _cents(get("prixhebpermcd"))))
    owner = (get("legal_status") or "").lower()
    values = {
        "nom": _named(get("title")), "adresse": get("street") or "", "code_postal": _postcode(get("postcode")),
        "ville": (get("city") or "").upper(), "telephone": get("phone") or "",
        "statut_juridique": next((code for words, code in _OWNERS if words in owner), ""),
    }
    return Line(finess, values, genre, stays, _capacity(get("capacity")), _point(get("latitude"), get("longitude")),
                tuple((room, price, care[0], care[1], care[2]) for room, price in rooms if price is not None))


def _finess_line(row: list[str]) -> Line | None:
    if row[:1] != ["structureet"]:
        return None
    if len(row) <= len(_FINESS_ROW):
        raise BadLine(f"{len(row)} colonnes au lieu de {len(_FINESS_ROW) + 1} au moins")
    one = {name: " ".join(value.split()) for name, value in zip(_FINESS_ROW, row[1:], strict=False)}
    genre = CATEGORIES.get(one["categetab"])
    if genre is None:
        return None
    code, _, town = one["ligneacheminement"].partition(" ")
    values = {"nom": _named(one["rslongue"] or one["rs"]), "finess_juridique": one["nofinessej"][:9],
              "adresse": " ".join(filter(None, (one["numvoie"], one["typvoie"], one["voie"]))),
              "code_postal": _postcode(code), "ville": town.upper(), "telephone": one["telephone"]}
    return Line(_number(one["nofinesset"]), values, genre, STAYS[genre], None, None)


def _number(text: str) -> str:
    # A spreadsheet drops the zero that a number of the first nine departments begins with.
    finess = text.upper().zfill(9) if text.isascii() and text.isdigit() else text.upper()
    if not FINESS.fullmatch(finess) or not finess.strip("0"):
        raise BadLine(f"numéro FINESS « {text[:20]} » : neuf caractères attendus")
    return finess


def _named(text: str | None) -> str:
    if not text or len(text) > 200:
        raise BadLine("nom absent ou trop long")
    return text


def _postcode(text: str | None) -> str:
    if not re.fullmatch(r"\d{4,5}", text or "", re.ASCII):
        raise BadLine(f"code postal « {(text or '')[:20]} » : cinq chiffres attendus")
    return (text or "").zfill(5)


def _yes(text: str | None) -> bool:
    return (text or "").lower() in _TRUE


def _capacity(text: str | None) -> int | None:
    if not text:
        return None
    if not re.fullmatch(r"\d{1,4}(?:\.0)?", text, re.ASCII) or float(text) > MAX_CAPACITY:
        raise BadLine(f"capacité « {text[:20]} » : un nombre de places attendu")
    return int(float(text))


def _cents(text: str | None) -> int | None:
    if not text:
        return None
    if not re.fullmatch(r"\d{1,4}(?:[.,]\d+)?", text, re.ASCII) or float(text.replace(",", ".")) * 100 > MAX_CENTS:
        raise BadLine(f"prix « {text[:20]} » : un montant en euros par jour attendu")
    return round(float(text.replace(",", ".")) * 100) or None


def _point(latitude: str | None, longitude: str | None) -> tuple[float, float] | None:
    if not latitude or not longitude:
        return None
    try:
        point = float(latitude.replace(",", ".")), float(longitude.replace(",", "."))
    except ValueError as error:
        raise BadLine("coordonnées illisibles") from error
    if not (-90 <= point[0] <= 90 and -180 <= point[1] <= 180):
        raise BadLine("coordonnées hors du globe")
    return point if any(point) else None
