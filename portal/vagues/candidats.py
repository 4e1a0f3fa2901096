"""Who may be asked for a dossier, the best first: the directory by kind and distance from the person's home."""

from __future__ import annotations

from collections.abc import Iterator

from portal.annuaire import genres, queries, recherche
from portal.annuaire.criteres import Criteria
from portal.annuaire.recherche import Fiche
from portal.dossiers.models import Dossier
from portal.vagues.rules import Candidat

MODULE = "s"
# What a dossier asks for, as the kinds of units of the directory.
WANTED = {"SSR": "smr", "HAD": "had", "Soins palliatifs": "usp"}
KINDS = {genre.code: genre.label for genre in genres.genres_of(MODULE)}


def kind(dossier: Dossier) -> str:
    """The kind of unit that a dossier asks for first (« smr »)."""
    return next((WANTED[one] for one in dossier.sejours.split(", ") if one in WANTED), next(iter(KINDS)))


def ranked(dossier: Dossier, genre: str, radius: int, limit: int) -> list[Candidat]:
    """At most ``limit`` establishments of a kind within ``radius`` km of the person's home, the nearest first; none
    when nothing tells where she lives."""
    home = queries.parse(f"{dossier.code_postal} {dossier.ville}")
    if home is None:
        return []
    found: list[Candidat] = []
    for one in _sheets(Criteria(home, radius, genre, module=MODULE)):
        if len(found) == limit:
            break
        found += _candidate(one, genre)
    return found


def _sheets(wanted: Criteria) -> Iterator[Fiche]:
    """Every establishment of a search, page after page."""
    page = recherche.search(wanted)
    yield from page.lignes
    for number in range(2, page.pages + 1):
        yield from recherche.search(Criteria(wanted.commune, wanted.rayon, wanted.genre, module=wanted.module,
                                             page=number)).lignes


def _candidate(one: Fiche, genre: str) -> list[Candidat]:
    unit = next((unit for unit in one.unites if unit.genre == genre and unit.sejours), None)
    if unit is None:
        return []
    place = one.etablissement
    return [Candidat(place.id, unit.id, unit.sejours.split()[0], place.nom,
                     f"{place.code_postal} {place.ville}".strip(), one.distance)]
