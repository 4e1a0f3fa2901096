"""A demonstration card: answers the CPS3's commands from a file.

A card image is one JSON object (UTF-8) per file::

    {
      "id": "alice-martin",                     required, [a-z0-9-]+, unique in its folder
      "libelle": "Dr Alice MARTIN",             required, the card's name on the tray
      "detail": "carte valide",                 optional, one line under it
      "type": "CPS3",                           required, the only type so far
      "atr": "3BAC00402A001225006480000310009000",   required, hexadecimal
      "code": "1234",                           required, four digits
      "essais": 3,                              required, 0 to 15; 0 is a card already locked
      "certificat_authentification": "MIIC…",   required, DER in base64
      "certificat_signature": "MIIC…",          required, DER in base64
      "cle_authentification": {"n": "…", "d": "…"},  required, RSA, hexadecimal
      "cle_signature": {"n": "…", "d": "…"},    optional; required with "presente": "signature"
      "infos_ps": "…SM26",                      required; its last four characters are the specialty
      "illisible": true,                        optional: the card is mute
      "presente": "signature"                   optional: a hostile card, which hands out the signature
    }                                           certificate and key where authentication is expected

Other members are ignored. The tries lost are kept in memory as long as the agent runs, whatever goes in
and out of the reader: a locked card stays locked until the agent restarts.
"""

from __future__ import annotations

import base64
import hmac
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal.agent import cps3, pkcs15
from portal.agent.preuve import INFO_LABEL
from portal.agent.tlv import encode

CODE = re.compile(r"[0-9]{4}")
IDENTIFIER = re.compile(r"[a-z0-9-]+")

FILE_NOT_FOUND, WRONG_DATA, WRONG_LENGTH = 0x6A82, 0x6A80, 0x6700
NOT_ALLOWED, LOCKED, UNKNOWN, WRONG_OFFSET = 0x6982, 0x6983, 0x6D00, 0x6B00
MAX_RESPONSE = 256

PRKDF, CDF, DODF = bytes.fromhex("3F0000017001"), bytes.fromhex("3F0000017002"), bytes.fromhex("3F0000017003")
AUTHENTICATION_FILE, SIGNATURE_FILE = bytes.fromhex("3F000001A001"), bytes.fromhex("3F000001A002")
INFO_FILE = bytes.fromhex("3F000001D101")
AUTHENTICATION_KEY, SIGNATURE_KEY = 0x82, 0x81


class ImageError(ValueError):
    """A card image that can't be used; the message is French and names the file."""


@dataclass(frozen=True)
class Image:
    """A card as its file describes it; ``keys`` by reference: (modulus, private exponent)."""

    id: str
    label: str
    detail: str
    atr: bytes
    code: str
    tries: int
    mute: bool
    files: dict[bytes, bytes]
    keys: dict[int, tuple[int, int]]


def load(folder: Path) -> list[Image]:
    """The images of a folder, or of its ``cartes`` folder where there is one.

    People's cards come first, then the cards that show what can go wrong. Raises ImageError.
    """
    inner = folder / "cartes"
    paths = sorted((inner if inner.is_dir() else folder).glob("*.json"))
    images = [read(path) for path in paths]
    if not images:
        raise ImageError(f"Aucune carte de démonstration (fichier .json) dans {folder}.")
    if len({image.id for image in images}) != len(images):
        raise ImageError(f"Deux cartes de {folder} ont le même identifiant.")
    return sorted(images, key=lambda image: (not image.label.startswith("Dr "), image.label))


