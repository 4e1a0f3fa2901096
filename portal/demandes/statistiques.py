"""How establishments answer: counted from their requests, kept where the search of the directory reads it."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import timedelta
from statistics import median

from portal import clock
from portal.annuaire import reponses
from portal.annuaire.recherche import MIN_ANSWERS
from portal.annuaire.reponses import Answers
from portal.db import database
from portal.db.base import rows, to_millis
from portal.demandes import rules
from portal.settings import Settings

# Older answers say little of today's teams.
PERIOD = timedelta(days=365)
HOUR_MILLIS = 3_600_000

_ANSWERED = ("SELECT etablissement_id, repondue_le - envoyee_le, CASE WHEN etat = ? THEN motif ELSE '' END "
             "FROM demande WHERE repondue_le IS NOT NULL AND repondue_le >= ? ORDER BY etablissement_id")


def refresh(_settings: Settings) -> int:
    """Count again the answers of the last year; returns the number of establishments that answered."""
    with database.reading():
        found = count()
    with database.writing():
        reponses.keep(found)
    return len(found)


def count() -> list[Answers]:
    """For each establishment its answers of the last year: from the sending to the first answer other than opening
    the dossier. What fewer than ``MIN_ANSWERS`` answers would tell is left out."""
    times, refusals = defaultdict[int, list[int]](list), defaultdict[int, Counter[str]](Counter)
    for etablissement_id, millis, motif in rows(_ANSWERED, rules.REFUS, to_millis(clock.now() - PERIOD)):
        times[etablissement_id].append(max(0, millis))
        if motif in rules.MOTIFS:
            refusals[etablissement_id][rules.MOTIFS[motif].label] += 1
    return [_answers(id_, found, refusals[id_]) for id_, found in times.items()]


def _answers(etablissement_id: int, millis: list[int], refusals: Counter[str]) -> Answers:
    n = len(millis)
    if n < MIN_ANSWERS:
        return Answers(etablissement_id, n, None, "[]")
    return Answers(etablissement_id, n, round(median(millis) / HOUR_MILLIS), json.dumps(_told(refusals.items())))


def _told(refusals: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """The motives given often enough to be told, the most frequent first."""
    return sorted(((words, n) for words, n in refusals if n >= MIN_ANSWERS), key=lambda one: (-one[1], one[0]))
