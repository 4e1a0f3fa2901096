"""What every CPS card shares: a PKCS#15 directory (ISO/IEC 7816-15), a code, a count of tries.

The directory says where the certificate lies, which key signs and which code protects it; nothing of that
is known beforehand. Sources: ansforge/dops-cryptolib (card-cps.c), OpenSC (card-iasecc.c, pkcs15).
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from portal.agent import apdu, tlv
from portal.agent.apdu import Response
from portal.agent.errors import LastTry, LockedCard, UnusableCard, WrongPin
from portal.agent.preuve import AUTHENTICATION_ID, CODE, INFO_LABEL, Proof, digest_info, specialty
from portal.agent.transport import Card

AID = bytes.fromhex("E828BD080F8025000001FF0010")
EF_ODF = bytes.fromhex("5031")
MF = bytes.fromhex("3F00")

# Lists of the PKCS#15 directory (ISO/IEC 7816-15 §8.3): private keys, certificates, data, codes.
PRIVATE_KEYS, CERTIFICATES, DATA_OBJECTS, CODES = 0xA0, 0xA4, 0xA7, 0xA8

PIN_REFERENCE = 0x01
FULL_TRIES = 3
NEEDS_PADDING = 0x04  # bit 5 of the code's flags, counted from the left

CHUNK = 0xE7
MAX_FILE = 16 * 1024
LOCKED = (0x6983, 0x6984)
END_OF_FILE, WRONG_OFFSET = 0x6282, 0x6B00


@dataclass(frozen=True)
class Entry:
    """One object of a PKCS#15 directory; ``code`` is the id of the code that protects it."""

    label: str
    id: bytes
    reference: int | None
    path: bytes
    code: bytes
    node: tlv.Tlv


@dataclass(frozen=True)
class Pin:
    """How the code is presented: its reference, and the length and byte it is filled up with (0: none)."""

    reference: int = PIN_REFERENCE
    length: int = 0
    filler: int = 0xFF

    def block(self, code: str) -> bytes:
        """The code as the card expects it."""
        return code.encode("ascii").ljust(self.length, bytes([self.filler]))


Lists = dict[int, list[Entry]]


class Pkcs15:
    """A CPS card during one connection; the generations differ by how they open, select and sign."""

    name: ClassVar[str]
    cla: ClassVar[int] = 0x00

    def __init__(self, card: Card) -> None:
        """Open the card's application; raises UnusableCard."""
        self._card = card
        self._open()

    @abstractmethod
    def _open(self) -> None:
        """Select the PKCS#15 application."""

    @abstractmethod
    def _select(self, path: bytes) -> None:
        """Select a file by its path; raises UnusableCard."""

    @abstractmethod
    def _sign(self, reference: int, info: bytes, size: int) -> bytes:
        """The RSA signature of a DigestInfo (PKCS#1 v1.5) by this key; ``size`` is the key's, in bytes."""

    def tries_left(self) -> int:
        """How many codes may still be tried; 0 means locked."""
        return self._tries(self._pin(self._directory()))

    def certificates(self) -> list[bytes]:
        """Every certificate of the card (DER)."""
        found = self._directory().get(CERTIFICATES, [])
        return [tlv.first_object(self._read(entry.path)) for entry in found if entry.path]

    def prove(self, code: str, origin: str, nonce: bytes, *, last_try: bool = False) -> Proof:
        """See ``preuve.Driver``."""
        if not CODE.fullmatch(code):
            raise ValueError("a code has four digits")
        lists = self._directory()
        certificate = tlv.first_object(self._read(_authentication(lists, CERTIFICATES).path))
        key = _authentication(lists, PRIVATE_KEYS)
        if key.reference is None:
            raise UnusableCard("authentication key without reference")
        size = _key_bytes(key)
        known = self._specialty(lists)
        pin = self._pin(lists)
        tries = self._tries(pin)
        if tries == 0:
            raise LockedCard
        if tries == 1 and not last_try:
            raise LastTry
        self._verify(pin, code)
        return Proof(certificate, self._sign(key.reference, digest_info(origin, nonce), size), known)

    def _pin(self, lists: Lists) -> Pin:
        """The code of the authentication key as EF.AODF describes it; without one, reference 1 unfilled."""
        keys = [one for one in lists.get(PRIVATE_KEYS, []) if one.id and one.id[-1] == AUTHENTICATION_ID]
        wanted = keys[0].code if keys else b""
        codes = lists.get(CODES, [])
        found = next((one for one in codes if wanted and one.id == wanted), codes[0] if codes else None)
        return _described(found.node) if found else Pin()

    def _tries(self, pin: Pin) -> int:
        # A VERIFY without a code costs no try and tells how many are left.
        status = self._send(self._command(0x20, 0x00, pin.reference)).status
        if status in LOCKED:
            return 0
        if status & 0xFFF0 == 0x63C0:
            return status & 0x0F
        # Another program has presented the right code and not reset the card: the count is full again.
        if status == apdu.OK:
            return FULL_TRIES
        raise UnusableCard(f"tries left: {status:04X}")

    def _verify(self, pin: Pin, code: str) -> None:
        status = self._send(self._command(0x20, 0x00, pin.reference, pin.block(code))).status
        if status == apdu.OK:
            return
        if status in LOCKED or status == 0x63C0:
            raise LockedCard
        if status & 0xFFF0 == 0x63C0:
            raise WrongPin(status & 0x0F)
        raise UnusableCard(f"VERIFY: {status:04X}")

    def _directory(self) -> Lists:
        """The objects of each list that EF.ODF names."""
        lists: Lists = {}
        for node in tlv.parse(self._read(EF_ODF)):
            if node.tag in (PRIVATE_KEYS, CERTIFICATES, DATA_OBJECTS, CODES):
                path = tlv.find([node], 0x04)
                if path:
                    lists.setdefault(node.tag, []).extend(map(_entry, tlv.parse(self._read(path))))
        return lists

    def _specialty(self, lists: Lists) -> str:
        entry = next((one for one in lists.get(DATA_OBJECTS, []) if one.label == INFO_LABEL), None)
        return specialty(self._read(entry.path)) if entry and entry.path else ""

    def _read(self, path: bytes) -> bytes:
        """A whole file, by identifier under the application or by path."""
        self._select(path)
        content = b""
        while len(content) < MAX_FILE:
            answer = self._send(self._command(0xB0, *divmod(len(content), 256), expected=CHUNK))
            if answer.status == WRONG_OFFSET and content:
                return content
            if answer.status not in (apdu.OK, END_OF_FILE):
                raise UnusableCard(f"READ BINARY: {answer.status:04X}")
            content += answer.data
            if len(answer.data) < CHUNK:
                return content
        raise UnusableCard("file without end")

    def _command(self, ins: int, p1: int, p2: int, data: bytes = b"", expected: int | None = None) -> bytes:
        return apdu.command(ins, p1, p2, data, expected, cla=self.cla)

    def _expect(self, command: bytes, what: str) -> bytes:
        answer = self._send(command)
        if answer.status != apdu.OK:
            raise UnusableCard(f"{what}: {answer.status:04X}")
        return answer.data

    def _send(self, command: bytes) -> Response:
        """One exchange, with the detours of T=0: right length (6Cxx), more bytes to fetch (61xx)."""
        answer = apdu.response(self._card.transmit(command))
        if answer.status >> 8 == 0x6C:
            answer = apdu.response(self._card.transmit(command[:-1] + bytes([answer.status & 0xFF])))
        data = answer.data
        while answer.status >> 8 == 0x61:
            more = self._command(0xC0, 0x00, 0x00, expected=answer.status & 0xFF)
            answer = apdu.response(self._card.transmit(more))
            if not answer.data or len(data) > MAX_FILE:
                raise UnusableCard("answer without end")
            data += answer.data
        return Response(data, answer.status)


