"""The key ring: encryption of columns, signatures of links and cookies, the audit chain's secret.

The ring is one JSON file readable by its owner alone, outside the database: who steals the
database reads no sealed column and can forge no link and no audit row.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import stat
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from itsdangerous import Signer, URLSafeTimedSerializer

from portal.settings import Settings, SettingsError

_NONCE = 12


class SealBroken(Exception):
    """A sealed value was altered, moved to another row, or sealed with a key that is gone."""


@dataclass(frozen=True)
class KeyRing:
    """AES-256 keys by id (the current one seals, all open) and one secret for signatures."""

    current: str
    keys: dict[str, bytes]
    secret: bytes
    demonstration: bool

    def seal(self, text: str, *, table: str, row: object, column: str) -> bytes:
        """Encrypt a text for one place; only ``open`` with the same place reads it."""
        return self.seal_bytes(text.encode(), table=table, row=row, column=column)

    def seal_bytes(self, content: bytes, *, table: str, row: object, column: str) -> bytes:
        """Encrypt bytes for one place; only ``open_bytes`` with the same place reads them."""
        nonce = os.urandom(_NONCE)
        place = f"{table}:{row}:{column}:{self.current}".encode()
        sealed = self._ciphers[self.current].encrypt(nonce, content, place)
        return self.current.encode() + b":" + nonce + sealed

    def open(self, blob: bytes, *, table: str, row: object, column: str) -> str:
        """Decrypt what ``seal`` made for the same place; raises SealBroken."""
        return self.open_bytes(blob, table=table, row=row, column=column).decode()

    def open_bytes(self, blob: bytes, *, table: str, row: object, column: str) -> bytes:
        """Decrypt what ``seal_bytes`` made for the same place; raises SealBroken."""
        key_id, _, rest = bytes(blob).partition(b":")
        cipher = self._ciphers.get(key_id.decode("ascii", "replace"))
        if cipher is None:
            raise SealBroken("clé inconnue")
        place = f"{table}:{row}:{column}:{key_id.decode()}".encode()
        try:
            return cipher.decrypt(rest[:_NONCE], rest[_NONCE:], place)
        except InvalidTag as error:
            raise SealBroken("valeur altérée ou déplacée") from error

    @cached_property
    def _ciphers(self) -> dict[str, AESGCM]:
        return {key_id: AESGCM(key) for key_id, key in self.keys.items()}

    def derived(self, purpose: str) -> bytes:
        """A 32-byte key for one purpose, so that a signature made for one is worthless for another."""
        return hmac.new(self.secret, purpose.encode(), hashlib.sha256).digest()

    def serializer(self, purpose: str) -> URLSafeTimedSerializer:
        """Signed, dated texts for one purpose: links in mails, short-lived cookies."""
        return URLSafeTimedSerializer(self.derived(purpose), salt=purpose)

    def signer(self, purpose: str) -> Signer:
        """Plain signatures for one purpose."""
        return Signer(self.derived(purpose), salt=purpose)


_ring: KeyRing | None = None


def keys() -> KeyRing:
    """The ring loaded at start."""
    if _ring is None:
        raise RuntimeError("load_keys() has not been called")
    return _ring


@lru_cache(maxsize=32)
def purpose_key(purpose: str) -> bytes:
    """``keys().derived(purpose)``, remembered: called for every page."""
    return keys().derived(purpose)


def load_keys(settings: Settings) -> KeyRing:
    """Read the key ring of the data folder, or make it at the first start.

    Raises SettingsError when others can read the file, or when a demonstration's keys would
    protect real data.
    """
    global _ring
    path = settings.data / "cles.json"
    if not path.exists():
        _create(path, settings.demonstration)
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise SettingsError(f"Le fichier de clés {path} peut être lu par d’autres : faites « chmod 600 {path} ».")
    raw = json.loads(path.read_text("utf-8"))
    if raw["demonstration"] and not settings.demonstration:
        raise SettingsError(f"Le fichier {path} vient d’une démonstration : il ne peut pas protéger de vraies données.")
    _ring = KeyRing(
        current=raw["current"],
        keys={key_id: base64.b64decode(key) for key_id, key in raw["keys"].items()},
        secret=base64.b64decode(raw["secret"]),
        demonstration=raw["demonstration"],
    )
    purpose_key.cache_clear()
    return _ring


def _create(path: Path, demonstration: bool) -> None:
    def random_key() -> str:
        return base64.b64encode(os.urandom(32)).decode()

    ring = {"current": "k1", "keys": {"k1": random_key()}, "secret": random_key(), "demonstration": demonstration}
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(ring, file, indent=1)
