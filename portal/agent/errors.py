"""What can go wrong between the agent and a card; each has its own page."""

from __future__ import annotations


class CardError(Exception):
    """Anything a reader or a card does that prevents a login."""


class MissingSupport(CardError):
    """This installation lacks the library that speaks to readers."""


class NoService(CardError):
    """The workstation's smart card service does not answer."""


class NoReader(CardError):
    """No reader is connected to this workstation."""


class NoCard(CardError):
    """The reader is empty."""


class MuteCard(CardError):
    """A card is there, but does not answer to reset: damaged, or put in the wrong way round."""


class BusyCard(CardError):
    """Another program holds the card."""


class CardRemoved(CardError):
    """The card left the reader during the exchange."""


class SwappedCard(CardError):
    """The card is not the one that lay there when the code was asked; no code was sent to it."""


class UnusableCard(CardError):
    """The card answers, but says something that makes no sense."""


class ForeignCard(UnusableCard):
    """The card's answer to reset is none of a CPS: a Vitale card, a bank card, a test model."""


class ContactlessCard(UnusableCard):
    """A CPS laid on the contactless side of a reader, where it authenticates nobody."""


class LockedCard(CardError):
    """No try is left: the card refuses every code until it is unlocked."""


class LastTry(CardError):
    """One try is left and the holder has not said that he knows; no code was sent to the card."""


class WrongPin(CardError):
    """The card refused the code and has ``tries`` left (at least one), or None where nothing tells how many."""

    def __init__(self, tries: int | None) -> None:
        super().__init__(f"{tries} tries left")
        self.tries = tries
