"""The tree of questions: read once, and refused whole when a path has no end."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).with_name("arbre.toml")


class ArbreError(Exception):
    """The tree leads nowhere, in circles, or to a node that is not there; the message names it."""


@dataclass(frozen=True)
class Noeud:
    """A question with its answers (words, next node), or an end: one instruction and its help section.

    ``titre``: what brings somebody here, for a beginning. ``agent``: the page offers to ask the card's program.
    """

    code: str
    titre: str = ""
    question: str = ""
    choix: tuple[tuple[str, str], ...] = ()
    faire: str = ""
    aide: str = ""
    agent: bool = False


@dataclass(frozen=True)
class Arbre:
    """The beginnings, in order, and every node by its code."""

    departs: tuple[Noeud, ...]
    noeuds: dict[str, Noeud]


@cache
def arbre() -> Arbre:
    """The tree of ``arbre.toml``."""
    return read(tomllib.loads(SOURCE.read_text("utf-8")))


def read(content: dict[str, object]) -> Arbre:
    """A tree from its tables. Raises ArbreError for a node that is missing, unreached, endless or of both kinds."""
    starts = content.pop("depart")
    assert isinstance(starts, list)
    nodes = {code: _node(code, table) for code, table in content.items() if isinstance(table, dict)}
    reached: set[str] = set()
    for start in starts:
        _walk(nodes, start, (), reached)
    if nodes.keys() - reached:
        raise ArbreError(f"{min(nodes.keys() - reached)}: no question leads here")
    return Arbre(tuple(nodes[code] for code in starts), nodes)


def _node(code: str, table: dict[str, object]) -> Noeud:
    choices = table.get("choix") or []
    assert isinstance(choices, list)
    node = Noeud(code, str(table.get("titre", "")), str(table.get("question", "")),
                 tuple((words, after) for words, after in choices), str(table.get("faire", "")),
                 str(table.get("aide", "")), bool(table.get("agent")))
    question, end = bool(node.question and node.choix), bool(node.faire and node.aide)
    if question == end or bool(node.question) != bool(node.choix) or bool(node.faire) != bool(node.aide):
        raise ArbreError(f"{code}: either a question with choices, or one instruction with its help")
    return node


def _walk(nodes: dict[str, Noeud], code: str, path: tuple[str, ...], reached: set[str]) -> None:
    if code in path:
        raise ArbreError(f"{code}: asked again on its own path")
    if code not in nodes:
        raise ArbreError(f"{code}: missing")
    reached.add(code)
    for _, after in nodes[code].choix:
        _walk(nodes, after, (*path, code), reached)