def read(path: Path) -> Image:
    """One image; raises ImageError."""
    try:
        return _image(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ImageError(f"Carte de démonstration illisible\u00a0: {path} ({error!r}).") from error


def _image(raw: dict[str, Any]) -> Image:
    if raw["type"] != "CPS3" or not IDENTIFIER.fullmatch(raw["id"]) or not CODE.fullmatch(raw["code"]):
        raise ValueError("type, id or code")
    if not 0 <= int(raw["essais"]) <= 15:
        raise ValueError("essais")
    swapped = raw.get("presente") == "signature"
    keys = {AUTHENTICATION_KEY: _key(raw["cle_authentification"])}
    if swapped or "cle_signature" in raw:
        keys[SIGNATURE_KEY] = _key(raw["cle_signature"])
    return Image(
        id=raw["id"], label=str(raw["libelle"]), detail=str(raw.get("detail", "")),
        atr=bytes.fromhex(raw["atr"]), code=raw["code"], tries=int(raw["essais"]),
        mute=raw.get("illisible") is True, files=_files(raw, swapped), keys=keys,
    )


def _key(raw: dict[str, str]) -> tuple[int, int]:
    return int(raw["n"], 16), int(raw["d"], 16)


def _files(raw: dict[str, Any], swapped: bool) -> dict[bytes, bytes]:
    """The elementary files: PKCS#15 directory (ISO/IEC 7816-15), certificates, information."""
    keys, certificates = [AUTHENTICATION_KEY, SIGNATURE_KEY], [AUTHENTICATION_FILE, SIGNATURE_FILE]
    if swapped:
        keys.reverse()
        certificates.reverse()
    info = str(raw["infos_ps"])
    return {
        pkcs15.EF_ODF: b"".join(encode(tag, _path(path)) for tag, path in (
            (pkcs15.PRIVATE_KEYS, PRKDF), (pkcs15.CERTIFICATES, CDF), (pkcs15.DATA_OBJECTS, DODF))),
        PRKDF: _key_entry("CPS_PRIV_AUT", 0x20, keys[0]) + _key_entry("CPS_PRIV_SIG", 0x10, keys[1]),
        CDF: _certificate_entry("CPS_CERT_AUT", 0x20, certificates[0])
        + _certificate_entry("CPS_CERT_SIG", 0x10, certificates[1]),
        DODF: encode(0x30, _label(INFO_LABEL), encode(0x30), encode(0xA1, _path(INFO_FILE))),
        AUTHENTICATION_FILE: base64.b64decode(raw["certificat_authentification"], validate=True),
        SIGNATURE_FILE: base64.b64decode(raw["certificat_signature"], validate=True),
        INFO_FILE: info.encode("latin-1", "replace"),
    }


def _path(path: bytes) -> bytes:
    return encode(0x30, encode(0x04, path))


def _label(text: str) -> bytes:
    return encode(0x30, encode(0x0C, text.encode()))


def _key_entry(label: str, identifier: int, reference: int) -> bytes:
    # The usage (04 sign) stands before the reference, which DER writes on two bytes from 0x80 on.
    own = encode(0x30, encode(0x04, bytes([0xE8, identifier])), encode(0x03, b"\x05\x20"),
                 encode(0x02, reference.to_bytes(2, "big")))
    return encode(0x30, _label(label), own, encode(0xA1, encode(0x30, _path(b"\x3f\x00"))))


def _certificate_entry(label: str, identifier: int, path: bytes) -> bytes:
    own = encode(0x30, encode(0x04, bytes([0xE8, identifier])))
    return encode(0x30, _label(label), own, encode(0xA1, encode(0x30, _path(path))))


class DemonstrationCard:
    """The software card. It keeps its tries; ``reset`` forgets the rest, as cutting the power does."""

    def __init__(self, image: Image) -> None:
        self.image = image
        self.tries = image.tries
        self.reset()

    @property
    def atr(self) -> bytes:
        return self.image.atr

    def reset(self) -> None:
        """Forget the file, the key and the code."""
        self._file: bytes | None = None
        self._key: tuple[int, int] | None = None
        self._opened = self._verified = False

    def transmit(self, command: bytes) -> bytes:
        """Answer one command, with an error status for any that a CPS3 would refuse."""
        handlers = {0xA4: self._select, 0xB0: self._read, 0xCB: self._get_data, 0x20: self._verify,
                    0x22: self._set_key, 0x88: self._authenticate}
        if len(command) < 4 or command[0] != 0x00:
            return _status(0x6E00)
        body = command[4:]
        data = body[1 : 1 + body[0]] if len(body) > 1 else b""
        if len(body) > 1 and len(data) != body[0]:
            return _status(WRONG_LENGTH)
        handler = handlers.get(command[1])
        expected = (body[0] or MAX_RESPONSE) if len(body) == 1 else MAX_RESPONSE
        return handler(command[2] << 8 | command[3], data, expected) if handler else _status(UNKNOWN)

    def _select(self, parameters: int, data: bytes, expected: int) -> bytes:
        if parameters >> 8 == 0x04:
            self._opened = data == pkcs15.AID
            return _status(0x9000 if self._opened else FILE_NOT_FOUND)
        if not self._opened or data not in self.image.files:
            return _status(FILE_NOT_FOUND)
        self._file = self.image.files[data]
        return _status(0x9000)

    def _read(self, offset: int, data: bytes, expected: int) -> bytes:
        if self._file is None:
            return _status(0x6986)
        if offset >= len(self._file) > 0:
            return _status(WRONG_OFFSET)
        part = self._file[offset : offset + expected]
        return part + _status(0x9000 if len(part) == expected else 0x6282)

    def _get_data(self, parameters: int, data: bytes, expected: int) -> bytes:
        if parameters != 0x3FFF or data != cps3.GET_TRIES[5:-1]:
            return _status(0x6A88)
        counters = encode(0x9A, b"\x03") + encode(cps3.TRIES_LEFT_TAG, bytes([self.tries]))
        return encode(0x70, encode(0xBF8101, encode(0xA0, counters))) + _status(0x9000)

    def _verify(self, parameters: int, data: bytes, expected: int) -> bytes:
        if parameters != pkcs15.PIN_REFERENCE:
            return _status(0x6A88)
        if not self.tries:
            return _status(LOCKED)
        if not data:
            return _status(0x63C0 | self.tries)
        self._verified = hmac.compare_digest(data, self.image.code.encode())
        self.tries = self.image.tries if self._verified else self.tries - 1
        return _status(0x9000 if self._verified else 0x63C0 | self.tries)

    def _set_key(self, parameters: int, data: bytes, expected: int) -> bytes:
        template = encode(0x80, bytes([cps3.ALGORITHM_PKCS1])) + encode(0x84, data[-1:])
        self._key = self.image.keys.get(data[-1]) if parameters == 0x41A4 and data == template else None
        return _status(0x9000 if self._key else WRONG_DATA)

    def _authenticate(self, parameters: int, data: bytes, expected: int) -> bytes:
        if not self._verified:
            return _status(NOT_ALLOWED)
        if self._key is None:
            return _status(0x6985)
        modulus, exponent = self._key
        size = (modulus.bit_length() + 7) // 8
        # ISO/IEC 9796-type limit of the real card: at most 40 % of the modulus.
        if not data or len(data) > size * 2 // 5:
            return _status(WRONG_DATA)
        padded = b"\x00\x01" + b"\xff" * (size - len(data) - 3) + b"\x00" + data
        signature = pow(int.from_bytes(padded, "big"), exponent, modulus)
        return signature.to_bytes(size, "big") + _status(0x9000)


def _status(status: int) -> bytes:
    return status.to_bytes(2, "big")
