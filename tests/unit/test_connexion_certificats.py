"""Chains, dates, usages and revocation: which certificates open the portal."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import serialize_certificates
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
# The last byte of these object identifiers tells the hash (RFC 4055 §5).
SHA256_WITH_RSA, SHA1_WITH_RSA = (bytes.fromhex(f"2a864886f70d0101{last}") for last in ("0b", "05"))


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


@pytest.mark.proves("N10")
@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_certificates(wrong: str) -> None:
    make, reason = WRONG[wrong]
    assert refusal(make()) is reason


def test_the_clock_of_the_portal_decides() -> None:
    assert refusal(certificate_of("alice-martin"), now=MIDDAY + 4 * 365 * DAY) is Refusal.CERTIFICAT_EXPIRE


def weak_list() -> x509.CertificateRevocationList:
    """Signed by the right authority with SHA-1, which can be forged."""
    der = crl().public_bytes(Encoding.DER).replace(SHA256_WITH_RSA, SHA1_WITH_RSA)
    content = x509.load_der_x509_crl(der).tbs_certlist_bytes
    return x509.load_der_x509_crl(der[:-256] + cartes.authority()[1].sign(content, PKCS1v15(), hashes.SHA1()))


@pytest.mark.proves("N10")
@pytest.mark.parametrize(("lists", "reason"), [
    ((), Refusal.LISTE_PERIMEE),
    (("weak",), Refusal.LISTE_PERIMEE),
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
        "weak": weak_list,
        "empty": crl,
        "names it": lambda: crl(4242),
    }
    root = crl(name="racine")
    assert refusal(issued(), replace(trusted(), crls=(root, *(made[name]() for name in lists)))) is reason


def test_an_authority_that_signs_no_lists_signs_none() -> None:
    """RFC 5280 §6.3.3 f: the same key and a valid signature, but a key usage without cRLSign."""
    persons, _ = cartes.authority()
    _, root_key = cartes.authority("racine")
    without = (
        x509.CertificateBuilder().subject_name(persons.subject).issuer_name(persons.issuer)
        .public_key(persons.public_key()).serial_number(8).not_valid_before(MIDDAY).not_valid_after(MIDDAY + DAY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage("key_cert_sign"), critical=True).sign(root_key, hashes.SHA256()))
    assert certificats.is_list_of(crl(), persons)
    assert not certificats.is_list_of(crl(), without)


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
@pytest.mark.proves("N10")
@pytest.mark.filterwarnings("ignore::UserWarning")
@settings(max_examples=150)
@given(st.data())
def test_a_damaged_card_certificate_never_passes(data: st.DataObject) -> None:
    der = bytearray(certificate_of("alice-martin").public_bytes(Encoding.DER))
    place = data.draw(st.integers(0, len(der) - 1))
    der[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(Refused):
        certificats.check(certificats.read(bytes(der)), trusted(), MIDDAY)


def folder(chain: str, encoding: Encoding, list_ending: str) -> dict[str, bytes]:
    """Both authorities as one chain file or two certificates, and their lists, in one encoding."""
    certificates = {name: cartes.authority(name)[0] for name in ("racine", "personnes")}
    made = {f"{name}.{chain}": found.public_bytes(encoding) for name, found in certificates.items()}
    if chain.startswith("p7"):
        made = {f"chaine.{chain}": serialize_certificates(list(certificates.values()), encoding)}
    lists = {"racine": crl(name="racine"), "personnes": crl(certificate_of("carte-revoquee").serial_number)}
    return made | {f"{name}{list_ending}": one.public_bytes(encoding) for name, one in lists.items()}


FORMS = {
    "pem": lambda: folder("pem", Encoding.PEM, ".crl.pem"),
    "der": lambda: folder("der", Encoding.DER, ".crl"),
    "cer in der": lambda: folder("cer", Encoding.DER, ".crl.der"),
    "crt in pem": lambda: folder("crt", Encoding.PEM, ".crl"),
    "p7b in der": lambda: folder("p7b", Encoding.DER, ".crl"),
    "p7b in pem": lambda: folder("p7b", Encoding.PEM, ".crl.pem"),
    "p7c": lambda: folder("p7c", Encoding.DER, ".crl"),
    "twice the same": lambda: folder("p7b", Encoding.DER, ".crl") | {
        "racine.pem": cartes.authority("racine")[0].public_bytes(Encoding.PEM)},
    "capitals": lambda: {name.upper(): content for name, content in folder("p7b", Encoding.DER, ".crl").items()},
}


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

    @pytest.mark.parametrize("form", FORMS)
    def test_authorities_and_lists_in_every_usual_form(self, tmp_path: Path, form: str) -> None:
        for name, content in FORMS[form]().items():
            (tmp_path / name).write_bytes(content)
        (tmp_path / "LISEZMOI.txt").write_text("rien à lire ici")
        (tmp_path / ".personnes.crl.new").write_text("half a fi")
        found = queries.load_trust(load({}, data=tmp_path, trust=tmp_path, demonstration=True)).authorities
        assert (len(found.roots), len(found.intermediates), len(found.crls)) == (1, 1, 2)
        assert refusal(certificate_of("alice-martin"), found) is None
        assert refusal(certificate_of("carte-revoquee"), found) is Refusal.CERTIFICAT_REVOQUE

    @pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
    def test_a_demonstration_chain_is_refused_in_production_too(self, tmp_path: Path, encoding: Encoding) -> None:
        (tmp_path / "chaine.p7b").write_bytes(serialize_certificates([cartes.authority()[0]], encoding))
        with pytest.raises(SettingsError, match="démonstration ou de test"):
            queries.load_trust(load({}, data=tmp_path, trust=tmp_path))

    def test_a_person_in_a_chain_is_no_authority(self, tmp_path: Path) -> None:
        chain = [cartes.authority()[0], certificate_of("alice-martin")]
        (tmp_path / "chaine.p7b").write_bytes(serialize_certificates(chain, Encoding.DER))
        with pytest.raises(SettingsError, match="n’est pas celui d’une autorité"):
            queries.load_trust(load({}, data=tmp_path, trust=tmp_path, demonstration=True))

    @pytest.mark.parametrize("name", ["ac.pem", "ac.crl.pem", "ac.crl", "ac.p7b", "ac.der", "ac.CER"])
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

    def test_a_broken_renewal_keeps_what_was_trusted_and_says_so_once(
            self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        for path in (cartes.deck() / "confiance").iterdir():
            (tmp_path / path.name).write_bytes(path.read_bytes())
        trust = queries.load_trust(load({}, data=tmp_path, trust=tmp_path, demonstration=True))
        (tmp_path / "personnes.crl.pem").write_text("half a fi")
        kept = queries.refreshed(trust)
        assert kept.authorities is trust.authorities
        assert queries.refreshed(kept) is kept
        assert caplog.text.count("gardent leur état précédent") == 1
