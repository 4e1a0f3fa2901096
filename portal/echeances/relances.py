"""Requests that wait: reminders at set delays, proposals past their date, promises to call back that were not kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta

from portal import clock
from portal.avis import commands as avis
from portal.avis import queries as addressees
from portal.compte import queries as comptes
from portal.compte.espace import queries as preferences
from portal.compte.espace.rules import DEFAULT_SILENCE, SILENCES
from portal.db import database
from portal.demandes import attente, envoi, horloge
from portal.demandes import commands as demandes
from portal.demandes import queries as of_demandes
from portal.demandes import rules as demandes_rules
from portal.dossiers import queries as dossiers
from portal.dossiers import rules as dossiers_rules
from portal.dossiers.models import Dossier
from portal.echeances import commands, queries
from portal.echeances.registre import BATCH, each
from portal.settings import Settings

PHYSICIAN = "medecin:"


def remind(settings: Settings) -> int:
    """Remind establishments of requests that they have left without an answer for each delay of ``reminder_days``."""
    return _silences("relances", settings.reminder_delays, lambda demande_id, _days: horloge.remind(demande_id))


def tell(_settings: Settings) -> int:
    """Tell those who follow a dossier that a request is without an answer, after the delay that each has chosen."""
    return _silences("silences", SILENCES, _tell)


def expire(_settings: Settings) -> int:
    """Close the proposals whose last day has passed."""
    with database.reading():
        found = attente.late_proposals(clock.today(), BATCH)
    return each(found, demandes.expire)


def ask_for_arrivals(settings: Settings) -> int:
    """Ask the establishments that have confirmed a place whether their patient came, once his day has passed."""
    with database.reading():
        found = attente.undeclared(clock.today() - timedelta(days=settings.arrival_reminder_days), BATCH)
    return each(found, horloge.ask_for_arrival)


def close_unfinished(settings: Settings) -> int:
    """Close the requests whose establishment was asked and never said whether its patient came."""
    with database.reading():
        found = attente.unfinished(clock.now() - timedelta(days=settings.arrival_close_days), BATCH)
    return each(found, demandes.close_unfinished)


def tell_of_closures(_settings: Settings) -> int:
    """Tell those who wait for an establishment that has left the directory since it was asked, once."""
    with database.reading():
        found = queries.closed_since(BATCH)
    return each(found, lambda demande_id: commands.once(queries.CLOSURES, str(demande_id))
                and horloge.tell_of_closure(demande_id))


def escalate(settings: Settings) -> int:
    """Act on promises to call back that were not kept: tell, and ask the next establishment of the selection."""
    with database.reading():
        found = attente.broken_promises(clock.now(), BATCH)
    return each(found, lambda demande_id: horloge.escalate(demande_id, envoi.lacking, send=settings.escalation))


def _silences(job: str, delays: Iterable[int], act: Callable[[int, int], bool]) -> int:
    """Do something about each silence of each delay, once: the memory and the effect in one transaction."""
    with database.reading():
        found = [(days, demande_id, key) for days in delays for demande_id, key in queries.silent(job, days, BATCH)]
    return each(found[:BATCH], lambda one: commands.once(job, one[2]) and act(one[1], one[0]))


def _tell(demande_id: int, days: int) -> bool:
    demande = of_demandes.one(demande_id)
    if demande.etat not in demandes_rules.SILENT:
        return False
    dossier = dossiers.by_id(demande.dossier_id)
    to = [one for one in addressees.asking_side(dossier) if _delay(one) == days]
    avis.tell(to, "silence", dossier=_label(dossier), demande_id=demande_id)
    return bool(to)


def _delay(addressee: str) -> int:
    """After how many days of silence somebody wants to be told; a physician chooses it in « Mon compte »."""
    if not addressee.startswith(PHYSICIAN):
        return DEFAULT_SILENCE
    compte = comptes.by_rpps(int(addressee.removeprefix(PHYSICIAN)))
    return int(preferences.preferences(compte.id).silence_jours) if compte else DEFAULT_SILENCE


def _label(dossier: Dossier) -> str:
    return dossiers_rules.format_numero(dossier.module, dossier.numero)
