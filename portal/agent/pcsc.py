"""Real readers, through the workstation's PC/SC service by pyscard: the only module that knows smartcard.

pyscard is imported when a reader is first wanted, so that the agent starts without it and says what to
install. Its low-level functions are used as they are: they give the service's own codes and leave no handle
behind for a destructor. Codes: [MS-RDPESC] §2.2.8 and pcsclite.h, as unsigned numbers.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from portal.agent.errors import (
    BusyCard,
    CardError,
    CardRemoved,
    MissingSupport,
    MuteCard,
    NoCard,
    NoReader,
    NoService,
    UnusableCard,
)
from portal.agent.pilotes import model, usable
from portal.agent.transport import Card, ReaderState

log = logging.getLogger("portal.agent.pcsc")

INSTALL = (
    "Il manque à ce programme le composant pyscard, qui dialogue avec les lecteurs. Installez-le sur ce poste "
    "(pip install pyscard), puis relancez le programme."
)
OK = 0
CONNECT_ERRORS: dict[int, type[CardError]] = {
    0x8010000C: NoCard, 0x80100069: NoCard,  # E_NO_SMARTCARD, W_REMOVED_CARD
    0x8010000B: BusyCard, 0x80100027: BusyCard,  # E_SHARING_VIOLATION, E_NO_ACCESS
    0x80100066: MuteCard, 0x80100067: MuteCard, 0x80100065: MuteCard,  # W_UNRESPONSIVE, _UNPOWERED, _UNSUPPORTED
    0x8010000F: MuteCard,  # E_PROTO_MISMATCH
    0x8010001D: NoService, 0x8010001E: NoService, 0x80100003: NoService,  # E_NO_SERVICE, _STOPPED, INVALID_HANDLE
    0x80100009: NoReader, 0x80100017: NoReader, 0x8010002E: NoReader,  # E_UNKNOWN_READER, _UNAVAILABLE, E_NO_READERS
}
# Once connected: the card, its power, its reader or the service went away.
GONE = (0x80100069, 0x8010000C, 0x80100068, 0x80100067, 0x80100017, 0x80100009, 0x8010001D, 0x8010001E, 0x80100003)
NO_READERS, UNKNOWN_READER = 0x8010002E, 0x80100009
WATCH_MILLISECONDS = 500
# How long the service may take to notice a card whose exchange just failed (it polls some readers).
NOTICE_MILLISECONDS = 800


@dataclass(frozen=True)
class Slot:
    """A reader as last seen; ``arrival`` changes whenever a card or the reader itself comes or goes."""

    name: str
    flags: int
    atr: bytes
    arrival: int = 0

    @property
    def identity(self) -> tuple[str, bool, bytes, int]:
        """What tells one card's stay from another: the high half of the flags counts the service's events."""
        return self.name, bool(self.flags & 0x20), self.atr, self.flags >> 16


class Pcsc:
    """The reader of this workstation that holds a CPS card, or the one whose name was asked for.

    ``only`` is part of a reader's name, upper or lower case; ``scard`` replaces pyscard's module in tests.
    Thread-safe.
    """

    def __init__(self, only: str = "", scard: Any = None) -> None:
        self._only = only
        self._scard = scard or _load()
        self._guard = threading.Lock()
        self._exclusive = threading.Lock()
        self._slots: dict[str, Slot] = {}
        self._changes = 0
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def notice(self) -> str:
        if self._scard is None:
            return INSTALL
        if not self._only:
            return ""
        try:
            slots = self._look()
        except CardError:
            return ""
        if self._among(slots):
            return ""
        names = ", ".join(slot.name for slot in slots) or "aucun"
        return f"Aucun lecteur ne porte le nom «\u00a0{self._only}\u00a0». Lecteurs vus\u00a0: {names}."

    def state(self) -> ReaderState:
        """What is there now; raises MissingSupport or NoService."""
        try:
            slot = self._chosen()
        except NoReader:
            return ReaderState.NO_READER
        except NoCard:
            return ReaderState.NO_CARD
        return ReaderState.MUTE if slot.flags & self._scard.SCARD_STATE_MUTE else ReaderState.PRESENT

    def presence(self) -> str:
        try:
            slot = self._chosen()
        except CardError:
            return ""
        return f"{slot.arrival}"

    @contextmanager
    def connect(self) -> Iterator[Card]:
        scard = self._scard
        with self._exclusive:
            slot = self._chosen()
            if slot.flags & scard.SCARD_STATE_MUTE:
                raise MuteCard
            with self._context() as context:
                code, handle, protocol = scard.SCardConnect(
                    context, slot.name, scard.SCARD_SHARE_EXCLUSIVE, scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1)
                _check(code, "connect")
                try:
                    yield _Connection(scard, context, handle, protocol, slot)
                finally:
                    # The reset makes the card forget the code.
                    scard.SCardDisconnect(handle, scard.SCARD_RESET_CARD)

    def describe(self) -> list[str]:
        if self._scard is None:
            return ["pyscard\u00a0: absent (pip install pyscard)"]
        lines = [f"pyscard\u00a0: {_version()}"]
        try:
            slots = self._look()
        except NoService:
            return [*lines, "Service des cartes à puce\u00a0: arrêté ou absent"]
        except CardError as error:
            return [*lines, f"Lecteurs\u00a0: {error}"]
        lines.append(f"Lecteurs\u00a0: {len(slots)}")
        kept = self._among(slots)
        for slot in slots:
            lines.append(f"  {slot.name}\u00a0: {self._content(slot)}" + ("" if slot in kept else " (non choisi)"))
        return lines

    def watch(self) -> None:
        """Follow readers and cards in a thread, so that no short absence goes unnoticed."""
        if self._scard is not None and self._thread is None:
            self._thread = threading.Thread(target=self._follow, name="pcsc", daemon=True)
            self._thread.start()

    def close(self) -> None:
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _follow(self) -> None:
        while not self._stopped.is_set():
            try:
                with self._context() as context:
                    while not self._stopped.is_set():
                        slots = self._note(self._states(context))
                        if not slots:
                            self._stopped.wait(WATCH_MILLISECONDS / 1000)
                            continue
                        known = [(slot.name, slot.flags) for slot in slots]
                        self._scard.SCardGetStatusChange(context, WATCH_MILLISECONDS, known)
            except CardError:
                # The service stopped, or is not there yet: it may come back.
                self._stopped.wait(WATCH_MILLISECONDS / 1000)

    def _content(self, slot: Slot) -> str:
        if slot.flags & self._scard.SCARD_STATE_MUTE:
            return "carte muette"
        if not slot.flags & self._scard.SCARD_STATE_PRESENT:
            return "vide"
        found = model(slot.atr)
        return f"carte {found.name if found else 'qui n’est pas une CPS'}, ATR {slot.atr.hex(' ').upper()}"

    def _chosen(self) -> Slot:
        """The reader to use: with a CPS first, else with any card. Raises NoReader, NoCard and NoService."""
        slots = self._among(self._look())
        if not slots:
            raise NoReader
        filled = [slot for slot in slots if slot.flags & self._scard.SCARD_STATE_PRESENT]
        if not filled:
            raise NoCard
        return next((slot for slot in filled if usable(slot.atr)), filled[0])

    def _among(self, slots: list[Slot]) -> list[Slot]:
        return [slot for slot in slots if self._only.casefold() in slot.name.casefold()]

    def _look(self) -> list[Slot]:
        if self._scard is None:
            raise MissingSupport(INSTALL)
        with self._context() as context:
            return self._note(self._states(context))

    def _states(self, context: Any) -> list[Slot]:
        code, names = self._scard.SCardListReaders(context, [])
        if _unsigned(code) == NO_READERS or not names:
            return []
        _check(code, "list readers")
        asked = [(name, self._scard.SCARD_STATE_UNAWARE) for name in names]
        code, states = self._scard.SCardGetStatusChange(context, 0, asked)
        if _unsigned(code) == UNKNOWN_READER:
            return []  # unplugged between the two questions
        _check(code, "reader states")
        return [Slot(name, flags & ~self._scard.SCARD_STATE_CHANGED, _bytes(atr)) for name, flags, atr in states]

    def _note(self, slots: list[Slot]) -> list[Slot]:
        """Give each reader the number of its last change, and remember them."""
        with self._guard:
            noted = []
            for slot in slots:
                before = self._slots.get(slot.name)
                if before is None or before.identity != slot.identity:
                    self._changes += 1
                    log.debug("changement %s : %s", self._changes, slot.name)
                arrival = self._changes if before is None or before.identity != slot.identity else before.arrival
                noted.append(Slot(slot.name, slot.flags, slot.atr, arrival))
            self._slots = {slot.name: slot for slot in noted}
            return noted

    @contextmanager
    def _context(self) -> Iterator[Any]:
        code, context = self._scard.SCardEstablishContext(self._scard.SCARD_SCOPE_USER)
        _check(code, "establish context")
        try:
            yield context
        finally:
            self._scard.SCardReleaseContext(context)


class _Connection:
    """A card as long as it stays in its reader."""

    def __init__(self, scard: Any, context: Any, handle: Any, protocol: int, slot: Slot) -> None:
        self._scard, self._context, self._handle, self._slot = scard, context, handle, slot
        self._t0 = protocol == scard.SCARD_PROTOCOL_T0
        self._header = scard.SCARD_PCI_T0 if self._t0 else scard.SCARD_PCI_T1
        code, _reader, _state, _protocol, atr = scard.SCardStatus(handle)
        self.atr = _bytes(atr) if _unsigned(code) == OK else slot.atr

    def transmit(self, command: bytes) -> bytes:
        sent = _t0(command) if self._t0 else command
        code, answer = self._scard.SCardTransmit(self._handle, self._header, list(sent))
        code = _unsigned(code)
        # An answer too short to hold a status is some drivers' way to say that the card went away.
        if code == OK and len(answer) >= 2:
            return _bytes(answer)
        if code in GONE or self._left():
            raise CardRemoved
        raise UnusableCard(f"transmit: {code:08X}, {len(answer)} bytes")

    def _left(self) -> bool:
        """Whether the card goes away now: a failed exchange is often the first sign of it."""
        flags = self._slot.flags
        # The first answer comes at once (this connection itself has changed the flags), the second on a change.
        for wait, known in ((0, self._scard.SCARD_STATE_UNAWARE), (NOTICE_MILLISECONDS, None)):
            asked = [(self._slot.name, flags if known is None else known)]
            code, states = self._scard.SCardGetStatusChange(self._context, wait, asked)
            if _unsigned(code) == OK and states:
                flags = states[0][1] & ~self._scard.SCARD_STATE_CHANGED
            if not flags & self._scard.SCARD_STATE_PRESENT or flags >> 16 != self._slot.flags >> 16:
                return True
        return False


def _t0(command: bytes) -> bytes:
    """A command as T=0 carries it (ISO/IEC 7816-3 §12.2): P3 always, no Le after data."""
    if len(command) == 4:
        return command + b"\x00"
    return command[:-1] if len(command) == 6 + command[4] else command


def _check(code: int, what: str) -> None:
    """Raise the error that a service's answer stands for."""
    code = _unsigned(code)
    if code != OK:
        raise CONNECT_ERRORS.get(code, UnusableCard)(f"{what}: {code:08X}")


def _unsigned(code: int) -> int:
    # Windows gives these codes as negative numbers.
    return code & 0xFFFFFFFF


def _bytes(numbers: Any) -> bytes:
    return bytes(number & 0xFF for number in numbers)


def _load() -> Any:
    try:
        return importlib.import_module("smartcard.scard")
    except ImportError:
        return None


def _version() -> str:
    try:
        return importlib.metadata.version("pyscard")
    except importlib.metadata.PackageNotFoundError:
        return "version inconnue"
