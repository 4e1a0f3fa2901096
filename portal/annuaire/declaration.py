"""What an establishment says of itself: the command that keeps its sheet, whoever imported the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from portal import clock
from portal.annuaire import unites
from portal.annuaire.capacites import Capacites
from portal.annuaire.etablissements import establishment, units
from portal.annuaire.models import Etablissement, Unite
from portal.db import audit
from portal.db.audit import Actor

FIELDS = ("telephone", "courriel", "site", "services", "aide_sociale", "incomplets", "rappel_heures")


class Stale(Exception):
    """The sheet changed since it was shown; ``now`` is how it stands."""

    def __init__(self, now: Etablissement) -> None:
        super().__init__("stale")
        self.now = now


@dataclass(frozen=True)
class Declaration:
    """A sheet as its establishment declares it; ``services``: codes separated by blanks, ``rappel_heures``: the office
    hours within which it promises to call back (None: no promise), ``places``: free ones by unit (None: unknown),
    ``capacites``: what each sanitaire unit says it can take (None: it declares nothing)."""

    telephone: str
    courriel: str
    site: str
    services: str
    aide_sociale: bool
    incomplets: bool
    rappel_heures: int | None
    places: Mapping[int, int | None]
    capacites: Mapping[int, Capacites | None] = field(default_factory=dict)


def declare(actor: Actor, etablissement_id: int, version: int, said: Declaration) -> Etablissement:
    """Keep the sheet, and write down which fields changed. A number of places said again is dated anew.

    Raises NotFound, Stale.
    """
    place = establishment(etablissement_id)
    if place.version != version:
        raise Stale(place)
    changed = [name for name in FIELDS if getattr(place, name) != getattr(said, name)]
    values = {name: getattr(said, name) for name in FIELDS}
    Etablissement.update(**values, version=version + 1, maj=clock.now()).where(Etablissement.id == place.id).execute()
    for unit in units(place.id):
        if unit.id in said.places:
            changed += [f"places:{unit.id}"] if unit.places != said.places[unit.id] else []
            _set_places(unit, said.places[unit.id])
    changed += _set_capacities(said.capacites, units(place.id))
    audit.record(actor, "annuaire.fiche", detail=f"{place.finess} {' '.join(changed)}".strip())
    return establishment(etablissement_id)


def _set_places(unit: Unite, places: int | None) -> None:
    said_on = None if places is None else clock.today()
    Unite.update(places=places, places_le=said_on).where(Unite.id == unit.id).execute()


def _set_capacities(said: Mapping[int, Capacites | None], parts: list[Unite]) -> list[str]:
    """Keep what its own units say they can take; which of them changed."""
    own = [unit.id for unit in parts if unit.id in said]
    before = unites.declared(own)
    changed = [id_ for id_ in own if before.get(id_) != said[id_]]
    for id_ in changed:
        unites.keep(id_, said[id_])
    return [f"capacites:{id_}" for id_ in changed]
