"""What a search looks for: what the dossier's volet orientation says, or the dossier itself."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from portal.annuaire import genres
from portal.annuaire.criteres import DEFAULT_RADIUS
from portal.annuaire.recherche import RADII
from portal.dossiers.models import Dossier
from portal.dossiers.queries import Visible
from portal.volets import queries as volets
from portal.volets.rules import ORIENTATION

MODULE = "s"
KINDS = {genre.code: genre.label for genre in genres.genres_of(MODULE)}
# What a dossier and its volet ask for, as the kinds of units of the directory.
WANTED = {"SSR": "smr", "HAD": "had", "Soins palliatifs": "usp"}
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
