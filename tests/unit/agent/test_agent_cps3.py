"""The CPS3 driver: what it asks of a card, in what order, and what it never does."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from hypothesis import given
from hypothesis import strategies as st

from portal.agent import apdu, pkcs15, preuve
from portal.agent.carte_demonstration import DemonstrationCard, read
from portal.agent.cps3 import Cps3
from portal.agent.errors import CardError, CardRemoved, ForeignCard, LastTry, LockedCard, UnusableCard, WrongPin
from portal.agent.pilotes import driver_for
from portal.agent.plateau import EMPTY, Tray
from portal.agent.transport import TracedCard

ORIGIN, NONCE = "https://portail.test", bytes(range(32))
Cards = dict[str, DemonstrationCard]


class Listener:
    """A card that keeps what it was sent."""

    def __init__(self, card: DemonstrationCard) -> None:
        self.card = card
        self.sent: list[bytes] = []

    @property
    def atr(self) -> bytes:
        return self.card.atr

    def transmit(self, command: bytes) -> bytes:
        self.sent.append(command)
        return self.card.transmit(command)

    def instructions(self) -> list[int]:
        return [command[1] for command in self.sent]


class Scripted:
    """A card that answers from a list, then the same thing for ever."""

    atr = bytes.fromhex("3BAC00402A001225006480000310009000")

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)

    def transmit(self, command: bytes) -> bytes:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def test_a_server_can_check_the_signature(cards: Cards, raw_image: Callable[..., dict[str, str]]) -> None:
    proof = Cps3(cards["alice-martin"]).prove("1234", ORIGIN, NONCE)
    certificate = x509.load_der_x509_certificate(proof.certificate)
    signed = hashlib.sha256(ORIGIN.encode()).digest() + hashlib.sha256(NONCE).digest()
    key = certificate.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    key.verify(proof.signature, signed, PKCS1v15(), hashes.SHA256())
    assert proof.certificate == base64.b64decode(raw_image()["certificat_authentification"])
    assert proof.specialty == "SM26"


def test_nothing_but_the_authentication_key_signs(cards: Cards) -> None:
    card = Listener(cards["alice-martin"])
    Cps3(card).prove("1234", ORIGIN, NONCE)
    chosen = [command for command in card.sent if command[1] == 0x22]
    assert [command[-1] for command in chosen] == [0x82]
    signed = [command for command in card.sent if command[1] in (0x88, 0x2A)]
    assert len(signed) == 1
    assert signed[0][5:-1] == preuve.DIGEST_INFO_SHA256 + preuve.digest(ORIGIN, NONCE)


def test_a_hostile_card_hands_out_its_signature_certificate(
        cards: Cards, raw_image: Callable[..., dict[str, str]]) -> None:
    """The demonstration's card that a server must refuse: the agent can't tell, the server can."""
    proof = Cps3(cards["carte-signature"]).prove("1234", ORIGIN, NONCE)
    assert proof.certificate == base64.b64decode(raw_image()["certificat_signature"])


def test_each_wrong_code_costs_one_try_and_a_right_one_gives_them_back(cards: Cards) -> None:
    card = cards["alice-martin"]
    with pytest.raises(WrongPin) as wrong:
        Cps3(card).prove("0000", ORIGIN, NONCE)
    assert wrong.value.tries == Cps3(card).tries_left() == 2
    Cps3(card).prove("1234", ORIGIN, NONCE)
    assert Cps3(card).tries_left() == 3


def test_the_last_try_needs_the_holder_s_word_then_locks(cards: Cards) -> None:
    card = Listener(cards["alice-martin"])
    for _ in range(2):
        with pytest.raises(WrongPin):
            Cps3(card).prove("0000", ORIGIN, NONCE)
    card.sent.clear()
    with pytest.raises(LastTry):
        Cps3(card).prove("1234", ORIGIN, NONCE)
    assert 0x20 not in card.instructions()
    with pytest.raises(LockedCard):
        Cps3(card).prove("0000", ORIGIN, NONCE, last_try=True)
    with pytest.raises(LockedCard):
        Cps3(card).prove("1234", ORIGIN, NONCE, last_try=True)
    assert Cps3(card).tries_left() == 0
    assert card.instructions().count(0x20) == 1


@pytest.mark.parametrize("code", ["", "123", "12345", "12a4", "１２３４", "1234\n"])
def test_a_code_that_is_not_four_digits_never_reaches_the_card(cards: Cards, code: str) -> None:
    card = Listener(cards["alice-martin"])
    with pytest.raises(ValueError, match="four digits"):
        Cps3(card).prove(code, ORIGIN, NONCE)
    assert 0x20 not in card.instructions()


def test_a_card_that_can_not_serve_costs_no_try(folder: Path) -> None:
    card = Listener(DemonstrationCard(read(folder / "alice-martin.json")))
    card.card.image.files[pkcs15.EF_ODF] = b""
    with pytest.raises(UnusableCard):
        Cps3(card).prove("1234", ORIGIN, NONCE)
    assert 0x20 not in card.instructions()


def test_a_card_taken_out_ends_the_exchange(cards: Cards) -> None:
    tray = Tray([cards["alice-martin"].image])
    with tray.connect() as card:
        driver = Cps3(card)
        tray.insert(EMPTY)
        tray.insert("alice-martin")
        with pytest.raises(CardRemoved):
            driver.prove("1234", ORIGIN, NONCE)
    with tray.connect() as card:
        Cps3(card).prove("1234", ORIGIN, NONCE)


def test_the_card_forgets_the_code_after_each_connection(cards: Cards) -> None:
    tray = Tray([cards["alice-martin"].image])
    with tray.connect() as card:
        Cps3(card).prove("1234", ORIGIN, NONCE)
    with tray.connect() as card:
        Cps3(card)
        card.transmit(bytes.fromhex("002241A406800102840182"))
        info = preuve.DIGEST_INFO_SHA256 + bytes(32)
        assert card.transmit(apdu.command(0x88, 0, 0, info, 0)) == b"\x69\x82"


def test_the_trace_masks_the_code(cards: Cards, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    Cps3(TracedCard(cards["alice-martin"])).prove("1234", ORIGIN, NONCE)
    assert "00200001 04 ****" in caplog.text
    assert "31323334" not in caplog.text
    assert b"authentification".hex() not in caplog.text.lower()


@pytest.mark.parametrize("sent", ["002000010431323334", "00240001083132333435363738", "002C00010431323334",
                                  "00200001083132333435FFFFFF", "0020000109313233"])
def test_no_command_with_a_code_shows_it(sent: str) -> None:
    assert "3132" not in apdu.trace(bytes.fromhex(sent), b"\x90\x00")


# An empty directory: the application, then EF.ODF selected and read as an empty file.
NOTHING = (b"\x90\x00", b"\x90\x00", b"\x62\x82")


@pytest.mark.parametrize(("answer", "tries"), [(b"\x63\xc2", 2), (b"\x69\x83", 0), (b"\x69\x84", 0), (b"\x90\x00", 3)])
def test_tries_are_asked_another_way_when_the_card_keeps_them_secret(answer: bytes, tries: int) -> None:
    assert Cps3(Scripted(*NOTHING, b"\x6a\x88", answer)).tries_left() == tries


def test_an_answer_without_tries_is_no_count() -> None:
    with pytest.raises(UnusableCard):
        Cps3(Scripted(*NOTHING, b"\x6a\x88", b"\x6d\x00")).tries_left()


def test_long_answers_are_fetched_but_not_for_ever() -> None:
    counter = bytes.fromhex("7009BF810105A0039B0103")
    assert Cps3(Scripted(*NOTHING, counter[:4] + b"\x61\x07", counter[4:] + b"\x90\x00")).tries_left() == 3
    assert Cps3(Scripted(*NOTHING, b"\x6c\x0b", counter + b"\x90\x00")).tries_left() == 3
    with pytest.raises(UnusableCard):
        Cps3(Scripted(b"\x00" * 200 + b"\x61\xff")).tries_left()


def test_another_card_is_refused_before_anything_is_sent(cards: Cards) -> None:
    card = Listener(cards["carte-bancaire"])
    with pytest.raises(ForeignCard):
        driver_for(card)
    assert card.sent == []


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=12), st.booleans())
def test_whatever_a_card_answers_is_the_agent_s_own_error(answers: list[bytes], ok: bool) -> None:
    scripted = Scripted(b"\x90\x00", *(answer + b"\x90\x00" if ok else answer for answer in answers))
    with contextlib.suppress(CardError):
        Cps3(scripted).prove("1234", ORIGIN, NONCE)
