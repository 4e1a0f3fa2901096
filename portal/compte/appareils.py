"""The browsers an account is opened from: a mail tells its holder of one that it has not seen before.

The cookie holds a random number and nothing else; the table a hash of it with the account, so that it neither
opens anything nor tells which accounts share a browser.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from itsdangerous import BadSignature
from starlette.requests import Request
from starlette.responses import Response

from portal import clock
from portal.compte import courriels
from portal.compte.models import Appareil, Compte
from portal.compte.presenters import LEVELS
from portal.db import outbox
from portal.db.crypto import keys
from portal.settings import Settings
from portal.web import devices

PURPOSE = "appareil"
LIFE = timedelta(days=400)  # the longest that browsers keep a cookie (RFC 6265bis)


def note_device(request: Request, compte: Compte, level: str) -> None:
    """Note the browser of a login (``level``: a word of ``session.STRENGTH``), inside its transaction.

    Mails the holder when the account knows browsers and this is none of them. ``remember`` then gives the
    browser its cookie.
    """
    known = _of_browser(request)
    device = known or secrets.token_urlsafe(16)
    now = clock.now()
    Appareil.delete().where(Appareil.compte_id == compte.id, Appareil.used < now - LIFE).execute()
    own = Appareil.select().where(Appareil.compte_id == compte.id)
    fingerprint = hashlib.sha256(f"{compte.id}:{device}".encode()).hexdigest()
    if not own.where(Appareil.hash == fingerprint).exists():
        if own.exists():
            settings: Settings = request.app.state.settings
            name = devices.name(request.headers.get("user-agent", ""))
            outbox.send(compte.email, *courriels.new_device(
                settings, compte.name, at=now, device=name, level=LEVELS.get(level, level)))
        Appareil.insert(compte_id=compte.id, hash=fingerprint, created=now, used=now).execute()
    Appareil.update(used=now).where(Appareil.compte_id == compte.id, Appareil.hash == fingerprint).execute()
    request.state.appareil = device


def remember(request: Request, response: Response) -> Response:
    """Give the browser of a login its cookie, or prolong it; the answer of any other request stays as it is."""
    device: str | None = getattr(request.state, "appareil", None)
    if device:
        signed = keys().signer(PURPOSE).sign(device).decode()
        secure = _settings(request).secure
        response.set_cookie(_cookie(request), signed, max_age=int(LIFE.total_seconds()), path="/", secure=secure,
                            httponly=True, samesite="lax")
    return response


def _of_browser(request: Request) -> str | None:
    cookie = request.cookies.get(_cookie(request))
    if not cookie:
        return None
    try:
        return keys().signer(PURPOSE).unsign(cookie).decode("ascii")
    except (BadSignature, UnicodeDecodeError):
        return None


def _cookie(request: Request) -> str:
    return "__Host-appareil" if _settings(request).secure else "appareil"


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings
