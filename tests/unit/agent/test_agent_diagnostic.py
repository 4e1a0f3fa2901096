"""``--diagnostic``: what it prints, what it asks of a card, and the code it ends with."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from portal.agent import certificat, diagnostic
from portal.agent.__main__ import main
from portal.agent.errors import UnusableCard
from portal.agent.etats import look
from portal.agent.pcsc import Pcsc
from portal.agent.pilotes import CardSource
from portal.agent.pkcs11 import Pkcs11
from tests.carte_virtuelle.carte import Cps4
from tests.support.cartes import MIDDAY, certificate_of, deck, issued, usage, virtual
from tests.unit.agent.faux_pcsc import READER, FauxScard
from tests.unit.agent.faux_pkcs11 import FauxPkcs11, token


def printed(source: object, now: datetime = MIDDAY) -> str:
    lines = diagnostic.report(source, look(source), now)  # type: ignore[arg-type]  # either source
    return re.sub(r"[\u00a0\u202f]", " ", "\n".join(lines))


def test_a_ready_card_is_described_without_a_code() -> None:
    scard = FauxScard()
    scard.insert(card := virtual(kind=Cps4))
    source = CardSource(Pcsc(scard=scard))
    text = printed(source)
    for words in (READER, "ATR 3B 9B 18 80", "Pilote choisi : CPS4", "Certificats : 2", "MARTIN ALICE (810100000011)",
                  "usage : signature de connexion", "engagement (signature)", "Essais restants : 3", "Carte prête"):
        assert words in text
    serial = f"{certificate_of('alice-martin').serial_number:X}"
    assert serial in text
    assert card.tries == 3
    assert not [raw for raw in scard.sent if raw[1] == 0x20 and len(raw) > 5]
    assert diagnostic.run(source, lambda line: None) == 0


def test_an_expired_certificate_is_marked() -> None:
    scard = FauxScard()
    scard.insert(virtual())
    source = CardSource(Pcsc(scard=scard))
    assert "(expiré)" not in printed(source)
    assert "(expiré)" in printed(source, MIDDAY + timedelta(days=4000))


@pytest.mark.parametrize("prepare", ["service", "slots", "foreign", "held", "locked"])
def test_anything_but_a_ready_card_ends_with_1(prepare: str) -> None:
    scard = FauxScard()
    scard.insert(card := virtual())
    if prepare == "service":
        scard.service = False
    elif prepare == "slots":
        scard.slots.clear()
    elif prepare == "foreign":
        card.atr = bytes.fromhex("3B7513000047092EA3900000")
    elif prepare == "held":
        scard.slots[READER].held = True
    else:
        card.tries = 0
    lines: list[str] = []
    assert diagnostic.run(CardSource(Pcsc(scard=scard)), lines.append) == 1
    assert look(CardSource(Pcsc(scard=scard))).advice == lines[-1]


def test_a_library_is_described_too() -> None:
    module = FauxPkcs11()
    token(module.slots[0])
    text = printed(Pkcs11(Path("/opt/cps/lib.so"), module))
    for words in ("/opt/cps/lib.so", "Lecteur de table 00 00", "Pilote choisi : PKCS#11", "Certificats : 2"):
        assert words in text


def test_the_program_prints_it_without_pyscard(
        monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("portal.agent.pcsc._load", lambda: None)
    assert main(["--diagnostic"]) == 1
    assert "pip install pyscard" in capsys.readouterr().out


def test_the_program_describes_the_demonstration(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--diagnostic", "--demonstration", str(deck())]) == 0
    assert "Carte insérée" in capsys.readouterr().out


def test_a_portal_must_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "--origin" in capsys.readouterr().err


@pytest.mark.parametrize(("starts", "ends"), [
    (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), datetime(2049, 12, 31, tzinfo=UTC)),
    (datetime(1999, 1, 1, tzinfo=UTC), datetime(2051, 1, 1, tzinfo=UTC)),
])
def test_a_certificate_is_read_as_cryptography_reads_it(starts: datetime, ends: datetime) -> None:
    certificate = issued(starts=starts, ends=ends, serial=0xABCDEF,
                         key_usage=usage("digital_signature", "key_encipherment"))
    found = certificat.read(certificate.public_bytes(Encoding.DER))
    assert (found.starts, found.ends) == (certificate.not_valid_before_utc, certificate.not_valid_after_utc)
    assert int(found.serial, 16) == certificate.serial_number
    assert found.holder == "MARTIN ALICE (810100000011)"
    assert found.usages == ("signature de connexion", "chiffrement de clés")


@given(st.binary(max_size=200))
def test_what_is_no_certificate_is_said(content: bytes) -> None:
    with pytest.raises(UnusableCard):
        certificat.read(content)
    with pytest.raises(UnusableCard):
        certificat.read(certificate_of("alice-martin").public_bytes(Encoding.DER)[:100] + content)
