"""Sessions kept by the server: the cookie holds a signed random id, the row holds the rest.

Closing a session deletes its row; a login gives a new id; nothing about the person is in the browser.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import IntEnum
from functools import lru_cache
from typing import Any

import peewee
from itsdangerous import BadSignature
from starlette.requests import Request
from starlette.responses import Response

from portal import clock
from portal.db.audit import VISITOR, Actor, Mandate
from portal.db.base import Model, UtcDateTimeField, from_millis, rows
from portal.db.crypto import SealBroken, keys, purpose_keys, signer
from portal.settings import Settings
from portal.web import devices

TOUCH_EVERY = timedelta(minutes=1)
KEPT_AFTER_END = timedelta(days=1)
MAX_DATA = 300_000  # a form as large as a body may be, written as JSON
MAX_ID_DIGITS = 18  # what a row's number can have (64 bits)
FIRST_ID = "premier"  # the value under which a session that changed its id keeps the one of its login

# How sure a means of login is: a card or e-CPS, then password and passkey, then password and a code.
STRENGTH = {"cps": 3, "ecps": 3, "cle": 2, "otp": 1, "courriel": 1}
STRONG = 2


class Access(IntEnum):
    """How far a visitor has come; each page asks for one of these."""

    PUBLIC = 0
    CARTE = 1  # the card was verified, no account yet
    CHARTE = 2  # an account, the present charter still to accept
    SECRETARIAT = 3  # a secretary's account, everything done: acts only for a physician
    MEDECIN = 4
    STRUCTURE = 5  # an account of an establishment, a coordination team or a hospital service
    USAGER = 6  # a patient or a relative, let in by a mailed link: one dossier, no account

    def admits(self, state: Access) -> bool:
        """True when someone who stands at ``state`` may come where this is asked.

        The ladder of physicians goes up to MEDECIN; the other actors' spaces stand beside it, and a page opens to
        them only when it names them.
        """
        if self is Access.CARTE or self in SPACES or state in SPACES:
            return self is Access.PUBLIC or state is self
        return state >= self


SPACES = frozenset({Access.STRUCTURE, Access.USAGER})


class Session(Model):
    """One browser's session. ``key`` is a hash: a stolen table opens no session."""

    key = peewee.CharField(64, primary_key=True)
    created = UtcDateTimeField()
    last_seen = UtcDateTimeField()
    ends = UtcDateTimeField()
    state = peewee.IntegerField()
    subject = peewee.CharField(12, null=True)
    rpps = peewee.BigIntegerField(null=True)
    compte_id = peewee.IntegerField(null=True)
    name = peewee.TextField()
    level = peewee.TextField()
    charte = peewee.TextField(null=True)
    device = peewee.TextField()
    delegation_id = peewee.IntegerField(null=True)
    data = peewee.BlobField(null=True)

    class Meta:
        indexes = ((("compte_id",), False), (("ends",), False))


