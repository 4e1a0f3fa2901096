"""What a card and a reader are to the agent, whatever carries the bytes."""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager
from enum import Enum
from typing import Protocol

from portal.agent import apdu

log = logging.getLogger("portal.agent.apdu")


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

    def presence(self) -> str:
        """A word that changes each time a card or the reader itself comes or goes; empty without a card."""

    def connect(self) -> AbstractContextManager[Card]:
        """The card, for this block alone; at its end the card is reset and forgets the code.

        Raises MissingSupport, NoService, NoReader, NoCard, MuteCard or BusyCard.
        """

    def describe(self) -> list[str]:
        """What the diagnosis prints: version, readers and what is in them. Never raises."""

    def close(self) -> None:
        """Stop watching; nothing is asked of this reader afterwards."""


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
