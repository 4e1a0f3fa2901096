"""Questions about an account's passkeys."""

from __future__ import annotations

import hashlib

from portal.facteurs.cles.models import Cle
from portal.facteurs.cles.rules import domain
from portal.settings import Settings


def keys_of(compte_id: int) -> list[Cle]:
    """The passkeys of an account, oldest first."""
    return list(Cle.select().where(Cle.compte_id == compte_id).order_by(Cle.created, Cle.key))


def count(compte_id: int) -> int:
    """How many passkeys an account has."""
    return int(Cle.select().where(Cle.compte_id == compte_id).count())


def usable(compte_id: int | None, settings: Settings) -> bool:
    """True when this account has a passkey and browsers can use it at this portal's address."""
    return compte_id is not None and domain(settings.origin) is not None and count(compte_id) > 0


def key(compte_id: int, name: str) -> Cle | None:
    """One passkey of this account by the hash of its id; None for any other's."""
    return Cle.get_or_none(Cle.compte_id == compte_id, Cle.key == name)


def hash_of(credential: bytes) -> str:
    """The name under which a credential id is stored and found."""
    return hashlib.sha256(credential).hexdigest()
