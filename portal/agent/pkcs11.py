"""Cards through a PKCS#11 library (the Cryptolib CPS), by python-pkcs11: the only module that knows it.

For macOS, whose system keeps raw access to itself, and for workstations where it is forbidden. The library
finds the card, presents the code and pads; this module only chooses what is used: the authentication pair,
whose identifiers end with 20 and whose key is called CPS_PRIV_AUT (ansforge/dops-cryptolib, PKCS#11
specification), never CPS_PRIV_SIG.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from portal.agent.errors import (
    BusyCard,
    CardError,
    CardRemoved,
    ForeignCard,
    LastTry,
    LockedCard,
    MissingSupport,
    NoCard,
    NoReader,
    UnusableCard,
    WrongPin,
)
from portal.agent.preuve import AUTHENTICATION_ID, CODE, INFO_LABEL, Proof, digest_info, specialty

INSTALL = (
    "Il manque à ce programme le composant python-pkcs11. Installez-le sur ce poste (pip install python-pkcs11), "
    "puis relancez le programme."
)
AUTHENTICATION_KEY, SIGNATURE_KEY = "CPS_PRIV_AUT", "CPS_PRIV_SIG"
# By name: python-pkcs11's classes exist only once it is imported.
ERRORS: dict[str, type[CardError]] = {
    "PinLocked": LockedCard, "TokenNotPresent": CardRemoved, "DeviceRemoved": CardRemoved,
    "SessionHandleInvalid": CardRemoved, "SessionClosed": CardRemoved, "SlotIDInvalid": CardRemoved,
    "TokenNotRecognised": ForeignCard, "AnotherUserAlreadyLoggedIn": BusyCard, "UserAlreadyLoggedIn": BusyCard,
    "SessionCount": BusyCard,
}
WRONG_CODES = ("PinIncorrect", "PinInvalid", "PinLenRange")


class Pkcs11:
    """The card that a PKCS#11 library finds (see ``preuve.Source``). Thread-safe.

    ``module`` replaces python-pkcs11 in tests.
    """

    def __init__(self, library: Path, module: Any = None) -> None:
        self._path = library
        self._module = module or _load()
        self._library: Any = None
        self._exclusive = threading.RLock()

    @property
    def notice(self) -> str:
        if self._module is None:
            return INSTALL
        try:
            self._slots(present=False)
        except MissingSupport as error:
            return str(error)
        except CardError:
            return ""
        return ""

    def presence(self) -> str:
        try:
            with self._exclusive, _translated():
                return "+".join(_serial(slot.get_token()) for slot in self._slots(present=True))
        except CardError:
            return ""

    @contextmanager
    def open(self) -> Iterator[Token]:
        with self._exclusive:
            yield Token(self._module, self._token())

    def describe(self) -> list[str]:
        lines = [f"python-pkcs11\u00a0: {_version() if self._module else 'absent (pip install python-pkcs11)'}",
                 f"Bibliothèque PKCS#11\u00a0: {self._path}"]
        try:
            for slot in self._slots(present=False):
                lines.append(f"  {slot.slot_description.strip()}")
        except CardError as error:
            lines.append(f"  {error}")
        return lines

    def close(self) -> None:
        """Nothing is watched."""

    def _slots(self, *, present: bool) -> list[Any]:
        if self._module is None:
            raise MissingSupport(INSTALL)
        if self._library is None:
            try:
                self._library = self._module.lib(str(self._path))
            # A library of another architecture, absent or broken: the loader's own errors are of many kinds.
            except Exception as error:
                raise MissingSupport(f"La bibliothèque PKCS#11 ne se charge pas\u00a0: {self._path}.") from error
        with self._exclusive, _translated():
            return list(self._library.get_slots(token_present=present))

    def _token(self) -> Any:
        """The first card that has the authentication certificate; raises NoReader, NoCard or ForeignCard."""
        slots = self._slots(present=True)
        if not slots:
            raise NoCard if self._slots(present=False) else NoReader
        refused: CardError = ForeignCard("no authentication certificate")
        for slot in slots:
            try:
                with _translated():
                    token = slot.get_token()
                if Token(self._module, token).has_certificate():
                    return token
            except UnusableCard as error:
                refused = error
        raise refused


class Token:
    """A card seen through the library (see ``preuve.Driver``)."""

    name = "PKCS#11"

    def __init__(self, module: Any, token: Any) -> None:
        self._module, self._token = module, token

    def has_certificate(self) -> bool:
        """Whether the authentication certificate is there."""
        with _translated(), self._token.open() as session:
            return bool(self._authentication(session, "CERTIFICATE"))

    def tries_left(self) -> int | None:
        """0 for a locked card, 1 before the last try; PKCS#11 tells no more."""
        with _translated():
            # The flags are of the moment when the token was read: it is read again.
            flags = int(self._token.slot.get_token().flags)
        flag = self._module.TokenFlag
        if flags & int(flag.USER_PIN_LOCKED):
            return 0
        return 1 if flags & int(flag.USER_PIN_FINAL_TRY) else None

    def certificates(self) -> list[bytes]:
        """Every certificate (DER) that needs no code."""
        with _translated(), self._token.open() as session:
            return [self._value(one) for one in self._objects(session, "CERTIFICATE")]

    def prove(self, code: str, origin: str, nonce: bytes, *, last_try: bool = False) -> Proof:
        """See ``preuve.Driver``."""
        if not CODE.fullmatch(code):
            raise ValueError("a code has four digits")
        with _translated(), self._token.open() as session:
            found = self._authentication(session, "CERTIFICATE")
            if len(found) != 1:
                raise UnusableCard("no single authentication certificate")
            certificate, known = self._value(found[0]), self._specialty(session)
        tries = self.tries_left()
        if tries == 0:
            raise LockedCard
        if tries == 1 and not last_try:
            raise LastTry
        return Proof(certificate, self._sign(code, digest_info(origin, nonce)), known)

    def _sign(self, code: str, info: bytes) -> bytes:
        try:
            with _translated(), self._token.open(user_pin=code) as session:
                keys = self._authentication(session, "PRIVATE_KEY")
                if len(keys) != 1:
                    raise UnusableCard("no single authentication key")
                return bytes(keys[0].sign(info, mechanism=self._module.Mechanism.RSA_PKCS))
        except WrongPin:
            tries = self.tries_left()
            if tries == 0:
                raise LockedCard from None
            raise WrongPin(tries) from None

    def _specialty(self, session: Any) -> str:
        labels = self._module.Attribute.LABEL
        found = [one for one in self._objects(session, "DATA") if one[labels] == INFO_LABEL]
        return specialty(self._value(found[0])) if found else ""

    def _authentication(self, session: Any, kind: str) -> list[Any]:
        """The objects of the authentication pair: by identifier, or the key by its label."""
        attribute = self._module.Attribute
        return [
            one for one in self._objects(session, kind)
            if one[attribute.LABEL] != SIGNATURE_KEY
            and (bytes(one[attribute.ID])[-1:] == bytes([AUTHENTICATION_ID])
                 or one[attribute.LABEL] == AUTHENTICATION_KEY)
        ]

    def _objects(self, session: Any, kind: str) -> list[Any]:
        wanted = getattr(self._module.ObjectClass, kind)
        return list(session.get_objects({self._module.Attribute.CLASS: wanted}))

    def _value(self, one: Any) -> bytes:
        return bytes(one[self._module.Attribute.VALUE])


@contextmanager
def _translated() -> Iterator[None]:
    """The library's errors as the agent's own; their texts may hold anything and go no further."""
    try:
        yield
    except CardError:
        raise
    except Exception as error:
        name = type(error).__name__
        if name in WRONG_CODES:
            raise WrongPin(None) from None
        raise ERRORS.get(name, UnusableCard)(f"PKCS#11: {name}") from None


def _serial(token: Any) -> str:
    serial = token.serial
    return serial.hex() if isinstance(serial, bytes) else str(serial)


def _load() -> Any:
    try:
        return importlib.import_module("pkcs11")
    except ImportError:
        return None


def _version() -> str:
    try:
        return importlib.metadata.version("python-pkcs11")
    except importlib.metadata.PackageNotFoundError:
        return "version inconnue"
