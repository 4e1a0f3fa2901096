"""Questions of the jobs that no feature alone can answer: what is still to be done of what time has brought."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from portal import clock
from portal.db.base import rows, to_millis
from portal.demandes import rules as demandes
from portal.demandes.attente import SILENCE, SILENT
from portal.echeances.models import Bail

# Older silences are told no more: after a long stop of the clocks nobody is mailed about last year.
WINDOW = timedelta(days=60)
CLOSURES = "fermetures"

_SILENT = (f"SELECT d.id, {SILENCE} AS since FROM demande d WHERE d.etat IN ({SILENT}) AND d.envoyee_le <= ? "  # noqa: S608  # our own words
           f"AND {SILENCE} <= ? AND {SILENCE} > ? AND NOT EXISTS (SELECT 1 FROM fait f WHERE f.travail = ? "
           f"AND f.cle = d.id || ' ' || ? || ' ' || {SILENCE}) ORDER BY d.envoyee_le, d.id LIMIT ?")


def silent(travail: str, days: int, limit: int) -> list[tuple[int, str]]:
    """The requests without an answer for ``days`` days with which this job has not dealt yet: row, and the key under
    which it notes that it has (``commands.once``)."""
    last = clock.now() - timedelta(days=days)
    found = rows(_SILENT, to_millis(last), to_millis(last), to_millis(last - WINDOW), travail, days, limit)
    return [(demande_id, f"{demande_id} {days} {since}") for demande_id, since in found]


def noted(travail: str, keys: Iterable[str]) -> set[str]:
    """Which of these a job has done already (see ``commands.once``)."""
    return {key for key in keys if rows("SELECT 1 FROM fait WHERE travail = ? AND cle = ?", travail, key)}


def states() -> list[Bail]:
    """Where each job stands, by name."""
    return list(Bail.select().order_by(Bail.nom))


def closed_since(limit: int) -> list[int]:
    """The pending requests to establishments that are no longer in the directory, whom nobody was told of yet."""
    pending = ", ".join(f"'{etat}'" for etat in sorted(demandes.PENDING))
    sql = (f"SELECT d.id FROM etablissement e JOIN demande d ON d.etablissement_id = e.id AND d.etat IN ({pending}) "  # noqa: S608  # our own words
           "WHERE e.ferme AND NOT EXISTS (SELECT 1 FROM fait f WHERE f.travail = ? AND f.cle = CAST(d.id AS TEXT)) "
           "ORDER BY d.id LIMIT ?")
    return [row[0] for row in rows(sql, CLOSURES, limit)]
