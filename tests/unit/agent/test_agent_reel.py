"""The agent's windows on a real reader's answers: what changes under the holder's hands, and what is never written."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from portal import agent
from portal.agent.pcsc import Pcsc
from portal.agent.pilotes import CardSource
from portal.agent.pkcs11 import Pkcs11
from tests.carte_virtuelle.carte import Carte, Cps3, Cps4
from tests.support.cartes import virtual
from tests.unit.agent.conftest import Window
from tests.unit.agent.faux_pcsc import READER, FauxScard
from tests.unit.agent.faux_pkcs11 import FauxPkcs11, token

if TYPE_CHECKING:
    from tests.unit.agent.conftest import Answer

SITE = "https://portail.test"
Words = Callable[[str], str]


@pytest.fixture
def scard() -> FauxScard:
    fake = FauxScard()
    fake.insert(virtual())
    return fake


@pytest.fixture
def window(scard: FauxScard) -> Iterator[Window]:
    server = agent.start(0, [SITE], source=CardSource(Pcsc(scard=scard)))
    yield Window(server)
    server.stop()


def state(window: Window) -> dict[str, str]:
    words: dict[str, str] = json.loads(window.get("/v1/etat", Sec_Fetch_Site="same-origin").text)
    return words


def signed(page: Answer) -> bool:
    return page.page.body.get("data-message") == "token"


@pytest.mark.parametrize(("kind", "t0"), [(Cps3, True), (Cps4, False)])
def test_a_login_by_a_real_reader(window: Window, scard: FauxScard, kind: type[Carte], t0: bool) -> None:
    scard.t0 = t0
    scard.insert(virtual(kind=kind))
    done = window.sign(window.dialogue(), "1234")
    assert json.loads(done.page.body["data-token"])["algorithm"] == "RS256"


def test_a_swapped_card_is_not_given_the_code(window: Window, scard: FauxScard) -> None:
    page = window.dialogue()
    scard.insert(None)
    scard.insert(other := virtual("bob-durand"))
    refused = window.sign(page, "1234")
    assert refused.status == 422
    assert "retirée ou changée" in refused.alert
    assert "Rien n’a été envoyé à la carte" in refused.alert
    assert other.tries == 3
    assert not [raw for raw in scard.sent if raw[1] == 0x20 and raw[4:5] == b"\x04"]
    # the window now speaks of the new card, whose code is accepted
    assert signed(window.sign(refused, "1234"))


def test_the_same_card_out_and_in_again_is_asked_anew(window: Window, scard: FauxScard) -> None:
    page, card = window.dialogue(), scard.slots[READER].card
    scard.insert(None)
    scard.insert(card)
    assert "retirée ou changée" in window.sign(page, "1234").alert


def test_the_open_window_can_follow_the_card(window: Window, scard: FauxScard) -> None:
    page = window.dialogue()
    body = page.page.body
    assert (body["data-surveille"], body["data-presence"]) == ("code", state(window)["presence"])
    assert page.page.select_one("#partie")["role"] == "status"
    scard.insert(None)
    assert state(window)["etat"] == "carte-absente"
    scard.insert(virtual("bob-durand"))
    assert state(window)["etat"] == "carte-prete"
    assert state(window)["presence"] != body["data-presence"]
    # what agent.js then sends by itself
    again = window.post("/v1/reessayer", {"jeton": page.jeton})
    assert "retirée ou changée" in again.alert
    assert signed(window.sign(again, "1234"))


def test_a_page_that_asks_every_second_leaves_the_card_in_peace(window: Window, scard: FauxScard) -> None:
    state(window)
    sent, opened = len(scard.sent), len(scard.modes)
    for _ in range(5):
        assert state(window)["essais"] == "Essais restants\u00a0: 3"
    assert (len(scard.sent), len(scard.modes)) == (sent, opened)


def test_the_tries_shown_follow_a_wrong_code(window: Window) -> None:
    assert state(window)["essais"].endswith("3")
    window.sign(window.dialogue(), "0000")
    assert state(window)["essais"].endswith("2")


def test_a_card_unlocked_by_another_program_is_seen(window: Window, scard: FauxScard) -> None:
    card = scard.slots[READER].card
    assert isinstance(card, Cps3)
    card.tries = 0
    assert state(window)["etat"] == "carte-bloquee"
    card.tries = 3
    assert state(window)["etat"] == "carte-prete"


def test_checking_again_asks_the_card(window: Window, scard: FauxScard) -> None:
    card = scard.slots[READER].card
    assert isinstance(card, Cps3)
    state(window)
    card.tries = 1
    assert "Essais restants\u00a0: 1" in window.send("POST", "/v1/diagnostic", {}, Origin=SITE).text
    assert state(window)["essais"].endswith("1")


def test_a_card_that_another_program_holds_has_its_own_words(window: Window, scard: FauxScard, plain: Words) -> None:
    page = window.dialogue()
    scard.slots[READER].held = True
    refused = window.sign(page, "1234")
    assert refused.page.select_one("#etat")["data-etat"] == "carte-occupee"
    assert "Votre code n’a pas été envoyé" in refused.alert
    assert refused.page.select_one("#aide")["href"] == f"{SITE}/aide/connexion/carte/#carte-occupee"
    assert "Un autre logiciel" in plain(refused.page.main.get_text())
    scard.slots[READER].held = False
    assert state(window)["etat"] == "carte-prete"
    again = window.post("/v1/reessayer", {"jeton": refused.jeton})
    assert again.status == 200
    assert signed(window.sign(again, "1234"))


def test_a_card_taken_out_while_it_signs(window: Window, scard: FauxScard) -> None:
    page = window.dialogue()

    def pulled(raw: bytes) -> int:
        if raw[1] == 0x88:
            scard.insert(None)
        return 0

    scard.before = pulled
    refused = window.sign(page, "1234")
    assert (refused.status, refused.page.select_one("#etat")["data-etat"]) == (422, "carte-absente")
    assert "retirée avant la fin" in refused.alert


@pytest.mark.parametrize(("atr", "words"), [
    ("3B7513000047092EA3900000", "n’est pas une carte CPS"),
    ("3B8F80010031B86404B0ECC1739401808290000E", "sans contact"),
])
def test_a_card_that_is_no_cps_is_told_apart(
        window: Window, scard: FauxScard, plain: Words, atr: str, words: str) -> None:
    foreign = virtual()
    foreign.atr = bytes.fromhex(atr)
    scard.insert(foreign)
    page = window.dialogue().page
    assert page.select_one("#etat")["data-etat"] == "carte-illisible"
    assert words in plain(page.main.get_text())
    assert foreign.seen == []


def test_a_service_that_stopped_has_its_own_words(window: Window, scard: FauxScard, plain: Words) -> None:
    scard.service = False
    page = window.dialogue().page
    assert page.select_one("#etat")["data-etat"] == "service-absent"
    assert "pcscd sous Linux" in plain(page.main.get_text())


def test_without_pyscard_the_window_says_what_is_missing(
        monkeypatch: pytest.MonkeyPatch, plain: Words) -> None:
    monkeypatch.setattr("portal.agent.pcsc._load", lambda: None)
    server = agent.start(0, [SITE])
    try:
        window = Window(server)
        page = window.dialogue().page
        assert page.select_one("#etat")["data-etat"] == "composant-absent"
        assert "pip install pyscard" in plain(page.main.get_text())
        assert "pip install pyscard" in window.get("/").text
        assert window.get("/plateau").status == 404
        with pytest.raises(ValueError, match="tray"):
            server.insert("aucune")
    finally:
        server.stop()


def test_a_library_that_counts_nothing_still_warns(plain: Words) -> None:
    module = FauxPkcs11()
    token(module.slots[0])
    server = agent.start(0, [SITE], source=Pkcs11(Path("lib.so"), module))
    try:
        window = Window(server)
        page = window.dialogue()
        assert "Trois codes faux de suite bloquent la carte" in plain(page.page.main.get_text())
        page = window.sign(page, "0000")
        assert "Code porteur incorrect. Trois codes faux" in page.alert
        page = window.sign(page, "0000")
        assert "Il vous reste 1 essai" in page.alert
        assert page.page.select_one("#dernier") is not None
        assert "Rien n’a été envoyé" in window.sign(page, "1234").alert
        # another card, seen by its serial number
        page = window.dialogue()
        token(module.slots[0], "bob-durand", b"0000000002")
        page = window.sign(page, "1234")
        assert "retirée ou changée" in page.alert
        assert signed(window.sign(page, "1234"))
    finally:
        server.stop()


def test_nothing_written_holds_the_code(
        window: Window, scard: FauxScard, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    page = window.sign(window.dialogue(), "9513")
    scard.before = lambda raw: 0x80100016 if raw[1] == 0x20 and raw[4] == 4 else 0
    page = window.sign(page, "9513")
    scard.before = None
    window.sign(window.post("/v1/reessayer", {"jeton": page.jeton}), "1234")
    assert "****" in caplog.text
    for code in ("9513", "1234"):
        assert code not in caplog.text
        assert code.encode().hex() not in caplog.text


def test_stopping_the_agent_stops_its_watch(scard: FauxScard) -> None:
    reader = Pcsc(scard=scard)
    reader.watch()
    server = agent.start(0, [SITE], source=CardSource(reader))
    watching = reader._thread
    assert watching is not None
    assert watching.is_alive()
    server.stop()
    assert not watching.is_alive()
