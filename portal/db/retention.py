"""The oldest part of the audit, dropped when its time is over; a checkpoint in the chain says what is gone."""

from __future__ import annotations

from collections import deque
from datetime import datetime

from portal.db import audit, chain, database
from portal.db.audit import Trace
from portal.db.base import rows, to_millis
from portal.db.chain import Checkpoint

STEP = 2000
"""How many rows one transaction drops, so that nobody waits long for the write lock."""


def purge(before: datetime, limit: int = STEP) -> int:
    """Drop at most ``limit`` rows, the oldest, all older than ``before``, in one transaction; returns how many.

    They are followed first, from the checkpoint before: raises chain.Broken, and drops nothing, where they do not
    hold, so that a purge never covers what somebody has altered. The chain keeps its order: a row that is younger
    keeps all those after it, whatever their date.
    """
    with database.writing():
        last = _last(before, limit)
        if last is None:
            return 0
        told = chain.checkpoint()
        dropped = deque(chain.follow(told.mac if told else b"", upto=last), maxlen=1)
        count = int(rows("SELECT COUNT(*) FROM trace WHERE id <= ?", last)[0][0])
        first, since = rows("SELECT id, at FROM trace ORDER BY id LIMIT 1")[0]
        end = dropped[0]
        new = Checkpoint(count + (told.count if told else 0), told.first if told else first, end.id,
                         told.since if told else since, end.at, end.mac)
        # Before the rows go: it follows the last one, which may be among them.
        audit.record(audit.SYSTEM, chain.PURGE, detail=new.text())
        Trace.delete().where(Trace.id <= last).execute()
    return count


def _last(before: datetime, limit: int) -> int | None:
    """The id of the last of the oldest rows that are all older than ``before``, None when the first is younger."""
    sql = ("SELECT MAX(id) FROM (SELECT id FROM trace WHERE id < COALESCE("
           "(SELECT MIN(id) FROM trace WHERE at >= ?), (SELECT MAX(id) + 1 FROM trace)) ORDER BY id LIMIT ?) t")
    found = rows(sql, to_millis(before), limit)[0][0]
    return None if found is None else int(found)
