"""What is kept too long, what hangs from a dossier, and who a request is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from portal import clock
from portal.clock import PARIS
from portal.conservation import rules
from portal.conservation.rules import OBLIGED, REGLES, Regle
from portal.db.base import db, rows, to_millis
from portal.dossiers import identite, scelles
from portal.dossiers.models import Dossier
from portal.echeances.rules import months_later
from portal.espaces import queries as espaces
from portal.espaces.models import Usager
from portal.settings import Settings

millis = to_millis


@dataclass(frozen=True)
class Constat:
    """What a rule would do now: how many rows (dossiers, accounts) have outlived it."""

    regle: Regle
    delai: str
    nombre: int


def limit_of(regle: Regle, settings: Settings) -> datetime:
    """The instant before which this rule's rows must lie for their time to be over."""
    now = clock.now()
    if regle.fixed is not None:
        return now - regle.fixed
    return rules.before(now, regle.setting, int(getattr(settings, regle.setting)))


def bound(regle: Regle, before: datetime) -> int | str:
    """``before`` as the rule's column is written: milliseconds, or a day of Paris."""
    return before.astimezone(PARIS).date().isoformat() if regle.day else to_millis(before)


def overdue(settings: Settings) -> list[Constat]:
    """What each rule that has a delay would do now, whichever job does it."""
    found = []
    for regle in REGLES:
        if not regle.setting and regle.fixed is None:
            continue
        value = 0 if regle.fixed is not None else int(getattr(settings, regle.setting))
        before = limit_of(regle, settings)
        if regle.code == "dossiers":
            number = len(old_dossiers(before, None))
        elif regle.code == "non-confirmes":
            number = len(unconfirmed(regle, before, None))
        elif regle.code == "comptes":
            number = len(unused_accounts(settings, None))
        elif regle.where:
            number = count(regle.tables[0], regle.where, bound(regle, before))
        else:
            number = count(regle.tables[0], "at < ?", to_millis(before))
        found.append(Constat(regle, rules.delay(regle, value), number))
    return found


def count(table: str, where: str, *params: object) -> int:
    """How many rows of a table our own ``where`` is true of."""
    return int(rows(f"SELECT COUNT(*) FROM {table} WHERE {where}", *params)[0][0])  # noqa: S608  # our own words


def old_dossiers(before: datetime, limit: int | None) -> list[int]:
    """The ended dossiers that have not changed since, of persons old enough, the oldest first."""
    adult = months_later(clock.today(), -12 * rules.MAJORITE)
    sql = ("SELECT id FROM dossier WHERE etat NOT IN ('redaction', 'actif') AND updated < ? AND naissance <= ? "  # noqa: S608  # a number
           f"ORDER BY updated, id{_first(limit)}")
    return [row[0] for row in rows(sql, to_millis(before), adult.isoformat())]


def unconfirmed(regle: Regle, before: datetime, limit: int | None) -> list[int]:
    """The dossiers cancelled because nobody confirmed an address, and in which nothing of a care was written."""
    sql = f"SELECT dossier_id FROM annulation WHERE {regle.where} ORDER BY dossier_id{_first(limit)}"  # noqa: S608
    found = [row[0] for row in rows(sql, to_millis(before))]
    return [dossier_id for dossier_id in found if not _obliged(dossier_id)]


def unused_accounts(settings: Settings, limit: int | None) -> list[int]:
    """The open accounts without a trace of any act for ``accounts_unused_months`` that lead no living dossier.

    None while the audit is kept for less than that: it is what says when an account was last used.
    """
    if settings.audit_months < settings.accounts_unused_months:
        return []
    last = to_millis(rules.before(clock.now(), "accounts_unused_months", settings.accounts_unused_months))
    sql = ("SELECT c.id FROM compte c WHERE c.created < ? AND c.email NOT LIKE ? "  # noqa: S608  # a number
           "AND NOT EXISTS (SELECT 1 FROM trace t WHERE t.rpps = c.rpps AND t.at >= ?) "
           "AND NOT EXISTS (SELECT 1 FROM trace t WHERE t.subject = c.subject AND t.at >= ?) "
           "AND NOT EXISTS (SELECT 1 FROM session s WHERE s.compte_id = c.id AND s.last_seen >= ?) "
           "AND NOT EXISTS (SELECT 1 FROM dossier d WHERE d.referent_rpps = c.rpps "
           f"AND d.etat IN ('redaction', 'actif')) ORDER BY c.id{_first(limit)}")
    return [row[0] for row in rows(sql, last, f"%{rules.CLOSED}", last, last, last)]


def account(compte_id: int) -> tuple[str, bool]:
    """The subject of an account, and whether it was closed for good."""
    subject, email = rows("SELECT subject, email FROM compte WHERE id = ?", compte_id)[0]
    return subject, email.endswith(rules.CLOSED)


def led(compte_id: int) -> int:
    """How many living dossiers the holder of an account leads."""
    return int(rows("SELECT COUNT(*) FROM dossier d JOIN compte c ON c.rpps = d.referent_rpps "
                    "WHERE c.id = ? AND d.etat IN ('redaction', 'actif')", compte_id)[0][0])


def obliged(dossier: Dossier) -> list[str]:
    """Why health law keeps this dossier: words of ``rules.OBLIGED``; empty when nothing of a care is in it."""
    return _obliged(dossier.id)


def contents(dossier: Dossier) -> dict[str, int]:
    """How many rows of each table hang from a dossier, itself included."""
    found = {one.table: count(one.table, one.where, *[dossier.id] * one.where.count("?")) for one in rules.OF_DOSSIER}
    return {table: number for table, number in found.items() if number}


def addresses(dossier: Dossier) -> list[tuple[str, bool]]:
    """The addresses of those who follow a dossier, and the patient's own; True where the same follows another one."""
    people = list(Usager.select().where(Usager.dossier_id == dossier.id).order_by(Usager.id))
    found = {espaces.email(one) for one in people} | {scelles.opened(dossier, "courriel")}
    return [(address, Usager.select().where(
        Usager.courriel_empreinte.in_(espaces.fingerprints(address)), Usager.dossier_id != dossier.id).exists())
        for address in sorted(filter(None, found))]


def asked_for(text: str) -> list[Dossier]:
    """The dossiers of a number (« ga 43084209 », « ga43084209 ») or of a NIR (13 or 15 characters)."""
    typed = "".join(text.split()).replace("-", "").lower()
    module = typed.rstrip("0123456789")
    if module in ("ga", "s", "tnd", "h") and typed != module:
        return list(Dossier.select().where(Dossier.module == module, Dossier.numero == int(typed[len(module):])))
    marks = scelles.fingerprints(str(identite.read_nir(typed)))
    return list(Dossier.select().where(Dossier.nir_empreinte.in_(marks)).order_by(Dossier.id)) if marks else []


def erased(label: str) -> bool:
    """True when the audit says that this dossier was erased."""
    return bool(rows("SELECT 1 FROM trace WHERE dossier = ? AND event = 'dossier.efface'", label))


def table_names() -> list[str]:
    """Every table of the database."""
    return sorted(db.get_tables())


def _obliged(dossier_id: int) -> list[str]:
    return [word for word, sql in OBLIGED if rows(f"{sql} LIMIT 1", dossier_id)]


def _first(limit: int | None) -> str:
    return "" if limit is None else f" LIMIT {int(limit)}"

