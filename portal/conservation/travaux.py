"""The job that applies the rules, in bounded batches: each thing in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable

from portal.conservation import commands, queries, rules
from portal.conservation.rules import REGLES, Regle
from portal.db import audit, database
from portal.dossiers import queries as dossiers
from portal.echeances.registre import BATCH, each
from portal.settings import Settings

JOB = "conservation"


def apply(settings: Settings) -> int:
    """Erase what has outlived its rule, at most ``BATCH`` things (rows, dossiers, accounts); returns how many."""
    done = 0
    for regle in REGLES:
        if done < BATCH and regle.job == JOB and (regle.setting or regle.fixed is not None):
            done += _apply(regle, settings, BATCH - done)
    return done


def apply_all(settings: Settings) -> int:
    """``apply`` until nothing is left; returns how many things went."""
    done = 0
    while batch := apply(settings):
        done += batch
    return done


def _apply(regle: Regle, settings: Settings, limit: int) -> int:
    before = queries.limit_of(regle, settings)
    if regle.where and regle.code not in BY_DOSSIER:
        with database.erasing(), database.writing():
            return commands.expire(regle, before, limit)
    find, act = _OF_EACH[regle.code]
    with database.reading():
        found = find(regle, settings, limit)
    # Each is looked at again under the lock: what came back to life meanwhile stays.
    with database.erasing():
        return each(found, lambda row: row in find(regle, settings, None) and act(row))


def _dossiers(regle: Regle, settings: Settings, limit: int | None) -> list[int]:
    before = queries.limit_of(regle, settings)
    return queries.old_dossiers(before, limit) if regle.code == "dossiers" else queries.unconfirmed(
        regle, before, limit)


def _erase(dossier_id: int) -> bool:
    return commands.erase(audit.SYSTEM, dossiers.by_id(dossier_id), rules.DELAI) > 0


def _close(compte_id: int) -> bool:
    commands.close_account(audit.SYSTEM, compte_id)
    return True


BY_DOSSIER = ("dossiers", "non-confirmes")
_OF_EACH: dict[str, tuple[Callable[[Regle, Settings, int | None], list[int]], Callable[[int], bool]]] = {
    **dict.fromkeys(BY_DOSSIER, (_dossiers, _erase)),
    "comptes": (lambda _regle, settings, limit: queries.unused_accounts(settings, limit), _close),
}
