"""Hashing passwords: argon2id with the OWASP parameters (19 MiB, two passes, one lane)."""

from __future__ import annotations

from functools import lru_cache

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from portal.compte.rules import MAX_PASSWORD, normalised


def costly() -> PasswordHasher:
    """A hasher whose every guess takes 19 MiB and some 25 ms."""
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)


_HASHER = costly()


def hashed(password: str) -> str:
    """The hash to store, with its parameters and salt."""
    return _HASHER.hash(normalised(password))


def matches(stored: str | None, password: str) -> bool:
    """True for the right password; an unknown account (None) takes as long as a wrong password."""
    if len(password) > 4 * MAX_PASSWORD:
        return False
    try:
        return _HASHER.verify(stored or _decoy(), normalised(password)) and bool(stored)
    except (VerificationError, InvalidHashError):
        return False


@lru_cache(maxsize=1)
def _decoy() -> str:
    return _HASHER.hash("personne n’a ce mot de passe")