@dataclass
class Visit:
    """The session as a handler sees it."""

    id: str
    state: Access = Access.PUBLIC
    subject: str | None = None
    rpps: int | None = None
    compte_id: int | None = None
    name: str = ""
    level: str = "aucun"
    delegation_id: int | None = None
    mandate: Mandate | None = None
    # On a page about the person himself nobody is acted for, whatever the banner says.
    for_himself: bool = False
    expires: datetime | None = None
    expired: bool = False
    stored: bool = False
    fresh: bool = False
    last_seen: datetime | None = None
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return hashlib.sha256(self.id.encode()).hexdigest()

    @property
    def csrf(self) -> str:
        """The token that each form of this session carries (second half of the CSRF defence).

        It names in whose place the form was opened, so that no act slips from one physician to another. It is made
        of the id that the session had at its login: after a change of role, a form of before is still known as such.
        """
        return self._tokens()[0]

    def carries(self, token: str) -> bool:
        """True for a token of this session, given out in the place of whom it acts for now."""
        return any(hmac.compare_digest(token.encode(), own.encode()) for own in self._tokens())

    def _tokens(self) -> list[str]:
        """Under each secret that may have given one out, the present one first."""
        acting = self.delegation_id or 0
        first = self.data.get(FIRST_ID, self.id)
        macs = [hmac.new(key, f"{first} {acting}".encode(), hashlib.sha256).digest() for key in purpose_keys("csrf")]
        return [f"{acting}." + base64.urlsafe_b64encode(mac).decode().rstrip("=") for mac in macs]

    def made(self, token: str) -> bool:
        """True for a token of this session, in whoever's place it was given out."""
        acting = token.partition(".")[0]
        if not (acting.isascii() and acting.isdigit() and len(acting) <= MAX_ID_DIGITS):
            return False
        return replace(self, delegation_id=int(acting) or None).carries(token)

    @property
    def strength(self) -> int:
        """From 0 (nobody) to 3 (card or e-CPS)."""
        return STRENGTH.get(self.level, 0)

    @property
    def strong(self) -> bool:
        """True when this login is enough for a sensitive act: only physicians have a card to show."""
        return self.strength >= (1 if self.state is Access.SECRETARIAT or self.state in SPACES else STRONG)

    @property
    def actor(self) -> Actor:
        if self.subject is None or self.state is Access.PUBLIC:
            return VISITOR
        return Actor(self.rpps, self.name, self.level, None if self.for_himself else self.mandate, self.subject)

    @property
    def holder(self) -> int | None:
        """The RPPS number of the physician whose dossiers are shown: his own, or his for whom he acts."""
        return self.actor.holder

    def may(self, right: str, module: str | None = None) -> bool:
        """True when this person may do it here: a physician all in his own name, a delegate what was lent.

        The people of the other spaces hold no such right: what they may do follows from their role in a dossier.
        """
        if self.mandate:
            return self.mandate.allows(right, module)
        return self.state is Access.MEDECIN

    @property
    def expires_in(self) -> int:
        """Seconds until this session ends if nothing is done."""
        return max(0, int((self.expires - clock.now()).total_seconds())) if self.expires else 0


def visit(request: Request) -> Visit:
    """The visit of this request, read once by the route's wrapper."""
    found: Visit = request.state.visit
    return found


def cookie_name(settings: Settings) -> str:
    """``__Host-`` where cookies may be Secure: browsers then refuse it from any other host or path."""
    return "__Host-session" if settings.secure else "session"


_BY_KEY = ("SELECT last_seen, ends, state, subject, rpps, compte_id, name, level, charte, delegation_id, data "
           "FROM session WHERE key = ?")


def load(request: Request) -> Visit:
    """Read the session of the request's cookie: one statement, or none for a visitor without cookie."""
    settings: Settings = request.app.state.settings
    session_id = _id_in_cookie(request.cookies.get(cookie_name(settings)))
    if session_id is None:
        return Visit(secrets.token_urlsafe(32), fresh=True)
    here = Visit(session_id)
    found = rows(_BY_KEY, here.key)
    if not found:
        return here
    last_seen, ends, state, subject, rpps, compte_id, name, level, charte, delegation_id, data = found[0]
    here.stored = True
    here.expires = min(from_millis(last_seen) + settings.session_idle, from_millis(ends))
    here.data, here.delegation_id = _unsealed(here.key, data), delegation_id
    if here.expires <= clock.now():
        here.expired, here.subject = True, subject
        return here
    here.state = _reached(Access(state), charte, request.app.state.charte)
    here.subject, here.rpps, here.compte_id, here.name, here.level = subject, rpps, compte_id, name, level
    here.last_seen = from_millis(last_seen)
    return here


def _reached(state: Access, accepted: str | None, required: str) -> Access:
    """A charter published since the login closes the door again."""
    bound = state in (Access.SECRETARIAT, Access.MEDECIN, Access.STRUCTURE)
    return Access.CHARTE if bound and accepted != required else state


def _id_in_cookie(cookie: str | None) -> str | None:
    if not cookie:
        return None
    try:
        return _unsigned(cookie, keys().derivations("session"))
    except (BadSignature, UnicodeDecodeError):
        return None


@lru_cache(maxsize=1024)
def _unsigned(cookie: str, derived: tuple[bytes, ...]) -> str:
    """The id of a cookie, by nothing but its text and the ring's secrets; a forged one raises and is not kept."""
    return signer(derived, "session").unsign(cookie).decode("ascii")


def touch(here: Visit) -> bool:
    """True when the row's ``last_seen`` is old enough to be written again."""
    return here.last_seen is not None and clock.now() - here.last_seen >= TOUCH_EVERY


def mark_seen(here: Visit) -> None:
    """Note that the physician is still there (inside a transaction)."""
    Session.update(last_seen=clock.now()).where(Session.key == here.key).execute()


