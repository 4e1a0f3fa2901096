"""Is this certificate a valid card's, issued by an authority trusted here, and not revoked?

``cryptography`` builds the chain (RFC 5280 §6) under our own extension policy, because its default
wants a web server's names; it does not look at revocation, so lists are read here by hand (§6.3),
for each certificate of the chain, and a missing or stale list refuses (hard fail), after the delay
that the installation grants a late list, if it grants one.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    Policy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from portal.connexion.rules import Refusal, Refused

MIN_KEY_BITS = 2048
# What reading a hostile certificate's fields may raise: the parser is lazy.
UNREADABLE = (
    ValueError, TypeError, x509.DuplicateExtension, x509.InvalidVersion, x509.UnsupportedGeneralNameType,
    UnsupportedAlgorithm,
)


@dataclass(frozen=True)
class Authorities:
    """What an installation trusts: self-signed roots, the authorities below them, their revocation lists.

    ``grace``: how long a list still counts after the date at which its issuer promised the next one.
    """

    roots: tuple[x509.Certificate, ...] = ()
    intermediates: tuple[x509.Certificate, ...] = ()
    crls: tuple[x509.CertificateRevocationList, ...] = field(default=(), repr=False)
    grace: timedelta = timedelta(0)

    @property
    def every(self) -> tuple[x509.Certificate, ...]:
        return self.roots + self.intermediates


def read(der: bytes) -> x509.Certificate:
    """The certificate of these bytes; raises Refused when they are not one."""
    try:
        found = x509.load_der_x509_certificate(der)
        # The parser is lazy: touch every part that is used later, so that all surprises come here.
        _ = found.subject, found.issuer, found.extensions, found.public_key()
    except UNREADABLE as error:
        raise Refused(Refusal.JETON_ILLISIBLE) from error
    return found


def authorities_in(content: bytes) -> list[x509.Certificate]:
    """The certificates of a file: PEM (one or more), DER, or a PKCS#7 chain (.p7b, .p7c) in PEM or DER.

    Raises one of UNREADABLE for anything else, and for a chain of nothing.
    """
    with warnings.catch_warnings():
        # A chain written in BER is read all the same: the library's wish to hear of it is not for an administrator.
        warnings.simplefilter("ignore", UserWarning)
        return _authorities(content)


def _authorities(content: bytes) -> list[x509.Certificate]:
    if b"-----BEGIN PKCS7-----" in content:
        found = pkcs7.load_pem_pkcs7_certificates(content)
    elif b"-----BEGIN" in content:
        found = x509.load_pem_x509_certificates(content)
    else:
        try:
            found = [x509.load_der_x509_certificate(content)]
        except ValueError:
            found = pkcs7.load_der_pkcs7_certificates(content)
    if not found:
        raise ValueError("no certificate")
    return found


def list_in(content: bytes) -> x509.CertificateRevocationList:
    """The revocation list of a file, PEM or DER; raises one of UNREADABLE."""
    pem = b"-----BEGIN" in content
    found = x509.load_pem_x509_crl(content) if pem else x509.load_der_x509_crl(content)
    # The parser is lazy here too; a signature of an unknown kind is refused now rather than at a login.
    _ = found.issuer, found.last_update_utc, found.next_update_utc, found.extensions, found.signature_hash_algorithm
    return found


def is_list_of(crl: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    """True for a complete list signed by this authority, whatever its dates.

    A critical extension means a list with a limited scope (delta, one kind of certificate): RFC 5280
    §5.2 forbids to conclude from it that a certificate is good. An authority whose key usage says that
    it signs no lists signs none (§6.3.3 f).
    """
    key, usage = issuer.public_key(), _extension(issuer, x509.KeyUsage)
    return (
        crl.issuer == issuer.subject
        and crl.next_update_utc is not None
        and not any(extension.critical for extension in crl.extensions)
        and (usage is None or bool(usage.crl_sign))
        and isinstance(key, rsa.RSAPublicKey)
        and crl.is_signature_valid(key)
    )


def check(certificate: x509.Certificate, authorities: Authorities, now: datetime) -> None:
    """Hold a card's certificate against the trusted authorities at an aware instant; raises Refused."""
    if not authorities.roots:
        raise Refused(Refusal.AUTORITE_ABSENTE)
    verifier = (
        PolicyBuilder()
        .store(Store(list(authorities.roots)))
        .time(now.astimezone(UTC).replace(tzinfo=None))
        .extension_policies(ca_policy=ExtensionPolicy.webpki_defaults_ca(), ee_policy=_card_policy())
        .build_client_verifier()
    )
    try:
        chain = verifier.verify(certificate, list(authorities.intermediates)).chain
    except VerificationError as error:
        raise Refused(_why(certificate, now)) from error
    for issued, issuer in pairwise(chain):
        _check_revocation(issued, issuer, authorities, now)


