"""What a month in an establishment costs in the end: an estimate, by rules that are data with a date and a source.

Pure. Amounts are cents; a price is of a day, a month counts 365/12 days.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path

RULES = Path(__file__).with_name("cout.toml")
MONTH = Fraction(365, 12)
# GIR 1 to 4 open the allowance (APA), 5 and 6 do not.
HELPED = 4


@dataclass(frozen=True)
class Regles:
    """The rules of a time: see ``cout.toml``; ``bas`` and ``haut`` are resources of a month."""

    depuis: date
    jusqua: date
    bas: Fraction
    haut: Fraction
    part: Fraction
    garde: Fraction
    minimum: int
    taux: Fraction
    plafond: int
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Situation:
    """Whom the estimate is for. ``dependance``: the tariff of his own group; ``dependance56``: that of GIR 5 and 6.

    ``ressources`` of a month (of both, in a couple) and ``impot`` of a year may be unknown. ``forfait``: the flat
    share of a day that takes the place of the dependency tariff where the new financing is being tried out.
    """

    hebergement: int
    dependance: int
    dependance56: int
    gir: int
    ressources: int | None = None
    couple: bool = False
    logement: int = 0
    aide_sociale: bool = False
    impot: int | None = None
    forfait: int | None = None


@dataclass(frozen=True)
class Estimation:
    """Of a month: what is billed, each help, what remains. ``reduction`` of the income tax is not part of ``reste``.

    ``reduction_sure``: the tax that it lowers was given, so that it can be counted on.
    """

    hebergement: int
    dependance: int
    apa: int
    logement: int
    aide_sociale: int
    reste: int
    reduction: int
    reduction_sure: bool

    @property
    def facture(self) -> int:
        return self.hebergement + self.dependance

    @property
    def apres_impot(self) -> int:
        return self.reste - self.reduction


def estimate(case: Situation, rules: Regles) -> Estimation:
    """The estimate of a month. Each help is at most what was left to pay before it."""
    lodging, share = a_month(case.hebergement), a_month(participation(case, rules))
    tariff = share if case.forfait is not None else max(share, a_month(case.dependance))
    housing = min(case.logement, lodging)
    left = lodging + share - housing
    social = left - min(left, contribution(case, rules)) if case.aide_sociale and case.ressources is not None else 0
    left -= social
    # Who pays for lodging alone has no reduction: the law wants an expense for dependency too.
    reduction = round(min(Fraction(left * 12), Fraction(rules.plafond)) * rules.taux) if share else 0
    if case.impot is not None:
        reduction = min(reduction, case.impot)
    return Estimation(lodging, tariff, tariff - share, housing, social, left, reduction // 12, case.impot is not None)


def participation(case: Situation, rules: Regles) -> Fraction:
    """What the person pays of the dependency tariff, a day: article R. 232-19 of the code of social action.

    Under the first threshold the tariff of GIR 5 and 6; above the second, 80 % of the difference more; a straight line
    between. Without known resources, the least that can be asked.
    """
    if case.forfait is not None:
        return Fraction(case.forfait)
    least = Fraction(case.dependance56)
    more = max(Fraction(0), case.dependance - least)
    if case.gir > HELPED or case.ressources is None:
        return least
    own = Fraction(case.ressources, 2 if case.couple else 1)
    way = (own - rules.bas) / (rules.haut - rules.bas)
    return least + more * rules.part * min(Fraction(1), max(Fraction(0), way))


def contribution(case: Situation, rules: Regles) -> int:
    """What the person with the « aide sociale » pays of a month: his resources but what the law leaves him."""
    own = Fraction(case.ressources or 0, 2 if case.couple else 1)
    return max(0, round(own - max(own * rules.garde, Fraction(rules.minimum))))


def a_month(day: int | Fraction) -> int:
    """A month of a price of a day, rounded to the cent."""
    return round(day * MONTH)


@cache
def every_rule() -> tuple[Regles, ...]:
    """The rules of all years, the oldest first. Raises KeyError for a file that lacks an amount."""
    tables = tomllib.loads(RULES.read_text("utf-8"))["regles"]
    return tuple(sorted((_read(table) for table in tables), key=lambda rules: rules.depuis))


def rules_of(day: date) -> Regles:
    """The rules of a day: the last that had begun by then, even if they have ended (the page says so)."""
    begun = [rules for rules in every_rule() if rules.depuis <= day]
    return begun[-1] if begun else every_rule()[0]


def _read(table: dict[str, dict[str, int | str]]) -> Regles:
    apa, ash, tax = table["apa"], table["ash"], table["impot"]
    since, until = table["depuis"], table["jusqua"]
    if not (isinstance(since, date) and isinstance(until, date)):
        raise TypeError("depuis and jusqua are days")
    return Regles(
        since, until, bas=apa["mtp"] * Fraction(apa["bas"]), haut=apa["mtp"] * Fraction(apa["haut"]),
        part=Fraction(int(apa["part"]), 100), garde=Fraction(int(ash["garde"]), 100), minimum=int(ash["minimum"]),
        taux=Fraction(int(tax["taux"]), 100), plafond=int(tax["plafond"]),
        sources=tuple(str(part["source"]) for part in (apa, ash, tax)))
