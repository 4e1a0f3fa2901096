"""The CPS3 card: certificate, code, and one kind of signature.

Sources: ansforge/dops-cryptolib (card-cps3.c) and OpenSC (card-iasecc.c, pkcs15). The agent never offers
to sign anything but the hash of an origin and a nonce, and never uses the holder's signature key.
No physical card was at hand: the code is sent as four ASCII digits without filler, to reference 1, as
OpenSC's logs of a real card show.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from portal.agent import apdu, tlv
from portal.agent.apdu import Response
from portal.agent.errors import LastTry, LockedCard, UnusableCard, WrongPin
from portal.agent.transport import Card

AID = bytes.fromhex("E828BD080F8025000001FF0010")
ATR = bytes.fromhex("3BAC00402A001225006480000310009000")
ATR_MASK = bytes.fromhex("FF00000000FFFFFFFFFFFF000000FFFFFF")
EF_ODF = bytes.fromhex("5031")
MF = bytes.fromhex("3F00")

# Lists of the PKCS#15 directory (ISO/IEC 7816-15 §8.3) that hold private keys, certificates, data.
PRIVATE_KEYS, CERTIFICATES, DATA_OBJECTS = 0xA0, 0xA4, 0xA7
AUTHENTICATION_ID = 0x20
INFO_LABEL = "CPS_INFO_PS"

PIN_REFERENCE = 0x01
TRIES_LEFT_TAG = 0x9B
GET_TRIES = bytes.fromhex("00CB3FFF0A4D087006BF810102A08000")
ALGORITHM_PKCS1 = 0x02
DIGEST_INFO_SHA256 = bytes.fromhex("3031300D060960864801650304020105000420")

CHUNK = 0xE7
MAX_FILE = 16 * 1024
LOCKED = (0x6983, 0x6984)
END_OF_FILE, WRONG_OFFSET = 0x6282, 0x6B00
CODE = re.compile(r"[0-9]{4}")
SPECIALTY = re.compile(r"SM[0-9]{2}")


@dataclass(frozen=True)
class Proof:
    """A login's proof: the holder's certificate (DER), the signature, the unsigned specialty code."""

    certificate: bytes
    signature: bytes
    specialty: str


@dataclass(frozen=True)
class Entry:
    """One object of a PKCS#15 directory."""

    label: str
    id: bytes
    reference: int | None
    path: bytes


def digest(origin: str, nonce: bytes) -> bytes:
    """What is signed: SHA-256 over the hashes of the origin and of the nonce (Web eID's formula)."""
    both = hashlib.sha256(origin.encode()).digest() + hashlib.sha256(nonce).digest()
    return hashlib.sha256(both).digest()


