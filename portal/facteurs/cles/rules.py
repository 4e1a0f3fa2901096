"""Where passkeys work, their limits, and why one is refused. Standard library only."""

from __future__ import annotations

import ipaddress
from datetime import timedelta
from enum import Enum
from urllib.parse import urlsplit

MAX_KEYS = 5
MAX_NAME = 40
CHALLENGE_BYTES = 32
CHALLENGE_LIFE = timedelta(minutes=5)
MAX_CREDENTIAL_ID = 1023  # WebAuthn level 2, section 5.8.3


class Reason(Enum):
    """Why an authenticator's answer is refused."""

    SANS_SCRIPT = "sans-script"
    ILLISIBLE = "illisible"
    REJOUE = "rejoue"
    EXPIRE = "expire"
    ORIGINE = "origine"
    DOMAINE = "domaine"
    SANS_VERIFICATION = "sans-verification"
    INCONNUE = "inconnue"
    SIGNATURE = "signature"
    COMPTEUR = "compteur"
    DEJA_LA = "deja-la"


class Refused(Exception):
    """An authenticator's answer that proves nothing."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


def domain(origin: str) -> str | None:
    """The host that passkeys are bound to (WebAuthn's RP ID), or None where browsers allow none.

    A browser makes no passkey for an IP address, nor over http but for ``localhost``.
    """
    parts = urlsplit(origin)
    host = parts.hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host if host and (parts.scheme == "https" or host == "localhost") else None
    return None


def went_back(stored: int, sent: int) -> bool:
    """True when a counter did not grow: two devices hold the same key. Passkeys that count nothing stay at 0."""
    return (stored > 0 or sent > 0) and sent <= stored
