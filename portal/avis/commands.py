"""Changes to notices: each in the transaction of what they tell."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from portal import clock
from portal.avis.models import Avis
from portal.avis.rules import CODES


def tell(to: Iterable[str], code: str, *, dossier: str, demande_id: int | None = None) -> None:
    """Leave one notice for each addressee (see ``queries``); ``code`` is one of ``rules.CODES``."""
    assert code in CODES
    now = clock.now()
    rows = [{"destinataire": one, "code": code, "dossier": dossier, "demande_id": demande_id, "at": now}
            for one in dict.fromkeys(to)]
    if rows:
        Avis.insert_many(rows).execute()


def forget(before: datetime, limit: int) -> int:
    """Drop at most ``limit`` notices older than ``before``, read or not, the oldest first; returns how many."""
    old = Avis.select(Avis.id).where(Avis.at < before).order_by(Avis.id).limit(limit)
    return int(Avis.delete().where(Avis.id.in_([one.id for one in old])).execute())
