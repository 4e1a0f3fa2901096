"""The slot of the virtual reader: a TCP connection to vpcd is a card in it, closing it pulls the card out.

vpcd's protocol: two bytes of length (big endian), then one control byte or a command. Control bytes:
00 power off, 01 power on, 02 reset, 04 asks the answer to reset.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Protocol

OFF, ON, RESET, ATR = 0x00, 0x01, 0x02, 0x04
HOST, PORT = "127.0.0.1", 35963


class Card(Protocol):
    """What can be put in the slot."""

    atr: bytes

    def reset(self) -> None:
        """Forget all but the tries."""

    def transmit(self, raw: bytes) -> bytes:
        """Answer one command."""


class Fente:
    """One slot; a card in it is served by a thread of this process."""

    def __init__(self, port: int = PORT) -> None:
        self.port = port
        self.card: Card | None = None
        self._line: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._pull_at: int | None = None

    def insert(self, card: Card) -> None:
        """Put a card in, in place of any other; raises OSError when no reader listens."""
        self.remove()
        self._line = socket.create_connection((HOST, self.port), timeout=5)
        self._line.settimeout(None)
        self.swap(card)
        self._thread = threading.Thread(target=self._serve, args=(self._line,), daemon=True)
        self._thread.start()

    def swap(self, card: Card) -> None:
        """Another card in the place of the one in the slot, which the reader does not notice."""
        card.reset()
        self.card, self._pull_at = card, None

    def remove(self) -> None:
        """Pull the card out, if there is one."""
        if self._line:
            _cut(self._line)
        if self._thread:
            self._thread.join(timeout=5)
        self.card = self._line = self._thread = self._pull_at = None

    def pull_at(self, instruction: int) -> None:
        """The card in the slot will be pulled out in place of answering this instruction."""
        self._pull_at = instruction

    def wait(self) -> None:
        """Until the reader is gone."""
        if self._thread:
            self._thread.join()

    def _serve(self, line: socket.socket) -> None:
        with line:
            while (message := _receive(line)) and self.card:
                answer = self._answer(self.card, message)
                if answer is None:
                    break
                if answer:
                    line.sendall(len(answer).to_bytes(2, "big") + answer)
        self.card = None

    def _answer(self, card: Card, message: bytes) -> bytes | None:
        if len(message) == 1:
            if message[0] in (OFF, ON, RESET):
                card.reset()
            return card.atr if message[0] == ATR else b""
        return None if message[1] == self._pull_at else card.transmit(message)


def _receive(line: socket.socket) -> bytes:
    """One message, or nothing when the connection has ended."""
    size = int.from_bytes(_exactly(line, 2), "big")
    return _exactly(line, size) if size else b""


def _exactly(line: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        try:
            # vpcd sends a length, then the rest: without this each command waits 40 ms for the system's own ack.
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            part = line.recv(size - len(data))
        except OSError:
            return b""
        if not part:
            return b""
        data += part
    return data


def _cut(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
