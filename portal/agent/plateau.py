"""The demonstration's reader: a tray of cards, of which one at most is in the reader."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from portal.agent.carte_demonstration import DemonstrationCard, Image
from portal.agent.errors import CardRemoved, MuteCard, NoCard, NoReader
from portal.agent.transport import Card, ReaderState

EMPTY, UNPLUGGED = "aucune", "debranche"


class Tray:
    """Thread-safe: a page changes the card while another one reads it.

    The first card lies in the reader at the start, as on a physician's desk.
    """

    notice = ""

    def __init__(self, images: Iterable[Image]) -> None:
        self.cards = {image.id: DemonstrationCard(image) for image in images}
        self._inserted = next(iter(self.cards), EMPTY)
        self._moves = 0
        self._guard = threading.RLock()
        self._exclusive = threading.Lock()

    @property
    def inserted(self) -> str:
        """The id of the card in the reader, or EMPTY, or UNPLUGGED."""
        with self._guard:
            return self._inserted

    def insert(self, name: str) -> None:
        """Put a card in by its id, or EMPTY, or UNPLUGGED; raises ValueError for another name.

        An exchange under way ends with CardRemoved, even when the same card comes back.
        """
        if name not in self.cards and name not in (EMPTY, UNPLUGGED):
            raise ValueError(name)
        with self._guard:
            self._moves += 1
            self._inserted = name
            for card in self.cards.values():
                card.reset()

    def state(self) -> ReaderState:
        with self._guard:
            if self._inserted == UNPLUGGED:
                return ReaderState.NO_READER
            if self._inserted == EMPTY:
                return ReaderState.NO_CARD
            mute = self.cards[self._inserted].image.mute
            return ReaderState.MUTE if mute else ReaderState.PRESENT

    def presence(self) -> str:
        with self._guard:
            return str(self._moves) if self._inserted in self.cards else ""

    def describe(self) -> list[str]:
        return ["Lecteur de démonstration", f"Carte insérée\u00a0: {self.inserted}"]

    def close(self) -> None:
        """Nothing is watched."""

    @contextmanager
    def connect(self) -> Iterator[Card]:
        with self._exclusive:
            with self._guard:
                state = self.state()
                if state is ReaderState.NO_READER:
                    raise NoReader
                if state is ReaderState.NO_CARD:
                    raise NoCard
                if state is ReaderState.MUTE:
                    raise MuteCard
                card, move = self.cards[self._inserted], self._moves
            try:
                yield _Connection(self, card, move)
            finally:
                with self._guard:
                    card.reset()

    def transmit(self, card: DemonstrationCard, move: int, command: bytes) -> bytes:
        """One command of the connection made at ``move``; raises CardRemoved if the reader changed since."""
        with self._guard:
            if self._moves != move:
                raise CardRemoved
            return card.transmit(command)


class _Connection:
    """A card as long as it stays in the reader."""

    def __init__(self, tray: Tray, card: DemonstrationCard, move: int) -> None:
        self._tray, self._card, self._move = tray, card, move

    @property
    def atr(self) -> bytes:
        return self._card.atr

    def transmit(self, command: bytes) -> bytes:
        return self._tray.transmit(self._card, self._move, command)
