"""Commands and responses of ISO/IEC 7816-4, and their trace for logs, where no secret is written."""

from __future__ import annotations

from dataclasses import dataclass

from portal.agent.errors import UnusableCard

OK = 0x9000
# VERIFY, CHANGE REFERENCE DATA and RESET RETRY COUNTER carry codes.
SECRET_INSTRUCTIONS = (0x20, 0x24, 0x2C)


@dataclass(frozen=True)
class Response:
    """What a card answers: data, then the two status bytes as one number."""

    data: bytes
    status: int


def command(ins: int, p1: int, p2: int, data: bytes = b"", expected: int | None = None, *,
            cla: int = 0x00) -> bytes:
    """A short command; ``expected`` is Le (0 asks for all there is)."""
    body = bytes([len(data)]) + data if data else b""
    end = b"" if expected is None else bytes([expected])
    return bytes([cla, ins, p1, p2]) + body + end


def response(raw: bytes) -> Response:
    """Split an answer; raises UnusableCard when it has no status."""
    if len(raw) < 2:
        raise UnusableCard("answer without status")
    return Response(raw[:-2], int.from_bytes(raw[-2:], "big"))


def trace(sent: bytes, received: bytes) -> str:
    """One line for the log: the command with codes masked, the length of the answer and its status.

    Data read from the card is not written either: certificates carry the holder's name.
    """
    header, body = sent[:4].hex().upper(), sent[4:]
    if body and len(sent) > 1 and sent[1] in SECRET_INSTRUCTIONS:
        shown = f" {body[0]:02X} ****"
    else:
        shown = f" {body.hex().upper()}" if body else ""
    return f"> {header}{shown} < {max(len(received) - 2, 0)} octets {received[-2:].hex().upper()}"
