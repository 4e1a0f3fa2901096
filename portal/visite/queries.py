"""Is the visit still to be offered?"""

from __future__ import annotations

from portal.visite.models import Visite


def is_offered(compte_id: int | None) -> bool:
    """True for an account that neither finished nor declined the visit; False without an account."""
    return compte_id is not None and Visite.get_or_none(Visite.compte_id == compte_id) is None
