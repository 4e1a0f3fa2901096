"""Questions to the table of communes: completion while typing, and the exact check of a form.

The table is one text in the order of population (official names first, then former names), a line a name:
``14000,_caen_,14118,Caen``. Words of the compared name stand between underscores, so that one search in
the text finds the beginning of any word, and the first lines found are the largest towns.
"""

from __future__ import annotations

import lzma
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path

from portal.annuaire.rules import FULL_CODE, MAX_TYPED, Commune, Lieu, Typed, arrondissement, key, plain, read

TABLE = Path(__file__).with_name("communes.csv.xz")
COUNTRIES = Path(__file__).with_name("pays.csv")
CHOICES = 8
# Paris has 21 postal codes: all of a name's codes can be offered.
MAX_SUGGESTIONS = 24
SHORTEST_START = 3

EXAMPLE = "par exemple\N{NO-BREAK SPACE}: 14000 Caen"
EMPTY = f"Indiquez le code postal et la ville, {EXAMPLE}."
UNKNOWN = f"Cette commune est introuvable. Vérifiez le code postal et le nom, {EXAMPLE}."
UNCLEAR = (
    "Cette saisie ne désigne pas une seule commune\N{NO-BREAK SPACE}: "
    "choisissez la vôtre dans la liste ou corrigez la saisie."
)


@dataclass(frozen=True)
class Check:
    """The outcome for a form: a commune, or a message and the communes it may have meant."""

    commune: Commune | None
    error: str = ""
    suggestions: list[Commune] = field(default_factory=list)


def check(text: str) -> Check:
    """The commune of the field « Code Postal / Ville », or what to tell the user."""
    commune = parse(text)
    if commune:
        return Check(commune)
    if not text.strip():
        return Check(None, EMPTY)
    suggestions = suggest(text)
    return Check(None, UNCLEAR if suggestions else UNKNOWN, suggestions)


def parse(text: str) -> Commune | None:
    """The one commune that the text names, or None when there is none or several.

    Postal code and name in any order and case; a former name or whole words of the name do when the
    postal code makes them clear. A name or a code alone does when only one commune has or begins with it.
    """
    if len(text) > MAX_TYPED:
        return None
    typed = read(text)
    words = f"_{key(typed.words).replace(' ', '_')}_"
    if len(typed.code) == FULL_CODE:
        lines = list(_lines(f"\n{typed.code},"))
        if not typed.words:
            return _only(lines)
        exact = [line for line in lines if line[1] == words]
        official = [line for line in exact if _is_official(line)]
        return _only(official) or _only(exact) or _only([line for line in lines if words in line[1]])
    return _only(_lines(f",{words}")) if typed.words and not typed.code else None


def find(text: str, limit: int = CHOICES) -> list[Commune]:
    """Completions of what is being typed: exact names, beginnings, later words; large towns first in each."""
    typed = read(text)
    found: dict[Commune, None] = {}
    for lines in _searches(typed):
        for line in lines:
            found[_commune(line)] = None
            if len(found) == limit:
                return list(found)
    return list(found)


def suggest(text: str) -> list[Commune]:
    """What a refused text may have meant: the name elsewhere, the same postal code, a similar beginning."""
    typed = read(text)
    words = key(typed.words)
    named = _all_named(words)
    found = named if len(named) > CHOICES else find(typed.whole) or find(words) or _similar(words)
    found.sort(key=lambda commune: not commune.code_postal.startswith(typed.code[:2]))
    if len(typed.code) == FULL_CODE:
        found += find(typed.code)
    return list(dict.fromkeys(found))[:MAX_SUGGESTIONS]


def of_postcode(code: str) -> list[Commune]:
    """Every commune that a whole postal code serves."""
    return list(dict.fromkeys(_commune(line) for line in _lines(f"\n{code},"))) if len(code) == FULL_CODE else []


Line = list[str]


@cache
def _table() -> str:
    return "\n" + lzma.decompress(TABLE.read_bytes()).decode()


def _lines(needle: str) -> Iterator[Line]:
    """The lines that hold the needle, in the table's order: postal code, compared name, INSEE code, name."""
    table = _table()
    found = table.find(needle)
    while found >= 0:
        end = table.find("\n", found + 1)
        yield table[table.rfind("\n", 0, found + 1) + 1:end].split(",")
        found = table.find(needle, end)


