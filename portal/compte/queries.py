"""Questions about accounts; other features ask here too."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import datetime
from itertools import islice

import peewee
from itsdangerous import BadSignature

from portal import clock
from portal.compte import passwords, rules
from portal.compte.espace.queries import wants as wants  # which mails an account takes
from portal.compte.models import MEDECIN, SECRETAIRE, STRUCTURE, Acceptation
from portal.compte.models import Compte as Compte  # the type that other features hold
from portal.db.audit import Trace
from portal.db.base import from_millis, to_millis
from portal.db.crypto import SealBroken, keys
from portal.settings import Settings
from portal.web.errors import NotFound
from portal.web.session import Access

LINK_PURPOSE = "courriel"


class LinkExpired(Exception):
    """The link of a mail is older than ``settings.email_link_life``."""


class LinkForged(Exception):
    """The link of a mail was altered or cut."""


def by_subject(subject: str) -> Compte | None:
    """The account of a national identifier (12 digits), or None before the first registration."""
    return Compte.get_or_none(Compte.subject == subject)


def by_email(email: str) -> Compte | None:
    """The account of an address, in any letter case."""
    return Compte.get_or_none(Compte.email == email.strip().lower())


def get(compte_id: int | None) -> Compte | None:
    """The account of a session (``visit.compte_id``)."""
    return None if compte_id is None else Compte.get_or_none(Compte.id == compte_id)


def own(compte_id: int | None) -> Compte:
    """The account of a session's holder; raises NotFound for a session that has none."""
    compte = get(compte_id)
    if compte is None:
        raise NotFound()
    return compte


def by_ids(ids: Iterable[int]) -> dict[int, Compte]:
    """Several accounts at once, by id."""
    wanted = set(ids)
    return {compte.id: compte for compte in Compte.select().where(Compte.id.in_(wanted))} if wanted else {}


def by_rpps(rpps: int) -> Compte | None:
    """The account of a physician's RPPS number."""
    return Compte.get_or_none(Compte.rpps == rpps)


def physicians_named(nom: str, ville: str, limit: int) -> list[Compte]:
    """The physicians with an active account whose names begin so, in a town that begins so ("" for any), by name;
    accents, capitals and the order of the names do not count."""
    words, town = _words(nom), _words(ville)
    people = Compte.select().where(*_ACTIVE).order_by(Compte.nom, Compte.prenom, Compte.id)
    found = (one for one in people if _begin(words, (*_words(one.nom), *_words(one.prenom)))
             and _begin(town, (one.code_postal, *_words(one.ville))))
    return list(islice(found, limit)) if words else []


def active_physician(rpps: int) -> Compte | None:
    """The active account of a physician: its charter accepted, not blocked; None for any other."""
    return Compte.get_or_none(Compte.rpps == rpps, *_ACTIVE)


_ACTIVE = (Compte.kind == MEDECIN, Compte.blocked_at.is_null(), Compte.charte.is_null(False))


def _words(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\w+", rules.folded(text)))


def _begin(wanted: tuple[str, ...], held: tuple[str, ...]) -> bool:
    """True when each word that is wanted begins one that is held."""
    return all(any(word.startswith(one) for word in held) for one in wanted)


def access_of(compte: Compte, charte: str) -> Access:
    """How far a login to this account leads: the charter in force (its version) first, then its holder's space."""
    if compte.charte != charte:
        return Access.CHARTE
    return {MEDECIN: Access.MEDECIN, SECRETAIRE: Access.SECRETARIAT, STRUCTURE: Access.STRUCTURE}[compte.kind]


def password_matches(compte: Compte | None, password: str) -> bool:
    """True for the account's password, as the browser sent it (never trimmed); same time without account."""
    return passwords.matches(compte.password if compte else None, password)


def telephone(compte: Compte) -> str:
    """The phone number in clear, "" for none (or if its seal is broken)."""
    if compte.telephone is None:
        return ""
    try:
        return keys().open(compte.telephone, table="compte", row=compte.subject, column="telephone")
    except SealBroken:
        return ""


def email_to_confirm(compte_id: int | None) -> str | None:
    """The address that still waits for its confirmation, or None when all is well."""
    compte = get(compte_id)
    return compte.email if compte and compte.email_confirmed_at is None else None


def acceptances(compte: Compte) -> list[Acceptation]:
    """The charters this physician accepted, newest first."""
    return list(Acceptation.select().where(Acceptation.compte == compte).order_by(Acceptation.id.desc()))


def confirmations_asked(compte: Compte, since: datetime) -> int:
    """How many times he had the confirmation mail sent again since an instant."""
    return int(Trace.select().where(
        _acts_of(compte), Trace.event == "compte.courriel_renvoye", Trace.at >= since).count())


def _acts_of(compte: Compte) -> peewee.Expression:
    """The audit knows physicians by their RPPS number and others by their subject."""
    return Trace.rpps == compte.rpps if compte.rpps else Trace.subject == compte.subject


def link_for(compte: Compte) -> str:
    """The signed part of a confirmation link; it names account and address without showing either."""
    content = [compte.id, _fingerprint(compte.email), to_millis(clock.now())]
    return str(keys().serializer(LINK_PURPOSE).dumps(content))


def compte_of_link(settings: Settings, jeton: str) -> Compte | None:
    """The account whose present address a confirmation link names; None if the address has changed since.

    Raises LinkExpired, LinkForged.
    """
    try:
        compte_id, fingerprint, written = keys().serializer(LINK_PURPOSE).loads(jeton)
    except BadSignature as error:
        raise LinkForged() from error
    if clock.now() - from_millis(written) > settings.email_link_life:
        raise LinkExpired()
    compte = get(compte_id)
    return compte if compte and _fingerprint(compte.email) == fingerprint else None


def _fingerprint(email: str) -> str:
    return hashlib.sha256(email.encode()).hexdigest()[:24]
