"""Closing an account to every login: a stolen card whose revocation is not yet published, a doubt."""

from __future__ import annotations

from portal import clock
from portal.compte.models import Compte
from portal.db import audit
from portal.web import opened


def find(text: str) -> Compte | None:
    """The account of an RPPS number or an e-mail address, as the support types it."""
    typed = text.strip().lower()
    by_number = Compte.rpps == int(typed) if typed.isascii() and typed.isdigit() else None
    return Compte.get_or_none(Compte.email == typed if by_number is None else by_number)


def block(compte: Compte) -> int:
    """Refuse every login to this account and end its sessions at once; returns how many were open."""
    Compte.update(blocked_at=clock.now()).where(Compte.id == compte.id).execute()
    audit.record(audit.SYSTEM, "compte.bloque", detail=compte.subject)
    return opened.close_all(compte.id)


def unblock(compte: Compte) -> None:
    """Let its holder log in again."""
    Compte.update(blocked_at=None).where(Compte.id == compte.id).execute()
    audit.record(audit.SYSTEM, "compte.debloque", detail=compte.subject)
