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

from portal.annuaire.rules import FULL_CODE, MAX_TYPED, Commune, Typed, key, plain, read

TABLE = Path(__file__).with_name("communes.csv.xz")
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
