"""The key ring: encryption of columns, signatures of links and cookies, the audit chain's secret.

The ring is one JSON text readable by its owner alone, outside the database (``trousseau``): who steals the
database reads no sealed column and can forge no link and no audit row.

It changes while the portal runs (``portal cles nouvelle``): one key seals and one secret signs, the former ones
still open and verify. So whatever holds a keyed value against the present asks for all of ``purpose_keys``, never
for ``purpose_key`` alone.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

import peewee
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from itsdangerous import Signer, URLSafeTimedSerializer

from portal import clock
from portal.db import database, trousseau
from portal.db.base import from_millis, rows, to_millis
from portal.settings import Settings, SettingsError

log = logging.getLogger("portal.cles")

_NONCE = 12
# How long machines that are given a new ring one after the other may sign with two secrets.
OVERLAP = timedelta(days=1)
# ``Former.until`` of the secret that will be in service: another machine may sign with it already.
NOT_YET = datetime(9999, 1, 1, tzinfo=UTC)


class SealBroken(Exception):
    """A sealed value was altered, moved to another row, or sealed with a key that is gone."""


@dataclass(frozen=True)
class Former:
    """A secret that verifies and does not sign; ``until``: when another took its place."""

    id: str
    secret: bytes = field(repr=False)
    until: datetime


@dataclass(frozen=True)
class KeyRing:
    """AES-256 keys by id (the current one seals, all open) and one secret for signatures.

    ``former``: the secrets before it, the latest first. ``signs``: the name of the present one.
    """

    current: str
    keys: dict[str, bytes] = field(repr=False)
    secret: bytes = field(repr=False)
    demonstration: bool
    former: tuple[Former, ...] = ()
    signs: str = "s1"
    since: Mapping[str, datetime] = field(default_factory=dict)

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
        return self.derivations(purpose)[0]

    def derivations(self, purpose: str) -> tuple[bytes, ...]:
        """The purpose's keys under every secret of the ring: the one that signs, then the former ones, latest first."""
        found = self._derived.get(purpose)
        if found is None:
            secrets = (self.secret, *(one.secret for one in self.former))
            found = tuple(hmac.new(secret, purpose.encode(), hashlib.sha256).digest() for secret in secrets)
            self._derived[purpose] = found
        return found

    @cached_property
    def _derived(self) -> dict[str, tuple[bytes, ...]]:
        return {}

    def serializer(self, purpose: str) -> URLSafeTimedSerializer:
        """Signed, dated texts for one purpose: links in mails, short-lived cookies. Former secrets verify."""
        return URLSafeTimedSerializer(self.derivations(purpose)[::-1], salt=purpose)

    def signer(self, purpose: str) -> Signer:
        """Plain signatures for one purpose. Former secrets verify."""
        return signer(self.derivations(purpose), purpose)


@dataclass(frozen=True)
class _Held:
    """The ring in use, where it came from, and how that looked then."""

    ring: KeyRing
    place: trousseau.Source
    stamp: tuple[int, int, int] | None


_held: _Held | None = None


def keys() -> KeyRing:
    """The ring, as its file is now: a change of the file counts at once, in every process that sees it.

    A file that can't be read any more leaves the ring as it was, with a line in the log.
    """
    global _held
    if _held is None:
        raise RuntimeError("load_keys() has not been called")
    stamp = _held.place.stamp()
    if stamp is None or stamp == _held.stamp:
        return _held.ring
    try:
        ring = ring_of(trousseau.read(_held.place))
    except SettingsError as error:
        log.error("%s", error)
        ring = _held.ring
    _held = _Held(ring, _held.place, stamp)
    return ring


def signer(derived: tuple[bytes, ...], purpose: str) -> Signer:
    """Signs with the first of ``purpose_keys``, verifies with each."""
    return Signer(derived[::-1], salt=purpose)


