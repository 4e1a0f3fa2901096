"""How a card answers commands (ISO/IEC 7816-4), and what a CPS3 and a CPS4 do differently."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

from portal.agent.tlv import TlvError, encode, find, parse
from tests.carte_virtuelle import fichiers
from tests.carte_virtuelle.personne import Key, Personne

OK, END_OF_FILE = 0x9000, 0x6282
WRONG_LENGTH, NOT_ALLOWED, LOCKED, NO_FILE = 0x6700, 0x6982, 0x6983, 0x6986
CONDITIONS, WRONG_DATA, NOT_FOUND, NO_OBJECT = 0x6985, 0x6A80, 0x6A82, 0x6A88
WRONG_OFFSET, UNKNOWN, WRONG_CLASS = 0x6B00, 0x6D00, 0x6E00
PIN, TRIES = 0x01, 3
# A CPS gives at most this much in one answer to READ BINARY (dops-cryptolib, card-cps3.c).
MOST_READ = 0xE7
CHAINED = 0x10

Answer = tuple[bytes, int]


@dataclass(frozen=True)
class Command:
    """A parsed command; ``expected`` is None when no answer's data are asked for."""

    ins: int
    p1: int
    p2: int
    data: bytes
    expected: int | None


class Carte(ABC):
    """What both generations share. Tries survive a reset and a removal; the rest does not."""

    atr: bytes
    cla: int
    # True: the protocol is T=0, where Le of a command with data is lost on the way.
    one_way: bool
    authentication_key: int
    signature_key: int

    def __init__(self, personne: Personne) -> None:
        self.personne = personne
        self.tries = personne.tries
        self.files = fichiers.tree(personne, self.authentication_key, self.signature_key)
        self.seen: list[int] = []
        self.reset()

    def reset(self) -> None:
        """Power was cut, or the card reset: no file, no key, no code."""
        self.verified = False
        self.directory = fichiers.MF
        self.file: bytes | None = None
        self.key: Key | None = None
        self._chain = self._waiting = b""

    def transmit(self, raw: bytes) -> bytes:
        """Answer one command."""
        if len(raw) < 4:
            return _wire((b"", WRONG_LENGTH))
        if raw[0] & ~CHAINED != self.cla:
            return _wire((b"", WRONG_CLASS))
        command = _parse(raw)
        if command is None:
            return _wire((b"", WRONG_LENGTH))
        self.seen.append(command.ins)
        if raw[0] & CHAINED:
            self._chain += command.data
            return _wire((b"", OK))
        if self._chain:
            command = Command(command.ins, command.p1, command.p2, self._chain + command.data, command.expected)
            self._chain = b""
        handler = self.instructions().get(command.ins)
        return _wire(self._deliver(command, handler(command)) if handler else (b"", UNKNOWN))

    def _deliver(self, command: Command, answer: Answer) -> Answer:
        """With T=0 a card that was sent data can't answer data at once: it says how many wait (61xx)."""
        data = answer[0]
        if not data or not command.data or (command.expected and not self.one_way):
            return answer
        self._waiting = data
        return b"", 0x6100 | min(len(data), 256) & 0xFF

    def get_response(self, command: Command) -> Answer:
        """GET RESPONSE: what waits, and how much is left of it."""
        data, self._waiting = self._waiting[: command.expected], self._waiting[command.expected or 256 :]
        left = min(len(self._waiting), 256) & 0xFF
        return (data, 0x6100 | left if self._waiting else OK) if data else (b"", CONDITIONS)

    def instructions(self) -> dict[int, Callable[[Command], Answer]]:
        """The instructions this card knows."""
        return {0xC0: self.get_response, 0xA4: self.select, 0xB0: self.read, 0x20: self.verify, 0x22: self.manage}

    def select(self, command: Command) -> Answer:
        """By application name, file identifier, or path; FCP unless P2 says no answer."""
        path = self._target(command)
        if path is None or (path not in (fichiers.MF, fichiers.DF) and path not in self.files):
            return b"", NOT_FOUND
        if path in self.files:
            self.file = path
        else:
            self.directory, self.file = path, None
        if command.p2 & 0x0C == 0x0C:
            return b"", OK
        return fichiers.control_parameters(path, self.files.get(path)), OK

    def _target(self, command: Command) -> bytes | None:
        if command.p1 == 0x04:
            return self._application(command.data)
        if command.data[:2] == fichiers.MF:
            return command.data
        if command.p1 in (0x00, 0x01, 0x02, 0x09):
            return self.directory + command.data
        return fichiers.MF + command.data if command.p1 == 0x08 else None

    def _application(self, name: bytes) -> bytes | None:
        return fichiers.DF if name == fichiers.AID else None

    def read(self, command: Command) -> Answer:
        """READ BINARY of the selected file, or of a short identifier (P1 from 80 on)."""
        offset = command.p1 << 8 | command.p2
        if command.p1 & 0x80:
            self.file, offset = fichiers.SHORT_NAMES.get(command.p1 & 0x1F), command.p2
            if self.file is None:
                return b"", NOT_FOUND
        if self.file is None:
            return b"", NO_FILE
        file = self.files[self.file]
        if file.protected and not self.verified:
            return b"", NOT_ALLOWED
        if offset >= len(file.content) > 0:
            return b"", WRONG_OFFSET
        asked = min(command.expected or 256, MOST_READ)
        part = file.content[offset : offset + asked]
        return part, OK if len(part) == asked else END_OF_FILE

    def verify(self, command: Command) -> Answer:
        """VERIFY: without data it tells the tries left, which costs none."""
        if command.p1 != 0x00 or command.p2 != PIN:
            return b"", NO_OBJECT
        if not self.tries:
            return b"", LOCKED
        if not command.data:
            return b"", OK if self.verified else 0x63C0 | self.tries
        self.verified = command.data == self.personne.code
        self.tries = TRIES if self.verified else self.tries - 1
        return b"", OK if self.verified else 0x63C0 | self.tries

    @abstractmethod
    def manage(self, command: Command) -> Answer:
        """MANAGE SECURITY ENVIRONMENT: choose the key."""


