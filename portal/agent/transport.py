"""What a card and a reader are to the agent, whatever carries the bytes."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from enum import Enum
from typing import Protocol

from portal.agent import apdu
from portal.agent.errors import NoReader

log = logging.getLogger("portail.agent.apdu")


class ReaderState(Enum):
    """What the reader sees, before anything is asked of the card."""

    NO_READER = "no reader"
    NO_CARD = "no card"
    MUTE = "mute card"
    PRESENT = "card present"


class Card(Protocol):
    """A card that answered to reset."""

    @property
    def atr(self) -> bytes:
        """The answer to reset."""

    def transmit(self, command: bytes) -> bytes:
        """Send one command APDU and return the response with its status; raises CardRemoved."""


class Reader(Protocol):
    """Where a card is put."""

    @property
    def notice(self) -> str:
        """A French sentence on what this reader can't do; empty when there is nothing to say."""

    def state(self) -> ReaderState:
        """What is there now."""

    def connect(self) -> AbstractContextManager[Card]:
        """The card, for this block alone; at its end the card is reset and forgets the code.

        Raises NoReader, NoCard or MuteCard.
        """


class TracedCard:
    """A card whose exchanges are logged, codes masked."""

    def __init__(self, card: Card) -> None:
        self._card = card

    @property
    def atr(self) -> bytes:
        return self._card.atr

    def transmit(self, command: bytes) -> bytes:
        received = self._card.transmit(command)
        log.debug("%s", apdu.trace(command, received))
        return received


class MissingReader:
    """The reader of a version that has no PC/SC transport: never there, and says why."""

    notice = (
        "Cette version du programme ne sait pas encore dialoguer avec un lecteur réel (PC/SC)\u00a0: "
        "seules les cartes de démonstration fonctionnent."
    )

    def state(self) -> ReaderState:
        return ReaderState.NO_READER

    @contextmanager
    def connect(self) -> Iterator[Card]:
        raise NoReader
        yield  # makes this a context manager like the others
