"""Asks a ClamAV daemon about a file, by its INSTREAM command (man 8 clamd). What can't be asked is not taken."""

from __future__ import annotations

import socket
import struct

CONNECT_SECONDS = 3.0
ANSWER_SECONDS = 30.0
CHUNK = 256 * 1024
LONGEST_ANSWER = 4096


class Infecte(Exception):
    """The daemon recognises something; what it calls it is for the log, not for the page."""


class Muet(Exception):
    """No daemon, no answer in time, or an answer that says neither yes nor no."""


def scan(address: str, content: bytes) -> None:
    """Go on only if the daemon finds nothing. Raises Infecte, Muet.

    ``address``: the setting ``clamav`` (« unix:/path » or « tcp:host:port »); "" asks nobody.
    """
    if not address:
        return
    try:
        with _connected(address) as link:
            link.settimeout(ANSWER_SECONDS)
            link.sendall(b"zINSTREAM\0")
            for start in range(0, len(content), CHUNK):
                chunk = content[start:start + CHUNK]
                link.sendall(struct.pack("!L", len(chunk)) + chunk)
            link.sendall(struct.pack("!L", 0))
            answer = _answer(link)
    except (OSError, ValueError) as error:
        raise Muet(type(error).__name__) from error
    if answer.endswith(" FOUND"):
        raise Infecte(answer)
    if answer != "stream: OK":
        raise Muet("answer not understood")


def _connected(address: str) -> socket.socket:
    family, _, where = address.partition(":")
    if family == "tcp":
        host, _, port = where.rpartition(":")
        return socket.create_connection((host.strip("[]"), int(port)), CONNECT_SECONDS)
    link = socket.socket(socket.AF_UNIX)
    try:
        link.settimeout(CONNECT_SECONDS)
        link.connect(where)
    except OSError:
        link.close()
        raise
    return link


def _answer(link: socket.socket) -> str:
    """One answer, which a NUL ends; a longer one, or one cut short, is no answer."""
    received = b""
    while not received.endswith(b"\0"):
        piece = link.recv(LONGEST_ANSWER)
        if not piece or len(received) > LONGEST_ANSWER:
            raise ValueError("no whole answer")
        received += piece
    return received[:-1].decode("ascii", "replace")
