"""What time erases, and what a person's request erases: in the caller's transaction, audited without a name."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from portal import clock
from portal.conservation import queries, rules
from portal.conservation.rules import OF_DOSSIER, Regle
from portal.db import audit
from portal.db.audit import Actor
from portal.db.base import db
from portal.dossiers import commands as dossiers
from portal.dossiers import rules as dossier_rules
from portal.dossiers.models import Dossier

EFFACE = "dossier.efface"


class Obliged(Exception):
    """The dossier is part of a care that has to be provable: erasing it before its time asks for a motive."""

    def __init__(self, why: list[str]) -> None:
        super().__init__(", ".join(why))
        self.why = why


def erase(actor: Actor, dossier: Dossier, motif: str) -> int:
    """Erase a dossier with all that hangs from it, of every actor; returns how many rows went.

    ``motif``: a key of ``rules.MOTIFS``, or ``rules.DELAI`` when its time is over. The audit keeps the number and
    the motive. Of two linked dossiers the other one stays.
    """
    label = dossier_rules.format_numero(dossier.module, dossier.numero)
    gone = _mails(dossier, label)
    for branch in OF_DOSSIER:
        if branch.table not in ("lien", "dossier"):
            gone += _delete(branch.table, branch.where, dossier.id)
    gone += queries.count("lien", "dossier_id = ?", dossier.id) + 1
    dossiers.erase(dossier)
    audit.record(actor, EFFACE, dossier=label, detail=motif)
    return gone


def erase_on_request(actor: Actor, dossier: Dossier, motif: str | None) -> int:
    """``erase`` before its time: raises Obliged without a motive for a dossier that health law keeps."""
    why = queries.obliged(dossier)
    if why and motif is None:
        raise Obliged(why)
    return erase(actor, dossier, motif or "demande")


def note_copy(found: Iterable[Dossier]) -> None:
    """A copy of these dossiers was made for the person: she, and whoever reads the audit, can see it."""
    for dossier in found:
        audit.record(audit.SYSTEM, "dossier.copie", dossier=dossier_rules.format_numero(dossier.module, dossier.numero))


def expire(regle: Regle, before: datetime, limit: int) -> int:
    """Delete about ``limit`` rows at most of a rule's first table whose time was over at ``before``; returns how many
    went."""
    table, key, last = regle.tables[0], regle.key, queries.bound(regle, before)
    some = f"SELECT {key} FROM {table} WHERE {regle.where} ORDER BY {key} LIMIT ?"  # noqa: S608  # our own words
    gone = _delete(table, f"({regle.where}) AND {key} IN ({some})", last, last, limit)
    if gone:
        audit.record(audit.SYSTEM, "conservation.efface", detail=f"{regle.code} {gone}")
    return gone


def close_account(actor: Actor, compte_id: int) -> None:
    """Close an account for good: every means of login, address and preference goes, open delegations end.

    The name, RPPS number and charters stay: they sign what is in dossiers. Nothing to do for a closed one.
    """
    subject, closed = queries.account(compte_id)
    if closed:
        return
    for table in rules.OF_ACCOUNT:
        _delete(table, "compte_id = ?", compte_id)
    now = queries.millis(clock.now())
    for sql in ("UPDATE delegation SET revoked_at = ? WHERE revoked_at IS NULL AND (principal = ? OR delegate = ?)",):
        db.execute_sql(sql, (now, compte_id, compte_id))
    db.execute_sql("UPDATE membre SET retire_le = ? WHERE compte_id = ? AND retire_le IS NULL", (now, compte_id))
    _delete("invitation", "principal = ?", compte_id)
    db.execute_sql(
        "UPDATE compte SET email = ?, email_confirmed_at = NULL, password = '', telephone = NULL, adresse = '', "
        "insee = '', code_postal = '', ville = '', blocked_at = ? WHERE id = ?",
        (f"{subject.lower()}{rules.CLOSED}", now, compte_id))
    audit.record(actor, "compte.ferme", detail=subject)


def _mails(dossier: Dossier, label: str) -> int:
    """The mails to those who follow this dossier alone, and of the others those that name it."""
    gone = 0
    for address, shared in queries.addresses(dossier):
        where = "\"to\" = ?" + (" AND (subject LIKE ? OR body LIKE ?)" if shared else "")
        gone += _delete("courriel", where, address, *((f"%{label}%",) * 2 if shared else ()))
    return gone


def _delete(table: str, where: str, *params: object) -> int:
    """Delete the rows for which our own ``where`` holds; returns how many. One value given serves every ``?``."""
    values = params * where.count("?") if len(params) == 1 else params
    cursor = db.execute_sql(f"DELETE FROM {table} WHERE {where}", values)  # noqa: S608  # our own words
    return int(db.rows_affected(cursor))
