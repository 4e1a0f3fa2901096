"""The PKCS#11 way: the right pair of objects, and the library's errors in the agent's words."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from portal.agent import pkcs11
from portal.agent.errors import (
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
from portal.agent.etats import Etat, look
from portal.agent.pkcs11 import Pkcs11
from tests.support.cartes import virtual
from tests.unit.agent.faux_pkcs11 import DeviceRemoved, FauxPkcs11, PKCS11Error, Slot, Token, TokenNotRecognised, token

SITE, NONCE = "https://portail.test", bytes(range(32))
LIBRARY = Path("/opt/cps/libcps3_pkcs11.so")


@pytest.fixture
def module() -> FauxPkcs11:
    return FauxPkcs11()


@pytest.fixture
def card(module: FauxPkcs11) -> Token:
    return token(module.slots[0])


@pytest.fixture
def source(module: FauxPkcs11) -> Pkcs11:
    return Pkcs11(LIBRARY, module)


def prove(source: Pkcs11, code: str = "1234", *, last_try: bool = False) -> pkcs11.Proof:
    with source.open() as driver:
        return driver.prove(code, SITE, NONCE, last_try=last_try)


def refused(source: Pkcs11) -> type[CardError]:
    with pytest.raises(CardError) as error, source.open():
        pass
    return error.type


def test_a_server_can_check_the_signature(source: Pkcs11, card: Token) -> None:
    proof = prove(source)
    signed = hashlib.sha256(SITE.encode()).digest() + hashlib.sha256(NONCE).digest()
    certificate = x509.load_der_x509_certificate(proof.certificate)
    certificate.public_key().verify(proof.signature, signed, PKCS1v15(), hashes.SHA256())
    assert proof.certificate == virtual().personne.certificate
    assert proof.specialty == "SM26"


def test_the_signature_key_is_never_used(source: Pkcs11, card: Token) -> None:
    prove(source)
    assert [label for one in card.objects for label in one.used] == ["CPS_PRIV_AUT"]
    # whatever its identifier says
    for one in card.objects:
        if one.label == "CPS_PRIV_AUT":
            one.label, one.id = "autre", b"\x30"
        elif one.label == "CPS_PRIV_SIG":
            one.id = b"\xe8\x20"
    with pytest.raises(UnusableCard):
        prove(source)
    assert [label for one in card.objects for label in one.used] == ["CPS_PRIV_AUT"]


def test_the_key_is_found_by_its_label_too(source: Pkcs11, card: Token) -> None:
    next(one for one in card.objects if one.label == "CPS_PRIV_AUT").id = b"\x01"
    assert len(prove(source).signature) == 256


def test_wrong_codes_then_the_last_try_then_the_lock(source: Pkcs11, card: Token) -> None:
    with source.open() as driver:
        assert driver.tries_left() is None
    with pytest.raises(WrongPin) as wrong:
        prove(source, "0000")
    assert wrong.value.tries is None
    with pytest.raises(WrongPin) as wrong:
        prove(source, "0000")
    assert wrong.value.tries == 1
    before = list(card.logins)
    with pytest.raises(LastTry):
        prove(source)
    assert card.logins == before
    with pytest.raises(LockedCard):
        prove(source, "0000", last_try=True)
    before = list(card.logins)
    with pytest.raises(LockedCard):
        prove(source, "1234", last_try=True)
    assert card.logins == before
    assert look(source).etat is Etat.CARTE_BLOQUEE


def test_a_code_that_is_not_four_digits_never_reaches_the_library(source: Pkcs11, card: Token) -> None:
    with pytest.raises(ValueError, match="four digits"):
        prove(source, "12345")
    assert card.logins == []


def test_a_card_without_the_pair_costs_no_try(source: Pkcs11, card: Token) -> None:
    card.objects = [one for one in card.objects if one.id != b"\xe8\x20"]
    with pytest.raises(ForeignCard):
        prove(source)
    assert card.logins == []


@pytest.mark.parametrize(("slots", "error"), [
    ([], NoReader), ([Slot()], NoCard), ([Slot(error=TokenNotRecognised)], ForeignCard),
    ([Slot(error=PKCS11Error)], UnusableCard), ([Slot(error=DeviceRemoved)], CardRemoved),
])
def test_each_answer_of_the_library_is_an_error_of_its_own(
        module: FauxPkcs11, source: Pkcs11, slots: list[Slot], error: type[CardError]) -> None:
    module.slots = slots
    assert refused(source) is error


def test_the_card_among_several_readers(module: FauxPkcs11, source: Pkcs11) -> None:
    module.slots = [Slot(), Slot(error=TokenNotRecognised), Slot()]
    token(module.slots[2])
    assert prove(source).specialty == "SM26"


def test_a_card_taken_out_or_changed_is_seen(module: FauxPkcs11, source: Pkcs11, card: Token) -> None:
    first = source.presence()
    assert first == source.presence() != ""
    module.slots[0].token = None
    assert source.presence() == ""
    token(module.slots[0], "bob-durand", b"0000000002")
    assert source.presence() not in ("", first)


def test_a_card_taken_out_in_the_middle(source: Pkcs11, card: Token) -> None:
    with pytest.raises(CardRemoved), source.open() as driver:
        card.error = DeviceRemoved
        driver.prove("1234", SITE, NONCE)


def test_a_library_that_does_not_load_is_named(module: FauxPkcs11, source: Pkcs11) -> None:
    module.loads = False
    assert refused(source) is MissingSupport
    assert str(LIBRARY) in source.notice
    assert look(source).etat is Etat.COMPOSANT_ABSENT


def test_without_python_pkcs11_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pkcs11, "_load", lambda: None)
    source = Pkcs11(LIBRARY)
    assert refused(source) is MissingSupport
    assert "pip install python-pkcs11" in source.notice
    assert "absent" in source.describe()[0]
    assert source.presence() == ""


def test_no_log_and_no_error_holds_the_code(
        source: Pkcs11, card: Token, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    prove(source)
    for error in (None, DeviceRemoved, PKCS11Error):
        card.error = None
        with pytest.raises(CardError) as caught, source.open() as driver:
            card.error = error
            driver.prove("9513", SITE, NONCE)
        assert "9513" not in f"{caught.value!r} {caught.value.__cause__!r}"
        card.error = None
    assert "9513" not in caplog.text
    assert "1234" not in caplog.text