def _searches(typed: Typed) -> Iterator[Iterator[Line]]:
    """The searches that answer what is being typed, the best answers first."""
    if typed.code and not typed.words:
        yield _lines(f"\n{typed.code}")
    elif typed.code:
        for words in _spellings(typed.words):
            yield _in_code(typed.code, words)
    if typed.whole and typed.whole != typed.code:
        # With digits this is « Paris 11 », where the number is no postal code.
        for words in _spellings(typed.whole):
            yield _lines(f",_{words}_,")
        for start in (",_", "_"):
            for words in _spellings(typed.whole):
                yield _lines(start + words)


def _spellings(words: str) -> list[str]:
    """« st » is Saint, but may also be the beginning of Strasbourg."""
    return list(dict.fromkeys(spelling.replace(" ", "_") for spelling in (key(words), plain(words))))


def _in_code(code: str, words: str) -> Iterator[Line]:
    """The lines of this beginning of a code and of a word: exact names, beginnings, later words."""
    pattern = re.compile(rf"\n({code}\d*),([^,]*_{words}[^,]*),([^,]*),(.*)")
    lines = [list(found.groups()) for found in pattern.finditer(_table())]
    lines.sort(key=lambda line: (line[1] != f"_{words}_", not line[1].startswith(f"_{words}")))
    return iter(lines)


def _all_named(words: str) -> list[Commune]:
    """Every commune and postal code of exactly this name."""
    named = (_commune(line) for line in _lines(f",_{words.replace(' ', '_')}_,"))
    return list(dict.fromkeys(islice(named, MAX_SUGGESTIONS)))


def _similar(words: str) -> list[Commune]:
    """The communes that share the longest beginning with the words; a longer beginning never finds more."""
    known, unknown = SHORTEST_START - 1, len(words) + 1
    while unknown - known > 1:
        size = (known + unknown) // 2
        if find(words[:size], 1):
            known = size
        else:
            unknown = size
    return find(words[:known]) if known >= SHORTEST_START else []


def _only(lines: Iterator[Line] | list[Line]) -> Commune | None:
    """The commune of these lines when all of them mean the same one."""
    communes = {_commune(line) for line in lines}
    return communes.pop() if len(communes) == 1 else None


def _is_official(line: Line) -> bool:
    return line[1] == f"_{key(line[3]).replace(' ', '_')}_"


def _commune(line: Line) -> Commune:
    return Commune(line[2], line[3], line[0])


# --- birth places: communes and countries by their INSEE codes

PLACE_EXAMPLE = "par exemple\N{NO-BREAK SPACE}: Caen, 14118 ou Algérie"
PLACE_UNKNOWN = (
    "Ce lieu de naissance est introuvable. Écrivez la commune, le pays pour une naissance à l’étranger, ou le code "
    f"Insee, {PLACE_EXAMPLE}."
)
PLACE_UNCLEAR = (
    "Cette saisie ne désigne pas un seul lieu de naissance\N{NO-BREAK SPACE}: choisissez-le dans la liste, ou "
    "ajoutez le département, par exemple\N{NO-BREAK SPACE}: Saint-Denis (93)."
)
COUNTRY_UNKNOWN = "Ce code de pays n’est pas dans la liste de l’Insee\N{NO-BREAK SPACE}: écrivez plutôt le nom du pays."
_PLACE_CODE = re.compile(r"\b(2[ab]\d{3}|\d{5})\b", re.ASCII)
_DEPARTMENT = re.compile(r"\b(2[ab]|\d{2,3})\b", re.ASCII)
_FRENCH_CODE = re.compile(r"(?:0[1-9]|[13-8]\d|2[1-9AB]|9[0-5]|97[1-8]|98[4-9])\d+", re.ASCII)
# The three towns of several arrondissements, for those who do not know which.
_WHOLE_TOWNS = {"75056": "Paris", "69123": "Lyon", "13055": "Marseille"}


@dataclass(frozen=True)
class PlaceCheck:
    """The outcome for a form: a birth place, or a message and the places it may have meant."""

    lieu: Lieu | None
    error: str = ""
    suggestions: list[Lieu] = field(default_factory=list)


