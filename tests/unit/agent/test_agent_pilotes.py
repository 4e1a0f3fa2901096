"""Both generations of cards: which driver, what it sends, and what the directory decides."""

from __future__ import annotations

import hashlib
import logging

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from hypothesis import given
from hypothesis import strategies as st

from portal.agent import pkcs15
from portal.agent.cps3 import Cps3 as Cps3Driver
from portal.agent.cps4 import Cps4 as Cps4Driver
from portal.agent.errors import ContactlessCard, ForeignCard, LastTry, LockedCard, UnusableCard, WrongPin
from portal.agent.pilotes import driver_for, model, usable
from portal.agent.preuve import DIGEST_INFO_SHA256, digest, padded, specialty
from portal.agent.tlv import encode
from portal.agent.transport import TracedCard
from tests.carte_virtuelle import fichiers
from tests.carte_virtuelle.carte import Carte, Cps3, Cps4
from tests.support.cartes import virtual

SITE, NONCE = "https://portail.test", bytes(range(32))


class Listener:
    """A card that keeps what it was sent."""

    def __init__(self, card: Carte) -> None:
        self.card, self.atr = card, card.atr
        self.sent: list[bytes] = []

    def transmit(self, command: bytes) -> bytes:
        self.sent.append(command)
        return self.card.transmit(command)

    def codes(self) -> list[bytes]:
        """The commands that carried a code."""
        return [command for command in self.sent if command[1] == 0x20 and len(command) > 5]


@pytest.mark.parametrize(("atr", "name", "driver"), [
    ("3BAC00402A001225006480000310009000", "CPS3", Cps3Driver),
    # bytes of rate, history and version differ from card to card
    ("3BFF FFFFFF 001225006480 AABBCC 009000", "CPS3", Cps3Driver),
    ("3B9B188001001225006480040100009044", "CPS4", Cps4Driver),
    ("3B9B188001001225006480000401009044", "CPS4, préversion", Cps4Driver),
    ("3BDC18FF00001225006480000401009000", "CPS4, préversion T=0", Cps4Driver),
    ("3B8F80010031B86404B0ECC1739401808290000E", "CPS3 sans contact", None),
    ("3B8F80010031B8641234ECFF739401808290000E", "CPS3 sans contact", None),
])
def test_each_card_has_its_driver(atr: str, name: str, driver: type[pkcs15.Pkcs15] | None) -> None:
    found = model(bytes.fromhex(atr))
    assert found is not None
    assert (found.name, found.driver) == (name, driver)
    assert usable(bytes.fromhex(atr)) is (driver is not None)


@pytest.mark.parametrize("atr", [
    "", "3B", "3B6500002063CB6800", "3B7513000047092EA3900000",
    "3BAC00402A0012250064800003100090", "3BAC00402A001225006481000310009000", "3B9B188001001225006480040100009045",
])
def test_another_card_is_asked_nothing(atr: str) -> None:
    card = Listener(virtual())
    card.atr = bytes.fromhex(atr)
    with pytest.raises(ForeignCard):
        driver_for(card)
    assert card.sent == []


def test_a_card_on_the_contactless_side_is_asked_nothing() -> None:
    card = Listener(virtual())
    card.atr = bytes.fromhex("3B8F80010031B86404B0ECC1739401808290000E")
    with pytest.raises(ContactlessCard):
        driver_for(card)
    assert card.sent == []


@pytest.mark.parametrize("kind", [Cps3, Cps4])
def test_a_server_can_check_both_generations_signatures(kind: type[Carte]) -> None:
    proof = driver_for(virtual(kind=kind)).prove("1234", SITE, NONCE)
    signed = hashlib.sha256(SITE.encode()).digest() + hashlib.sha256(NONCE).digest()
    certificate = x509.load_der_x509_certificate(proof.certificate)
    certificate.public_key().verify(proof.signature, signed, PKCS1v15(), hashes.SHA256())
    assert proof.certificate == virtual().personne.certificate
    assert proof.specialty == "SM26"


