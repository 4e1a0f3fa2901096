"""The one request that may be pending: which site asks, what to sign, for how long."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

LIFE_SECONDS = 120
REMEMBERED = 50


class End(Enum):
    """Why a request can't be used any more."""

    REPLACED = "replaced"
    EXPIRED = "expired"
    USED = "used"
    UNKNOWN = "unknown"


class Gone(Exception):
    """The jeton shown opens nothing; ``end`` says why."""

    def __init__(self, end: End) -> None:
        super().__init__(end.value)
        self.end = end


@dataclass
class Demande:
    """A site's request; ``jeton`` is the one-time word that the page shown last must give back."""

    origin: str
    nonce: bytes
    expires: float
    jeton: str
    # The card that lay in the reader when the code was asked (see preuve.Source.presence); empty: not asked.
    presence: str = ""


class Demandes:
    """Holds one request; a second one replaces it. Thread-safe."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._current: Demande | None = None
        self._ended: OrderedDict[str, End] = OrderedDict()

    def open(self, origin: str, nonce: bytes) -> Demande:
        """A new request in the place of any other."""
        with self._lock:
            if self._current:
                self._end(self._current.jeton, End.REPLACED)
            self._current = Demande(origin, nonce, self._clock() + LIFE_SECONDS, _word())
            return self._current

    def take(self, jeton: str) -> Demande:
        """The request of this jeton, which is spent; raises Gone."""
        with self._lock:
            current = self._current
            if current is None or not secrets.compare_digest(current.jeton.encode(), jeton.encode()):
                raise Gone(self._ended.get(jeton, End.UNKNOWN))
            self._end(jeton, End.USED)
            current.jeton = _word()
            if self._clock() > current.expires:
                self._current = None
                raise Gone(End.EXPIRED)
            return current

    def still(self, demande: Demande) -> Demande:
        """The request that was taken, to be shown again; raises Gone when another one replaced it."""
        with self._lock:
            if demande is not self._current:
                raise Gone(End.REPLACED)
            return demande

    def finish(self, demande: Demande) -> None:
        """The request is answered or given up; raises Gone when another one replaced it meanwhile."""
        with self._lock:
            if demande is not self._current:
                raise Gone(End.REPLACED)
            self._current = None

    def _end(self, jeton: str, end: End) -> None:
        self._ended[jeton] = end
        while len(self._ended) > REMEMBERED:
            self._ended.popitem(last=False)


def _word() -> str:
    return secrets.token_urlsafe(24)
