"""AGGIR: from how a person does seventeen things of daily life to her GIR.

Sources: annexe 2-1 (the grid) and annexe 2-2 (the computation) of the Code de l'action sociale et des familles; the
rating by four adverbs and the joining of sub-variables: décret 2008-821, guide de remplissage. Everything here is
public law written out again, and certified by nobody.

Three sizes of the same thing. An *answer* is one line as it is kept: ``"B"``, or ``"B:onon"`` with the four adverbs
that gave the letter. A *letter* is A (does it alone), B (in part) or C (does not). A *profile* is eight letters, one
for each variable that weighs, in the order of the law's table: ``"AAAAAABA"``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

ADVERBS: dict[str, str] = {
    "s": "spontanément",
    "t": "totalement",
    "h": "habituellement",
    "c": "correctement",
}
"""The four questions of a line (« le fait-elle seule… ? »): the suffix of the form's input, the adverb."""

LETTERS: dict[str, str] = {"A": "fait seul", "B": "partiellement", "C": "ne fait pas"}
"""What a letter means, as people read it."""


@dataclass(frozen=True)
class Variable:
    """One thing of daily life; ``lines``: the fields that rate it, its sub-variables or itself.

    ``code`` is its column in the law's table, empty for the two that are rated and weigh nothing.
    """

    id: str
    words: str
    lines: tuple[str, ...]
    code: str = ""


VARIABLES: tuple[Variable, ...] = (
    Variable("coherence", "Cohérence", ("coherence_communication", "coherence_comportement"), "COH"),
    Variable("orientation", "Orientation", ("orientation_temps", "orientation_espace"), "ORI"),
    Variable("toilette", "Toilette", ("toilette_haut", "toilette_bas"), "TOI"),
    Variable("habillage", "Habillage", ("habillage_haut", "habillage_moyen", "habillage_bas"), "HAB"),
    Variable("alimentation", "Alimentation", ("alimentation_servir", "alimentation_manger"), "ALI"),
    Variable("elimination", "Élimination", ("elimination_urinaire", "elimination_fecale"), "ELI"),
    Variable("transferts", "Transferts", ("transferts",), "TRA"),
    Variable("deplacements_interieurs", "Déplacements à l’intérieur", ("deplacements_interieurs",), "DIN"),
    Variable("deplacements_exterieurs", "Déplacements à l’extérieur", ("deplacements_exterieurs",)),
    Variable("alerter", "Alerter", ("alerter",)),
)
"""The ten discriminating variables, in the grid's order."""

WEIGHED: tuple[Variable, ...] = tuple(variable for variable in VARIABLES if variable.code)
"""The eight that act on the GIR: one letter of a profile each."""

LINES: tuple[str, ...] = tuple(line for variable in VARIABLES for line in variable.lines)
"""The seventeen lines to rate, as field ids of the volet autonomie."""


@dataclass(frozen=True)
class Group:
    """One line of the law's table: the weights of C and of B (A weighs nothing) in a profile's order, and the sums
    from which a rang is given, highest first."""

    name: str
    c: tuple[int, ...]
    b: tuple[int, ...]
    thresholds: tuple[tuple[int, int], ...]


# Annexe 2-2 CASF. Three cells look like slips and are law: walking indoors counts *against* in group B, its B weighs
# nothing in group D, and in group H transferts weigh more for B than for C. The first and the last give a better GIR
# to thirty profiles that are one letter worse than another; nobody may repair it here.
GROUPS: tuple[Group, ...] = (
    #           COH   ORI   TOI   HAB   ALI   ELI   TRA   DIN
    Group("A", (2000, 1200, 40, 40, 60, 100, 800, 200),
               (0, 0, 16, 16, 20, 16, 120, 32), ((4380, 1), (4140, 2), (3390, 3))),
    Group("B", (1500, 1200, 40, 40, 60, 100, 800, -80),
               (320, 120, 16, 16, 0, 16, 120, -40), ((2016, 4),)),
    Group("C", (0, 0, 40, 40, 60, 160, 1000, 400),
               (0, 0, 16, 16, 20, 20, 200, 40), ((1700, 5), (1432, 6))),
    Group("D", (0, 0, 0, 0, 2000, 400, 2000, 200),
               (0, 0, 0, 0, 200, 200, 200, 0), ((2400, 7),)),
    Group("E", (400, 400, 400, 400, 400, 800, 800, 200),
               (0, 0, 100, 100, 100, 100, 100, 0), ((1200, 8),)),
    Group("F", (200, 200, 500, 500, 500, 500, 500, 200),
               (100, 100, 100, 100, 100, 100, 100, 0), ((800, 9),)),
    Group("G", (150, 150, 300, 300, 500, 500, 400, 200),
               (0, 0, 200, 200, 200, 200, 200, 100), ((650, 10),)),
    Group("H", (0, 0, 3000, 3000, 3000, 3000, 1000, 1000),
               (0, 0, 2000, 2000, 2000, 2000, 2000, 1000), ((4000, 11), (2000, 12), (0, 13))),
)  # fmt: skip
"""The law's table, in the order it is gone through."""

