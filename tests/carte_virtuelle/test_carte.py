"""The virtual cards without any reader: two imitations and two drivers, written apart, agree."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, utils

from portal.agent.pilotes import driver_for
from portal.agent.preuve import digest
from tests.carte_virtuelle import fichiers, personne
from tests.carte_virtuelle.carte import Carte, Cps3, Cps4
from tests.support.cartes import certificate_of, deck

NONCE = bytes(range(32))
GENERATIONS = pytest.mark.parametrize("kind", [Cps3, Cps4])


def card(kind: type[Carte]) -> Carte:
    """Alice's card of this generation."""
    return kind(personne.read(deck() / "cartes" / "alice-martin.json"))


def said(card: Carte, command: str) -> str:
    """What a card answers, in hexadecimal."""
    return card.transmit(bytes.fromhex(command)).hex().upper()


@GENERATIONS
def test_the_agents_driver_gets_a_signature(kind: type[Carte]) -> None:
    proof = driver_for(card(kind)).prove("1234", "https://portail.test", NONCE)
    assert proof.specialty == "SM26"
    certificate_of("alice-martin").public_key().verify(
        proof.signature, digest("https://portail.test", NONCE), padding.PKCS1v15(), utils.Prehashed(hashes.SHA256()))


def test_a_t0_card_lets_the_answer_be_fetched() -> None:
    alice = card(Cps3)
    select = f"00A40404{len(fichiers.AID):02X}{fichiers.AID.hex()}"
    waiting = said(alice, select)
    assert waiting.startswith("61")
    assert said(alice, f"00C00000{waiting[2:]}").endswith("9000")
    assert said(alice, "00C0000010") == "6985"


def test_reading_stops_at_what_the_card_gives_at_once() -> None:
    alice = card(Cps3)
    said(alice, f"00A409040{len(fichiers.CERTIFICATE)}{fichiers.CERTIFICATE.hex()}")
    assert len(said(alice, "00B0000000")) // 2 - 2 == 0xE7
    assert said(alice, "00B07F0010") == "6B00"


def test_the_protected_file_waits_for_the_code_and_a_reset_takes_it_back() -> None:
    alice = card(Cps3)
    select, read = f"00A4090C0{len(fichiers.ACTIVITY)}{fichiers.ACTIVITY.hex()}", "00B0000010"
    said(alice, select)
    assert said(alice, read) == "6982"
    assert said(alice, "002000010431323334") == "9000"
    assert said(alice, read).endswith("9000")
    alice.reset()
    said(alice, select)
    assert said(alice, read) == "6982"


def test_the_counter_counts_and_survives_a_reset() -> None:
    alice = card(Cps3)
    assert [said(alice, "002000010430303030") for _ in range(3)] == ["63C2", "63C1", "63C0"]
    alice.reset()
    assert said(alice, "002000010431323334") == "6983"
    assert said(alice, "00200001") == "6983"


@pytest.mark.parametrize(("kind", "command", "status"), [
    (Cps3, "01A4040000", "6E00"),  # another channel
    (Cps3, "002A808600", "6D00"),  # no decipherment
    (Cps3, "00880000023000", "6982"),  # the code first
    (Cps3, "002241A406840181800102", "6A80"),  # the signature key is not for this
    (Cps3, "00A4020002FFFF", "6A82"),
    (Cps3, "00A40400FF00", "6700"),  # a length that is a lie
    (Cps4, "00A4040000", "6E00"),
    (Cps4, "01B0000010", "6D00"),  # the applet sleeps
    (Cps4, "01A4090C023F00", "6A82"),
])
def test_what_is_refused(kind: type[Carte], command: str, status: str) -> None:
    assert said(card(kind), command) == status
