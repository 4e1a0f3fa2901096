"""Chains, dates, usages and revocation: which certificates open the portal."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st

from portal import clock
from portal.connexion import certificats, queries
from portal.connexion.certificats import Authorities
from portal.connexion.rules import Refusal, Refused
from portal.settings import SettingsError, load
from tests.support import cartes
from tests.support.cartes import MIDDAY, certificate_of, crl, issued, usage

DAY = timedelta(days=1)


@lru_cache(maxsize=1)
def trusted() -> Authorities:
    with clock.freeze(MIDDAY):
        return queries.load_trust(load({}, data=cartes.deck().parent, demonstration=True)).authorities


def refusal(certificate: x509.Certificate, authorities: Authorities | None = None,
            now: datetime = MIDDAY) -> Refusal | None:
    """Why the certificate is refused, or None when it passes."""
    try:
        certificats.check(certificate, authorities or trusted(), now)
    except Refused as refused:
        return refused.reason
    return None


@pytest.mark.parametrize(("card", "reason"), [
    ("alice-martin", None), ("bob-durand", None), ("chloe-petit", None), ("carte-bloquee", None),
    ("carte-expiree", Refusal.CERTIFICAT_EXPIRE), ("carte-revoquee", Refusal.CERTIFICAT_REVOQUE),
    ("carte-inconnue", Refusal.AUTORITE_INCONNUE),
])
def test_cards_of_the_tray(card: str, reason: Refusal | None) -> None:
    assert refusal(certificate_of(card)) is reason


WRONG = {
    "as-issued": (lambda: issued(), None),
    "no-constraints": (lambda: issued(ca=None), None),
    "signature-certificate": (
        lambda: certificate_of("alice-martin", "certificat_signature"), Refusal.CERTIFICAT_SIGNATURE),
    "content-commitment": (lambda: issued(key_usage=usage("content_commitment")), Refusal.CERTIFICAT_SIGNATURE),
    "no-signature": (lambda: issued(key_usage=usage("key_encipherment")), Refusal.USAGE_REFUSE),
    "may-issue": (lambda: issued(key_usage=usage("digital_signature", "key_cert_sign")), Refusal.AUTORITE_INCONNUE),
    "not-for-clients": (lambda: issued(client=False), Refusal.USAGE_REFUSE),
    "an-authority": (lambda: issued(ca=True), Refusal.USAGE_REFUSE),
    "the-authority-itself": (lambda: cartes.authority()[0], Refusal.USAGE_REFUSE),
    "expired": (lambda: issued(ends=MIDDAY - DAY / 2), Refusal.CERTIFICAT_EXPIRE),
    "not-yet": (lambda: issued(starts=MIDDAY + DAY), Refusal.CERTIFICAT_FUTUR),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_certificates(wrong: str) -> None:
    make, reason = WRONG[wrong]
    assert refusal(make()) is reason


def test_the_clock_of_the_portal_decides() -> None:
    assert refusal(certificate_of("alice-martin"), now=MIDDAY + 4 * 365 * DAY) is Refusal.CERTIFICAT_EXPIRE


@pytest.mark.parametrize(("lists", "reason"), [
    ((), Refusal.LISTE_PERIMEE),
    (("out of date",), Refusal.LISTE_PERIMEE),
    (("not yet",), Refusal.LISTE_PERIMEE),
    (("forged",), Refusal.LISTE_PERIMEE),
    (("delta",), Refusal.LISTE_PERIMEE),
    (("other issuer",), Refusal.LISTE_PERIMEE),
    (("empty",), None),
    (("names it",), Refusal.CERTIFICAT_REVOQUE),
    (("empty", "names it"), Refusal.CERTIFICAT_REVOQUE),
    (("out of date", "empty"), None),
])
def test_revocation_lists(lists: tuple[str, ...], reason: Refusal | None) -> None:
    made = {
        "out of date": lambda: crl(ends=MIDDAY - timedelta(minutes=1)),
        "not yet": lambda: crl(starts=MIDDAY + timedelta(minutes=1)),
        "forged": lambda: crl(signer=cartes.key_of("alice-martin")),
        "delta": lambda: crl(delta=True),
        "other issuer": lambda: crl(name="racine"),
        "empty": crl,
        "names it": lambda: crl(4242),
    }
    root = crl(name="racine")
    assert refusal(issued(), replace(trusted(), crls=(root, *(made[name]() for name in lists)))) is reason


def test_a_revoked_or_unlisted_intermediate_closes_the_door() -> None:
    persons = cartes.authority()[0].serial_number
    revoked = replace(trusted(), crls=(crl(), crl(persons, name="racine")))
    assert refusal(issued(), revoked) is Refusal.CERTIFICAT_REVOQUE
    assert refusal(issued(), replace(trusted(), crls=(crl(),))) is Refusal.LISTE_PERIMEE


def test_without_authority_no_card_passes() -> None:
    assert refusal(certificate_of("alice-martin"), Authorities()) is Refusal.AUTORITE_ABSENTE


@settings(max_examples=60)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_certificate_or_refused(der: bytes) -> None:
    with pytest.raises(Refused):
        certificats.read(der)


# Odd serial numbers and names only make the parser grumble; the certificate is refused all the same.
@pytest.mark.filterwarnings("ignore::UserWarning")
@settings(max_examples=150)
@given(st.data())
def test_a_damaged_card_certificate_never_passes(data: st.DataObject) -> None:
    der = bytearray(certificate_of("alice-martin").public_bytes(Encoding.DER))
    place = data.draw(st.integers(0, len(der) - 1))
    der[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(Refused):
        certificats.check(certificats.read(bytes(der)), trusted(), MIDDAY)


class TestTrustFolder:
    def test_a_demonstration_authority_is_refused_in_production(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsError, match="démonstration ou de test"):
            queries.load_trust(load({}, data=tmp_path, trust=cartes.deck() / "confiance"))

    def test_without_authority_the_portal_starts_and_says_so(
            self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        assert queries.load_trust(load({}, data=tmp_path)).empty
        assert "Aucune autorité racine" in caplog.text

    def test_a_person_is_no_authority(self, tmp_path: Path) -> None:
        alice = certificate_of("alice-martin").public_bytes(Encoding.PEM)
        (tmp_path / "confiance").mkdir()
        (tmp_path / "confiance" / "alice.pem").write_bytes(alice)
        with pytest.raises(SettingsError, match="n’est pas celui d’une autorité"):
            queries.load_trust(load({}, data=tmp_path))

    @pytest.mark.parametrize("name", ["ac.pem", "ac.crl.pem"])
    def test_a_file_that_cannot_be_read_is_named(self, tmp_path: Path, name: str) -> None:
        (tmp_path / "confiance").mkdir()
        (tmp_path / "confiance" / name).write_bytes(b"\x30\x82")
        with pytest.raises(SettingsError, match=name):
            queries.load_trust(load({}, data=tmp_path))

    def test_a_renewed_list_counts_without_a_restart(self, tmp_path: Path) -> None:
        for path in (cartes.deck() / "confiance").iterdir():
            (tmp_path / path.name).write_bytes(path.read_bytes())
        trust = queries.load_trust(load({}, data=tmp_path, trust=tmp_path, demonstration=True))
        assert queries.refreshed(trust) is trust
        serial = certificate_of("bob-durand").serial_number
        (tmp_path / "personnes.crl.pem").write_bytes(crl(serial).public_bytes(Encoding.PEM))
        renewed = queries.refreshed(trust).authorities
        assert refusal(certificate_of("bob-durand"), renewed) is Refusal.CERTIFICAT_REVOQUE

    def test_a_broken_renewal_keeps_what_was_trusted(self, tmp_path: Path) -> None:
        for path in (cartes.deck() / "confiance").iterdir():
            (tmp_path / path.name).write_bytes(path.read_bytes())
        trust = queries.load_trust(load({}, data=tmp_path, trust=tmp_path, demonstration=True))
        (tmp_path / "personnes.crl.pem").write_text("half a fi")
        assert queries.refreshed(trust) is trust
