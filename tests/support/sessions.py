"""Opening a session straight in the database, for tests that are not about the login."""

from __future__ import annotations

import json
import secrets
from typing import Any

from portal import clock
from portal.compte.rules import CHARTE
from portal.db import database
from portal.db.base import db
from portal.db.crypto import keys
from portal.settings import Settings
from portal.web.session import Access, Session, Visit


def open_session(settings: Settings, rpps: int | None, name: str, *, state: Access = Access.MEDECIN,
                 compte_id: int | None = None, level: str = "cps", subject: str | None = None,
                 delegation_id: int | None = None, device: str = "Firefox, Linux", **data: Any) -> str:
    """Insert a session and return its cookie's value."""
    visit = Visit(secrets.token_urlsafe(32))
    now = clock.now()
    with database.writing():
        Session.insert(
            key=visit.key, created=now, last_seen=now, ends=now + settings.session_absolute, state=int(state),
            subject=subject or f"8{rpps}", rpps=rpps, compte_id=compte_id, name=name, level=level,
            charte=CHARTE.version, device=device, delegation_id=delegation_id,
            data=keys().seal(json.dumps(data), table="session", row=visit.key, column="data"),
        ).execute()
    return keys().signer("session").sign(visit.id).decode()


def kept_by(visit: Visit) -> dict[str, Any]:
    """What the row of a session keeps; nothing for a visitor without one."""
    closed = db.is_closed()
    database.connect()
    try:
        row = Session.get_or_none(Session.key == visit.key)
    finally:
        if closed:
            database.close()
    if row is None or not row.data:
        return {}
    found: dict[str, Any] = json.loads(keys().open(row.data, table="session", row=visit.key, column="data"))
    return found
