"""The CPS4 card (NXP ChipDoc): everything on logical channel 1; the agent pads, the card does plain RSA.

Source: ansforge/dops-cryptolib (card-cps4.c). The card has no INTERNAL AUTHENTICATE: its authentication key
is used through PSO DECIPHER, on a block that the host has padded (PKCS#1 v1.5, type 1). No physical card was
at hand.
"""

from __future__ import annotations

from portal.agent import apdu, tlv
from portal.agent.errors import UnusableCard
from portal.agent.pkcs15 import AID, MF, Pkcs15
from portal.agent.preuve import padded

APPLET = bytes.fromhex("8025000001FF0100")
FILE_NOT_FOUND = 0x6A82
CHAINED = 0x10
MAX_DATA = 0xFF


class Cps4(Pkcs15):
    """A CPS4 during one connection."""

    name = "CPS4"
    cla = 0x01

    def _open(self) -> None:
        # The applet on this channel first; the PKCS#15 application is a directory of it.
        self._expect(self._command(0xA4, 0x04, 0x0C, APPLET), "SELECT applet")
        self._expect(self._command(0xA4, 0x04, 0x00, AID, 0x00), "SELECT AID")

    def _select(self, path: bytes) -> None:
        """By identifier in the present directory, as Cryptolib does; else by the path under the master file."""
        inside = path.removeprefix(MF)
        answer = self._send(self._command(0xA4, 0x09, 0x04, inside[-2:], 0x00))
        if answer.status == FILE_NOT_FOUND and len(inside) > 2:
            self._expect(self._command(0xA4, 0x00, 0x0C, MF), "SELECT MF")
            answer = self._send(self._command(0xA4, 0x09, 0x04, inside, 0x00))
        if answer.status != apdu.OK:
            raise UnusableCard(f"SELECT {path.hex()}: {answer.status:04X}")

    def _sign(self, reference: int, info: bytes, size: int) -> bytes:
        self._expect(self._command(0x22, 0x41, 0xB8, tlv.encode(0x83, bytes([reference]))), "MSE SET CT")
        try:
            block = padded(info, size)
        except ValueError as error:
            raise UnusableCard("authentication key too small") from error
        # A block of the key's size is one byte more than a short command holds: it goes as a chain.
        while len(block) > MAX_DATA:
            head = apdu.command(0x2A, 0x80, 0x86, block[:MAX_DATA], cla=self.cla | CHAINED)
            self._expect(head, "PSO DECIPHER, chained")
            block = block[MAX_DATA:]
        signature = self._expect(self._command(0x2A, 0x80, 0x86, block, 0x00), "PSO DECIPHER")
        if len(signature) != size:
            raise UnusableCard("signature of another size")
        return signature
