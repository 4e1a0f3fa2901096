"""What can go wrong between the agent and a card; each has its own page."""

from __future__ import annotations


class CardError(Exception):
    """Anything a reader or a card does that prevents a login."""


class NoReader(CardError):
    """No reader is connected to this workstation."""


class NoCard(CardError):
    """The reader is empty."""


class MuteCard(CardError):
    """A card is there, but does not answer to reset: damaged, or put in the wrong way round."""


class CardRemoved(CardError):
    """The card left the reader during the exchange."""


class UnusableCard(CardError):
    """The card answers, but is no CPS3 or says something that makes no sense."""


class LockedCard(CardError):
    """No try is left: the card refuses every code until it is unlocked."""


class LastTry(CardError):
    """One try is left and the holder has not said that he knows; no code was sent to the card."""


class WrongPin(CardError):
    """The card refused the code and has ``tries`` left (at least one)."""

    def __init__(self, tries: int) -> None:
        super().__init__(f"{tries} tries left")
        self.tries = tries
