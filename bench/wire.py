"""HTTP/1.1 over plain sockets: little work a request, so that the client is not what is measured."""

from __future__ import annotations

import itertools
import socket
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

LARGEST = 1 << 20
PATIENCE = 30
LAST_CHUNK = b"\r\n0\r\n\r\n"


class Refused(Exception):
    """The server answered something else than what was measured."""


@dataclass(frozen=True)
class Target:
    """A page of a server on loopback, and what proves that it is the right one.

    ``marker``: in the body of each answer (empty for an answer without a body); ``status``: 200, or 304; ``others``:
    addresses to ask for in turn, instead of ``path`` alone.
    """

    port: int
    path: str
    cookie: str
    marker: str
    pid: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200
    others: list[str] = field(default_factory=list)

    def asked(self) -> dict[str, str]:
        """The headers of the request; without compression unless the target asks for it."""
        return {"Cookie": self.cookie, "Accept": "text/html", "Accept-Encoding": "identity",
                "User-Agent": "bench"} | self.headers

    def requests(self) -> Iterator[bytes]:
        """The requests as they go over the wire, without end."""
        lines = "".join(f"{name}: {value}\r\n" for name, value in self.asked().items())
        return itertools.cycle([
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n{lines}\r\n".encode()
            for path in self.others or [self.path]])


class Connection:
    """One connection, one request at a time; opened again where a server closes it.

    ``requests``: what is sent, shared with the other connections to the same target.
    """

    def __init__(self, target: Target, requests: Iterator[bytes] | None = None) -> None:
        self.target, self.requests, self.marker = target, requests or target.requests(), target.marker.encode()
        self.socket: socket.socket | None = None
        self.buffer = bytearray(LARGEST)
        self.view = memoryview(self.buffer)
        self.filled = self.body_at = self.end = self.marked = 0
        self.last = self.chunked = False
        self.asked_at = 0.0

    def send(self) -> None:
        """Send the request; ``fileno`` is another one afterwards if the server had closed the connection."""
        if self.socket is None or self.last:
            self.close()
            self.socket = socket.create_connection(("127.0.0.1", self.target.port), PATIENCE)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # Blocking with the kernel's own limit: Python's costs a call more at each read.
            self.socket.settimeout(None)
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", PATIENCE, 0))
        self.filled = self.body_at = self.end = 0
        self.asked_at = time.perf_counter()
        self.socket.sendall(next(self.requests))

    def receive(self) -> bool:
        """Read what has come; True when the answer is whole. Raises Refused, OSError."""
        assert self.socket is not None
        count = self.socket.recv_into(self.view[self.filled:])
        if not count:
            raise ConnectionResetError(f"port {self.target.port} closed before its answer")
        self.filled += count
        if not self.body_at:
            self._head()
        if self.chunked and self.buffer.endswith(LAST_CHUNK, 0, self.filled):
            self.end = self.filled
        if not self.end or self.filled < self.end:
            return False
        self._check()
        return True

    def ask(self) -> float:
        """One request; returns the seconds until its answer was whole."""
        self.send()
        while not self.receive():
            pass
        return time.perf_counter() - self.asked_at

    def fileno(self) -> int:
        assert self.socket is not None
        return self.socket.fileno()

    def close(self) -> None:
        if self.socket is not None:
            self.socket.close()

    def _head(self) -> None:
        at = self.buffer.find(b"\r\n\r\n", 0, self.filled)
        if at < 0:
            return
        head = bytes(self.view[:at + 2]).lower()
        if int(head[9:12]) != self.target.status:
            line = head.partition(b"\r\n")[0].decode("latin-1")
            raise Refused(f"port {self.target.port}: {line}")
        _, found, length = head.partition(b"\r\ncontent-length:")
        self.body_at, self.chunked = at + 4, b"\r\ntransfer-encoding: chunked" in head
        if self.target.status == 304:
            self.end = self.body_at
        elif found:
            self.end = self.body_at + int(length.partition(b"\r\n")[0])
        elif not self.chunked:
            raise Refused(f"port {self.target.port}: no Content-Length")
        self.last = b"\r\nconnection: close" in head

    def _check(self) -> None:
        """The marker is looked for where the last answer had it, then everywhere."""
        if self.buffer.startswith(self.marker, self.marked) and self.body_at <= self.marked < self.end:
            return
        self.marked = self.buffer.find(self.marker, self.body_at, self.end)
        if self.marked < 0:
            raise Refused(f"port {self.target.port}: the answer lacks « {self.target.marker} »")
