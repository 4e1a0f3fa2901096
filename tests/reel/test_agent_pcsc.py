"""The agent's PC/SC transport and drivers on the real stack, judged by the portal's own verification."""

from __future__ import annotations

import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from portal.agent.errors import (
    BusyCard,
    CardRemoved,
    ForeignCard,
    LastTry,
    LockedCard,
    NoCard,
    WrongPin,
)
from portal.agent.pcsc import Pcsc
from portal.agent.pilotes import CardSource
from portal.agent.preuve import Proof
from portal.agent.transport import ReaderState
from portal.connexion.rules import Identity, Refused
from tests.carte_virtuelle import fichiers
from tests.carte_virtuelle.carte import Carte, Cps3, Cps4
from tests.carte_virtuelle.fente import Fente
from tests.reel import jetons
from tests.support.cartes import ORIGIN
from tests.support.pcscd import FIRST
from tests.support.running import wait_until

NONCE = secrets.token_bytes(32)
VERIFY, AUTHENTICATE, DECIPHER, READ = 0x20, 0x88, 0x2A, 0xB0
GENERATIONS = pytest.mark.parametrize("kind", [Cps3, Cps4])
# Another program of this machine: it asks for the card and says what the service answered.
OTHER_PROGRAM = """
import sys
from smartcard import scard
code, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
code, handle, _ = scard.SCardConnect(context, sys.argv[1], int(sys.argv[2]), 3)
print(f"{code & 0xFFFFFFFF:08X}", flush=True)
sys.stdin.read()
"""
SHARED, EXCLUSIVE = 2, 1


@pytest.fixture
def reader(service: int) -> Iterator[Pcsc]:
    """The agent's reader."""
    reader = Pcsc()
    yield reader
    reader.close()


@pytest.fixture
def source(reader: Pcsc) -> CardSource:
    """Where the agent gets its drivers from."""
    return CardSource(reader)


def prove(source: CardSource, code: str = "1234", *, last_try: bool = False) -> Proof:
    """One login's proof, over this test's nonce."""
    with source.open() as card:
        return card.prove(code, ORIGIN, NONCE, last_try=last_try)


def verified(proof: Proof, *, origin: str = ORIGIN, nonce: bytes = NONCE) -> Identity:
    """Whom the portal takes the proof's holder for; raises Refused."""
    return jetons.verified(jetons.token(proof), nonce, origin=origin)


def is_free(source: CardSource) -> bool:
    """Whether the agent gets the card."""
    try:
        with source.open():
            return True
    except BusyCard:
        return False


def other_program(share: int) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", OTHER_PROGRAM, FIRST, str(share)], text=True,
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE)


@pytest.mark.usefixtures("empty")
def test_the_reader_and_its_card_are_seen(reader: Pcsc, insert: Callable[..., Carte]) -> None:
    assert reader.state() is ReaderState.NO_CARD
    insert()
    assert reader.state() is ReaderState.PRESENT
    assert any(FIRST in line and "CPS3" in line for line in reader.describe())


@pytest.mark.usefixtures("empty")
def test_an_empty_reader_is_said(source: CardSource) -> None:
    with pytest.raises(NoCard), source.open():
        pass


def test_a_card_that_leaves_and_comes_back_is_another_stay(
        reader: Pcsc, slot: Fente, insert: Callable[..., Carte]) -> None:
    reader.watch()
    insert()
    first = reader.presence()
    slot.remove()
    wait_until(lambda: reader.presence() == "")
    insert()
    assert reader.presence() not in ("", first)


@GENERATIONS
@pytest.mark.parametrize(("name", "rpps"), [("alice-martin", 10100000011), ("bob-durand", 10100000022)])
def test_the_portal_accepts_the_proof(
        source: CardSource, insert: Callable[..., Carte], kind: type[Carte], name: str, rpps: int) -> None:
    insert(name, kind)
    identity = verified(prove(source))
    assert (identity.rpps, identity.profession) == (rpps, "Médecin")


