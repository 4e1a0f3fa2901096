"""Reading ``table.toml``: what each visitor gets from each address, and which words of a dossier reach him."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("table.toml")
STATES = ("redaction", "actif", "admis", "annule", "historise")
_ROW = re.compile(r"(\d{3})(?: \(([^)]*)\))?: (.+)")


@dataclass(frozen=True)
class Attendu:
    """What a visitor gets: a status, or the address of his own door; another status in some states of the dossier."""

    usual: str
    at: tuple[tuple[str, str], ...] = ()
    door: bool = False

    def of(self, etat: str) -> str:
        """« 404 », or « 303 /connexion » for a door."""
        return dict(self.at).get(etat, self.usual)

    def refused(self, etat: str) -> bool:
        """True when nothing may come of it."""
        return self.door or self.of(etat) in ("403", "404", "405")


@dataclass(frozen=True)
class Table:
    """The whole table: what is expected by route, method and visitor; the words by visitor."""

    groups: dict[str, tuple[str, ...]]
    doors: dict[str, str]
    rows: dict[tuple[str, str], dict[str, Attendu]]
    words: dict[str, frozenset[str]]

    def expected(self, method: str, page: str, who: str) -> Attendu:
        """KeyError for a route without a row."""
        found = self.rows[method, page].get(who)
        return found or Attendu(f"303 {self.doors[who]}", door=True)


@cache
def table() -> Table:
    """The table as it is written; ValueError names a row that can't be read."""
    data = tomllib.loads(TABLE.read_text("utf-8"))
    groups = {}
    for name, members in data["groupes"].items():
        groups[name] = tuple(_names(members, groups))
    doors = {who: door for door, members in data["portes"].items() for who in _names(members, groups)}
    rows = {(method, page): _row(lines, groups, f"{method} {page}")
            for page, methods in data["pages"].items() for method, lines in methods.items()}
    words: dict[str, set[str]] = {}
    for kind, members in data["mots"].items():
        for who in _names(members, groups):
            words.setdefault(who, set()).add(kind)
    return Table(groups, doors, rows, {who: frozenset(kinds) for who, kinds in words.items()})


def _row(lines: list[str], groups: dict[str, tuple[str, ...]], where: str) -> dict[str, Attendu]:
    found: dict[str, Attendu] = {}
    for line in lines:
        read = _ROW.fullmatch(line)
        if read is None:
            raise ValueError(f"{where}: {line}")
        usual, at, members = read.groups()
        expected = Attendu(usual, tuple(_states(at or "", where)))
        for who in _names(members, groups):
            if who in found:
                raise ValueError(f"{where}: {who} has two rows")
            found[who] = expected
    return found


def _states(text: str, where: str) -> list[tuple[str, str]]:
    """« annule historise 403, redaction 404 »."""
    found = []
    for part in filter(None, text.split(", ")):
        *states, status = part.split()
        if not set(states) <= set(STATES):
            raise ValueError(f"{where}: {part}")
        found += [(etat, status) for etat in states]
    return found


def _names(text: str, groups: dict[str, tuple[str, ...]]) -> list[str]:
    """The visitors that a list of names and « @groups » stands for; « -name » takes one out again."""
    found: list[str] = []
    for word in text.split():
        if word.startswith("-"):
            found.remove(word[1:])
        else:
            found += groups[word[1:]] if word.startswith("@") else (word,)
    return found


def in_words() -> str:
    """The table as ``docs/dev/acces.md`` prints it: one line an address and method."""
    lines = ["| address | method | status: who |", "|---|---|---|"]
    data = tomllib.loads(TABLE.read_text("utf-8"))["pages"]
    for page, methods in data.items():
        lines += [f"| {page} | {method} | {'; '.join(rows) or 'his own door, everybody'} |"
                  for method, rows in methods.items()]
    return "\n".join(lines)