def purpose_key(purpose: str) -> bytes:
    """The key that signs for this purpose now: called for every page."""
    return keys().derived(purpose)


def purpose_keys(purpose: str) -> tuple[bytes, ...]:
    """All keys that may have signed for this purpose, the present one first."""
    return keys().derivations(purpose)


def keys_at(purpose: str, at: int) -> tuple[bytes, ...]:
    """The keys that may have signed at this instant (milliseconds since 1970): no former one later than a day after
    another took its place."""
    ring = keys()
    there = [True, *(at <= to_millis(one.until + OVERLAP) for one in ring.former)]
    return tuple(key for key, good in zip(ring.derivations(purpose), there, strict=True) if good)


def marks(purpose: str, content: bytes) -> tuple[str, ...]:
    """The hexadecimal HMAC-SHA-256 of a content under each of ``purpose_keys``: the first is the one to store."""
    return tuple(hmac.new(key, content, hashlib.sha256).hexdigest() for key in purpose_keys(purpose))


def is_mark(stored: str, purpose: str, content: bytes) -> bool:
    """True when ``stored`` is a mark of this content, under whichever secret it was made."""
    return any(hmac.compare_digest(stored.encode(), mark.encode()) for mark in marks(purpose, content))


def ring_of(raw: trousseau.Raw) -> KeyRing:
    """The ring of a checked text."""
    former = [Former(name, trousseau.decoded(one["secret"]), from_millis(one["until"]))
              for name, one in raw.get("former", {}).items()]
    if coming := raw.get("next"):
        former.append(Former(coming["secret_id"], trousseau.decoded(coming["secret"]), NOT_YET))
    return KeyRing(
        current=raw["current"],
        keys={key_id: trousseau.decoded(key) for key_id, key in raw["keys"].items()},
        secret=trousseau.decoded(raw["secret"]),
        demonstration=raw["demonstration"],
        former=tuple(sorted(former, key=lambda one: one.until, reverse=True)),
        signs=raw.get("secret_id", "s1"),
        since={name: from_millis(at) for name, at in raw.get("since", {}).items()},
    )


def load_keys(settings: Settings) -> KeyRing:
    """Read the key ring, or make it at the very first start, when there is no database either.

    Raises SettingsError when others can read the file, when a demonstration's keys would protect real data, or
    when a database that was used is there and its keys are not.
    """
    global _held
    place = trousseau.source(settings)
    if place.path is not None and not place.path.exists():
        _create(settings, place.path)
    stamp = place.stamp()
    raw = trousseau.read(place)
    if raw["demonstration"] and not settings.demonstration:
        raise SettingsError(
            f"{place.name} vient d’une démonstration : il ne peut pas protéger de vraies données.")
    _held = _Held(ring_of(raw), place, stamp)
    return _held.ring


def _create(settings: Settings, path: Path) -> None:
    """New keys for an existing database would make all that it holds unreadable, for ever and without a word."""
    if not settings.demonstration and _was_used(settings):
        raise SettingsError(missing(path))
    trousseau.create(path, trousseau.fresh(settings.demonstration, to_millis(clock.now())))


def missing(path: Path) -> str:
    """What to say of a database whose keys are not there."""
    return (f"Le fichier de clés {path} manque alors que la base de données existe : restaurez-le, "
            "sans lui rien de ce qu’elle scelle ne peut être lu.")


def _was_used(settings: Settings) -> bool:
    """True for a database in which somebody has acted: each act is chained under a key. Raises SettingsError where it
    can't be reached."""
    file = Path(settings.database.removeprefix("sqlite:///"))
    if urlsplit(settings.database).scheme == "sqlite" and not (file.is_file() and file.stat().st_size):
        return False
    database.open_database(settings)
    try:
        database.connect()
        with database.reading():
            return bool(rows("SELECT 1 FROM trace LIMIT 1"))
    except peewee.DatabaseError:
        return False  # no table yet
    finally:
        database.close()