class Cps3:
    """A card during one connection. Every method may raise CardRemoved or UnusableCard."""

    def __init__(self, card: Card) -> None:
        """Open the card's PKCS#15 application; raises UnusableCard when it is no CPS3."""
        self._card = card
        if not _is_cps3(card.atr):
            raise UnusableCard("not the answer to reset of a CPS3")
        self._expect(apdu.command(0xA4, 0x04, 0x00, AID, 0x00), "SELECT AID")

    def tries_left(self) -> int:
        """How many codes may still be tried; 0 means locked."""
        answer = self._send(GET_TRIES)
        if answer.status == apdu.OK:
            counter = tlv.find(tlv.parse(answer.data), TRIES_LEFT_TAG)
            if counter is not None and len(counter) == 1:
                return counter[0]
        # A card that keeps its counter to itself tells it to a VERIFY without a code, which costs no try.
        status = self._send(apdu.command(0x20, 0x00, PIN_REFERENCE)).status
        if status in LOCKED:
            return 0
        if status & 0xFFF0 == 0x63C0:
            return status & 0x0F
        raise UnusableCard(f"tries left: {status:04X}")

    def prove(self, code: str, origin: str, nonce: bytes, *, last_try: bool = False) -> Proof:
        """Present the code once and sign the origin and the nonce with the authentication key.

        ``last_try`` says that the holder knows this code may lock his card. All is read before the code is
        sent, so that a card that can't serve costs no try. Raises ValueError for a code that is not four
        digits, LastTry, LockedCard and WrongPin.
        """
        if not CODE.fullmatch(code):
            raise ValueError("a code has four digits")
        lists = self._directory()
        certificate = tlv.first_object(self._read(_authentication(lists, CERTIFICATES).path))
        reference = _authentication(lists, PRIVATE_KEYS).reference
        if reference is None:
            raise UnusableCard("authentication key without reference")
        specialty = self._specialty(lists)
        tries = self.tries_left()
        if tries == 0:
            raise LockedCard
        if tries == 1 and not last_try:
            raise LastTry
        self._verify(code)
        return Proof(certificate, self._authenticate(reference, digest(origin, nonce)), specialty)

    def _verify(self, code: str) -> None:
        status = self._send(apdu.command(0x20, 0x00, PIN_REFERENCE, code.encode("ascii"))).status
        if status == apdu.OK:
            return
        if status in LOCKED or status == 0x63C0:
            raise LockedCard
        if status & 0xFFF0 == 0x63C0:
            raise WrongPin(status & 0x0F)
        raise UnusableCard(f"VERIFY: {status:04X}")

    def _authenticate(self, reference: int, hashed: bytes) -> bytes:
        template = tlv.encode(0x80, bytes([ALGORITHM_PKCS1])) + tlv.encode(0x84, bytes([reference]))
        self._expect(apdu.command(0x22, 0x41, 0xA4, template), "MSE SET AT")
        info = DIGEST_INFO_SHA256 + hashed
        signature = self._expect(apdu.command(0x88, 0x00, 0x00, info, 0x00), "INTERNAL AUTHENTICATE")
        if not signature:
            raise UnusableCard("empty signature")
        return signature

    def _directory(self) -> dict[int, list[Entry]]:
        """The objects of each list that EF.ODF names."""
        lists: dict[int, list[Entry]] = {}
        for node in tlv.parse(self._read(EF_ODF)):
            if node.tag in (PRIVATE_KEYS, CERTIFICATES, DATA_OBJECTS):
                path = tlv.find([node], 0x04)
                if path:
                    lists.setdefault(node.tag, []).extend(map(_entry, tlv.parse(self._read(path))))
        return lists

    def _specialty(self, lists: dict[int, list[Entry]]) -> str:
        """The code that ends CPS_INFO_PS, or nothing: a physician without it can still log in."""
        entry = next((one for one in lists.get(DATA_OBJECTS, []) if one.label == INFO_LABEL), None)
        if entry is None or not entry.path:
            return ""
        text = self._read(entry.path).rstrip(b"\x00\xff").decode("latin-1")
        return text[-4:] if SPECIALTY.fullmatch(text[-4:]) else ""

    def _read(self, path: bytes) -> bytes:
        """A whole file, by identifier under the application or by path."""
        # Full paths are selected with P1 = 09 and the master file's identifier in front (card-cps3.c).
        by = 0x02 if len(path) == 2 else 0x09
        self._expect(apdu.command(0xA4, by, 0x04, path, 0x00), f"SELECT {path.hex()}")
        content = b""
        while len(content) < MAX_FILE:
            answer = self._send(apdu.command(0xB0, *divmod(len(content), 256), expected=CHUNK))
            if answer.status == WRONG_OFFSET and content:
                return content
            if answer.status not in (apdu.OK, END_OF_FILE):
                raise UnusableCard(f"READ BINARY: {answer.status:04X}")
            content += answer.data
            if len(answer.data) < CHUNK:
                return content
        raise UnusableCard("file without end")

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
            more = apdu.command(0xC0, 0x00, 0x00, expected=answer.status & 0xFF)
            answer = apdu.response(self._card.transmit(more))
            if not answer.data or len(data) > MAX_FILE:
                raise UnusableCard("answer without end")
            data += answer.data
        return Response(data, answer.status)


def _is_cps3(atr: bytes) -> bool:
    if len(atr) != len(ATR):
        return False
    return all((got ^ known) & mask == 0 for got, known, mask in zip(atr, ATR, ATR_MASK, strict=True))


def _authentication(lists: dict[int, list[Entry]], kind: int) -> Entry:
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
    )