def birthplace(text: str) -> PlaceCheck:
    """The birth place that the text names: a commune, a country, or an INSEE code of either.

    A former commune is known by its name, which gives the code of the commune it became part of, or by its old
    code, which is kept as typed. « 14000 Caen » with a postal code is understood too.
    """
    if len(text) > MAX_TYPED:
        return PlaceCheck(None, PLACE_UNKNOWN)
    whole = plain(text)
    code = _PLACE_CODE.search(whole)
    if code:
        words = key(" ".join((whole[:code.start()] + whole[code.end():]).split()))
        return _place_of_code(code[0].upper(), words, text)
    found = _places_named(whole)
    if len(found) == 1:
        return PlaceCheck(found[0])
    return PlaceCheck(None, PLACE_UNCLEAR, found) if found else _no_place(text)


def find_places(text: str, limit: int = CHOICES) -> list[Lieu]:
    """Completions of a birth place that is being typed: countries of that beginning, then communes."""
    words = key(text)
    coded = _of_code(words.upper())
    countries = [Lieu(code, names[0]) for code, names in _countries().items()
                 if words and any(key(name).startswith(words) for name in names)]
    towns = [lieu for code, name in _WHOLE_TOWNS.items() if (lieu := Lieu(code, name)) and key(name) == words]
    towns += [_lieu(commune) for commune in find(text, limit)]
    exact = [country for country in countries if key(country.nom) == words]
    return list(dict.fromkeys((*coded, *exact, *towns[:limit - 3], *countries, *towns)))[:limit]


def _of_code(code: str) -> list[Lieu]:
    """The place that today's tables hold under an INSEE code, if any."""
    if not _PLACE_CODE.fullmatch(code.lower()):
        return []
    if code in _countries():
        return [Lieu(code, _countries()[code][0])]
    if code in _WHOLE_TOWNS:
        return [Lieu(code, _WHOLE_TOWNS[code])]
    return [_lieu(_commune(line)) for line in islice(_lines(f",{code},"), 1)]


def _place_of_code(code: str, words: str, text: str) -> PlaceCheck:
    if code.startswith("99"):
        names = _countries().get(code)
        if names is None:
            return PlaceCheck(None, COUNTRY_UNKNOWN)
        if not words or words in map(key, names):
            return PlaceCheck(Lieu(code, names[0]))
        return PlaceCheck(None, PLACE_UNCLEAR, [Lieu(code, names[0]), *find_places(words)])
    if code in _WHOLE_TOWNS and words in ("", key(_WHOLE_TOWNS[code])):
        return PlaceCheck(Lieu(code, _WHOLE_TOWNS[code]))
    lines = list(_lines(f",{code},"))
    name = f"_{words.replace(' ', '_')}_"
    if any(not words or name in line[1] for line in lines):
        return PlaceCheck(_lieu(_commune(lines[0])))
    commune = parse(text)
    if commune:
        return PlaceCheck(_lieu(commune))
    if not words and not lines and _FRENCH_CODE.fullmatch(code) and not find(code, 1):
        return PlaceCheck(Lieu(code, "", connu=False))
    return _no_place(text)


def _places_named(whole: str) -> list[Lieu]:
    """Communes and countries of exactly this name, in the department that may follow it."""
    number = _DEPARTMENT.search(whole)
    words = key(" ".join((whole[:number.start()] + whole[number.end():]).split()) if number else whole)
    if not words:
        return []
    found: dict[Lieu, None] = {}
    for code, names in _countries().items():
        if words in map(key, names):
            found[Lieu(code, names[0])] = None
    town = next((Lieu(code, name) for code, name in _WHOLE_TOWNS.items() if key(name) == words), None)
    if town and not number:
        found[town] = None
    else:
        name = words.replace(" ", "_")
        for needle in (f",_{name}_,", f",_{name}_arrondissement_,"):
            found |= {_lieu(_commune(line)): None for line in _lines(needle)}
    if number:
        department = number[0].upper()
        found = {lieu: None for lieu in found if lieu.insee.startswith(department)}
    return list(found)[:MAX_SUGGESTIONS]


def _no_place(text: str) -> PlaceCheck:
    near = list(dict.fromkeys([*find_places(text), *(_lieu(commune) for commune in suggest(text))]))
    return PlaceCheck(None, PLACE_UNCLEAR if near else PLACE_UNKNOWN, near[:CHOICES])


@cache
def _countries() -> dict[str, list[str]]:
    """Each country's names by its code, the official one first."""
    lines = COUNTRIES.read_text("utf-8").splitlines()
    return {code: names.split("|") for code, _, names in (line.partition(";") for line in lines)}


def _lieu(commune: Commune) -> Lieu:
    return Lieu(commune.insee, f"{commune.nom}{arrondissement(commune.insee)}")
