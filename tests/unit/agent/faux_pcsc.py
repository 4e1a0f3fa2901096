"""pyscard's low-level module (``smartcard.scard``) in memory: a service, readers, and what lies in them."""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass, field
from typing import Any, Protocol

NO_SERVICE, NO_READERS, NO_CARD, SHARING, MUTE = 0x8010001D, 0x8010002E, 0x8010000C, 0x8010000B, 0x80100066
TIMEOUT, REMOVED, NOT_TRANSACTED, UNKNOWN_READER = 0x8010000A, 0x80100069, 0x80100016, 0x80100009
# Success with an empty answer, as some drivers report a card that is pulled out.
EMPTY = -1
READER = "Lecteur de table 00 00"


class Card(Protocol):
    """What is put in a reader."""

    atr: bytes

    def reset(self) -> None:
        """Forget the code."""

    def transmit(self, raw: bytes) -> bytes:
        """Answer one command."""


@dataclass
class Slot:
    """One reader; ``events`` counts what came and went, as the real service does."""

    card: Card | None = None
    mute: bool = False
    held: bool = False
    events: int = 0


@dataclass
class FauxScard:
    """Answers as pcsc-lite does; ``t0`` tells the protocol of cards, ``windows`` gives codes as Windows does."""

    service: bool = True
    t0: bool = True
    windows: bool = False
    slots: dict[str, Slot] = field(default_factory=lambda: {READER: Slot()})
    sent: list[bytes] = field(default_factory=list)
    modes: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    contexts: set[int] = field(default_factory=set)
    # Called before each command reaches the card: a code of the service instead of an answer, or 0.
    before: Any = None

    SCARD_SCOPE_USER, SCARD_SHARE_EXCLUSIVE, SCARD_RESET_CARD = 0, 1, 1
    SCARD_PROTOCOL_T0, SCARD_PROTOCOL_T1, SCARD_PCI_T0, SCARD_PCI_T1 = 1, 2, 1, 2
    SCARD_STATE_UNAWARE, SCARD_STATE_CHANGED, SCARD_STATE_PRESENT, SCARD_STATE_MUTE = 0, 2, 0x20, 0x200

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)
        self._handles: dict[int, tuple[str, int]] = {}
        self.moved = threading.Condition()

    def insert(self, card: Card | None, name: str = READER, *, mute: bool = False) -> None:
        """Put a card in, or None to take it out."""
        with self.moved:
            slot = self.slots[name]
            slot.card, slot.mute, slot.events = card, mute, slot.events + 1
            if card:
                card.reset()
            self.moved.notify_all()

    def unplug(self, name: str = READER) -> Slot:
        """Take a reader away; it comes back with ``plug``."""
        with self.moved:
            slot = self.slots.pop(name)
            self.moved.notify_all()
            return slot

    def plug(self, slot: Slot, name: str = READER) -> None:
        """Bring a reader, as it was."""
        with self.moved:
            self.slots[name] = slot

    def _code(self, code: int) -> int:
        return code - 2**32 if code and self.windows else code

    def SCardEstablishContext(self, scope: int) -> tuple[int, int]:
        if not self.service:
            return self._code(NO_SERVICE), 0
        self.contexts.add(number := next(self._numbers))
        return 0, number

    def SCardReleaseContext(self, context: int) -> int:
        self.contexts.discard(context)
        return 0

    def SCardListReaders(self, context: int, groups: list[str]) -> tuple[int, list[str]]:
        if not self.service:
            return self._code(NO_SERVICE), []
        return (0, list(self.slots)) if self.slots else (self._code(NO_READERS), [])

    def SCardGetStatusChange(self, context: int, wait: int, asked: list[Any]) -> tuple[int, list[Any]]:
        if not self.service:
            return self._code(NO_SERVICE), []
        with self.moved:
            before = {name: known & ~2 for name, known in asked}
            if not set(before) <= set(self.slots):
                return self._code(UNKNOWN_READER), []
            if before == {name: self._flags(name) for name in before} and wait:
                self.moved.wait(wait / 1000)
            if not set(before) <= set(self.slots):
                return self._code(UNKNOWN_READER), []
            found = [(name, self._flags(name) | 2, list(self._atr(name))) for name in before]
        same = all(before[name] == flags & ~2 for name, flags, _atr in found)
        return self._code(TIMEOUT) if same else 0, found

    def _flags(self, name: str) -> int:
        slot = self.slots[name]
        busy = 0x180 if any(where == name for where, _ in self._handles.values()) else 0
        return (0x20 if slot.card or slot.mute else 0x10) | (0x200 if slot.mute else 0) | busy | slot.events << 16

    def _atr(self, name: str) -> bytes:
        card = self.slots[name].card
        return card.atr if card else b""

    def SCardConnect(self, context: int, name: str, mode: int, protocols: int) -> tuple[int, int, int]:
        slot = self.slots[name]
        self.modes.append(mode)
        taken = slot.held or any(where == name for where, _ in self._handles.values())
        code = SHARING if taken else MUTE if slot.mute else NO_CARD if slot.card is None else 0
        if code:
            return self._code(code), 0, 0
        self._handles[number := next(self._numbers)] = (name, slot.events)
        return 0, number, 1 if self.t0 else 2

    def SCardStatus(self, handle: int) -> tuple[int, str, int, int, list[int]]:
        name, _events = self._handles[handle]
        return 0, name, 0, 1, list(self._atr(name))

    def SCardTransmit(self, handle: int, header: int, command: list[int]) -> tuple[int, list[int]]:
        raw = bytes(command)
        self.sent.append(raw)
        failure = self.before(raw) if self.before else 0
        if failure:
            return self._code(0 if failure == EMPTY else failure), []
        name, events = self._handles[handle]
        slot = self.slots[name]
        if slot.card is None or slot.events != events:
            return self._code(REMOVED), []
        # Windows' and older pyscard's bytes may come signed.
        return 0, [byte - 256 if byte > 127 and self.windows else byte for byte in slot.card.transmit(raw)]

    def SCardDisconnect(self, handle: int, end: int) -> int:
        self.ends.append(end)
        name, events = self._handles.pop(handle)
        slot = self.slots[name]
        if slot.card and slot.events == events:
            slot.card.reset()
        return 0
