"""Questions about the patient's side: who gets a link, what a link opens, what a dossier still needs."""

from __future__ import annotations

import hashlib
from datetime import date, datetime

from itsdangerous import BadSignature

from portal import clock
from portal.db.audit import PAGE_READ, Trace
from portal.db.base import rows
from portal.db.crypto import SealBroken, keys
from portal.dossiers.lectures import READS
from portal.espaces.models import Usager
from portal.espaces.usager import rules
from portal.espaces.usager.models import Annulation, Changement, Creation, Lien

PURPOSE = "espace-usager"


class LinkForged(Exception):
    """The link was altered or cut."""


class LinkDead(Exception):
    """The link has served, is too old, or whom it was for is gone."""


_ADDRESSEES = ("SELECT u.* FROM dossier d JOIN usager u ON u.dossier_id = d.id WHERE d.module = 'ga' AND d.numero = ? "
               "AND d.naissance = ? AND u.retire_le IS NULL AND u.courriel IS NOT NULL ORDER BY u.id LIMIT ?")


def addressees(numero: int, naissance: date) -> list[Usager]:
    """Who is mailed a link for this number and birth date, at most ``rules.MOST``; the same statement for none."""
    return list(Usager.raw(_ADDRESSEES, numero, naissance.isoformat(), rules.MOST))


def of_link(jeton: str) -> tuple[Lien, Usager]:
    """The link of a mail and whom it is for. Raises LinkForged, LinkDead."""
    try:
        secret = keys().serializer(PURPOSE).loads(jeton)
    except (BadSignature, ValueError) as error:
        raise LinkForged() from error
    lien = Lien.get_or_none(Lien.hash == hash_of(str(secret)), Lien.expire > clock.now())
    if lien is None:
        raise LinkDead()
    found = Usager.get_or_none(Usager.id == lien.usager_id, Usager.retire_le.is_null())
    if found is None:
        raise LinkDead()
    return lien, found


def hash_of(secret: str) -> str:
    """What is stored of a link's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def unconfirmed_from(reseau: str) -> int:
    """How many dossiers this network opened within a day that still wait for their address."""
    since = clock.now() - rules.UNCONFIRMED_WINDOW
    return int(Creation.select().where(Creation.reseau == reseau, Creation.created > since).count())


def waiting(since: datetime, *, reminded: bool | None = None) -> list[int]:
    """Dossiers opened at ``since`` or before whose address is not confirmed, the oldest first. ``reminded``: only
    those whose creator was, or was not, reminded."""
    found = Creation.select(Creation.dossier_id).where(Creation.created <= since).order_by(Creation.created)
    if reminded is not None:
        told = Usager.select(Usager.dossier_id).where(Usager.rappele_le.is_null(False))
        found = found.where(Creation.dossier_id.in_(told) if reminded else Creation.dossier_id.not_in(told))
    return [one.dossier_id for one in found]


def creation(dossier_id: int) -> Creation | None:
    """The opening of a dossier whose address still waits, None once it is confirmed."""
    return Creation.get_or_none(Creation.dossier_id == dossier_id)


def acting(dossier_id: int) -> list[Usager]:
    """Those of the patient's side who may write in a dossier."""
    return list(Usager.select().where(Usager.dossier_id == dossier_id, Usager.retire_le.is_null(),
                                      Usager.role.in_(sorted(rules.ACTING))).order_by(Usager.id))


def change_of(usager_id: int) -> Changement | None:
    """The change of address that this person has asked for and not finished, None for none or too old."""
    return Changement.get_or_none(Changement.usager_id == usager_id,
                                  Changement.created > clock.now() - rules.CHANGE_LIFE)


def new_address(changement: Changement, one: Usager) -> str:
    """The address that shall replace the present one, "" if its seal is broken."""
    try:
        return keys().open(changement.courriel, table="changement_courriel", row=one.subject, column="courriel")
    except SealBroken:
        return ""


def cancelled(dossier_id: int) -> Annulation | None:
    """Why and when a dossier was cancelled."""
    return Annulation.get_or_none(Annulation.dossier_id == dossier_id)


def openings(label: str, limit: int, before: int | None = None, mine: str = "") -> list[Trace]:
    """Who opened a dossier (« ga 43084209 »), the latest first, before the act of this row if one is given.

    The pages that ``mine``, the subject of who reads, only went through are left out: she knows.
    """
    marks = ", ".join("?" * len(READS))
    where = " AND NOT (event = ? AND COALESCE(subject, '') = ?)" + (" AND id < ?" if before else "")
    params = (PAGE_READ, mine, *([before] if before else []))
    sql = (f"SELECT id FROM trace WHERE dossier = ? AND event IN ({marks}){where} "  # noqa: S608  # our own words
           f"ORDER BY id DESC LIMIT {int(limit)}")
    found = [row[0] for row in rows(sql, label, *READS, *params)]
    return list(Trace.select().where(Trace.id.in_(found)).order_by(Trace.id.desc()))
