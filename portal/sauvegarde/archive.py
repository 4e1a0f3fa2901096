"""The sealed file: a stream of bytes under AES-256-GCM, in pieces whose order, number and end are authenticated.

A line of JSON says which key of the ring and which salt; the key of this one file is derived from both. Piece ``n``
(256 KiB, the last one shorter or empty) is sealed under the nonce ``n``, whose last byte is 1 for the last piece alone,
and under the first line as associated data: a piece altered, moved, left out, repeated or taken from another file,
and a file cut short or continued, open nowhere. This is the STREAM construction (Hoang, Reyhanitabar, Rogaway,
Vizár 2015). Memory stays bounded by two pieces.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import os
from collections.abc import Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from portal.db.crypto import KeyRing
from portal.sauvegarde.rules import Refused

MAGIC = "viatrajectoire-sauvegarde"
PIECE = 1 << 18
_TAG, _SALT, _LONGEST_HEAD = 16, 16, 1000
NOT_ONE = "Ce fichier n’est pas une sauvegarde du portail, ou son début est altéré."
ALTERED = "La sauvegarde est altérée ou incomplète, ou la clé n’est pas la sienne : rien n’a été restauré."


class Writer:
    """Seals what is written to it; ``close()`` writes the last piece, without which the file opens nowhere."""

    def __init__(self, file: BinaryIO, ring: KeyRing) -> None:
        salt = os.urandom(_SALT)
        head = {"genre": MAGIC, "format": 1, "cle": ring.current, "sel": base64.b64encode(salt).decode(),
                "preuve": _proof(ring.keys[ring.current], salt)}
        self.head = json.dumps(head).encode() + b"\n"
        self.cipher = _cipher(ring.keys[ring.current], salt)
        self.file, self.rank, self.waiting = file, 0, bytearray()
        file.write(self.head)

    def write(self, content: bytes) -> None:
        """Add bytes to the stream."""
        self.waiting += content
        while len(self.waiting) > PIECE:
            self._piece(bytes(self.waiting[:PIECE]), last=False)
            del self.waiting[:PIECE]

    def close(self) -> None:
        """Seal the last piece."""
        self._piece(bytes(self.waiting), last=True)

    def _piece(self, content: bytes, *, last: bool) -> None:
        self.file.write(self.cipher.encrypt(_nonce(self.rank, last), content, self.head))
        self.rank += 1


def pieces(file: BinaryIO, ring: KeyRing) -> Iterator[bytes]:
    """The stream of a sealed file, piece by piece, each authenticated before it is given.

    What was given is the whole only once the iteration ended by itself. Raises Refused at the first piece that does
    not open, for a key that the ring has not, and for what is no backup.
    """
    head = file.readline(_LONGEST_HEAD)
    key, salt = _read_head(head, ring)
    cipher = _cipher(key, salt)
    sealed, rank = file.read(PIECE + _TAG), 0
    while True:
        after = file.read(PIECE + _TAG)
        try:
            yield cipher.decrypt(_nonce(rank, not after), sealed, head)
        except InvalidTag as error:
            raise Refused(ALTERED) from error
        if not after:
            return
        sealed, rank = after, rank + 1


def _read_head(line: bytes, ring: KeyRing) -> tuple[bytes, bytes]:
    try:
        head = json.loads(line)
        known, salt = head["genre"] == MAGIC, base64.b64decode(head["sel"], validate=True)
        name, number, proof = str(head["cle"]), int(head["format"]), str(head["preuve"])
    except (ValueError, KeyError, TypeError, binascii.Error) as error:
        raise Refused(NOT_ONE) from error
    if not known or len(salt) != _SALT:
        raise Refused(NOT_ONE)
    if number != 1:
        raise Refused("Cette sauvegarde vient d’une version plus récente du portail : mettez-le d’abord à jour.")
    if name not in ring.keys:
        raise Refused(f"La sauvegarde est scellée par la clé « {name[:20]} », que ce trousseau n’a pas : remettez le "
                      "fichier de clés gardé avec elle.")
    if not hmac.compare_digest(proof.encode(), _proof(ring.keys[name], salt).encode()):
        raise Refused(f"La clé « {name[:20]} » de ce trousseau n’est pas celle qui a scellé cette sauvegarde : "
                      "remettez le fichier de clés gardé avec elle.")
    return ring.keys[name], salt


def _proof(key: bytes, salt: bytes) -> str:
    """Tells a wrong key from an altered file; says nothing of the key."""
    return hmac.new(key, b"preuve" + salt, hashlib.sha256).hexdigest()[:16]


def _cipher(key: bytes, salt: bytes) -> AESGCM:
    return AESGCM(hmac.new(key, b"sauvegarde" + salt, hashlib.sha256).digest())


def _nonce(rank: int, last: bool) -> bytes:
    return rank.to_bytes(11, "big") + (b"\x01" if last else b"\x00")
