"""python-pkcs11 in memory: slots, tokens, sessions and the errors it raises, by the names of its classes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, IntFlag
from types import TracebackType
from typing import Any

from tests.carte_virtuelle.personne import Key
from tests.support.cartes import virtual


class PKCS11Error(RuntimeError):
    """The library's errors all derive from it."""


class PinIncorrect(PKCS11Error):
    pass


class PinLocked(PKCS11Error):
    pass


class TokenNotPresent(PKCS11Error):
    pass


class DeviceRemoved(PKCS11Error):
    pass


class TokenNotRecognised(PKCS11Error):
    pass


class Attribute(Enum):
    CLASS, ID, LABEL, VALUE = range(4)


class ObjectClass(Enum):
    DATA, CERTIFICATE, PRIVATE_KEY = range(3)


class Mechanism(Enum):
    RSA_PKCS = 1


class TokenFlag(IntFlag):
    USER_PIN_COUNT_LOW, USER_PIN_FINAL_TRY, USER_PIN_LOCKED = 0x10000, 0x20000, 0x40000


@dataclass
class Object(dict[Attribute, Any]):
    """A certificate, a data object or a key."""

    kind: ObjectClass
    label: str
    id: bytes = b""
    value: bytes = b""
    key: Key | None = None
    used: list[str] = field(default_factory=list)

    def __getitem__(self, name: Attribute) -> Any:
        return {Attribute.LABEL: self.label, Attribute.ID: self.id, Attribute.VALUE: self.value}[name]

    def sign(self, data: bytes, mechanism: Mechanism) -> bytes:
        assert self.key
        assert mechanism is Mechanism.RSA_PKCS
        self.used.append(self.label)
        return self.key.raw(b"\0\1" + b"\xff" * (self.key.size - len(data) - 3) + b"\0" + data)


@dataclass
class Token:
    """A card: three tries, told by flags only."""

    slot: Any
    serial: bytes
    objects: list[Object]
    tries: int = 3
    logins: list[str] = field(default_factory=list)
    error: type[PKCS11Error] | None = None

    @property
    def flags(self) -> int:
        if not self.tries:
            return int(TokenFlag.USER_PIN_LOCKED)
        return {3: 0, 2: int(TokenFlag.USER_PIN_COUNT_LOW)}.get(
            self.tries, int(TokenFlag.USER_PIN_COUNT_LOW | TokenFlag.USER_PIN_FINAL_TRY))

    def open(self, user_pin: str | None = None) -> Session:
        if self.error:
            raise self.error(user_pin)
        if user_pin is not None:
            self.logins.append(user_pin)
            if not self.tries:
                raise PinLocked
            self.tries = 3 if user_pin == "1234" else self.tries - 1
            if self.tries != 3:
                raise PinIncorrect
        return Session(self, user_pin is not None)


@dataclass
class Session:
    """Private keys show after a login only."""

    token: Token
    logged: bool

    def __enter__(self) -> Session:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        """Closed."""

    def get_objects(self, wanted: dict[Attribute, Any]) -> Iterator[Object]:
        kind = wanted[Attribute.CLASS]
        return iter(one for one in self.token.objects
                    if one.kind is kind and (self.logged or kind is not ObjectClass.PRIVATE_KEY))


@dataclass
class Slot:
    """A reader as the library sees it."""

    token: Token | None = None
    error: type[PKCS11Error] | None = None
    slot_description: str = "Lecteur de table 00 00          "

    def get_token(self) -> Token:
        if self.error:
            raise self.error
        if self.token is None:
            raise TokenNotPresent
        return self.token


class FauxPkcs11:
    """The module itself; ``loads`` False is a library that can't be loaded."""

    Attribute, ObjectClass, Mechanism, TokenFlag = Attribute, ObjectClass, Mechanism, TokenFlag

    def __init__(self) -> None:
        self.slots = [Slot()]
        self.loads = True

    def lib(self, path: str) -> FauxPkcs11:
        if not self.loads:
            raise RuntimeError(f"OS exception while loading {path}")
        return self

    def get_slots(self, token_present: bool = False) -> list[Slot]:
        return [slot for slot in self.slots if not token_present or slot.token or slot.error]


def token(slot: Slot, name: str = "alice-martin", serial: bytes = b"0000000001") -> Token:
    """A CPS in this slot, as the Cryptolib shows it."""
    person = virtual(name).personne
    kind = ObjectClass
    slot.token = Token(slot, serial, [
        Object(kind.CERTIFICATE, "CPS_CERT_SIG", b"\xe8\x10", person.signature_certificate),
        Object(kind.CERTIFICATE, "CPS_CERT_AUT", b"\xe8\x20", person.certificate),
        Object(kind.PRIVATE_KEY, "CPS_PRIV_SIG", b"\xe8\x10", key=person.signature_key),
        Object(kind.PRIVATE_KEY, "CPS_PRIV_AUT", b"\xe8\x20", key=person.key),
        Object(kind.DATA, "CPS_NAME_PS", value=b"MARTIN"), Object(kind.DATA, "CPS_INFO_PS", value=b"DEMO SM26"),
    ])
    return slot.token
