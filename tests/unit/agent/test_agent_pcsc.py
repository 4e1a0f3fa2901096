"""Real readers, by a service in memory: which one is used, what each of its answers means, what it leaves."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from portal.agent import pcsc
from portal.agent.errors import (
    BusyCard,
    CardError,
    CardRemoved,
    MissingSupport,
    MuteCard,
    NoCard,
    NoReader,
    NoService,
    UnusableCard,
)
from portal.agent.pcsc import Pcsc
from portal.agent.pilotes import CardSource
from portal.agent.transport import ReaderState
from tests.carte_virtuelle.carte import Carte, Cps3, Cps4
from tests.support.cartes import virtual
from tests.unit.agent.faux_pcsc import EMPTY, MUTE, NOT_TRANSACTED, READER, FauxScard, Slot

SITE, NONCE = "https://portail.test", bytes(range(32))
OTHER = "Clavier SANS NOM 01"
VITALE = bytes.fromhex("3B7513000047092EA3900000")


class Foreign:
    """A card that is no CPS, and must be asked nothing."""

    atr = VITALE

    def reset(self) -> None:
        """Nothing to forget."""

    def transmit(self, raw: bytes) -> bytes:
        raise AssertionError("a foreign card was asked something")


@pytest.fixture
def scard() -> Iterator[FauxScard]:
    fake = FauxScard()
    yield fake
    assert fake.contexts == set(), "a context of the service was not given back"
    assert len(fake.ends) == sum(1 for end in fake.ends if end == fake.SCARD_RESET_CARD), "a card was not reset"


def refused(reader: Pcsc) -> type[CardError]:
    with pytest.raises(CardError) as error, reader.connect():
        pass
    return error.type


@pytest.mark.parametrize(("prepare", "error"), [
    (lambda fake: setattr(fake, "service", False), NoService),
    (lambda fake: fake.slots.clear(), NoReader),
    (lambda fake: None, NoCard),
    (lambda fake: fake.insert(None, mute=True), MuteCard),
    (lambda fake: (fake.insert(virtual()), setattr(fake.slots[READER], "held", True)), BusyCard),
])
@pytest.mark.parametrize("windows", [False, True])
def test_each_answer_of_the_service_is_an_error_of_its_own(
        scard: FauxScard, prepare: Callable[[FauxScard], object], error: type[CardError], windows: bool) -> None:
    scard.windows = windows
    prepare(scard)
    assert refused(Pcsc(scard=scard)) is error


def test_without_pyscard_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pcsc, "_load", lambda: None)
    reader = Pcsc()
    reader.watch()
    assert refused(reader) is MissingSupport
    assert (reader.presence(), "pip install pyscard" in reader.notice) == ("", True)
    assert "absent" in reader.describe()[0]
    reader.close()


def test_the_states_before_anything_is_asked(scard: FauxScard) -> None:
    reader = Pcsc(scard=scard)
    seen = [reader.state()]
    scard.insert(virtual())
    seen.append(reader.state())
    scard.insert(None, mute=True)
    seen.append(reader.state())
    scard.slots.clear()
    seen.append(reader.state())
    assert seen == [ReaderState.NO_CARD, ReaderState.PRESENT, ReaderState.MUTE, ReaderState.NO_READER]
    assert scard.sent == []


@pytest.mark.parametrize(("kind", "t0"), [(Cps3, True), (Cps4, False)])
@pytest.mark.parametrize("windows", [False, True])
def test_a_login_holds_the_card_alone_and_leaves_it_reset(
        scard: FauxScard, kind: type[Carte], t0: bool, windows: bool) -> None:
    scard.t0, scard.windows = t0, windows
    scard.insert(card := virtual(kind=kind))
    with CardSource(Pcsc(scard=scard)).open() as driver:
        assert len(driver.prove("1234", SITE, NONCE).signature) == 256
        assert card.verified
    assert scard.modes == [scard.SCARD_SHARE_EXCLUSIVE]
    assert scard.ends == [scard.SCARD_RESET_CARD]
    assert not card.verified


def test_a_failure_leaves_the_card_reset_too(scard: FauxScard) -> None:
    scard.insert(virtual())
    with pytest.raises(RuntimeError), Pcsc(scard=scard).connect():
        raise RuntimeError
    assert scard.ends == [scard.SCARD_RESET_CARD]


@pytest.mark.parametrize(("command", "carried"), [
    ("00200001", "0020000100"), ("00B00000E7", "00B00000E7"), ("0022", "0022"),
    ("00A4090402D00300", "00A4090402D003"), ("002241A403840182", "002241A403840182"),
])
def test_commands_as_t0_carries_them(command: str, carried: str) -> None:
    if len(command) < 8:
        with pytest.raises(IndexError):
            pcsc._t0(bytes.fromhex(command))
    else:
        assert pcsc._t0(bytes.fromhex(command)).hex().upper() == carried


def test_among_several_readers_the_one_with_a_cps_is_used(scard: FauxScard) -> None:
    scard.slots[OTHER] = Slot()
    scard.insert(Foreign())
    scard.insert(virtual(), OTHER)
    with CardSource(Pcsc(scard=scard)).open() as driver:
        assert driver.tries_left() == 3
    # and the other one says that it holds no CPS when it is the only one filled
    scard.insert(None, OTHER)
    with pytest.raises(UnusableCard), CardSource(Pcsc(scard=scard)).open():
        pass


def test_a_reader_can_be_chosen_by_a_part_of_its_name(scard: FauxScard) -> None:
    scard.slots[OTHER] = Slot()
    scard.insert(virtual())
    assert refused(Pcsc("sans nom", scard)) is NoCard
    assert Pcsc("TABLE", scard).presence()
    absent = Pcsc("pinpad", scard)
    assert refused(absent) is NoReader
    assert READER in absent.notice
    assert OTHER in absent.notice
    assert Pcsc("table", scard).notice == ""
    assert f"  {OTHER}\u00a0: vide (non choisi)" in Pcsc("table", scard).describe()


@pytest.mark.parametrize("failure", [0x80100069, 0x80100068, 0x80100017, 0x8010001D])
def test_a_card_that_goes_away_in_the_middle(scard: FauxScard, failure: int) -> None:
    scard.insert(virtual())
    scard.before = lambda raw: failure if raw[1] == 0x20 and len(raw) > 5 else 0
    with pytest.raises(CardRemoved), CardSource(Pcsc(scard=scard)).open() as driver:
        driver.prove("1234", SITE, NONCE)


@pytest.mark.parametrize("failure", [NOT_TRANSACTED, EMPTY])
def test_a_failed_exchange_is_a_removal_when_the_card_is_then_gone(scard: FauxScard, failure: int) -> None:
    scard.insert(virtual())

    def pulled(raw: bytes) -> int:
        scard.insert(None)
        return failure

    scard.before = pulled
    with pytest.raises(CardRemoved), CardSource(Pcsc(scard=scard)).open():
        pass


@pytest.mark.parametrize("failure", [NOT_TRANSACTED, EMPTY])
def test_a_failed_exchange_with_the_card_still_there_is_no_removal(
        scard: FauxScard, monkeypatch: pytest.MonkeyPatch, failure: int) -> None:
    monkeypatch.setattr(pcsc, "NOTICE_MILLISECONDS", 1)
    scard.insert(virtual())
    scard.before = lambda raw: failure
    with pytest.raises(UnusableCard), CardSource(Pcsc(scard=scard)).open():
        pass


def test_the_presence_tells_one_stay_from_another(scard: FauxScard) -> None:
    reader = Pcsc(scard=scard)
    assert reader.presence() == ""
    scard.insert(card := virtual())
    first = reader.presence()
    with reader.connect():
        assert reader.presence() == first
    assert reader.presence() == first
    # the same card out and in again between two looks
    scard.insert(None)
    scard.insert(card)
    assert reader.presence() not in ("", first)
    # the reader unplugged and plugged again, its own count back to where it was
    second, count = reader.presence(), scard.slots[READER].events
    slot = scard.unplug()
    assert reader.presence() == ""
    scard.plug(slot)
    assert scard.slots[READER].events == count
    assert reader.presence() not in ("", second)


def test_another_reader_s_comings_and_goings_change_nothing_here(scard: FauxScard) -> None:
    scard.insert(virtual())
    reader = Pcsc(scard=scard)
    first = reader.presence()
    scard.slots[OTHER] = Slot()
    scard.insert(Foreign(), OTHER)
    assert reader.presence() == first


def test_the_watch_notices_an_unplugged_reader_by_itself_and_stops(
        scard: FauxScard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pcsc, "WATCH_MILLISECONDS", 5)
    scard.insert(virtual())
    reader = Pcsc(scard=scard)
    first = reader.presence()
    noted, note = threading.Event(), reader._note

    def spied(slots: list[pcsc.Slot]) -> list[pcsc.Slot]:
        found = note(slots)
        if not found:
            noted.set()
        return found

    monkeypatch.setattr(reader, "_note", spied)
    reader.watch()
    slot = scard.unplug()
    assert noted.wait(5)
    scard.plug(slot)
    assert reader.presence() not in ("", first)
    reader.close()
    assert "pcsc" not in [thread.name for thread in threading.enumerate()]


def test_the_watch_outlives_a_service_that_stops(scard: FauxScard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pcsc, "WATCH_MILLISECONDS", 5)
    scard.service = False
    reader = Pcsc(scard=scard)
    reader.watch()
    scard.service = True
    scard.insert(virtual())
    assert reader.presence()
    reader.close()


def test_the_description_names_readers_and_cards(scard: FauxScard) -> None:
    scard.slots[OTHER] = Slot()
    scard.insert(Foreign())
    scard.insert(virtual(kind=Cps4), OTHER)
    lines = "\n".join(Pcsc(scard=scard).describe())
    assert "qui n’est pas une CPS, ATR 3B 75" in lines
    assert "carte CPS4, ATR 3B 9B" in lines
    scard.service = False
    assert "arrêté" in Pcsc(scard=scard).describe()[-1]
    scard.service = True
    scard.insert(None, mute=True)
    assert "carte muette" in "\n".join(Pcsc(scard=scard).describe())


def test_a_mute_answer_at_connection_is_a_mute_card(scard: FauxScard, monkeypatch: pytest.MonkeyPatch) -> None:
    scard.insert(virtual())
    monkeypatch.setattr(scard, "SCardConnect", lambda *_: (MUTE, 0, 0))
    assert refused(Pcsc(scard=scard)) is MuteCard
