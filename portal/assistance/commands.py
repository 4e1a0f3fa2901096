"""Count an opinion. No audit: it says nothing of a patient, of a right, nor of who gave it."""

from __future__ import annotations

from portal import clock
from portal.assistance.models import Opinion


def count(page: str, ancre: str, raison: str) -> None:
    """One more reader who says so of this section today."""
    Opinion.insert(page=page, ancre=ancre, jour=clock.today(), raison=raison, nombre=1).on_conflict(
        conflict_target=[Opinion.page, Opinion.ancre, Opinion.jour, Opinion.raison],
        update={Opinion.nombre: Opinion.nombre + 1}).execute()
