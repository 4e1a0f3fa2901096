"""Ranking units for a patient: what fits, what does not, what is unknown. Pure.

A unit that says it cannot take the patient is never ranked among those that can, whatever its points. What a unit did
not declare is no reason to set it apart: it brings no points and is said. The points (docs/orientation.md#classement):

=====================================================  ======
the mention or mode of care is declared                40
all the equipment asked for is declared                20
all the care asked for is declared                     20
the isolation is declared                              20
the age is within the declared ages                    10
distance: from the place itself to the edge of search  30 → 0
at least one free place declared                       20
places not declared                                    5
half of the answers within 24, 48, 120 hours           10, 6, 3
too few answers to say                                 2
=====================================================  ======
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from portal.annuaire.capacites import HAD, NO_ISOLATION, SMR, USP, Capacites, age_words, options

CARE, EQUIPMENT, CARES, ISOLATION, AGE, NEAR, FREE, UNKNOWN_PLACES, UNKNOWN_ANSWERS = 40, 20, 20, 20, 10, 30, 20, 5, 2
ANSWERS = ((24, 10), (48, 6), (120, 3))
ENDINGS = {"Mention": "e", "Soins": "s"}
KM = "\u00a0km"
# Care that is asked for -> kinds of units that may give it.
KINDS = {"smr": (SMR,), "had": (HAD,), "usp": (USP,), "lisp": (USP, SMR)}


@dataclass(frozen=True)
class Besoin:
    """What a patient needs: codes of the volet orientation ("" or empty when not said), his age in years, the radius of
    the search in km."""

    prise_en_charge: str
    rayon: int
    mention: str = ""
    mode: str = ""
    mode_associe: str = ""
    hospitalisation: str = ""
    isolement: str = ""
    plateau: tuple[str, ...] = ()
    soins: tuple[str, ...] = ()
    age: int | None = None

    @property
    def sejour(self) -> str:
        """The kind of stay that is asked for, "" for any."""
        return "domicile" if self.prise_en_charge == "had" else self.hospitalisation


@dataclass(frozen=True)
class Offre:
    """A unit near the place of the search. ``distance`` in km; ``places``: free ones (None: not declared); ``mediane``:
    median time of its answers in hours (None: too few); ``capacites`` None: it declared nothing."""

    etablissement_id: int
    unite_id: int
    nom: str
    lieu: str
    genre: str
    sejours: tuple[str, ...]
    distance: float
    places: int | None = None
    mediane: int | None = None
    capacites: Capacites | None = None
    finess: str = ""


@dataclass(frozen=True)
class Rang:
    """A unit as it is ranked: its points, what fits, what does not, what is unknown, each in words."""

    offre: Offre
    points: int
    pour: tuple[str, ...] = ()
    contre: tuple[str, ...] = ()
    inconnu: tuple[str, ...] = ()

    @property
    def possible(self) -> bool:
        """True when nothing that the unit declared speaks against the patient."""
        return not self.contre


@dataclass
class _Avis:
    """A ranking while it is made."""

    points: int = 0
    pour: list[str] = field(default_factory=list)
    contre: list[str] = field(default_factory=list)
    inconnu: list[str] = field(default_factory=list)

    def fits(self, words: str, points: int = 0) -> None:
        self.pour.append(words)
        self.points += points


def ranked(besoin: Besoin, offres: Iterable[Offre]) -> list[Rang]:
    """The units, those that can take the patient first, the best first; equal points: the nearest, then by row, so that
    the order never depends on how they came."""
    found = [rank(besoin, one) for one in offres]
    return sorted(found, key=lambda one: (not one.possible, -one.points, one.offre.distance, one.offre.unite_id))


def rank(besoin: Besoin, offre: Offre) -> Rang:
    """One unit for one patient."""
    avis = _Avis()
    _stay(avis, besoin, offre)
    _care(avis, besoin, offre)
    said = offre.capacites
    _several(avis, "Plateau technique", besoin.plateau, "plateau", said, EQUIPMENT)
    _several(avis, "Soins", besoin.soins, "soins", said, CARES)
    isolation = () if besoin.isolement in ("", NO_ISOLATION) else (besoin.isolement,)
    _several(avis, "Isolement", isolation, "isolements", said, ISOLATION)
    _age(avis, besoin, said)
    _distance(avis, besoin, offre)
    _places(avis, offre.places)
    _answers(avis, offre.mediane)
    return Rang(offre, avis.points, tuple(avis.pour), tuple(avis.contre), tuple(avis.inconnu))


def _stay(avis: _Avis, besoin: Besoin, offre: Offre) -> None:
    if offre.genre not in KINDS[besoin.prise_en_charge]:
        avis.contre.append("Ne donne pas cette prise en charge")
    if besoin.sejour and besoin.sejour not in offre.sejours:
        words = {"jour": "de jour", "complet": "complète", "domicile": "à domicile"}[besoin.sejour]
        avis.contre.append(f"Pas d’hospitalisation {words}")


def _care(avis: _Avis, besoin: Besoin, offre: Offre) -> None:
    said = offre.capacites
    if besoin.prise_en_charge == "smr":
        _several(avis, "Mention", _some(besoin.mention), "mentions", said, CARE)
    elif besoin.prise_en_charge == "had":
        _several(avis, "Mode", _some(besoin.mode, besoin.mode_associe), "modes", said, CARE)
    elif offre.genre == USP:
        avis.fits("Unité de soins palliatifs", CARE)
    elif said is None:
        avis.inconnu.append("Lits identifiés de soins palliatifs")
    elif said.lisp:
        avis.fits("Lits identifiés de soins palliatifs", CARE)
    else:
        avis.contre.append("Pas de lit identifié de soins palliatifs")


def _some(*codes: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for code in codes if code))


def _several(avis: _Avis, title: str, wanted: Sequence[str], name: str, said: Capacites | None, points: int) -> None:
    """All that is wanted of a list must be in it; nothing wanted says nothing."""
    if not wanted:
        return
    words = options(name)
    spoken = ", ".join(words.get(code, code) for code in wanted)
    if said is None:
        avis.inconnu.append(f"{title}\u00a0: {spoken}")
        return
    lacking = [words.get(code, code) for code in wanted if code not in said.liste(name)]
    if lacking:
        avis.contre.append(f"{title} non assuré{ENDINGS.get(title, '')}\u00a0: {', '.join(lacking)}")
    else:
        avis.fits(f"{title}\u00a0: {spoken}", points)


def _age(avis: _Avis, besoin: Besoin, said: Capacites | None) -> None:
    if besoin.age is None or said is None or (said.age_min is None and said.age_max is None):
        return
    low = 0 if said.age_min is None else said.age_min
    if besoin.age < low or (said.age_max is not None and besoin.age > said.age_max):
        avis.contre.append(f"{besoin.age}\u00a0ans, hors des âges pris en charge\u00a0: {age_words(said).lower()}")
    else:
        avis.fits(f"Âge\u00a0: {age_words(said).lower()}", AGE)


def _distance(avis: _Avis, besoin: Besoin, offre: Offre) -> None:
    away = offre.distance
    said = offre.capacites
    if offre.genre == HAD and said is not None and said.zone is not None and away > said.zone:
        avis.contre.append(f"N’intervient pas au-delà de {said.zone}{KM} (ici {round(away)}{KM})")
        return
    share = max(0.0, 1 - away / besoin.rayon) if besoin.rayon else 0.0
    avis.fits(f"À {round(away)}{KM}" if away >= 1 else f"À moins de 1{KM}", int(NEAR * share))
    if offre.genre == HAD and (said is None or said.zone is None):
        avis.inconnu.append("Zone d’intervention")


def _places(avis: _Avis, places: int | None) -> None:
    if places is None:
        avis.inconnu.append("Places libres")
        avis.points += UNKNOWN_PLACES
    elif places > 0:
        avis.fits(f"{places} places libres" if places > 1 else "1 place libre", FREE)
    else:
        avis.inconnu.append("Aucune place libre déclarée\u00a0: date à demander")


def _answers(avis: _Avis, median: int | None) -> None:
    if median is None:
        avis.inconnu.append("Délai de réponse")
        avis.points += UNKNOWN_ANSWERS
        return
    points = next((points for hours, points in ANSWERS if median <= hours), 0)
    days = round(median / 24)
    words = f"{median}\u00a0h" if median < 48 else f"{days}\u00a0jours"
    avis.fits(f"Répond en {words}", points)