class Cps3(Carte):
    """IAS-ECC: keys 82 and 81 by security data objects, INTERNAL AUTHENTICATE."""

    atr = bytes.fromhex("3BAC00402A001225006480000310009000")
    cla, one_way = 0x00, True
    authentication_key, signature_key = 0x82, 0x81

    def instructions(self) -> dict[int, Callable[[Command], Answer]]:
        return super().instructions() | {0xCB: self.get_data, 0x88: self.authenticate}

    def get_data(self, command: Command) -> Answer:
        """A security data object: the code's policy and counter, a private key's size and rules."""
        if (command.p1, command.p2) != (0x3F, 0xFF) or command.data[2:3] != b"\x70":
            return b"", WRONG_DATA
        header, part = command.data[4:7], command.data[8:-1]
        objects = {
            (b"\xbf\x81\x01", b"\x7f\x41"): encode(0x7F41, encode(0x80, b"\x04"), encode(0x81, b"\x04")),
            (b"\xbf\x81\x01", b"\xa0"): encode(
                # Change, verify, unblock: always, always, never; then put and get.
                0xA0, encode(0x84, b"PIN"), encode(0x9A, bytes([TRIES])), encode(0x9B, bytes([self.tries])),
                encode(0xA1, encode(0x8C, bytes.fromhex("730000FFFF00")))),
            (b"\xbf\x90\x02", b"\xa0"): _key_object(0x20),
            (b"\xbf\x90\x01", b"\xa0"): _key_object(0x40),
            # Security environment 1: the code (usage 08), reference 1.
            (b"\xbf\xfb\x01", b"\x7b"): encode(0x7B, encode(0xA4, encode(0x95, b"\x08"), encode(0x83, b"\x01"))),
        }
        found = objects.get((header, part))
        if found is None:
            return b"", WRONG_DATA
        return encode(0x70, encode(int.from_bytes(header, "big"), found)), OK

    def manage(self, command: Command) -> Answer:
        keys = {0x82: self.personne.key}
        self.key = None
        if (command.p1, command.p2) == (0x41, 0xA4) and _template(command.data, 0x80) == b"\x02":
            self.key = keys.get((_template(command.data, 0x84) or b"\0")[0])
        return b"", OK if self.key else WRONG_DATA

    def authenticate(self, command: Command) -> Answer:
        """The card pads (PKCS#1 type 1) what it is given: at most 40 % of the modulus."""
        if not self.verified:
            return b"", NOT_ALLOWED
        if self.key is None:
            return b"", CONDITIONS
        if not command.data or len(command.data) > self.key.size * 2 // 5:
            return b"", WRONG_DATA
        filler = b"\xff" * (self.key.size - len(command.data) - 3)
        return self.key.raw(b"\0\1" + filler + b"\0" + command.data), OK