def test_a_cps4_speaks_on_its_channel_and_signs_by_deciphering() -> None:
    card = Listener(virtual(kind=Cps4))
    driver_for(card).prove("1234", SITE, NONCE)
    assert {command[0] for command in card.sent} == {0x01, 0x11}
    assert 0x88 not in [command[1] for command in card.sent]
    assert [command.hex().upper() for command in card.sent if command[1] == 0x22] == ["012241B803830120"]
    chain = [command for command in card.sent if command[1] == 0x2A]
    assert [command[:5].hex().upper() for command in chain] == ["112A8086FF", "012A808601"]
    block = chain[0][5:] + chain[1][5:-1]
    assert block == padded(DIGEST_INFO_SHA256 + digest(SITE, NONCE), 256)


@pytest.mark.parametrize("kind", [Cps3, Cps4])
def test_wrong_codes_the_last_try_and_the_lock(kind: type[Carte]) -> None:
    card = Listener(virtual(kind=kind))
    for left in (2, 1):
        with pytest.raises(WrongPin) as wrong:
            driver_for(card).prove("0000", SITE, NONCE)
        assert wrong.value.tries == left == driver_for(card).tries_left()
    before = len(card.codes())
    with pytest.raises(LastTry):
        driver_for(card).prove("1234", SITE, NONCE)
    assert len(card.codes()) == before
    with pytest.raises(LockedCard):
        driver_for(card).prove("0000", SITE, NONCE, last_try=True)
    assert driver_for(card).tries_left() == 0
    with pytest.raises(LockedCard):
        driver_for(card).prove("1234", SITE, NONCE, last_try=True)
    assert len(card.codes()) == before + 1


