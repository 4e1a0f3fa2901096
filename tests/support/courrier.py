"""A mail server of the tests' own, on loopback, that keeps what it received."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from email.message import Message

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as Handler


class Boite(Handler):
    """Keeps what a mail server received."""

    def __init__(self) -> None:
        super().__init__()
        self.port = 0
        self.received: list[Message] = []

    @property
    def url(self) -> str:
        """What the portal's setting ``smtp_url`` wants."""
        return f"smtp://127.0.0.1:{self.port}"

    def handle_message(self, message: Message) -> None:
        self.received.append(message)

    def to(self, address: str) -> list[str]:
        """The texts of the mails to this address, in the order of their coming."""
        return [one.get_payload(decode=True).decode("utf-8")  # type: ignore[union-attr]
                for one in list(self.received) if one["To"] == address]


@contextlib.contextmanager
def running() -> Iterator[Boite]:
    """The server until the end of the block."""
    box = Boite()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        box.port = probe.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=box.port)
    server.start()
    try:
        yield box
    finally:
        server.stop()
