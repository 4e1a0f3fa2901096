"""Requests on which time passes: silences, proposals past their date, promises to call back. Reads only."""

from __future__ import annotations

from datetime import date, datetime

from portal import clock
from portal.clock import PARIS
from portal.db.base import rows, to_millis
from portal.demandes import rules
from portal.echeances.rules import working_hours_later

SILENCE = ("CASE d.etat WHEN 'envoyee' THEN d.updated "
           "ELSE MAX(d.envoyee_le, COALESCE(d.relancee_le, 0), COALESCE(d.complement_le, 0)) END")
"""SQL: since when (milliseconds) a request ``d`` in a state of ``rules.SILENT`` waits for a word. One not opened yet
waits since its last step; being read is no answer, and restarts nothing."""

SILENT = ", ".join(f"'{etat}'" for etat in sorted(rules.SILENT))


def promised(hours: int | None) -> datetime | None:
    """Until when an establishment has to call back that promised it within so many office hours; None for none."""
    if hours is None:
        return None
    return working_hours_later(clock.now().astimezone(PARIS), hours)


def late_proposals(today: date, limit: int) -> list[int]:
    """The proposals whose last day has passed, the oldest first."""
    sql = ("SELECT id FROM demande WHERE etat = 'proposee' AND reponse_avant < ? "
           "ORDER BY reponse_avant, id LIMIT ?")
    return [row[0] for row in rows(sql, today.isoformat(), limit)]


def undeclared(day: date, limit: int) -> list[int]:
    """The confirmed sanitaire requests whose patient was awaited on or before ``day`` and whose establishment was not
    asked yet whether he came, the oldest first."""
    sql = ("SELECT id FROM demande WHERE etat = 'acceptee' AND module = 's' AND entree_prevue <= ? "
           "AND rappel_fin_le IS NULL ORDER BY entree_prevue, id LIMIT ?")
    return [row[0] for row in rows(sql, day.isoformat(), limit)]


def unfinished(asked: datetime, limit: int) -> list[int]:
    """Those whose establishment was asked before ``asked`` and has said nothing, the oldest first."""
    sql = ("SELECT id FROM demande WHERE etat = 'acceptee' AND module = 's' AND rappel_fin_le <= ? "
           "ORDER BY rappel_fin_le, id LIMIT ?")
    return [row[0] for row in rows(sql, to_millis(asked), limit)]


def broken_promises(now: datetime, limit: int) -> list[int]:
    """The requests whose establishment did not keep its promise to call back, the oldest first."""
    sql = (f"SELECT id FROM demande WHERE promesse_le IS NOT NULL AND promesse_le <= ? AND repondue_le IS NULL "  # noqa: S608  # our own words
           f"AND escalade_le IS NULL AND etat IN ({SILENT}) ORDER BY promesse_le, id LIMIT ?")
    return [row[0] for row in rows(sql, to_millis(now), limit)]
