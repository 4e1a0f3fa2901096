"""Reading the questions of the helper: one TOML file a version, checked whole. An evaluation keeps its version."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from portal.had.rules import CONCLUSIONS, EFFETS, GENRES, MOST_CLICKS, NIVEAU, Conclusion, Critere, Grille, Option

FOLDER = Path(__file__).with_name("definitions")
FILE_NAME = re.compile(r"had\.([1-9]\d{0,2})\.toml", re.ASCII)


class GrilleError(Exception):
    """A version can't be used; says the file and the reason."""


@cache
def registry() -> dict[int, Grille]:
    """The packaged versions. Raises GrilleError."""
    found = {}
    for path in sorted(FOLDER.glob("*.toml")):
        name = FILE_NAME.fullmatch(path.name)
        if name is None:
            raise GrilleError(f"{path.name} : le nom s’écrit had.version.toml")
        found[int(name[1])] = read(path.read_text("utf-8"), int(name[1]))
    return found


def of(version: int) -> Grille:
    """One version; KeyError for an unknown one."""
    return registry()[version]


def latest() -> Grille:
    """The version that is asked today."""
    return registry()[max(registry())]


def read(text: str, version: int) -> Grille:
    """One version from its TOML. Raises GrilleError for a fault that would show later."""
    try:
        raw = tomllib.loads(text)
        made = Grille(version, raw["title"], raw["source"], raw["discuter"], raw["proposer"],
                      tuple(_critere(one) for one in raw["criteres"]),
                      {one["code"]: Conclusion(**one) for one in raw["conclusions"]})
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise GrilleError(f"had.{version}.toml : {error}") from error
    for fault in _faults(made):
        raise GrilleError(f"had.{version}.toml : {fault}")
    return made


def _critere(raw: dict[str, Any]) -> Critere:
    return Critere(raw["id"], raw["genre"], raw["label"], raw["help"], tuple(Option(**one) for one in raw["options"]))


def _faults(grille: Grille) -> list[str]:
    ids = [one.id for one in grille.criteres]
    checks = {
        "un critère est en double": len(ids) != len(set(ids)),
        "un genre de critère est inconnu ou manque": {one.genre for one in grille.criteres} != set(GENRES),
        "une réponse a un effet inconnu": any(
            option.effet not in EFFETS for one in grille.criteres for option in one.options),
        "une réponse est en double": any(
            len({option.code for option in one.options}) != len(one.options) for one in grille.criteres),
        "seules les réponses sur l’intensité pèsent": any(
            option.poids for one in grille.criteres if one.genre != NIVEAU for option in one.options),
        "les conclusions ne sont pas les cinq attendues": set(grille.conclusions) != set(CONCLUSIONS),
        "les seuils ne se suivent pas": not 0 < grille.discuter <= grille.proposer <= grille.heaviest,
        # One click an answer, one for the advice.
        "il y a trop de questions": len(ids) + 1 > MOST_CLICKS,
    }
    return [words for words, wrong in checks.items() if wrong]
