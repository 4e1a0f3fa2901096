"""What each sanitaire unit takes, as its establishment declares it on its own sheet."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from portal.annuaire import capacites as annuaire
from portal.annuaire.capacites import Capacites
from portal.annuaire.models import Unite
from portal.web.forms import Form

NUMBERS = {"age_min": annuaire.OLDEST, "age_max": annuaire.OLDEST, "zone": annuaire.FARTHEST}
FORGOTTEN = "Cochez «\u00a0Nous déclarons ce que cette unité prend en charge\u00a0», ou décochez ce qui suit."
_NUMBER = re.compile(r"\d{1,3}", re.ASCII)


@dataclass(frozen=True)
class Cases:
    """A list of boxes: their field, the words above, and (code, words, ticked)."""

    champ: str
    titre: str
    options: tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True)
class Bloc:
    """What one unit declares, in the form; ``champs``: the name of a field of the form by its own."""

    titre: str
    champs: dict[str, str]
    cases: tuple[Cases, ...]
    had: bool
    smr: bool


def units(parts: Iterable[Unite]) -> list[Unite]:
    """Those of these units that declare what they take."""
    return [unit for unit in parts if unit.genre in annuaire.GENRES]


def fields(parts: Iterable[Unite]) -> list[str]:
    """The single fields of the form (boxes of lists excepted) for these units."""
    return [name for unit in units(parts) for name in _fields(unit).values()]


def declared(parts: Iterable[Unite], known: Mapping[int, Capacites]) -> dict[str, str]:
    """What the units say today, as the single fields of the form."""
    values: dict[str, str] = {}
    for unit in units(parts):
        said, names = known.get(unit.id), _fields(unit)
        values[names["declare"]] = "oui" if said else ""
        values[names["lisp"]] = "oui" if said and said.lisp else ""
        for name in NUMBERS:
            number = getattr(said, name) if said else None
            values[names[name]] = "" if number is None else str(number)
    return values


def read(form: Form, parts: Iterable[Unite], known: Mapping[int, Capacites],
         ticked: Callable[[str], list[str]]) -> dict[int, Capacites | None]:
    """What the form says of each unit, None for no declaration; what is wrong goes to its errors. ``known``: what is
    declared today, ``ticked``: the codes of a field of boxes."""
    found: dict[int, Capacites | None] = {}
    for unit in units(parts):
        names = _fields(unit)
        numbers = {name: _number(form, names[name], most) for name, most in NUMBERS.items()}
        low, high = numbers["age_min"], numbers["age_max"]
        if low is not None and high is not None and low > high:
            form.errors[names["age_max"]] = "L’âge le plus élevé ne peut pas être inférieur au plus bas."
        lists = {name: annuaire.kept(name, ticked(f"{name}-{unit.id}")) for name in annuaire.LISTES[unit.genre]}
        said = Capacites(**lists, lisp=form.values[names["lisp"]] == "oui", age_min=low, age_max=high,
                         zone=numbers["zone"])
        declares = form.values[names["declare"]] == "oui"
        # Taking a declaration back needs one tick less; a first one is not lost for want of a tick.
        if not declares and said != Capacites() and unit.id not in known:
            form.errors[names["declare"]] = FORGOTTEN
        found[unit.id] = said if declares else None
    return found


def blocs(parts: Iterable[Unite], ticked: Callable[[str], list[str]]) -> list[Bloc]:
    """The blocks of the form, one a unit."""
    return [Bloc(_title(unit), _fields(unit), tuple(_boxes(unit, name, ticked(f"{name}-{unit.id}"))
                                                    for name in annuaire.LISTES[unit.genre]),
                 unit.genre == annuaire.HAD, unit.genre == annuaire.SMR) for unit in units(parts)]


def stored(known: Mapping[int, Capacites]) -> Callable[[str], list[str]]:
    """The codes of a field of boxes (« mentions-12 ») as they are declared today."""
    def codes(name: str) -> list[str]:
        of, _, unit = name.partition("-")
        said = known.get(int(unit))
        return list(said.liste(of)) if said else []
    return codes


def _boxes(unit: Unite, name: str, codes: list[str]) -> Cases:
    return Cases(f"{name}-{unit.id}", annuaire.TITRES[name],
                 tuple((code, words, code in codes) for code, words in annuaire.options(name).items()))


def _title(unit: Unite) -> str:
    return f"{unit.genre.upper()}{' ' + unit.nom if unit.nom else ''}"


def _fields(unit: Unite) -> dict[str, str]:
    return {name: f"{name}-{unit.id}" for name in ("declare", "lisp", *NUMBERS)}


def _number(form: Form, name: str, most: int) -> int | None:
    text = form.values[name]
    if not text:
        return None
    if not _NUMBER.fullmatch(text) or int(text) > most:
        form.errors[name] = f"Écrivez un nombre entier de 0 à {most}, ou rien."
        return None
    return int(text)
