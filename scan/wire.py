"""Bytes on a socket that no browser would send: ambiguous requests, slow clients, things too large.

While they arrive, a victim at another address of loopback asks for a page of his own, and must get it, whole and his.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

ATTACKER, VICTIM = "127.0.0.3", "127.0.0.2"
PATIENCE = 10.0
SMUGGLED = b"GET /contrebande HTTP/1.1\r\nHost: {host}\r\n\r\n"
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"


@dataclass(frozen=True)
class Door:
    """Where the portal is reached: through the proxy (with TLS), or directly."""

    name: str
    port: int
    host: str
    tls: ssl.SSLContext | None = None

    @contextlib.contextmanager
    def connected(self, source: str = ATTACKER) -> Iterator[socket.socket]:
        """One connection from this address of loopback. Raises OSError."""
        link = socket.create_connection(("127.0.0.1", self.port), PATIENCE, (source, 0))
        with link:
            if self.tls is None:
                yield link
            else:
                with self.tls.wrap_socket(link, server_hostname="localhost") as wrapped:
                    yield wrapped

    def filled(self, raw: bytes) -> bytes:
        return raw.replace(b"{host}", self.host.encode())


@dataclass
class Outcome:
    """What one attack got, and whether the victim was served all the while."""

    door: str
    name: str
    statuses: list[int] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    detail: str = ""


def statuses(answer: bytes) -> list[int]:
    """The status lines of what came back."""
    found = [part[:3] for part in answer.split(b"HTTP/1.1 ")[1:]]
    return [int(code) for code in found if code.isdigit()]


def received(link: socket.socket, patience: float = 3.0) -> bytes:
    """All that comes until the other side closes, or is silent for so long."""
    link.settimeout(patience)
    got = b""
    with contextlib.suppress(OSError):
        while piece := link.recv(65536):
            got += piece
    return got


def victim(door: Door, mark: str) -> str | None:
    """One visitor asks for a page with something of his own in it; what is wrong, if anything."""
    asked = f"GET /connexion?suite=%2Fdossiers%2F{mark} HTTP/1.1\r\nHost: {door.host}\r\nConnection: close\r\n\r\n"
    try:
        with door.connected(VICTIM) as link:
            link.sendall(asked.encode())
            got = received(link, PATIENCE)
    except OSError as error:
        return f"the victim was not served: {error}"
    if statuses(got) != [200]:
        return f"the victim got {statuses(got)}"
    return None if f"/dossiers/{mark}".encode() in got else "the victim got another one's page"


def sent(door: Door, name: str, *pieces: bytes) -> Outcome:
    """Send one attack, read its answers, then see that three visitors are served."""
    outcome = Outcome(door.name, name)
    with contextlib.suppress(OSError), door.connected() as link:
        with contextlib.suppress(OSError):
            for piece in pieces:
                link.sendall(door.filled(piece))
        outcome.statuses = statuses(received(link))
    outcome.faults = [fault for rank in range(3) if (fault := victim(door, f"page-{rank}"))]
    if any(status >= 500 and status != 501 for status in outcome.statuses):
        outcome.faults.append(f"the portal failed: {outcome.statuses}")
    return outcome


def ambiguous() -> dict[str, bytes]:
    """Requests whose end two servers could find at different places (RFC 9112 §6.3, §11.2)."""
    head = b"POST /connexion/otp HTTP/1.1\r\nHost: {host}\r\n" + FORM
    chunk = b"0\r\n\r\n" + SMUGGLED
    return {
        "CL.TE": head + b"Content-Length: 200\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk,
        "TE.CL": head + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n3d\r\n" + SMUGGLED + b"\r\n0\r\n\r\n",
        "TE.TE": head + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\nContent-Length: 5\r\n\r\n" + chunk,
        "TE in disguise": head + b"Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n\r\n" + chunk,
        "TE with a tab": head + b"Transfer-Encoding:\tchunked\r\nContent-Length: 5\r\n\r\n" + chunk,
        "TE before a space": head + b"Transfer-Encoding : chunked\r\nContent-Length: 5\r\n\r\n" + chunk,
        "two lengths": head + b"Content-Length: 5\r\nContent-Length: 60\r\n\r\n" + chunk,
        "a list of lengths": head + b"Content-Length: 5, 60\r\n\r\n" + chunk,
        "length with a sign": head + b"Content-Length: +5\r\n\r\n" + chunk,
        "length in hexadecimal": head + b"Content-Length: 0x5\r\n\r\n" + chunk,
        "negative length": head + b"Content-Length: -1\r\n\r\n" + chunk,
        "obs-fold": head + b"Transfer-Encoding:\r\n chunked\r\nContent-Length: 5\r\n\r\n" + chunk,
        "bare LF": (head + b"Transfer-Encoding: chunked\r\n\r\n").replace(b"\r\n", b"\n") + chunk,
        "bare CR": head + b"X: a\rTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n" + chunk,
        "NUL in a name": head + b"Transfer-Encoding\0: chunked\r\nContent-Length: 5\r\n\r\n" + chunk,
        "chunk extension": head + b"Transfer-Encoding: chunked\r\n\r\n0;a=\"\r\n\r\n\"\r\n\r\n" + SMUGGLED,
        "chunk with a bare LF": head + b"Transfer-Encoding: chunked\r\n\r\n1;\nx\r\n0\r\n\r\n" + SMUGGLED,
        "enormous chunk": head + b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF0\r\n" + SMUGGLED,
        "body on a GET": b"GET /connexion HTTP/1.1\r\nHost: {host}\r\nContent-Length: 50\r\n\r\n" + SMUGGLED,
        "two hosts": b"GET /connexion HTTP/1.1\r\nHost: {host}\r\nHost: evil.example\r\n\r\n",
        "another site's address": b"GET http://evil.example/connexion HTTP/1.1\r\nHost: {host}\r\n\r\n",
        "HTTP/0.9": b"GET /connexion\r\n\r\n",
        "HTTP/1.0 kept open": b"POST /connexion/otp HTTP/1.0\r\nHost: {host}\r\nConnection: keep-alive\r\n"
                              b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n" + chunk,
        "h2c upgrade": b"GET /connexion HTTP/1.1\r\nHost: {host}\r\nUpgrade: h2c\r\n"
                       b"HTTP2-Settings: AAMAAABkAAQAAP__\r\nConnection: Upgrade, HTTP2-Settings\r\n\r\n" + SMUGGLED,
    }


# Whoever would take these has to guess what was meant: one refusal, and nothing of the rest is read as a request.
REFUSED = frozenset({
    "CL.TE", "TE.CL", "TE.TE", "TE in disguise", "TE with a tab", "TE before a space", "two lengths",
    "a list of lengths", "length with a sign", "length in hexadecimal", "negative length", "obs-fold", "bare CR",
    "NUL in a name", "enormous chunk", "two hosts", "HTTP/1.0 kept open",
})


def outsized() -> dict[str, tuple[bytes, ...]]:
    """Requests of too much: headers, cookies, fields, parts, a body that says it is compressed."""
    get = b"GET /connexion HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n"
    post = b"POST /connexion/otp HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n"
    fields = b"&".join(b"c%d=x" % number for number in range(10_000))
    parts = b"".join(b'--b\r\nContent-Disposition: form-data; name="p%d"\r\n\r\nx\r\n' % number
                     for number in range(3000))
    nested = b"".join(b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (number, number + 1)
                      for number in range(500))
    multipart = b"Content-Type: multipart/form-data; boundary=b"
    return {
        "one header of 1 MiB": (get + b"X-Long: " + b"a" * (1 << 20) + b"\r\n\r\n",),
        "5,000 headers": (get + b"".join(b"X-%d: a\r\n" % number for number in range(5000)) + b"\r\n",),
        "2,000 cookies": (get + b"Cookie: " + b"; ".join(b"c%d=%d" % (n, n) for n in range(2000)) + b"\r\n\r\n",),
        "a path of 100 kB": (b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: {host}\r\n\r\n",),
        "a query of 7 kB of signs": (b"GET /connexion?" + b"&=%" * 2300 + b" HTTP/1.1\r\nHost: {host}\r\n"
                                     b"Connection: close\r\n\r\n",),
        "10,000 fields": (post + FORM + b"Content-Length: %d\r\n\r\n" % len(fields), fields),
        "3,000 parts": (post + multipart + b"\r\nContent-Length: %d\r\n\r\n" % len(parts), parts),
        "500 multiparts in one another": (post + multipart + b"0\r\nContent-Length: %d\r\n\r\n" % len(nested), nested),
        "a boundary of 20 kB": (post + multipart + b"b" * 7000 + b"\r\nContent-Length: 5\r\n\r\n", b"--b\r\n"),
        "a body of 100 MB, announced": (post + FORM + b"Content-Length: 100000000\r\n\r\n", b"a" * 300_000),
        "a body without end": (post + FORM + b"Transfer-Encoding: chunked\r\n\r\n",
                               (b"10000\r\n" + b"a" * 65536 + b"\r\n") * 8),
        "a body that says gzip": (post + FORM + b"Content-Encoding: gzip\r\nContent-Length: 10\r\n\r\n",
                                  b"\x1f\x8b\x08" + b"\0" * 7),
    }


@dataclass(frozen=True)
class Slow:
    """A kind of slow client: what it sends at once, then what it sends each second (nothing: it only reads slowly)."""

    name: str
    opening: bytes
    drip: Callable[[int], bytes]


SLOW = (
    Slow("slow headers", b"GET /connexion HTTP/1.1\r\nHost: {host}\r\n", lambda n: b"X-%d: a\r\n" % n),
    Slow("slow body", b"POST /connexion/otp HTTP/1.1\r\nHost: {host}\r\n" + FORM + b"Content-Length: 5000\r\n\r\n",
         lambda n: b"a"),
    Slow("slow reading", (b"GET /aide/cgu/ HTTP/1.1\r\nHost: {host}\r\n\r\n") * 20, lambda n: b""),
    Slow("silence", b"", lambda n: b""),
)


def slow(door: Door, kind: Slow, *, clients: int, seconds: int) -> Outcome:
    """Many slow clients at once; a visitor asks for a page each second of it."""
    outcome = Outcome(door.name, kind.name)
    with contextlib.ExitStack() as stack:
        links = []
        for _ in range(clients):
            with contextlib.suppress(OSError):
                link = stack.enter_context(door.connected())
                link.sendall(door.filled(kind.opening))
                links.append(link)
        begun, served = time.monotonic(), 0
        for turn in range(seconds):
            for link in links:
                with contextlib.suppress(OSError):
                    link.sendall(kind.drip(turn))
            fault = victim(door, f"lent-{turn}")
            outcome.faults += [fault] if fault else []
            served += not fault
            time.sleep(max(0.0, turn + 1 - (time.monotonic() - begun)))
        outcome.detail = f"{len(links)} clients, {served} pages served in {seconds} s"
    return outcome


def attacks(door: Door, *, clients: int = 90, seconds: int = 12) -> Iterator[Outcome]:
    """Every attack on one door."""
    for name, raw in ambiguous().items():
        yield sent(door, name, raw)
    for name, pieces in outsized().items():
        yield sent(door, name, *pieces)
    for kind in SLOW:
        yield slow(door, kind, clients=clients, seconds=seconds)