GIR_OF_RANG: dict[int, int] = {1: 1, 2: 2, 3: 2, 4: 2, 5: 2, 6: 2, 7: 2, 8: 3, 9: 3, 10: 4, 11: 4, 12: 5, 13: 6}


@dataclass(frozen=True)
class Result:
    """What the table says of a profile: GIR 1 (most dependent) to 6, rang 1 to 13, the group that decided, its sum."""

    gir: int
    rang: int
    groupe: str
    somme: int


@dataclass(frozen=True)
class Weight:
    """What one variable brought to a group's sum."""

    variable: Variable
    letter: str
    weight: int


@dataclass(frozen=True)
class Tried:
    """A group gone through: its sum, its thresholds (sum, rang), each variable's part; ``rang`` when it decided."""

    group: str
    somme: int
    thresholds: tuple[tuple[int, int], ...]
    weights: tuple[Weight, ...]
    rang: int | None


def explain(profile: str) -> tuple[Tried, ...]:
    """The groups gone through for this profile, in order; the last one decided.

    ValueError unless ``profile`` is eight letters A, B or C.
    """
    if not isinstance(profile, str) or not re.fullmatch("[ABC]{8}", profile):
        raise ValueError("Un profil AGGIR s’écrit avec huit lettres A, B ou C, dans l’ordre de la grille.")
    tried: list[Tried] = []
    for group in GROUPS:
        weigh = {"A": (0,) * len(WEIGHED), "B": group.b, "C": group.c}
        parts = tuple(Weight(WEIGHED[i], letter, weigh[letter][i]) for i, letter in enumerate(profile))
        total = sum(part.weight for part in parts)
        rang = next((rang for threshold, rang in group.thresholds if total >= threshold), None)
        tried.append(Tried(group.name, total, group.thresholds, parts, rang))
        if rang is not None:
            break
    return tuple(tried)


def gir(profile: str) -> Result:
    """The result of a profile, « AAAAAABA » in the order COH ORI TOI HAB ALI ELI TRA DIN, exactly by the law's table.

    ValueError unless ``profile`` is eight letters A, B or C.
    """
    last = explain(profile)[-1]
    assert last.rang is not None, "group H decides whatever is left: its sums are never negative"
    return Result(GIR_OF_RANG[last.rang], last.rang, last.group, last.somme)


def rate(adverbs: str) -> str:
    """The letter of four answers, ``o`` or ``n`` in the order of ADVERBS: four yes A, four no C, otherwise B.

    ValueError for anything else.
    """
    if not isinstance(adverbs, str) or not re.fullmatch("[on]{4}", adverbs):
        raise ValueError("Une cotation par les adverbes compte quatre réponses, oui ou non.")
    return {"oooo": "A", "nnnn": "C"}.get(adverbs, "B")


def combine(variable: str, letters: str) -> str:
    """The letter of a variable (its id) by those of its sub-variables, in their order.

    Several rules, as the guide has them: C wins for coherence, orientation and elimination; only C everywhere is C
    for toilette and habillage; for alimentation C wins over B, but not over A. ValueError for an unknown variable,
    or letters that are not its own in number and kind.
    """
    asked = next((known for known in VARIABLES if known.id == variable), None)
    if asked is None:
        raise ValueError(f"« {variable} » n’est pas une variable de la grille AGGIR.")
    count = len(asked.lines)
    if not isinstance(letters, str) or not re.fullmatch(f"[ABC]{{{count}}}", letters):
        raise ValueError(f"{asked.words}\u00a0: {count} lettre{'s' if count > 1 else ''} A, B ou C, pas autre chose.")
    given = set(letters)
    if len(given) == 1:
        return letters[0]
    if variable in ("coherence", "orientation", "elimination"):
        return "C" if "C" in given else "B"
    if variable == "alimentation":
        return "C" if given == {"B", "C"} else "B"
    return "B"


