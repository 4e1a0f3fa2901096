"""What a card signs for a login, and what a proof is made of, whatever driver speaks to the card."""

from __future__ import annotations

import hashlib
import re
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

CODE = re.compile(r"[0-9]{4}")
SPECIALTY = re.compile(r"SM[0-9]{2}")
# RFC 8017 §9.2, note 1: the DigestInfo of a SHA-256 hash, which follows.
DIGEST_INFO_SHA256 = bytes.fromhex("3031300D060960864801650304020105000420")

AUTHENTICATION_ID = 0x20
INFO_LABEL = "CPS_INFO_PS"


@dataclass(frozen=True)
class Proof:
    """A login's proof: the holder's certificate (DER), the signature (RS256), the unsigned specialty code."""

    certificate: bytes
    signature: bytes
    specialty: str


class Driver(Protocol):
    """A card during one connection. Every method may raise CardRemoved or UnusableCard."""

    @property
    def name(self) -> str:
        """The kind of card, for the diagnosis."""

    def tries_left(self) -> int | None:
        """How many codes may still be tried; 0 means locked, None that nothing tells."""

    def prove(self, code: str, origin: str, nonce: bytes, *, last_try: bool = False) -> Proof:
        """Present the code once and sign the origin and the nonce with the authentication key.

        ``last_try`` says that the holder knows this code may lock his card. All that can be read is read
        before the code is sent, so that a card that can't serve costs no try. Raises ValueError for a code
        that is not four digits, LastTry, LockedCard and WrongPin.
        """

    def certificates(self) -> list[bytes]:
        """Every certificate (DER) that is read without a code."""


class Source(Protocol):
    """Where drivers come from: a PC/SC reader, a PKCS#11 library, the demonstration's tray."""

    @property
    def notice(self) -> str:
        """A French sentence on what this source can't do; empty when there is nothing to say."""

    def presence(self) -> str:
        """A word that changes when a card comes or goes; empty without a card. Never raises."""

    def open(self) -> AbstractContextManager[Driver]:
        """The card, for this block alone; at its end the card forgets the code.

        Raises MissingSupport, NoService, NoReader, NoCard, MuteCard, BusyCard or UnusableCard.
        """

    def describe(self) -> list[str]:
        """What the diagnosis prints: versions, readers and what is in them. Never raises."""

    def close(self) -> None:
        """Stop watching."""


def digest(origin: str, nonce: bytes) -> bytes:
    """What is signed: SHA-256 over the hashes of the origin and of the nonce (Web eID's formula)."""
    both = hashlib.sha256(origin.encode()).digest() + hashlib.sha256(nonce).digest()
    return hashlib.sha256(both).digest()


def digest_info(origin: str, nonce: bytes) -> bytes:
    """The same as a DigestInfo, which PKCS#1 v1.5 pads."""
    return DIGEST_INFO_SHA256 + digest(origin, nonce)


def padded(info: bytes, size: int) -> bytes:
    """A DigestInfo padded to ``size`` bytes (RFC 8017 §9.2, block type 1); raises ValueError when too long."""
    filler = size - len(info) - 3
    if filler < 8:
        raise ValueError("key too small")
    return b"\x00\x01" + b"\xff" * filler + b"\x00" + info


def specialty(content: bytes) -> str:
    """The code that ends CPS_INFO_PS, or nothing: a physician without it can still log in."""
    text = content.rstrip(b"\x00\xff").decode("latin-1")
    return text[-4:] if SPECIALTY.fullmatch(text[-4:]) else ""
