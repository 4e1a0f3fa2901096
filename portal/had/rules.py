"""What the answers about a care at home come to, criterion by criterion. Pure: the questions are data (definitions)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

PREALABLE, DIRECT, NIVEAU = "prealable", "direct", "niveau"
GENRES = {
    PREALABLE: "Préalables",
    DIRECT: "Soins qui suffisent à la proposer",
    NIVEAU: "Intensité des besoins",
}
"""The three kinds of criteria, in their order."""

REMPLI, A_VOIR, ABSENT = "rempli", "a_voir", "absent"
EFFETS = (REMPLI, A_VOIR, ABSENT)
PROPOSER, PREPARER, DISCUTER, AUTREMENT, IMPOSSIBLE = "proposer", "preparer", "discuter", "autrement", "impossible"
CONCLUSIONS = (PROPOSER, PREPARER, DISCUTER, AUTREMENT, IMPOSSIBLE)

# One click an answer, and one to see the advice.
MOST_CLICKS = 8

Answers = Mapping[str, str]


@dataclass(frozen=True)
class Option:
    """One answer: what it does to its criterion, in words, and what it weighs for the intensity of the needs."""

    code: str
    label: str
    effet: str
    mots: str
    poids: int = 0


@dataclass(frozen=True)
class Critere:
    """One question with its answers; ``genre``: a key of ``GENRES``."""

    id: str
    genre: str
    label: str
    help: str
    options: tuple[Option, ...]

    def option(self, code: str) -> Option | None:
        """The answer of this code."""
        return next((one for one in self.options if one.code == code), None)


@dataclass(frozen=True)
class Conclusion:
    """An advice: its title, what to do with it, its icon."""

    code: str
    title: str
    mots: str
    icone: str


@dataclass(frozen=True)
class Grille:
    """One version of the questions. ``discuter`` and ``proposer``: from which weight on the needs call for it."""

    version: int
    title: str
    source: str
    discuter: int
    proposer: int
    criteres: tuple[Critere, ...]
    conclusions: Mapping[str, Conclusion]

    def of(self, genre: str) -> tuple[Critere, ...]:
        """The criteria of a kind, in their order."""
        return tuple(one for one in self.criteres if one.genre == genre)

    @property
    def heaviest(self) -> int:
        """What the needs weigh at most."""
        return sum(max(option.poids for option in one.options) for one in self.of(NIVEAU))


@dataclass(frozen=True)
class Lecture:
    """One criterion as it was answered: ``option`` None where the advice did not need it."""

    critere: Critere
    option: Option | None

    @property
    def decides(self) -> bool:
        """True when this answer alone gave the advice its course."""
        found = self.option.effet if self.option else ""
        return found == {PREALABLE: ABSENT, DIRECT: REMPLI}.get(self.critere.genre, "-")


@dataclass(frozen=True)
class Resultat:
    """The advice, and how each criterion led to it; ``poids``: what the needs weigh, None if they were not asked."""

    conclusion: Conclusion
    lectures: tuple[Lecture, ...]
    poids: int | None

    def of(self, genre: str) -> tuple[Lecture, ...]:
        """The criteria of a kind as they were answered."""
        return tuple(one for one in self.lectures if one.critere.genre == genre)


def needed(grille: Grille, answers: Answers) -> tuple[Critere, ...]:
    """The criteria without which no advice can be given: none once a prerequisite is missing, and not the intensity
    of the needs where one care is reason enough."""
    if _effects(grille, answers, PREALABLE) & {ABSENT}:
        return ()
    kinds = {PREALABLE, DIRECT} if REMPLI in _effects(grille, answers, DIRECT) else set(GENRES)
    return tuple(one for one in grille.criteres if one.genre in kinds and one.option(answers.get(one.id, "")) is None)


def useful(grille: Grille, answers: Answers) -> dict[str, str]:
    """The answers that the advice rests on: what a missing prerequisite or a sufficient care makes idle is left out."""
    idle = set()
    if REMPLI in _effects(grille, answers, DIRECT):
        idle = {NIVEAU}
    if ABSENT in _effects(grille, answers, PREALABLE):
        idle = {DIRECT, NIVEAU}
    return {one.id: answers[one.id] for one in grille.criteres
            if one.genre not in idle and one.option(answers.get(one.id, ""))}


def evaluate(grille: Grille, answers: Answers) -> Resultat:
    """The advice; ``needed`` has to be empty."""
    assert not needed(grille, answers)
    kept = useful(grille, answers)
    lectures = tuple(Lecture(one, one.option(kept.get(one.id, ""))) for one in grille.criteres)
    prerequisites, direct = _effects(grille, kept, PREALABLE), _effects(grille, kept, DIRECT)
    if ABSENT in prerequisites:
        return Resultat(grille.conclusions[IMPOSSIBLE], lectures, None)
    weight = None if REMPLI in direct else sum(
        one.option.poids for one in lectures if one.critere.genre == NIVEAU and one.option)
    found = PROPOSER if weight is None or weight >= grille.proposer else (
        DISCUTER if weight >= grille.discuter else AUTREMENT)
    if found == PROPOSER and A_VOIR in prerequisites:
        found = PREPARER
    return Resultat(grille.conclusions[found], lectures, weight)


def _effects(grille: Grille, answers: Answers, genre: str) -> frozenset[str]:
    chosen = (one.option(answers.get(one.id, "")) for one in grille.of(genre))
    return frozenset(option.effet for option in chosen if option)