_ANSWER = re.compile("(?P<letter>[ABC])(?::(?P<adverbs>[on]{4}))?")


def letter(value: str) -> str:
    """The letter of a kept answer, « B » or « B:onon »; ValueError when it is none, or contradicts its adverbs."""
    match = _ANSWER.fullmatch(value) if isinstance(value, str) else None
    if match is None or (match["adverbs"] and rate(match["adverbs"]) != match["letter"]):
        raise ValueError("Une ligne AGGIR se cote A, B ou C.")
    return match["letter"]


def words(value: str) -> str:
    """A kept answer as people read it: « B, partiellement (non : totalement, correctement) »."""
    found = letter(value)
    refused = [adverb for adverb, said in zip(ADVERBS.values(), value[2:], strict=False) if said == "n"]
    why = f" (non\u00a0: {', '.join(refused)})" if refused else ""
    return f"{found}, {LETTERS[found]}{why}"


def letters(answers: Mapping[str, object]) -> dict[str, str]:
    """The letter of each line that is rated, by its field id, in the grid's order."""
    return {line: letter(value) for line in LINES if isinstance(value := answers.get(line), str)}


def profile(answers: Mapping[str, object]) -> str | None:
    """The eight letters of a volet's answers (by field id); None until every line that weighs is rated."""
    rated = letters(answers)
    if any(line not in rated for variable in WEIGHED for line in variable.lines):
        return None
    return "".join(combine(each.id, "".join(rated[line] for line in each.lines)) for each in WEIGHED)


def record(answers: Mapping[str, object]) -> dict[str, Any]:
    """What is kept of an evaluation: the profile, its result and the seventeen answers, ready for JSON.

    ValueError when a line is not rated: the two that weigh nothing are asked all the same.
    """
    rated, found = letters(answers), profile(answers)
    left = [line for line in LINES if line not in rated]
    if left or found is None:
        raise ValueError(f"Lignes AGGIR non cotées\u00a0: {', '.join(left)}.")
    lines = {line: answers[line] for line in LINES}
    return {"profil": found, **asdict(gir(found)), "lignes": lines}


def read_line(raw: Mapping[str, str]) -> str | None:
    """The answer of a line's inputs: ``""`` holds A, B, C or nothing; ``s t h c`` hold « oui », « non » or nothing.

    None: nothing is answered. ValueError, with words for the person who types, when a value is unknown, when only
    some adverbs are answered, or when they say another letter than the one chosen.
    """
    chosen = raw.get("", "").strip()
    said = [raw.get(adverb, "").strip() for adverb in ADVERBS]
    if chosen not in ("", "A", "B", "C") or any(word not in ("", "oui", "non") for word in said):
        raise ValueError("Choisissez A, B ou C, ou répondez oui ou non aux quatre questions.")
    if not any(said):
        return chosen or None
    if not all(said):
        raise ValueError("Répondez aux quatre questions, ou choisissez A, B ou C sans y répondre.")
    adverbs = "".join(word[0] for word in said)
    found = rate(adverbs)
    if chosen and chosen != found:
        raise ValueError(
            f"Les quatre réponses donnent {found} et vous avez choisi {chosen}\u00a0: "
            f"corrigez-les, ou choisissez {chosen} sans répondre aux quatre questions."
        )
    return f"{found}:{adverbs}"


def show_line(value: str | None) -> dict[str, str]:
    """The inputs that show this answer, the inverse of ``read_line``; ValueError when it is no answer."""
    match = _ANSWER.fullmatch(value) if value else None
    if value and match is None:
        raise ValueError("Une ligne AGGIR se cote A, B ou C.")
    adverbs = (match["adverbs"] if match else None) or ""
    words = {"o": "oui", "n": "non"}
    said = {adverb: words[adverbs[i]] if adverbs else "" for i, adverb in enumerate(ADVERBS)}
    return {"": match["letter"] if match else ""} | said