class Cps4(Carte):
    """ChipDoc on logical channel 1: no INTERNAL AUTHENTICATE, a raw decipherment of a block padded outside.

    Source: dops-cryptolib, card-cps4.c. Key 20 authenticates; the cryptogram of 256 bytes comes without
    padding indicator, in a chain of two commands.
    """

    atr = bytes.fromhex("3B9B188001001225006480040100009044")
    cla, one_way = 0x01, False
    authentication_key, signature_key = 0x20, 0x10
    applet = bytes.fromhex("8025000001FF0100")

    def reset(self) -> None:
        super().reset()
        self.awake = False

    def instructions(self) -> dict[int, Callable[[Command], Answer]]:
        if not self.awake:
            return {0xA4: self.select, 0xC0: self.get_response}
        return super().instructions() | {0x2A: self.decipher}

    def _application(self, name: bytes) -> bytes | None:
        # The applet first; before it, no other name is known on this channel.
        if name == self.applet:
            self.awake = True
            return fichiers.MF
        return super()._application(name) if self.awake else None

    def select(self, command: Command) -> Answer:
        if not self.awake and command.p1 != 0x04:
            return b"", NOT_FOUND
        return super().select(command)

    def manage(self, command: Command) -> Answer:
        asked = _template(command.data, 0x83) == bytes([self.authentication_key])
        self.key = self.personne.key if (command.p1, command.p2) == (0x41, 0xB8) and asked else None
        return b"", OK if self.key else WRONG_DATA

    def decipher(self, command: Command) -> Answer:
        """PSO DECIPHER without any unpadding: RSA with the private key, as it stands."""
        if (command.p1, command.p2) != (0x80, 0x86):
            return b"", WRONG_DATA
        if not self.verified:
            return b"", NOT_ALLOWED
        if self.key is None:
            return b"", CONDITIONS
        if len(command.data) != self.key.size or int.from_bytes(command.data, "big") >= self.key.modulus:
            return b"", WRONG_DATA
        return self.key.raw(command.data), OK


def _key_object(mode: int) -> bytes:
    """A private key's object: 2048 bits, and the code for its one use (``mode`` is the access mode byte)."""
    return encode(0xA0, encode(0x84, b"KEY"), encode(0xA1, encode(0x8C, bytes([mode, 0x11]))),
                  encode(0x80, b"\x01\x00"))


def _template(data: bytes, tag: int) -> bytes | None:
    try:
        return find(parse(data), tag)
    except TlvError:
        return None


def _parse(raw: bytes) -> Command | None:
    """The cases of ISO/IEC 7816-3 §12.1, short and extended; None for lengths that don't add up."""
    head, body = raw[1:4], raw[4:]
    if len(body) <= 1:
        return Command(*head, b"", (body[0] or 256) if body else None)
    if body[0] == 0 and len(body) >= 3:
        size, start, le_bytes = int.from_bytes(body[1:3], "big"), 3, 2
        if len(body) == 3:
            return Command(*head, b"", size or 65536)
    else:
        size, start, le_bytes = body[0], 1, 1
    data, rest = body[start : start + size], body[start + size :]
    if len(data) != size or len(rest) not in (0, le_bytes):
        return None
    return Command(*head, data, (int.from_bytes(rest, "big") or 256 ** le_bytes) if rest else None)


def _wire(answer: Answer) -> bytes:
    return answer[0] + answer[1].to_bytes(2, "big")
