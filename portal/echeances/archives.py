"""Dossiers that nobody touches any more: said, then archived; kept or reactivated by who follows them."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from portal import clock
from portal.avis import commands as avis
from portal.avis import queries as addressees
from portal.clock import PARIS
from portal.db import database
from portal.db.audit import SYSTEM, Actor
from portal.demandes import commands as demandes
from portal.demandes import machines
from portal.demandes import queries as of_demandes
from portal.dossiers import archivage, queries, rules
from portal.dossiers.models import Dossier
from portal.echeances.registre import BATCH, each
from portal.echeances.rules import months_later
from portal.settings import Settings

# The public guide knows this delay for the Grand Âge alone.
MODULES = ("ga",)
# Motive 98 of the ANS table TRE_R358: « fin de validité ».
END_OF_VALIDITY = "98"


def months_ago(months: int) -> datetime:
    """The beginning of today in Paris, some months ago."""
    return datetime.combine(months_later(clock.today(), -months), time(), PARIS)


def archived_on(alerte_le: datetime, settings: Settings) -> datetime:
    """The first day on which a dossier announced then may be archived, unless something changes."""
    day = months_later(alerte_le.astimezone(PARIS).date(), settings.archive_months)
    return datetime.combine(day, time(), PARIS)


def warn(settings: Settings) -> int:
    """Announce the archiving of dossiers that have not changed for ``archive_alert_months``."""
    before = months_ago(settings.archive_alert_months)
    with database.reading():
        found = archivage.unchanged(MODULES, before, BATCH)
    return each(found, lambda dossier_id: _warn(dossier_id, before))


def archive(settings: Settings) -> int:
    """Archive those announced ``archive_months`` ago that have not changed since, and close their requests."""
    # The day that was announced is the first on which it is done, from its beginning.
    before = months_ago(settings.archive_months) + timedelta(days=1)
    with database.reading():
        found = archivage.announced(MODULES, before, BATCH)
    return each(found, lambda dossier_id: _archive(dossier_id, before))


def withdraw(_settings: Settings) -> int:
    """Take back what was announced of dossiers that have changed since."""
    with database.writing():
        return archivage.withdraw(BATCH)


def reactivate(actor: Actor, dossier: Dossier) -> bool:
    """Bring an archived dossier back to where its requests say; those that its archiving closed stay closed.

    In the caller's transaction; False when it is not archived.
    """
    statut = rules.FIRST_STATUS[dossier.module]
    if dossier.module in machines.MODULES:
        statut = machines.of(dossier.module).statut(of_demandes.states(dossier.id))
    return archivage.reactivate(actor, dossier, statut)


def _warn(dossier_id: int, before: datetime) -> bool:
    dossier = queries.by_id(dossier_id)
    if not archivage.warn(dossier, before):
        return False
    label = rules.format_numero(dossier.module, dossier.numero)
    avis.tell(addressees.asking_side(dossier), "archivage", dossier=label)
    return True


def _archive(dossier_id: int, before: datetime) -> bool:
    dossier = queries.by_id(dossier_id)
    if not archivage.archive(dossier, before):
        return False
    demandes.close_all(SYSTEM, dossier, "annuler_auto", END_OF_VALIDITY)
    return True
