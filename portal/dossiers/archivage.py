"""A dossier's rest: what was announced of its archiving, and who woke it up. Each act in the caller's transaction."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from portal import clock
from portal.db import audit
from portal.db.audit import SYSTEM, Actor
from portal.db.base import rows, to_millis
from portal.dossiers import commands, rules
from portal.dossiers.models import Dossier

ALIVE = ("redaction", "actif")


def unchanged(modules: Collection[str], before: datetime, limit: int) -> list[int]:
    """The living dossiers of these modules that have not changed since then and of which nothing was announced."""
    return _each("updated < ? AND alerte_le IS NULL ORDER BY updated, id", modules, before, limit)


def announced(modules: Collection[str], before: datetime, limit: int) -> list[int]:
    """The living dossiers whose archiving was announced before then and that have not changed since."""
    return _each("alerte_le < ? AND updated <= alerte_le ORDER BY alerte_le, id", modules, before, limit)


def _each(where: str, modules: Collection[str], before: datetime, limit: int) -> list[int]:
    sql = f"SELECT id FROM dossier WHERE module = ? AND etat = ? AND {where} LIMIT ?"  # noqa: S608  # our own words
    last = to_millis(before)
    return [row[0] for module in modules for etat in ALIVE for row in rows(sql, module, etat, last, limit)][:limit]


def warn(dossier: Dossier, before: datetime) -> bool:
    """Announce that the dossier will be archived; False when it changed since ``before``, or was told already."""
    if dossier.etat not in ALIVE or dossier.alerte_le is not None or dossier.updated >= before:
        return False
    _mark(dossier, clock.now())
    audit.record(SYSTEM, "dossier.alerte", dossier=_label(dossier))
    return True


def archive(dossier: Dossier, before: datetime) -> bool:
    """Archive a dossier announced before then; False when it changed since, or is not to be archived any more."""
    told = dossier.alerte_le
    if dossier.etat not in ALIVE or told is None or told >= before or dossier.updated > told:
        return False
    _mark(dossier, None)
    commands.set_status(SYSTEM, dossier, "historise")
    return True


def withdraw(limit: int) -> int:
    """Take back what was announced of dossiers that have changed since; returns how many."""
    found = [row[0] for row in rows(
        "SELECT id FROM dossier WHERE alerte_le IS NOT NULL AND updated > alerte_le ORDER BY id LIMIT ?", limit)]
    if found:
        Dossier.update(alerte_le=None).where(Dossier.id.in_(found)).execute()
    return len(found)


def keep(actor: Actor, dossier: Dossier) -> bool:
    """Somebody still needs the dossier: its months begin again. False when nothing was announced of it."""
    if dossier.etat not in ALIVE or dossier.alerte_le is None:
        return False
    _mark(dossier, None)
    commands.touch(dossier)
    audit.record(actor, "dossier.garde", dossier=_label(dossier))
    return True


def reactivate(actor: Actor, dossier: Dossier, statut: str) -> bool:
    """Bring an archived dossier back, with this status; False when it is not archived."""
    if dossier.etat != "historise":
        return False
    audit.record(actor, "dossier.reactive", dossier=_label(dossier))
    commands.set_status(actor, dossier, statut)
    return True


def _mark(dossier: Dossier, at: datetime | None) -> None:
    dossier.alerte_le = at
    dossier.save(only=(Dossier.alerte_le,))


def _label(dossier: Dossier) -> str:
    return rules.format_numero(dossier.module, dossier.numero)
