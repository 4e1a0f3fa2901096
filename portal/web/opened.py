"""The open sessions of an account: to list them and to close them at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request

from portal import clock
from portal.settings import Settings
from portal.web.session import Session, visit


@dataclass(frozen=True)
class Opened:
    """One open session; ``key`` names it in a form without opening it, ``here`` is the asker's own."""

    key: str
    created: datetime
    last_seen: datetime
    level: str
    device: str
    here: bool


def of_account(request: Request, compte_id: int) -> list[Opened]:
    """The sessions of this account that still open a page, the latest used first."""
    settings: Settings = request.app.state.settings
    now, here = clock.now(), visit(request).key
    found = (Session.select()
             .where(Session.compte_id == compte_id, Session.ends > now,
                    Session.last_seen > now - settings.session_idle)
             .order_by(Session.last_seen.desc(), Session.key))
    return [Opened(row.key, row.created, row.last_seen, row.level, row.device, row.key == here) for row in found]


def close(key: str, compte_id: int) -> bool:
    """End one session of this account; False when it is not one, or has ended already."""
    return bool(Session.delete().where(Session.key == key, Session.compte_id == compte_id).execute())


def close_others(request: Request) -> int:
    """End every session of the asker's account but his present one; returns how many."""
    here = visit(request)
    return int(Session.delete().where(Session.compte_id == here.compte_id, Session.key != here.key).execute())


def close_others_of(request: Request, subject: str) -> int:
    """End every session of a person without an account, but one that asks for it itself; returns how many."""
    return int(Session.delete().where(Session.subject == subject, Session.key != visit(request).key).execute())


def close_all(compte_id: int) -> int:
    """End every session of an account (its password was set anew); returns how many."""
    return int(Session.delete().where(Session.compte_id == compte_id).execute())
