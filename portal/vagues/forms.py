"""What comes from the forms of a search: which kind of unit, how far, whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from portal.annuaire.recherche import RADII
from portal.compte.espace.rules import MAX_RADIUS
from portal.vagues import candidats
from portal.vagues.candidats import Souhait
from portal.vagues.rules import Vague
from portal.web.forms import Form, clean

MAX_DIGITS = 15


@dataclass(frozen=True)
class Voulu:
    """What to look for, read from an address or a form; ``form`` keeps what was typed and what is wrong with it."""

    form: Form
    souhait: Souhait


def wanted(sent: Mapping[str, object], start: Souhait) -> Voulu:
    """The kind of unit and the radius, those of ``start`` where nothing is said. Errors leave it as it was."""
    form = Form({"genre": clean(sent.get("genre"))[:20] or start.genre,
                 "rayon": clean(sent.get("rayon"))[:20] or str(start.rayon)})
    if form.values["genre"] not in candidats.KINDS:
        form.errors["genre"] = "Choisissez un type d’unité dans la liste."
    if form.values["rayon"] not in {str(radius) for radius in RADII}:
        form.errors["rayon"] = "Choisissez une distance dans la liste."
    if form.errors:
        return Voulu(form, start)
    genre = form.values["genre"]
    # A kind of stay goes with its kind of unit.
    stay = start.sejour if genre == start.genre else ""
    return Voulu(form, replace(start, genre=genre, sejour=stay, rayon=int(form.values["rayon"])))


def wider(radius: int, times: int) -> int:
    """The radius of the last wave."""
    return min(radius * times, MAX_RADIUS)


def kept(vagues: Sequence[Vague], ticked: Sequence[object]) -> list[Vague] | None:
    """The waves with those that are ticked alone; None when one was ticked that is not, or no longer, in them."""
    keys = {str(one) for one in ticked}
    if not keys <= {one.key for vague in vagues for one in vague.candidats}:
        return None
    parts = [replace(vague, candidats=tuple(one for one in vague.candidats if one.key in keys)) for vague in vagues]
    return [replace(part, numero=rank) for rank, part in enumerate([one for one in parts if one.candidats], start=1)]


def version(sent: Mapping[str, object]) -> int:
    """The version of the search that a form was made from; 0 (never true) if unreadable."""
    text = str(sent.get("version", ""))
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS else 0