def check_signature(certificate: x509.Certificate, signature: bytes, content: bytes) -> None:
    """RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2) by the certificate's key; raises Refused."""
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < MIN_KEY_BITS:
        raise Refused(Refusal.ALGORITHME)
    try:
        key.verify(signature, content, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature as error:
        raise Refused(Refusal.SIGNATURE_FAUSSE) from error


def subject(certificate: x509.Certificate) -> list[tuple[str, str]]:
    """All (dotted OID, value) pairs of the subject; several may share one RDN (multi-AVA)."""
    return [
        (attribute.oid.dotted_string, attribute.value)
        for rdn in certificate.subject.rdns for attribute in rdn if isinstance(attribute.value, str)
    ]


def is_authority(certificate: x509.Certificate) -> bool:
    """True for a certificate that may issue others."""
    constraints = _extension(certificate, x509.BasicConstraints)
    return constraints is not None and bool(constraints.ca)


def _card_policy() -> ExtensionPolicy:
    return (
        ExtensionPolicy.permit_all()
        .require_present(x509.KeyUsage, Criticality.AGNOSTIC, _authentication_key)
        .require_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, _client_authentication)
        .may_be_present(x509.BasicConstraints, Criticality.AGNOSTIC, _no_authority)
    )


def _authentication_key(_policy: Policy, _certificate: x509.Certificate, usage: x509.KeyUsage) -> None:
    """The signature certificate of a CPS also has digitalSignature: contentCommitment tells it apart."""
    if not usage.digital_signature or usage.content_commitment or usage.key_cert_sign or usage.crl_sign:
        raise ValueError("not an authentication key")


def _client_authentication(
    _policy: Policy, _certificate: x509.Certificate, usage: x509.ExtendedKeyUsage,
) -> None:
    if ExtendedKeyUsageOID.CLIENT_AUTH not in usage:
        raise ValueError("not for client authentication")


def _no_authority(
    _policy: Policy, _certificate: x509.Certificate, constraints: x509.BasicConstraints | None,
) -> None:
    if constraints is not None and constraints.ca:
        raise ValueError("an authority is not a person")


def _why(certificate: x509.Certificate, now: datetime) -> Refusal:
    """The likeliest reason of a refused chain, for the message only: nothing here lets anybody in."""
    if now > certificate.not_valid_after_utc:
        return Refusal.CERTIFICAT_EXPIRE
    if now < certificate.not_valid_before_utc:
        return Refusal.CERTIFICAT_FUTUR
    usage = _extension(certificate, x509.KeyUsage)
    if usage is not None and usage.content_commitment:
        return Refusal.CERTIFICAT_SIGNATURE
    extended = _extension(certificate, x509.ExtendedKeyUsage)
    if is_authority(certificate) or usage is None or not usage.digital_signature:
        return Refusal.USAGE_REFUSE
    if extended is None or ExtendedKeyUsageOID.CLIENT_AUTH not in extended:
        return Refusal.USAGE_REFUSE
    return Refusal.AUTORITE_INCONNUE


def _extension(certificate: x509.Certificate, kind: type[Any]) -> Any:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _check_revocation(
    issued: x509.Certificate, issuer: x509.Certificate, authorities: Authorities, now: datetime,
) -> None:
    """Every current list of the issuer is asked; without one, nobody passes."""
    current = [crl for crl in authorities.crls if _is_current(crl, issuer, now, authorities.grace)]
    if any(crl.get_revoked_certificate_by_serial_number(issued.serial_number) for crl in current):
        raise Refused(Refusal.CERTIFICAT_REVOQUE)
    if not current:
        raise Refused(Refusal.LISTE_PERIMEE)


def _is_current(
    crl: x509.CertificateRevocationList, issuer: x509.Certificate, now: datetime, grace: timedelta,
) -> bool:
    """True for a list of this issuer in its window of time, or late by no more than ``grace``."""
    ends = crl.next_update_utc
    return ends is not None and crl.last_update_utc <= now <= ends + grace and is_list_of(crl, issuer)
