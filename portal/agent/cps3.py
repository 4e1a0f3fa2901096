"""The CPS3 card (IAS-ECC): the card pads and signs itself, by INTERNAL AUTHENTICATE.

Sources: ansforge/dops-cryptolib (card-cps3.c) and OpenSC (card-iasecc.c). The agent never offers to sign
anything but the hash of an origin and a nonce, and never uses the holder's signature key. No physical card
was at hand.
"""

from __future__ import annotations

from portal.agent import apdu, tlv
from portal.agent.errors import UnusableCard
from portal.agent.pkcs15 import AID, Pin, Pkcs15

TRIES_LEFT_TAG = 0x9B
GET_TRIES = bytes.fromhex("00CB3FFF0A4D087006BF810102A08000")
ALGORITHM_PKCS1 = 0x02


class Cps3(Pkcs15):
    """A CPS3 during one connection."""

    name = "CPS3"

    def _open(self) -> None:
        self._expect(self._command(0xA4, 0x04, 0x00, AID, 0x00), "SELECT AID")

    def _select(self, path: bytes) -> None:
        # Full paths are selected with P1 = 09 and the master file's identifier in front (card-cps3.c).
        by = 0x02 if len(path) == 2 else 0x09
        self._expect(self._command(0xA4, by, 0x04, path, 0x00), f"SELECT {path.hex()}")

    def _tries(self, pin: Pin) -> int:
        if pin.reference == 1:
            answer = self._send(GET_TRIES)
            if answer.status == apdu.OK:
                counter = tlv.find(tlv.parse(answer.data), TRIES_LEFT_TAG)
                if counter is not None and len(counter) == 1:
                    return counter[0]
        return super()._tries(pin)

    def _sign(self, reference: int, info: bytes, size: int) -> bytes:
        template = tlv.encode(0x80, bytes([ALGORITHM_PKCS1])) + tlv.encode(0x84, bytes([reference]))
        self._expect(self._command(0x22, 0x41, 0xA4, template), "MSE SET AT")
        signature = self._expect(self._command(0x88, 0x00, 0x00, info, 0x00), "INTERNAL AUTHENTICATE")
        if not signature:
            raise UnusableCard("empty signature")
        return signature
