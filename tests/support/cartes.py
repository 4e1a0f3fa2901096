"""The demonstration's cards in a test's hands: tokens as the agent makes them, certificates gone wrong."""

from __future__ import annotations

import base64
import hashlib
import json
import tempfile
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from portal import clock
from portal.demonstration import pki
from portal.settings import load
from tests.carte_virtuelle import personne
from tests.carte_virtuelle.carte import Carte, Cps3

ORIGIN = "https://portail.test"
MIDDAY = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PHYSICIAN = [
    [(NameOID.COUNTRY_NAME, "FR")], [(NameOID.TITLE, "Médecin")],
    [(NameOID.COMMON_NAME, "810100000011"), (NameOID.SURNAME, "MARTIN"), (NameOID.GIVEN_NAME, "ALICE")],
]


@lru_cache(maxsize=1)
def deck() -> Path:
    """The ``demonstration`` folder as made on the tests' day, once for all tests."""
    data = Path(tempfile.mkdtemp(prefix="cartes-"))
    with clock.freeze(MIDDAY):
        pki.ensure(load({}, data=data, demonstration=True))
    return data / "demonstration"


@lru_cache(maxsize=32)
def card(name: str) -> dict[str, Any]:
    """A card's image."""
    image: dict[str, Any] = json.loads((deck() / "cartes" / f"{name}.json").read_text("utf-8"))
    return image


def virtual(name: str = "alice-martin", kind: type[Carte] = Cps3) -> Carte:
    """A card of the demonstration in software, whole: a ``Cps3`` (T=0) or a ``Cps4`` of tests.carte_virtuelle."""
    return kind(personne.read(deck() / "cartes" / f"{name}.json"))


@lru_cache(maxsize=8)
def key_of(name: str, which: str = "cle_authentification") -> rsa.RSAPrivateKey:
    """A card's private key."""
    n, d = (int(card(name)[which][part], 16) for part in "nd")
    p, q = rsa.rsa_recover_prime_factors(n, 65537, d)
    return rsa.RSAPrivateNumbers(
        p, q, d, rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q),
        rsa.RSAPublicNumbers(65537, n)).private_key()


def certificate_of(name: str, which: str = "certificat_authentification") -> x509.Certificate:
    """A card's certificate."""
    return x509.load_der_x509_certificate(base64.b64decode(card(name)[which]))


def token(name: str, nonce: str, *, origin: str = ORIGIN, certificate: x509.Certificate | None = None,
          key: rsa.RSAPrivateKey | None = None, **changes: Any) -> dict[str, Any]:
    """What the agent answers with this card in the reader; ``nonce`` in base64, ``changes`` override."""
    shown = "signature" if card(name).get("presente") else "authentification"
    content = hashlib.sha256(origin.encode()).digest() + hashlib.sha256(base64.b64decode(nonce)).digest()
    signer = key or key_of(name, f"cle_{shown}")
    signature = signer.sign(content, padding.PKCS1v15(), hashes.SHA256())
    presented = certificate or certificate_of(name, f"certificat_{shown}")
    der = presented.public_bytes(serialization.Encoding.DER)
    return {
        "format": "cps-auth:1", "algorithm": "RS256",
        "unverifiedCertificate": base64.b64encode(der).decode(),
        "signature": base64.b64encode(signature).decode(),
        "unverifiedInfo": {"specialite": card(name)["infos_ps"][-4:]}, "appVersion": "test",
    } | changes


def authority(name: str = "personnes") -> tuple[x509.Certificate, rsa.RSAPrivateKey]:
    """An authority of the demonstration with its key."""
    certificate = x509.load_pem_x509_certificate((deck() / "confiance" / f"{name}.pem").read_bytes())
    key = serialization.load_pem_private_key((deck() / "ac" / f"{name}.key.pem").read_bytes(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return certificate, key


def usage(*names: str) -> x509.KeyUsage:
    """A key usage with only these bits."""
    every = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
             "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
    return x509.KeyUsage(**{name: name in names for name in every})


def issued(*, key_usage: x509.KeyUsage | None = None, client: bool = True, ca: bool | None = False,
           rdns: list[Any] = PHYSICIAN, starts: datetime = MIDDAY - timedelta(days=1),
           ends: datetime = MIDDAY + timedelta(days=100), serial: int = 4242) -> x509.Certificate:
    """A certificate of the demonstration's authority for Dr Alice MARTIN's key, as wrong as asked."""
    issuer, key = authority()
    builder = (
        x509.CertificateBuilder().issuer_name(issuer.subject).public_key(key_of("alice-martin").public_key())
        .subject_name(x509.Name([x509.RelativeDistinguishedName(
            [x509.NameAttribute(oid, value) for oid, value in rdn]) for rdn in rdns]))
        .serial_number(serial).not_valid_before(starts).not_valid_after(ends)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .add_extension(key_usage or usage("digital_signature"), critical=True)
    )
    if ca is not None:
        builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    purposes = [ExtendedKeyUsageOID.CLIENT_AUTH if client else ExtendedKeyUsageOID.EMAIL_PROTECTION]
    return builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False).sign(key, hashes.SHA256())


def crl(*serials: int, name: str = "personnes", starts: datetime = MIDDAY - timedelta(days=1),
        ends: datetime = MIDDAY + timedelta(days=1), signer: rsa.RSAPrivateKey | None = None,
        delta: bool = False) -> x509.CertificateRevocationList:
    """A revocation list of an authority, as wrong as asked."""
    issuer, key = authority(name)
    builder = x509.CertificateRevocationListBuilder().issuer_name(issuer.subject)
    builder = builder.last_update(starts).next_update(ends)
    for serial in serials:
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(starts).build())
    if delta:
        builder = builder.add_extension(x509.DeltaCRLIndicator(1), critical=True)
    return builder.sign(signer or key, hashes.SHA256())
