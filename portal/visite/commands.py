"""Remember that an account needs no visit any more. No audit: it says nothing of a patient nor of a right."""

from __future__ import annotations

from portal import clock
from portal.visite.models import Visite


def settle(compte_id: int, issue: str) -> None:
    """Never offer the visit to this account again; the first answer stands."""
    Visite.insert(compte_id=compte_id, issue=issue, le=clock.now()).on_conflict_ignore().execute()
