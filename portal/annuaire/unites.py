"""Keeping and reading what sanitaire units declared that they can take."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from portal import clock
from portal.annuaire.capacites import QUESTIONS, Capacites
from portal.annuaire.models import Capacite

LISTS = tuple(QUESTIONS)
COLUMNS = (*LISTS, "lisp", "age_min", "age_max", "zone")


def declared(unit_ids: Collection[int]) -> dict[int, Capacites]:
    """What these units declared, one statement; a unit that declared nothing is not in it."""
    found = Capacite.select().where(Capacite.unite_id << list(unit_ids))
    return {row.unite_id: read([getattr(row, name) for name in COLUMNS]) for row in found}


def read(values: Sequence[Any]) -> Capacites:
    """A row's ``COLUMNS`` as what they say."""
    *lists, lisp, age_min, age_max, zone = values
    mentions, modes, plateau, soins, isolements = (tuple(text.split()) for text in lists)
    return Capacites(mentions, modes, plateau, soins, isolements, bool(lisp), age_min, age_max, zone)


def keep(unit_id: int, said: Capacites | None) -> None:
    """Put this in the place of what the unit declared, None for nothing; inside the caller's transaction, which leaves
    the audit row of the sheet."""
    Capacite.delete().where(Capacite.unite_id == unit_id).execute()
    if said is not None:
        lists = {name: " ".join(said.liste(name)) for name in LISTS}
        Capacite.insert(unite_id=unit_id, **lists, lisp=said.lisp, age_min=said.age_min, age_max=said.age_max,
                        zone=said.zone, maj=clock.now()).execute()
