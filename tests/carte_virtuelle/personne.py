"""What a card is personalised with: read from the demonstration's card images (portal/demonstration/pki.py)."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Key:
    """An RSA private key, as a card holds it: it never leaves by any command."""

    modulus: int
    exponent: int

    @property
    def size(self) -> int:
        """Bytes of the modulus."""
        return (self.modulus.bit_length() + 7) // 8

    def raw(self, block: bytes) -> bytes:
        """Plain RSA with the private exponent on a block of the key's size."""
        return pow(int.from_bytes(block, "big"), self.exponent, self.modulus).to_bytes(self.size, "big")


@dataclass(frozen=True)
class Personne:
    """The holder's certificates (DER), keys, code, tries left and free text."""

    label: str
    code: bytes
    tries: int
    certificate: bytes
    signature_certificate: bytes
    key: Key
    signature_key: Key
    info: bytes


def read(path: Path) -> Personne:
    """A personalisation from a card image in JSON."""
    raw: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return Personne(
        label=raw["libelle"], code=raw["code"].encode(), tries=int(raw["essais"]),
        certificate=base64.b64decode(raw["certificat_authentification"]),
        signature_certificate=base64.b64decode(raw["certificat_signature"]),
        key=_key(raw["cle_authentification"]), signature_key=_key(raw["cle_signature"]),
        info=raw["infos_ps"].encode("latin-1", "replace"),
    )


def _key(numbers: dict[str, str]) -> Key:
    return Key(int(numbers["n"], 16), int(numbers["d"], 16))
