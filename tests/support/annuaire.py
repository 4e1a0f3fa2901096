"""Establishments of the tests that a search can find: a place in the index, words, units and prices."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from portal import clock
from portal.annuaire.models import Etablissement, Tarif, Unite
from portal.annuaire.rules import plain
from portal.db import database
from portal.db.base import db

_rank = itertools.count(1)
# The middle of two towns; one degree of latitude is 111 km.
CAEN, BAYEUX = (49.1829, -0.3707), (49.2764, -0.7024)


def place(nom: str, km: float = 0, *, near: tuple[float, float] = CAEN,
          units: Sequence[dict[str, Any]] = ({"genre": "ehpad", "sejours": "permanent"},),
          prices: Sequence[dict[str, Any]] = (), **values: Any) -> Etablissement:
    """An establishment ``km`` north of Caen, or of where ``near`` says."""
    latitude, longitude = near[0] + km / 111.195, near[1]
    given = {"code_postal": "14000", "ville": "CAEN", "insee": None if km else "14118",
             "telephone": "02 31 00 00 00"} | values
    with database.writing():
        made: Etablissement = Etablissement.create(
            finess=f"1488{next(_rank):05d}", nom=nom, mots=f" {plain(nom)}", latitude=latitude, longitude=longitude,
            position="annuaire", maj=clock.now(), **given)
        db.execute_sql("INSERT INTO etablissement_lieu VALUES (?, ?, ?, ?, ?)",
                       (made.id, latitude, latitude, longitude, longitude))
        for unit in units:
            Unite.create(etablissement=made, **unit)
        for price in prices:
            Tarif.create(etablissement=made, **({"sejour": "permanent", "chambre": "simple"} | price))
    return made
