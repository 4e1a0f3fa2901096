"""Savings already made: a sending that comes again after a lost answer changes nothing and is answered as done.

What is remembered is each field's edit, bound to its sender, its volet, the key he chose and what he wrote: the same
key with other words is another sending, so that a page that keeps its key loses nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from datetime import timedelta

from portal import clock
from portal.db.audit import Actor
from portal.volets.models import Envoi

KEPT = timedelta(days=1)


def tokens(actor: Actor, place: str, key: str, base: Mapping[str, str], edits: Mapping[str, str]) -> dict[str, str]:
    """What each edit is remembered by. ``place``: « ga 43009190 medical »; ``edits``: digests of what was written.

    Nothing for a sending without a key.
    """
    if not key:
        return {}
    who = f"{actor.rpps} {actor.subject} {actor.on_behalf_of} {place} {key}"
    return {name: hashlib.sha256(f"{who} {name} {base[name]} {digest}".encode()).hexdigest()
            for name, digest in edits.items()}


def made(found: Mapping[str, str]) -> set[str]:
    """The fields whose edits were already acknowledged."""
    if not found:
        return set()
    known = {row.cle for row in Envoi.select(Envoi.cle).where(Envoi.cle.in_(list(found.values())))}
    return {name for name, token in found.items() if token in known}


def remember(volet_id: int, new: Collection[str]) -> None:
    """Keep these tokens for a day, and forget those older."""
    if not new:
        return
    now = clock.now()
    Envoi.delete().where(Envoi.le < now - KEPT).execute()
    Envoi.insert_many([(token, volet_id, now) for token in new],
                      fields=[Envoi.cle, Envoi.volet_id, Envoi.le]).execute()
