"""Is this person already among a physician's dossiers? Typing errors, other spellings and both surnames count.

Each dossier whose birth date is near enough gets a score from 0 to 100 by its surnames, first names, birth date and
sex, or 100 when the number of the sécurité sociale is the same. Distances are counted in letters by « optimal string
alignment »: an added, missing, wrong or swapped letter counts one.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from rapidfuzz.distance import OSA

from portal.db.base import rows
from portal.dossiers import rules
from portal.dossiers.models import Dossier, Lien
from portal.dossiers.queries import Visible

# From the first a dossier is shown, from the second one confirms that another is wanted.
SHOWN, LIKELY = 65, 85
MOST = 5
# Weights of the surnames, first names and birth date; what another sex takes off, for the same or another first name.
SURNAME, FIRST_NAME, BIRTH = 45, 25, 30
OTHER_SEX, OTHER_SEX_AND_NAME = 8, 20
# How like a compound name is to one of its parts, and a first name in use to another first name of the birth.
PART, SECOND = 0.9, 0.85
# A birth date that only shares its year says little: then the names must be the same.
SAME_YEAR, FIRST_OF_JANUARY = 0.4, 0.5
PARTICLES = frozenset((
    "d", "de", "del", "della", "den", "der", "des", "di", "do", "dos", "du", "el", "al", "l", "la", "le", "les", "van",
    "von", "ben", "bin", "ould", "st", "ste",
))
# More of one physician's dossiers with these few birth dates than anyone has: a bound on the work, not on the people.
_CANDIDATES = 2000


@dataclass(frozen=True)
class Traits:
    """A person as compared: surnames (birth, in use) and first names as typed; ``nir``: its fingerprint."""

    noms: tuple[str, str]
    prenom: str
    prenoms: str
    naissance: date | None
    sexe: str = ""
    nir: str | None = None
    # Its fingerprints under former secrets, which rows may still hold.
    nir_former: tuple[str, ...] = ()


@dataclass(frozen=True)
class Doublon:
    """A dossier that may be about the same person, and how likely that is (0 to 100)."""

    seen: Visible
    score: int

    @property
    def likely(self) -> bool:
        return self.score >= LIKELY


def search(rpps: int, typed: Traits, modules: Collection[str]) -> list[Doublon]:
    """The dossiers of these modules that this physician may see and that may be about this person, likeliest first.

    At most five; none while no birth date (and no number) is known, for a name alone finds everybody.
    """
    scored: dict[int, int] = {}
    for dossier_id, module, *traits in _candidates(rpps, typed):
        points = score(typed, _stored(traits)) if module in modules else 0
        if points >= SHOWN:
            scored[dossier_id] = points
    best = sorted(scored, key=lambda found: (-scored[found], found))[:MOST]
    own = Lien.select(Lien, Dossier).join(Dossier).where(Lien.rpps == rpps, Lien.dossier.in_(best))
    seen = {lien.dossier.id: Visible(lien.dossier, lien, rules.MODULES[lien.module]) for lien in own}
    return [Doublon(seen[found], scored[found]) for found in best]


# --- which dossiers are worth comparing

_NUMBER = """
SELECT l.dossier_id FROM dossier d CROSS JOIN lien l ON l.rpps = ? AND l.dossier_id = d.id
WHERE d.nir_empreinte = ? AND l.etat <> 'retire'
"""
_NEAR = """
SELECT dossier_id FROM lien INDEXED BY lien_rpps_naissance
WHERE rpps = ? AND naissance IN (SELECT value FROM json_each(?)) AND etat <> 'retire' LIMIT ?
"""
_YEAR = """
SELECT dossier_id FROM lien INDEXED BY lien_rpps_naissance
WHERE rpps = ? AND naissance BETWEEN ? AND ? AND (instr(mots, ?) > 0 OR instr(mots, ?) > 0) AND etat <> 'retire' LIMIT ?
"""
_TRAITS = """
SELECT id, module, nom_naissance, nom_usage, prenom, prenoms, naissance, sexe, nir_empreinte FROM dossier
WHERE id IN ({})
"""


def _candidates(rpps: int, typed: Traits) -> list[Any]:
    """By index: the same number, a birth date written almost alike, or the same year and surname."""
    found = [row for number in (typed.nir, *typed.nir_former) if number for row in rows(_NUMBER, rpps, number)]
    if typed.naissance and (typed.noms[0] or typed.noms[1]):
        near = json.dumps(sorted(day.isoformat() for day in near_dates(typed.naissance)))
        found += rows(_NEAR, rpps, near, _CANDIDATES)
        year = typed.naissance.year
        # A name that is not given must match nothing: no row holds two spaces.
        names = [f" {rules.fold(name)}" if rules.fold(name) else "  " for name in typed.noms]
        found += rows(_YEAR, rpps, f"{year}-01-01", f"{year}-12-31", *names, _CANDIDATES)
    ids = sorted({row[0] for row in found})
    return rows(_TRAITS.format(", ".join("?" * len(ids))), *ids) if ids else []


def near_dates(day: date) -> set[date]:
    """The day, those next to it, day and month swapped, and each that one wrong or two swapped digits make of it."""
    written = f"{day:%d%m%Y}"
    texts = {written[2:4] + written[:2] + written[4:]}
    for place in range(8):
        texts |= {written[:place] + digit + written[place + 1:] for digit in "0123456789"}
        texts.add(written[:place] + written[place:place + 2][::-1] + written[place + 2:])
    found = {_date(text) for text in texts} | {_shifted(day, -1), _shifted(day, 1)}
    return {near for near in found if near is not None}


def _date(written: str) -> date | None:
    try:
        return date(int(written[4:]), int(written[2:4]), int(written[:2]))
    except ValueError:
        return None


def _shifted(day: date, by: int) -> date | None:
    try:
        return day + timedelta(days=by)
    except OverflowError:
        return None


def _stored(traits: list[Any]) -> Traits:
    birth_name, used_name, prenom, prenoms, born, sexe, nir = traits
    return Traits((birth_name, used_name), prenom, prenoms, date.fromisoformat(born), sexe, nir)


# --- how alike two people are

def score(one: Traits, other: Traits) -> int:
    """0 (someone else) to 100 (the same person)."""
    if one.nir and other.nir and {one.nir, *one.nir_former} & {other.nir, *other.nir_former}:
        return 100
    if one.naissance is None or other.naissance is None:
        return 0
    birth = birth_likeness(one.naissance, other.naissance)
    surname, first = _people(one, other)
    vague = birth <= FIRST_OF_JANUARY
    if not birth or not surname or not first or (vague and (surname < 1 or first < 1)):
        return 0
    points = SURNAME * surname + FIRST_NAME * first + BIRTH * birth
    if one.sexe and other.sexe and one.sexe != other.sexe:
        points -= OTHER_SEX if first == 1 else OTHER_SEX_AND_NAME
    return round(points)


def _people(one: Traits, other: Traits) -> tuple[float, float]:
    """How alike the surnames are, and the first names; a surname typed as first name, and the reverse, is seen."""
    surname = max(likeness(mine, its) for mine in one.noms for its in other.noms)
    first = _first_names(one, other)
    if surname and first:
        return surname, first
    crossed = (likeness(one.noms[0], _first(other)), likeness(_first(one), other.noms[0]))
    return (PART, PART) if min(crossed) == 1 else (surname, first)


def _first_names(one: Traits, other: Traits) -> float:
    """The name in use and the first of the birth count whole; another name of the birth counts for less."""
    mains = [likeness(mine, its) for mine in _mains(one) for its in _mains(other)]
    seconds = [likeness(mine, its) for mine in _mains(one) for its in given_names(other.prenoms)]
    seconds += [likeness(mine, its) for mine in given_names(one.prenoms) for its in _mains(other)]
    return max(max(mains, default=0.0), SECOND if 1.0 in seconds else 0.0)


def _mains(person: Traits) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in (person.prenom, _first(person)) if name))


def _first(person: Traits) -> str:
    return next(iter(given_names(person.prenoms)), person.prenom)


def given_names(text: str) -> list[str]:
    """The names of « Josette, Anne Marie » or, without commas, of « Josette Anne-Marie »."""
    return [part.strip() for part in (text.split(",") if "," in text else text.split()) if part.strip()]


@lru_cache(maxsize=4096)
def likeness(one: str, other: str) -> float:
    """1 for the same name (case, accents, hyphens, particles apart), 0 for another; between for a near one."""
    mine, its = _words(one), _words(other)
    if not mine or not its:
        return 0.0
    plain = (_bare(mine), _bare(its))
    if "".join(mine) == "".join(its) or sorted(plain[0]) == sorted(plain[1]):
        return 1.0
    best = max(_near("".join(mine), "".join(its)), _near("".join(plain[0]), "".join(plain[1])))
    shared = {word for word in set(plain[0]) & set(plain[1]) if len(word) > 2}
    part = shared and (set(plain[0]) <= set(plain[1]) or set(plain[1]) <= set(plain[0]))
    return max(best, PART if part else 0.0)


def _words(name: str) -> list[str]:
    """Folded words; those of another alphabet, which folding would lose, only without capitals."""
    return (rules.fold(name) or name.casefold()).split()


def _bare(words: list[str]) -> list[str]:
    return [word for word in words if word not in PARTICLES] or words


def _near(one: str, other: str) -> float:
    """0.95 for one letter apart, 0.9 for two in a long name; a short name is the same or another."""
    shortest = min(len(one), len(other))
    allowed = 0 if shortest < 4 else 1 if shortest < 8 else 2
    apart = OSA.distance(one, other, score_cutoff=allowed)
    return 1 - 0.05 * apart if apart <= allowed else 0.0


def birth_likeness(one: date, other: date) -> float:
    """1 for the same day; near 1 for a swap, a day off or one digit; little for the same year; else 0."""
    if one == other:
        return 1.0
    if one.year == other.year and (one.day, one.month) == (other.month, other.day):
        return 0.9
    if abs((one - other).days) == 1:
        return 0.9
    if OSA.distance(f"{one:%d%m%Y}", f"{other:%d%m%Y}", score_cutoff=1) <= 1:
        return 0.85
    if one.year != other.year:
        return 0.0
    # The first of January stands for a day and month that nobody knows.
    return FIRST_OF_JANUARY if (1, 1) in ((one.day, one.month), (other.day, other.month)) else SAME_YEAR