@pytest.mark.parametrize("kind", [Cps3, Cps4])
def test_no_trace_holds_the_code(kind: type[Carte], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    driver = driver_for(TracedCard(virtual(kind=kind)))
    with pytest.raises(WrongPin):
        driver.prove("9513", SITE, NONCE)
    driver.prove("1234", SITE, NONCE)
    assert "200001 04 ****" in caplog.text
    for code in ("9513", "1234"):
        assert code not in caplog.text
        assert code.encode().hex() not in caplog.text


@pytest.mark.parametrize("kind", [Cps3, Cps4])
def test_the_key_is_the_one_the_directory_names(kind: type[Carte]) -> None:
    """Another reference in EF.PrKDF is another key asked of the card, which has none there."""
    card = Listener(virtual(kind=kind))
    old, new = card.card.authentication_key, 0x55
    content = card.card.files[fichiers.PRKDF].content
    number = encode(0x02, old.to_bytes(old.bit_length() // 8 + 1, "big"))
    assert content.count(number) == 1
    other = encode(0x02, bytes(len(number) - 3) + bytes([new]))
    card.card.files[fichiers.PRKDF] = fichiers.File(content.replace(number, other))
    with pytest.raises(UnusableCard, match="MSE"):
        driver_for(card).prove("1234", SITE, NONCE)
    assert [command[-1] for command in card.sent if command[1] == 0x22] == [new]


@pytest.mark.parametrize("kind", [Cps3, Cps4])
@pytest.mark.parametrize("missing", [fichiers.PRKDF, fichiers.CDF, fichiers.ODF])
def test_an_empty_directory_costs_no_try(kind: type[Carte], missing: bytes) -> None:
    card = Listener(virtual(kind=kind))
    card.card.files[missing] = fichiers.File(b"")
    with pytest.raises(UnusableCard):
        driver_for(card).prove("1234", SITE, NONCE)
    assert card.codes() == []


def code_entry(*fields: bytes, identifier: bytes = b"\x01") -> bytes:
    """An entry of EF.AODF with these attributes of the code."""
    return encode(0x30, encode(0x30, encode(0x0C, b"Code porteur")), encode(0x30, encode(0x04, identifier)),
                  encode(0xA1, encode(0x30, *fields)))


FLAGS, FILLED, KIND = encode(0x03, b"\x03\x88"), encode(0x03, b"\x03\x8c"), encode(0x0A, b"\x01")
LENGTHS = encode(0x02, b"\x04"), encode(0x02, b"\x08"), encode(0x02, b"\x08")


@pytest.mark.parametrize(("content", "sent"), [
    (b"", "0020000104" + "39353133"),
    (code_entry(FLAGS, KIND, *LENGTHS), "0020000104" + "39353133"),
    (code_entry(FLAGS, KIND, *LENGTHS, encode(0x80, b"\x03")), "0020000304" + "39353133"),
    (code_entry(FILLED, KIND, *LENGTHS, encode(0x80, b"\x01")), "0020000108" + "39353133FFFFFFFF"),
    (code_entry(FILLED, KIND, *LENGTHS, encode(0x80, b"\x01"), encode(0x04, b"\x00")),
     "0020000108" + "3935313300000000"),
    # the unblocking code comes first: the authentication key names its own
    (code_entry(FLAGS, KIND, *LENGTHS, encode(0x80, b"\x02"), identifier=b"\x02")
     + code_entry(FLAGS, KIND, *LENGTHS, encode(0x80, b"\x04")), "0020000404" + "39353133"),
])
def test_the_code_is_presented_as_the_directory_says(content: bytes, sent: str) -> None:
    card = Listener(virtual())
    card.card.files[fichiers.AODF] = fichiers.File(content)
    reference = int(sent[6:8], 16)
    genuine = card.card.transmit
    # a card that knows its code under this reference
    card.card.transmit = lambda raw: genuine(  # type: ignore[method-assign]  # one card of this test answers otherwise
        raw[:3] + b"\x01" + raw[4:] if raw[1] == 0x20 and raw[3] == reference else raw)
    with pytest.raises(WrongPin):
        driver_for(card).prove("9513", SITE, NONCE)
    assert [command.hex().upper() for command in card.codes()] == [sent]


def test_a_code_presented_by_another_program_is_no_mystery() -> None:
    card = virtual(kind=Cps4)
    driver_for(card).prove("1234", SITE, NONCE)
    assert card.verified
    assert driver_for(card).tries_left() == 3


def test_files_outside_the_application_are_found_by_their_path() -> None:
    """A CPS4 selects by identifier first; a file elsewhere is reached from the master file."""
    card = virtual(kind=Cps4)
    card.files[bytes.fromhex("3F000002A009")] = card.files.pop(fichiers.CERTIFICATE)
    cdf = card.files[fichiers.CDF].content
    card.files[fichiers.CDF] = fichiers.File(cdf.replace(fichiers.CERTIFICATE, bytes.fromhex("3F000002A009")))
    driver = driver_for(card)
    assert driver.prove("1234", SITE, NONCE).certificate == card.personne.certificate


@given(st.binary(min_size=51, max_size=51), st.sampled_from([128, 256, 384]))
def test_padding_fills_the_block(info: bytes, size: int) -> None:
    block = padded(info, size)
    assert len(block) == size
    assert block.startswith(b"\x00\x01\xff\xff\xff\xff\xff\xff\xff\xff")
    assert block.endswith(b"\x00" + info)


def test_a_key_too_small_is_refused() -> None:
    with pytest.raises(ValueError, match="small"):
        padded(bytes(51), 61)


@pytest.mark.parametrize(("content", "code"), [
    (b"DEMO SM26", "SM26"), (b"DEMO SM26\xff\xff", "SM26"), (b"", ""), (b"SM2", ""), (b"DEMO SX26", ""),
])
def test_the_specialty_ends_the_information(content: bytes, code: str) -> None:
    assert specialty(content) == code