def _authentication(lists: Lists, kind: int) -> Entry:
    """The one object of the authentication pair; the signature pair (id 10) is never a substitute."""
    found = [one for one in lists.get(kind, []) if one.id and one.id[-1] == AUTHENTICATION_ID]
    if len(found) != 1 or (kind == CERTIFICATES and not found[0].path):
        raise UnusableCard("no single authentication object")
    return found[0]


def _entry(node: tlv.Tlv) -> Entry:
    """Read a PKCS15Object: common attributes, class attributes, [1] type attributes with the path."""
    if not node.constructed:
        raise UnusableCard("directory entry")
    parts = node.children()
    sequences = [part for part in parts if part.tag == 0x30]
    common, own = [*sequences, None, None][:2]
    label = tlv.find([common], 0x0C) if common else None
    reference = tlv.find([own], 0x02) if own else None
    return Entry(
        label=(label or b"").decode("utf-8", "replace"),
        id=(tlv.find([own], 0x04) if own else None) or b"",
        # Some cards write the reference 0x82 as the two bytes of a positive number.
        reference=reference[-1] if reference else None,
        path=tlv.find([part for part in parts if part.tag == 0xA1], 0x04) or b"",
        code=(tlv.find([common], 0x04) if common else None) or b"",
        node=node,
    )


def _key_bytes(key: Entry) -> int:
    """The modulus length that the key's type attributes end with (bits), in bytes; 2048 bits without one."""
    kind = [part for part in key.node.children() if part.tag == 0xA1]
    numbers = [node.value for node in tlv.walk(kind) if node.tag == 0x02]
    bits = int.from_bytes(numbers[-1], "big") if numbers else 0
    return bits // 8 if bits in (1024, 2048, 3072, 4096) else 256


def _described(node: tlv.Tlv) -> Pin:
    """A code's PasswordAttributes (ISO/IEC 7816-15 §8.9.2): flags, type, lengths, [0] reference, filler."""
    attributes = next((part for part in tlv.walk(node.children()) if part.tag == 0xA1), None)
    inner = attributes.children() if attributes else []
    fields = inner[0].children() if inner and inner[0].tag == 0x30 else []
    reference = next((field.value for field in fields if field.tag == 0x80), b"")
    flags = next((field.value for field in fields if field.tag == 0x03), b"")
    lengths = [field.value for field in fields if field.tag == 0x02]
    filler = next((field.value for field in fields if field.tag == 0x04), b"\xff")
    fills = len(flags) > 1 and flags[1] & NEEDS_PADDING and len(lengths) > 1
    return Pin(
        reference=reference[-1] if reference else PIN_REFERENCE,
        length=min(lengths[1][-1], 64) if fills and lengths[1] else 0,
        filler=filler[0] if filler else 0xFF,
    )
