"""Which driver speaks to which card: one table of answers to reset.

Source: ansforge/dops-cryptolib (card-cps.c): values, and masks whose zero bits differ from card to card.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from portal.agent.cps3 import Cps3
from portal.agent.cps4 import Cps4
from portal.agent.errors import ContactlessCard, ForeignCard
from portal.agent.pkcs15 import Pkcs15
from portal.agent.transport import Card, Reader, TracedCard


@dataclass(frozen=True)
class Model:
    """A kind of card; ``driver`` is None for one that can't be used for a login."""

    name: str
    atr: bytes
    mask: bytes
    driver: type[Pkcs15] | None

    def matches(self, atr: bytes) -> bool:
        """Whether this answer to reset is one of these cards'."""
        return len(atr) == len(self.atr) and all(
            (got ^ known) & mask == 0 for got, known, mask in zip(atr, self.atr, self.mask, strict=True))


def _model(name: str, atr: str, driver: type[Pkcs15] | None, mask: str = "") -> Model:
    value = bytes.fromhex(atr)
    return Model(name, value, bytes.fromhex(mask) or b"\xff" * len(value), driver)


# Whole values first: the CPS3's mask also covers the CPS4 that speaks T=0 only.
MODELS = (
    _model("CPS4", "3B9B188001001225006480040100009044", Cps4),
    _model("CPS4, préversion", "3B9B188001001225006480000401009044", Cps4),
    _model("CPS4, préversion T=0", "3BDC18FF00001225006480000401009000", Cps4),
    _model("CPS3", "3BAC00402A001225006480000310009000", Cps3, "FF00000000FFFFFFFFFFFF000000FFFFFF"),
    _model("CPS3 sans contact", "3B8F80010031B86404B0ECC173940180829000" + "0E", None,
           "FFFFFFFFFFFFFFFF0000FFC0FFFFFFFFFFFFFFFF"),
)


def model(atr: bytes) -> Model | None:
    """The kind of card that answers so to reset; None for a card that is no CPS."""
    return next((one for one in MODELS if one.matches(atr)), None)


def usable(atr: bytes) -> bool:
    """Whether this is a CPS put in by its contacts."""
    found = model(atr)
    return found is not None and found.driver is not None


def driver_for(card: Card) -> Pkcs15:
    """The driver of this card; raises ForeignCard or ContactlessCard before anything is sent to it."""
    found = model(card.atr)
    if found is None:
        raise ForeignCard("not the answer to reset of a CPS")
    if found.driver is None:
        raise ContactlessCard("a CPS on the contactless side")
    return found.driver(card)


class CardSource:
    """Drivers for the cards of a reader (see ``preuve.Source``)."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    @property
    def notice(self) -> str:
        return self.reader.notice

    def presence(self) -> str:
        return self.reader.presence()

    @contextmanager
    def open(self) -> Iterator[Pkcs15]:
        with self.reader.connect() as card:
            yield driver_for(TracedCard(card))

    def describe(self) -> list[str]:
        return self.reader.describe()

    def close(self) -> None:
        self.reader.close()
