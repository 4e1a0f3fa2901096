"""Leases and lasting memories: each in the caller's transaction, under the write lock.

They are machinery, not acts of anybody: only what a job does is audited.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from portal import clock
from portal.echeances.models import Bail, Fait

LEASE = timedelta(minutes=10)
"""A holder that has not come back by then has died: its job may be taken over."""

RETRY = timedelta(minutes=5)
"""When a job that failed is tried again."""


def take(nom: str, detenteur: str, every: timedelta) -> bool:
    """Begin a job that runs ``every`` so often: True when it is due and nobody holds it; it is then this holder's for
    ``LEASE``.

    A clock that was put back leaves times further ahead than any can be: they count for nothing.
    """
    now = clock.now()
    found: Bail | None = Bail.get_or_none(Bail.nom == nom)
    if found is None:
        Bail.insert(nom=nom, detenteur=detenteur, jusque=now + LEASE, prochain=now).execute()
        return True
    held = found.jusque is not None and now < found.jusque <= now + LEASE
    early = now < found.prochain <= now + max(every, RETRY)
    if held or early:
        return False
    Bail.update(detenteur=detenteur, jusque=now + LEASE).where(Bail.nom == nom).execute()
    return True


def give_back(nom: str, detenteur: str, *, prochain: datetime, resultat: str) -> bool:
    """End a job and say when it is next due; False when the lease had passed to another meanwhile."""
    done = (Bail.update(detenteur="", jusque=None, prochain=prochain, dernier=clock.now(), resultat=resultat)
            .where(Bail.nom == nom, Bail.detenteur == detenteur).execute())
    return bool(done)


def once(travail: str, cle: str) -> bool:
    """True the first time only, for ever: written with the effect, so that there is one or there is none.

    ``cle`` names what it is about by its row and its day (« 12 2026-12-24 »), never by a person.
    """
    made = Fait.insert(travail=travail, cle=cle, at=clock.now()).on_conflict_ignore().as_rowcount().execute()
    return bool(made)


def forget(before: datetime, limit: int) -> int:
    """Drop at most ``limit`` memories older than ``before``; returns how many."""
    old = list(Fait.select().where(Fait.at < before).order_by(Fait.at, Fait.cle).limit(limit))
    for one in old:
        Fait.delete().where(Fait.travail == one.travail, Fait.cle == one.cle).execute()
    return len(old)
