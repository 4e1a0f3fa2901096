"""Questions about one establishment of the directory."""

from __future__ import annotations

from portal.annuaire.models import Etablissement, Tarif, Unite
from portal.web.errors import NotFound


def establishment(etablissement_id: int) -> Etablissement:
    """An establishment by its row, closed or not; raises NotFound."""
    return _found(Etablissement.get_or_none(Etablissement.id == etablissement_id))


def by_finess(finess: str) -> Etablissement:
    """An establishment by its FINESS number; raises NotFound."""
    return _found(Etablissement.get_or_none(Etablissement.finess == finess))


def units(etablissement_id: int) -> list[Unite]:
    """What an establishment is made of, in the order in which it was declared."""
    return list(Unite.select().where(Unite.etablissement_id == etablissement_id).order_by(Unite.id))


def prices(etablissement_id: int) -> list[Tarif]:
    """What a day costs there, by kind of stay and room."""
    return list(Tarif.select().where(Tarif.etablissement_id == etablissement_id).order_by(Tarif.id))


def _found(row: Etablissement | None) -> Etablissement:
    if row is None:
        raise NotFound()
    return row
