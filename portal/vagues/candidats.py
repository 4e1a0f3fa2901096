"""Who may be asked for a dossier, the best first: what its volet orientation asks for, by distance."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

from portal.annuaire import genres, queries, recherche
from portal.annuaire.criteres import DEFAULT_RADIUS, Criteria
from portal.annuaire.presenters_recherche import answer_words
from portal.annuaire.recherche import RADII, Fiche
from portal.dossiers.models import Dossier
from portal.dossiers.queries import Visible
from portal.vagues.rules import Candidat
from portal.volets import queries as volets
from portal.volets.rules import ORIENTATION

MODULE = "s"
KINDS = {genre.code: genre.label for genre in genres.genres_of(MODULE)}
# What a dossier and its volet ask for, as the kinds of units of the directory.
WANTED = {"SSR": "smr", "HAD": "had", "Soins palliatifs": "usp"}
FULL = "Aucune place libre déclarée"
CARES = {"smr": "smr", "had": "had", "usp": "usp", "lisp": "usp"}


@dataclass(frozen=True)
class Souhait:
    """What is looked for: a kind of unit, a kind of stay ("" for any), around where (« 14000 CAEN »), how far (km)."""

    genre: str
    sejour: str
    lieu: str
    rayon: int = DEFAULT_RADIUS


def wish(seen: Visible, readable: Collection[str]) -> Souhait:
    """What the volet orientation says, if it may be read; else what the dossier itself does, around the home."""
    one = seen.dossier
    home = Souhait(_kind(one), "", f"{one.code_postal} {one.ville}".strip())
    if ORIENTATION not in readable:
        return home
    said = {name: value for name, value in volets.opened(seen, ORIENTATION).answers.items() if isinstance(value, str)}
    return Souhait(CARES.get(said.get("prise_en_charge", ""), home.genre), said.get("hospitalisation", ""),
                   said.get("lieu_recherche") or home.lieu, _radius(said.get("rayon", "")))


def _kind(dossier: Dossier) -> str:
    """The kind of unit that a dossier asks for first (« smr »)."""
    return next((WANTED[one] for one in dossier.sejours.split(", ") if one in WANTED), next(iter(KINDS)))


def _radius(text: str) -> int:
    """The radius of the search that holds what was typed."""
    try:
        asked = Decimal(text)
    except InvalidOperation:
        return DEFAULT_RADIUS
    return next((radius for radius in RADII if radius >= asked), RADII[-1])


def ranked(wanted: Souhait, limit: int) -> list[Candidat]:
    """At most ``limit`` establishments that take what is wanted, the nearest first, those that declare no free place
    last; none where the town is unknown."""
    place = queries.parse(wanted.lieu)
    if place is None:
        return []
    found: list[Candidat] = []
    for one in _sheets(Criteria(place, wanted.rayon, wanted.genre, module=MODULE)):
        if len(found) == limit:
            break
        found += _candidate(one, wanted)
    return sorted(found, key=lambda one: FULL in one.raisons)


def _sheets(criteria: Criteria) -> Iterator[Fiche]:
    """Every establishment of a search, page after page."""
    page = recherche.search(criteria)
    yield from page.lignes
    for number in range(2, page.pages + 1):
        yield from recherche.search(replace(criteria, page=number)).lignes


def _candidate(one: Fiche, wanted: Souhait) -> list[Candidat]:
    place = one.etablissement
    for unit in one.unites:
        stays = unit.sejours.split()
        if unit.genre == wanted.genre and stays and (not wanted.sejour or wanted.sejour in stays):
            return [Candidat(place.id, unit.id, wanted.sejour or stays[0], place.nom,
                             f"{place.code_postal} {place.ville}".strip(), one.distance, _reasons(one, unit.places))]
    return []


def _reasons(one: Fiche, places: int | None) -> tuple[str, ...]:
    """What is known of its places and of how it answers."""
    free = FULL if places == 0 else f"{places} {'places libres' if places > 1 else 'place libre'}" if places else ""
    answers = answer_words(one.reponses) if one.reponses.mediane is not None else ""
    return tuple(text for text in (free, answers) if text)
