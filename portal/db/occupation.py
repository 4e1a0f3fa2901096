"""Who uses the data folder: a running portal holds it, and a restore goes ahead only when nobody does.

A lock of the kernel on a file (flock): it ends with its holder, however that died. It knows the portals of this
machine; those of another one on the same PostgreSQL are seen by their connections.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from portal.settings import Settings

NAME = "en-marche.verrou"


class Busy(Exception):
    """A portal is running on this data folder."""


@contextmanager
def held(settings: Settings, *, alone: bool = False) -> Iterator[None]:
    """Hold the data folder with others, or ``alone``; raises Busy at once when it can't be had so."""
    settings.data.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(settings.data / NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except OSError as error:
            raise Busy() from error
        yield
    finally:
        os.close(descriptor)