@pytest.mark.parametrize("name", ["carte-expiree", "carte-revoquee", "carte-employe", "carte-inconnue"])
def test_the_portal_refuses_the_card_that_signs_well_but_must_not_enter(
        source: CardSource, insert: Callable[..., Carte], name: str) -> None:
    insert(name)
    proof = prove(source)
    with pytest.raises(Refused):
        verified(proof)


@pytest.mark.parametrize("wrong", [{"origin": "https://ailleurs.example"}, {"nonce": bytes(32)}])
def test_the_proof_serves_no_other_site_and_no_other_challenge(
        source: CardSource, insert: Callable[..., Carte], wrong: dict[str, str]) -> None:
    insert()
    proof = prove(source)
    with pytest.raises(Refused):
        verified(proof, **wrong)


@GENERATIONS
def test_wrong_codes_count_down_until_the_card_locks(
        source: CardSource, insert: Callable[..., Carte], kind: type[Carte]) -> None:
    card = insert(kind=kind)
    for left in (2, 1):
        with pytest.raises(WrongPin) as wrong:
            prove(source, "0000")
        assert wrong.value.tries == left
    with pytest.raises(LastTry):
        prove(source, "0000")
    assert card.tries == 1
    with pytest.raises(LockedCard):
        prove(source, "0000", last_try=True)
    with pytest.raises(LockedCard):
        prove(source)
    with source.open() as held:
        assert held.tries_left() == 0


def test_a_right_code_gives_the_tries_back(source: CardSource, insert: Callable[..., Carte]) -> None:
    card = insert()
    with pytest.raises(WrongPin):
        prove(source, "0000")
    prove(source)
    assert card.tries == 3


def test_another_program_gets_no_hold_of_the_card_meanwhile(
        source: CardSource, insert: Callable[..., Carte]) -> None:
    insert()
    with source.open():
        answer, _ = other_program(SHARED).communicate("")
    wait_until(lambda: is_free(source))
    assert answer.strip() == "8010000B"


def test_a_card_held_by_another_program_is_said_to_be_busy(
        source: CardSource, insert: Callable[..., Carte]) -> None:
    insert()
    other = other_program(EXCLUSIVE)
    assert other.stdout and other.stdout.readline().strip() == "00000000"
    try:
        with pytest.raises(BusyCard), source.open():
            pass
    finally:
        other.communicate("")
    # Once that program has ended, the service lets go of the card by itself.
    wait_until(lambda: is_free(source))


def test_the_card_has_forgotten_the_code_when_the_next_program_comes(
        source: CardSource, reader: Pcsc, insert: Callable[..., Carte]) -> None:
    insert()
    prove(source)
    with reader.connect() as card:
        card.transmit(bytes([0, 0xA4, 9, 4, len(fichiers.ACTIVITY), *fichiers.ACTIVITY]))
        assert card.transmit(bytes([0, READ, 0, 0, 16])).hex() == "6982"


@pytest.mark.parametrize(("kind", "instruction"), [
    (Cps3, READ), (Cps3, VERIFY), (Cps3, AUTHENTICATE), (Cps4, VERIFY), (Cps4, DECIPHER)])
def test_a_card_pulled_out_ends_the_login_and_nothing_else(
        source: CardSource, slot: Fente, insert: Callable[..., Carte], kind: type[Carte], instruction: int) -> None:
    card = insert(kind=kind)
    slot.pull_at(instruction)
    with pytest.raises(CardRemoved):
        prove(source)
    assert card.tries == 3
    slot.insert(card)
    wait_until(lambda: source.presence() != "")
    assert verified(prove(source)).rpps == 10100000011


def test_a_card_of_another_kind_is_sent_nothing(source: CardSource, insert: Callable[..., Carte]) -> None:
    class Vitale(Cps3):
        atr = bytes.fromhex("3B7513000047090EA38300")

    card = insert(kind=Vitale)
    with pytest.raises(ForeignCard), source.open():
        pass
    assert card.seen == []


def test_the_signature_key_is_never_chosen(source: CardSource, insert: Callable[..., Carte]) -> None:
    """The trap: the card would sign an act of care with key 81, had the agent taken the other pair."""
    card = insert()
    proof = prove(source)
    assert proof.certificate == card.personne.certificate != card.personne.signature_certificate
    assert verified(proof)
