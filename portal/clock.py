"""The only clock: all code asks it, so that tests can stop it or move it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")

_frozen: datetime | None = None
_shift = timedelta()


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return (_frozen or datetime.now(UTC)) + _shift


def today() -> date:
    """The present day where the physicians live (Europe/Paris)."""
    return now().astimezone(PARIS).date()


@contextmanager
def freeze(at: datetime) -> Iterator[None]:
    """Stop the clock at an aware instant, for tests and for reproducible screenshots."""
    global _frozen
    before, _frozen = _frozen, at.astimezone(UTC)
    try:
        yield
    finally:
        _frozen = before


@contextmanager
def shift(by: timedelta) -> Iterator[None]:
    """Move the clock by a duration, for tests of delays and expiry."""
    global _shift
    before, _shift = _shift, _shift + by
    try:
        yield
    finally:
        _shift = before
