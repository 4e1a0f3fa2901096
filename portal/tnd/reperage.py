"""The repérage grid as it is filled: the range of the child's age, counts by domain, what calls for attention.

Counts and shows; says nothing of a diagnosis. Pure: answers as the volet keeps them, days given by whoever calls.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("grilles")
TRANCHES, EXAMEN, PREMATURE, TERME = "tranches", "date_examen", "prematurite", "terme"
OUI, NON, NON_VU = "oui", "non", "non_vu"
Answers = Mapping[str, object]


@dataclass(frozen=True)
class Tranche:
    """A range of ages in months: from ``de`` to before ``a``."""

    code: str
    label: str
    de: int
    a: int


@dataclass(frozen=True)
class Signe:
    """An answer that counts at any age; ``des``: only from that many months on."""

    champ: str
    codes: frozenset[str]
    mots: str
    des: int = 0


@dataclass(frozen=True)
class Grille:
    """One version: ``un_domaine`` « non » in one domain or ``deux_domaines`` in each of two draw attention; ``sur``
    is False while no text confirms these thresholds. ``domaines``: words by code."""

    version: int
    source: str
    corrige_jusqua: int
    a_terme: int
    un_domaine: int
    deux_domaines: int
    sur: bool
    source_seuils: str
    tranches: tuple[Tranche, ...]
    domaines: dict[str, str]
    signes: tuple[Signe, ...]


@dataclass(frozen=True)
class Age:
    """A child's age in whole months on a day; ``corrige`` is less for a child born before term, until it no longer
    counts. ``tranche`` is None below the first range and after the last: ``mots`` says which."""

    mois: int
    corrige: int
    tranche: Tranche | None
    mots: str


@dataclass(frozen=True)
class Compte:
    """The answers of one domain in one range; ``attention``: the count of « non » reaches a threshold."""

    domaine: str
    label: str
    oui: int
    non: int
    non_vu: int
    total: int
    attention: bool = False

    @property
    def reste(self) -> int:
        """How many have no answer yet."""
        return self.total - self.oui - self.non - self.non_vu


@dataclass(frozen=True)
class Resultat:
    """One range that was examined."""

    tranche: Tranche
    comptes: tuple[Compte, ...]


@dataclass(frozen=True)
class Bilan:
    """The grid as it stands: the age, each range examined, the signs at any age that are there."""

    grille: Grille
    age: Age
    resultats: tuple[Resultat, ...]
    signes: tuple[str, ...]

    @property
    def vide(self) -> bool:
        """True while nothing that is counted was answered."""
        return not self.signes and all(one.reste == one.total for found in self.resultats for one in found.comptes)

    @property
    def attention(self) -> tuple[str, ...]:
        """What calls for attention, in words: domains of a range, then signs."""
        return (*(f"{one.label}, {found.tranche.label}\u00a0: {one.non} «\u00a0non\u00a0»"
                  for found in self.resultats for one in found.comptes if one.attention), *self.signes)


@cache
def of(version: int) -> Grille:
    """The grid of a version of the form; KeyError for an unknown one."""
    path = FOLDER / f"tnd-reperage.{version}.toml"
    if not path.is_file():
        raise KeyError(version)
    raw: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    limits = raw["seuils"]
    return Grille(
        version, raw["source"], raw["corrige_jusqua"], raw["terme"], limits["un_domaine"], limits["deux_domaines"],
        limits["sur"], limits["source"], tuple(Tranche(**one) for one in raw["tranches"]),
        {one["code"]: one["label"] for one in raw["domaines"]},
        tuple(Signe(one["champ"], frozenset(one["codes"]), one["mots"], one.get("des", 0)) for one in raw["signes"]))


def bilan(version: int, fields: Iterable[str], answers: Answers, birth: date, today: date) -> Bilan:
    """Count what is answered. ``fields``: the ids of the form's questions; ``today`` stands in for an examination
    that has no date yet."""
    grid = of(version)
    ids = tuple(fields)
    when = age(grid, answers, birth, today)
    ticked = answers.get(TRANCHES)
    ranges = [one for one in grid.tranches if isinstance(ticked, list) and one.code in ticked]
    return Bilan(grid, when, tuple(Resultat(one, _counts(grid, one, ids, answers)) for one in ranges),
                 tuple(sign.mots for sign in grid.signes if when.mois >= sign.des and _there(sign, answers)))


def age(grid: Grille, answers: Answers, birth: date, today: date) -> Age:
    """The age on the day of the examination, corrected by the weeks that lacked at birth."""
    day = _day(answers.get(EXAMEN)) or today
    whole = months(birth, day)
    early = _early(grid, answers) if whole < grid.corrige_jusqua else 0
    counted = months(birth + timedelta(weeks=early), day) if early else whole
    found = next((one for one in grid.tranches if one.de <= counted < one.a), None)
    words = f"{whole} mois" if whole < 24 else f"{whole // 12} ans" + (f" et {whole % 12} mois" if whole % 12 else "")
    if early:
        words += f", {counted} mois d’âge corrigé"
    if day < birth:
        words = "examen daté d’avant la naissance, à vérifier"
    return Age(whole, counted, found, words)


def months(birth: date, day: date) -> int:
    """Whole months between two days, 0 when the day is before the birth."""
    return max(0, (day.year - birth.year) * 12 + day.month - birth.month - (day.day < birth.day))


def propose(version: int, answers: Answers, birth: date, today: date) -> list[str]:
    """The range to begin with: that of the child's age, [] when one is ticked already or none fits."""
    found = age(of(version), answers, birth, today).tranche
    return [found.code] if found and not answers.get(TRANCHES) else []


def _early(grid: Grille, answers: Answers) -> int:
    """The weeks that lacked at birth."""
    term = str(answers.get(TERME, ""))
    return grid.a_terme - int(term) if answers.get(PREMATURE) == OUI and term.isdecimal() else 0


def _day(value: object) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) and value else None


def _there(sign: Signe, answers: Answers) -> bool:
    value = answers.get(sign.champ)
    return not sign.codes.isdisjoint(value if isinstance(value, list) else [value])


def _counts(grid: Grille, tranche: Tranche, ids: tuple[str, ...], answers: Answers) -> tuple[Compte, ...]:
    found = []
    for code, label in grid.domaines.items():
        said = [answers.get(name) for name in ids if name.startswith(f"{tranche.code}_{code}_")]
        found.append(Compte(code, label, said.count(OUI), said.count(NON), said.count(NON_VU), len(said)))
    several = sum(one.non >= grid.deux_domaines for one in found) >= 2
    return tuple(Compte(one.domaine, one.label, one.oui, one.non, one.non_vu, one.total,
                        one.non >= grid.un_domaine or (several and one.non >= grid.deux_domaines)) for one in found)
