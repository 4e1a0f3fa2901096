"""AGGIR as pages show it: the result while one rates, how it came about, and the evaluations kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Protocol

from portal.volets import aggir
from portal.web import dates

LINE_WORDS: dict[str, str] = {
    "coherence_communication": "communication",
    "coherence_comportement": "comportement",
    "orientation_temps": "dans le temps",
    "orientation_espace": "dans l’espace",
    "toilette_haut": "haut du corps",
    "toilette_bas": "bas du corps",
    "habillage_haut": "haut",
    "habillage_moyen": "moyen",
    "habillage_bas": "bas",
    "alimentation_servir": "se servir",
    "alimentation_manger": "manger",
    "elimination_urinaire": "urinaire",
    "elimination_fecale": "fécale",
}
"""Sub-variables, as said after the name of their variable; a variable that is one line needs no more words."""

MEANING: dict[int, str] = {
    1: "dépendance la plus lourde, du corps et de l’esprit\u202f: une présence continue est indispensable.",
    2: "dépendance lourde\u202f: aide pour la plupart des gestes, ou surveillance permanente d’une personne "
       "désorientée qui se déplace.",
    3: "esprit conservé pour l’essentiel, mais aide plusieurs fois par jour pour les soins du corps.",
    4: "aide pour se lever, se laver ou s’habiller, ou pour les repas\u202f; se déplace ensuite dans son logement.",
    5: "aide ponctuelle, pour la toilette, les repas ou le ménage.",
    6: "fait seul les gestes essentiels de la vie courante.",
}  # fmt: skip
LAST_WITH_APA = 4
"""GIR 1 to 4 open the allocation personnalisée d'autonomie (article L. 232-2 CASF)."""


@dataclass(frozen=True)
class Cotation:
    """One variable: the letters of its lines as far as they are rated (« A, – »), and the letter they make."""

    words: str
    parts: str
    letter: str
    weighs: bool


@dataclass(frozen=True)
class Essai:
    """One group gone through: its sum and thresholds as read, and whether it decided."""

    group: str
    somme: str
    thresholds: str
    decisive: bool


@dataclass(frozen=True)
class Part:
    """What one variable brought to the deciding sum."""

    words: str
    letter: str
    weight: str


@dataclass(frozen=True)
class Direct:
    """The result as one rates: ``left`` lines to go; ``gir`` 0 until the lines that weigh are all rated."""

    left: int
    total: int
    gir: int
    rang: int
    group: str
    somme: str
    meaning: str
    apa: bool
    cotations: tuple[Cotation, ...]
    essais: tuple[Essai, ...]
    parts: tuple[Part, ...]


def live(answers: Mapping[str, object]) -> Direct:
    """The grid's present result, from the volet's answers as they are stored."""
    rated = aggir.letters(answers)
    profile = aggir.profile(answers)
    left = len(aggir.LINES) - len(rated)
    cotations = tuple(_cotation(variable, rated) for variable in aggir.VARIABLES)
    if profile is None:
        return Direct(left, len(aggir.LINES), 0, 0, "", "", "", False, cotations, (), ())
    tried, found = aggir.explain(profile), aggir.gir(profile)
    return Direct(
        left, len(aggir.LINES), found.gir, found.rang, found.groupe, number(found.somme), MEANING[found.gir],
        found.gir <= LAST_WITH_APA, cotations, tuple(_essai(each) for each in tried),
        tuple(Part(part.variable.words, part.letter, number(part.weight)) for part in tried[-1].weights),
    )  # fmt: skip


def number(value: int) -> str:
    """« 4 380 », « −40 », as French writes them."""
    return f"{value:,}".replace(",", "\u202f").replace("-", "−")


def _cotation(variable: aggir.Variable, rated: Mapping[str, str]) -> Cotation:
    given = [rated.get(line, "") for line in variable.lines]
    whole = aggir.combine(variable.id, "".join(given)) if all(given) else ""
    parts = ", ".join(f"{LINE_WORDS[line]} {letter or '–'}"
                      for line, letter in zip(variable.lines, given, strict=True)) if len(given) > 1 else ""
    return Cotation(variable.words, parts, whole, bool(variable.code))


def _essai(tried: aggir.Tried) -> Essai:
    thresholds = ", ".join(f"{number(least)} (rang {rang})" for least, rang in tried.thresholds)
    return Essai(tried.group, number(tried.somme), thresholds, tried.rang is not None)


class Kept(Protocol):
    """An evaluation as the volets' queries give it; ``lignes``: the answer of each line, by its field id."""

    @property
    def gir(self) -> int: ...
    @property
    def rang(self) -> int: ...
    @property
    def groupe(self) -> str: ...
    @property
    def somme(self) -> int: ...
    @property
    def lignes(self) -> Mapping[str, str]: ...
    @property
    def par(self) -> str: ...
    @property
    def le(self) -> datetime: ...


@dataclass(frozen=True)
class Change:
    """A line rated otherwise than the time before."""

    words: str
    before: str
    after: str


@dataclass(frozen=True)
class Passee:
    """One evaluation of the history; ``before``: the GIR of the evaluation before it, 0 for the first."""

    at: str
    iso: str
    who: str
    gir: int
    rang: int
    group: str
    somme: str
    before: int
    changes: tuple[Change, ...]


def history(kept: Sequence[Kept]) -> list[Passee]:
    """The evaluations, newest first as given, each with what changed since the one before it."""
    return [_passee(now, before) for now, before in zip_longest(kept, kept[1:])]


def _passee(now: Kept, before: Kept | None) -> Passee:
    changes = _changes(before.lignes, now.lignes) if before else ()
    return Passee(dates.moment(now.le), now.le.isoformat(), now.par, now.gir, now.rang, now.groupe, number(now.somme),
                  before.gir if before else 0, changes)


def _changes(before: Mapping[str, str], now: Mapping[str, str]) -> tuple[Change, ...]:
    return tuple(Change(line_words(line), aggir.letter(before[line]), aggir.letter(now[line]))
                 for line in aggir.LINES if aggir.letter(before[line]) != aggir.letter(now[line]))


def line_words(line: str) -> str:
    """A line's name in full: « Toilette (haut du corps) »."""
    variable = next(each for each in aggir.VARIABLES if line in each.lines)
    return f"{variable.words} ({LINE_WORDS[line]})" if line in LINE_WORDS else variable.words
