"""Dossiers whose address nobody confirms: reminded, then cancelled. Each run does only what is still to do."""

from __future__ import annotations

from portal import clock
from portal.db import database
from portal.dossiers import queries as dossiers
from portal.echeances.registre import BATCH, each
from portal.espaces.usager import commands, queries, rules
from portal.settings import Settings
from portal.web import dates


def remind_unconfirmed(settings: Settings) -> int:
    """Remind, a day before the end, those who opened a dossier and have not confirmed; returns how many dossiers."""
    since = clock.now() - settings.email_link_life + rules.REMINDED_BEFORE
    with database.reading():
        found = queries.waiting(since, reminded=False)[:BATCH]
    return each(found, lambda dossier_id: _remind(dossier_id, settings))


def cancel_unconfirmed(settings: Settings) -> int:
    """Cancel the dossiers whose address was not confirmed within ``email_link_life``; returns how many."""
    since = clock.now() - settings.email_link_life
    with database.reading():
        found = queries.waiting(since)[:BATCH]
    return each(found, lambda dossier_id: _cancel(dossier_id, settings))


def _remind(dossier_id: int, settings: Settings) -> bool:
    waiting = queries.creation(dossier_id)
    if waiting is None or dossier_id not in queries.waiting(waiting.created, reminded=False):
        return False
    last = dates.day(waiting.created + settings.email_link_life)
    commands.remind_unconfirmed(dossiers.by_id(dossier_id), last, settings)
    return True


def _cancel(dossier_id: int, settings: Settings) -> bool:
    if queries.creation(dossier_id) is None:
        return False
    commands.cancel_unconfirmed(dossiers.by_id(dossier_id), settings)
    return True