def put(request: Request, **values: Any) -> None:
    """Keep small values in the session, sealed; None removes one. Makes the row of a visitor's first value."""
    here = visit(request)
    data = {key: value for key, value in (here.data | values).items() if value is not None}
    if len(json.dumps(data, ensure_ascii=False)) > MAX_DATA:
        raise ValueError("too much for a session")
    here.data = data
    if not here.stored:
        _insert(request, here, Access.PUBLIC, charte=None)
    Session.update(data=_sealed(here.key, data)).where(Session.key == here.key).execute()


def login(request: Request, *, state: Access, subject: str, rpps: int | None, name: str, level: str,
          compte_id: int | None = None, charte: str | None = None, **values: Any) -> None:
    """Open a session for a person under a new id.

    What was typed before an expiry, and in whose place he acted, go along if it was the same person.
    """
    before = visit(request)
    kept = before.data.get("reprise")
    if kept and kept.get("subject") == subject:
        values["reprise"] = kept
    acting = before.delegation_id if before.subject == subject else None
    _purge()
    if before.stored:
        Session.delete().where(Session.key == before.key).execute()
    here = Visit(secrets.token_urlsafe(32), state, subject, rpps, compte_id, name, level, acting, fresh=True,
                 data=values)
    request.state.visit = here
    request.state.send_cookie = True
    _insert(request, here, state, charte)


def _insert(request: Request, here: Visit, state: Access, charte: str | None) -> None:
    settings: Settings = request.app.state.settings
    now = clock.now()
    Session.insert(
        key=here.key, created=now, last_seen=now, ends=now + settings.session_absolute, state=int(state),
        subject=here.subject, rpps=here.rpps, compte_id=here.compte_id, name=here.name, level=here.level,
        charte=charte, device=devices.name(request.headers.get("user-agent", "")),
        delegation_id=here.delegation_id, data=_sealed(here.key, here.data),
    ).execute()
    here.stored, here.last_seen = True, now
    here.expires = min(now + settings.session_idle, now + settings.session_absolute)
    request.state.send_cookie = True


def advance(request: Request, *, state: Access, charte: str | None, compte_id: int | None = None) -> None:
    """Move the present session on (account made, charter accepted)."""
    here = visit(request)
    here.state = state
    here.compte_id = compte_id or here.compte_id
    Session.update(state=int(state), charte=charte, compte_id=here.compte_id).where(Session.key == here.key).execute()


def act_for(request: Request, delegation_id: int | None) -> None:
    """Act in someone's place from now on (None: in one's own name again); every open form becomes stale.

    The session goes on under a new id: a cookie copied before acts in nobody's place.
    """
    here = visit(request)
    former, first = here.key, here.data.get(FIRST_ID, here.id)
    here.delegation_id, here.mandate, here.id = delegation_id, None, secrets.token_urlsafe(32)
    here.data = here.data | {FIRST_ID: first}
    Session.update(key=here.key, delegation_id=delegation_id, data=_sealed(here.key, here.data)).where(
        Session.key == former).execute()
    request.state.send_cookie = True


def logout(request: Request) -> None:
    """End the session at once: its row is deleted, its cookie is worthless."""
    Session.delete().where(Session.key == visit(request).key).execute()
    request.state.visit = Visit(secrets.token_urlsafe(32), fresh=True)
    request.state.drop_cookie = True


def finish(request: Request, response: Response) -> Response:
    """Send the cookie of a new session, or take it back after a logout."""
    settings: Settings = request.app.state.settings
    name = cookie_name(settings)
    if getattr(request.state, "drop_cookie", False):
        response.delete_cookie(name, path="/", secure=settings.secure, httponly=True, samesite="lax")
        response.headers["clear-site-data"] = '"cache", "storage"'
    elif getattr(request.state, "send_cookie", False):
        signed = keys().signer("session").sign(visit(request).id).decode()
        response.set_cookie(name, signed, path="/", secure=settings.secure, httponly=True, samesite="lax")
    return response


def _purge() -> None:
    """Delete the sessions that ended; a day later, for until then what was typed may still be asked for."""
    Session.delete().where(Session.ends < clock.now() - KEPT_AFTER_END).execute()


def _sealed(key: str, data: dict[str, Any]) -> bytes:
    return keys().seal(json.dumps(data), table="session", row=key, column="data")


def _unsealed(key: str, data: bytes | None) -> dict[str, Any]:
    if not data:
        return {}
    try:
        found: dict[str, Any] = json.loads(keys().open(data, table="session", row=key, column="data"))
    except SealBroken:
        return {}
    return found

