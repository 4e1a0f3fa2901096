"""What a sanitaire unit says it can take, in the words of the volet orientation. Pure.

The codes are those of the questions of that volet, so that what is asked and what is offered never drift apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from portal.volets import definitions

SMR, HAD, USP = "smr", "had", "usp"
GENRES = (SMR, HAD, USP)
NO_ISOLATION = "aucun"
OLDEST = 120
FARTHEST = 200
# Lists of a declaration -> the question of the volet whose options they hold, and its words on a sheet.
QUESTIONS = {"mentions": "mention", "modes": "mode", "plateau": "plateau", "soins": "soins_requis",
             "isolements": "isolement"}
TITRES = {"mentions": "Mentions autorisées", "modes": "Modes de prise en charge", "plateau": "Plateau technique",
          "soins": "Soins assurés", "isolements": "Isolements pris en charge"}
# Which lists a kind of unit declares.
LISTES = {SMR: ("mentions", "plateau", "soins", "isolements"), HAD: ("modes", "soins", "isolements"),
          USP: ("soins", "isolements")}


@dataclass(frozen=True)
class Capacites:
    """What a unit declared: what is not in a list is not offered. ``age_min`` and ``age_max`` in years, both included
    (None: no limit); ``zone``: how far it goes to a home, in km (None: not said); ``lisp``: it has beds identified for
    palliative care."""

    mentions: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    plateau: tuple[str, ...] = ()
    soins: tuple[str, ...] = ()
    isolements: tuple[str, ...] = ()
    lisp: bool = False
    age_min: int | None = None
    age_max: int | None = None
    zone: int | None = None

    def liste(self, name: str) -> tuple[str, ...]:
        """One of its lists by its name (a key of ``QUESTIONS``)."""
        found: tuple[str, ...] = getattr(self, name)
        return found


@cache
def options(name: str) -> Mapping[str, str]:
    """Code -> words of a list of ``QUESTIONS``, in the order of the volet."""
    asked = definitions.latest("s", "orientation").fields[QUESTIONS[name]]
    return {one.code: one.label for one in asked.options if one.code != NO_ISOLATION}


def kept(name: str, codes: list[str]) -> tuple[str, ...]:
    """Those of these codes that the list knows, in its order, each once."""
    return tuple(code for code in options(name) if code in codes)


def words(genre: str, said: Capacites) -> list[tuple[str, str]]:
    """What a unit declared as (title, words) for its sheet; « Non » for an empty list of its kind."""
    found = [(TITRES[name], ", ".join(options(name)[code] for code in said.liste(name)) or "Non")
             for name in LISTES.get(genre, ())]
    if genre == SMR:
        found.append(("Lits identifiés de soins palliatifs", "Oui" if said.lisp else "Non"))
    if ages := age_words(said):
        found.append(("Âges", ages))
    if genre == HAD and said.zone is not None:
        found.append(("Zone d’intervention", f"Jusqu’à {said.zone}\u00a0km"))
    return found


def age_words(said: Capacites) -> str:
    """« De 18 à 75 ans », « À partir de 18 ans », « Jusqu’à 17 ans », "" without limits."""
    if said.age_min is not None and said.age_max is not None:
        return f"De {said.age_min} à {said.age_max}\u00a0ans"
    if said.age_min is not None:
        return f"À partir de {said.age_min}\u00a0ans"
    return f"Jusqu’à {said.age_max}\u00a0ans" if said.age_max is not None else ""
