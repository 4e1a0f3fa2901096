"""Changes to notices: each in the transaction of what they tell."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from portal import clock
from portal.avis.models import Avis
from portal.avis.rules import CODES
from portal.db import audit
from portal.db.audit import Actor
from portal.espaces.models import Usager


def tell(to: Iterable[str], code: str, *, dossier: str, demande_id: int | None = None) -> None:
    """Leave one notice for each addressee (see ``queries``); ``code`` is one of ``rules.CODES``."""
    assert code in CODES
    now = clock.now()
    rows = [{"destinataire": one, "code": code, "dossier": dossier, "demande_id": demande_id, "at": now}
            for one in dict.fromkeys(to)]
    if rows:
        Avis.insert_many(rows).execute()


def seen(destinataire: str, until: int) -> int:
    """Note that an addressee has read his notices up to the row ``until``; returns how many were new."""
    return int(Avis.update(lu_le=clock.now()).where(
        Avis.destinataire == destinataire, Avis.lu_le.is_null(), Avis.id <= until).execute())


def seen_one(avis: Avis) -> None:
    """Note that one notice was followed to what it tells."""
    Avis.update(lu_le=clock.now()).where(Avis.id == avis.id, Avis.lu_le.is_null()).execute()


def seen_messages(destinataire: str, demande_id: int) -> None:
    """The messages of a request were read: their notices are too."""
    Avis.update(lu_le=clock.now()).where(
        Avis.destinataire == destinataire, Avis.lu_le.is_null(), Avis.code == "message",
        Avis.demande_id == demande_id).execute()


def take_mails(actor: Actor, usager: Usager, *, wanted: bool) -> bool:
    """Whether a person of the patient's side takes mails; False when that is how it was."""
    if bool(usager.avis) == wanted:
        return False
    Usager.update(avis=wanted).where(Usager.id == usager.id).execute()
    audit.record(actor, "usager.courriels", detail="oui" if wanted else "non")
    return True


def forget(before: datetime, limit: int) -> int:
    """Drop at most ``limit`` notices older than ``before``, read or not, the oldest first; returns how many."""
    old = Avis.select(Avis.id).where(Avis.at < before).order_by(Avis.id).limit(limit)
    return int(Avis.delete().where(Avis.id.in_([one.id for one in old])).execute())
