"""A second opinion: pyhanko-certvalidator, which shares no code with ours, judges every chain the same way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache

import pytest
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko_certvalidator import CertificateValidator, ValidationContext, errors

from portal import clock
from portal.connexion import certificats, queries
from portal.connexion.certificats import Authorities
from portal.connexion.rules import Refusal, Refused
from portal.settings import load
from tests.support import cartes
from tests.support.cartes import MIDDAY, certificate_of, crl, issued, usage

DAY = timedelta(days=1)

# Our reasons and its exceptions, in common words. More precise classes come before their parents.
OURS = {
    None: "valid", Refusal.CERTIFICAT_EXPIRE: "expired", Refusal.CERTIFICAT_FUTUR: "not yet",
    Refusal.CERTIFICAT_REVOQUE: "revoked", Refusal.AUTORITE_INCONNUE: "other authority",
    Refusal.LISTE_PERIMEE: "no current list", Refusal.USAGE_REFUSE: "usage", Refusal.CERTIFICAT_SIGNATURE: "usage",
}
ITS = {
    errors.ExpiredError: "expired", errors.NotYetValidError: "not yet", errors.RevokedError: "revoked",
    errors.InsufficientRevinfoError: "no current list", errors.PathBuildingError: "other authority",
    errors.InvalidCertificateError: "usage",
}


@dataclass(frozen=True)
class Case:
    """A certificate in a situation, and what both must say."""

    verdict: str
    certificate: Callable[[], x509.Certificate] = issued
    lists: tuple[Callable[[], x509.CertificateRevocationList], ...] = field(
        default=(lambda: crl(name="racine"), crl))
    at: datetime = MIDDAY


def root_list() -> x509.CertificateRevocationList:
    return crl(name="racine")


CASES = {
    "a card": Case("valid", lambda: certificate_of("alice-martin")),
    "as issued": Case("valid"),
    "another card": Case("valid", lambda: certificate_of("bob-durand")),
    "without constraints": Case("valid", lambda: issued(ca=None)),
    "expired card": Case("expired", lambda: certificate_of("carte-expiree")),
    "expired yesterday": Case("expired", lambda: issued(ends=MIDDAY - DAY / 2)),
    "expired by then": Case("expired", at=MIDDAY + 101 * DAY,
                            lists=(lambda: crl(name="racine", ends=MIDDAY + 200 * DAY),
                                   lambda: crl(ends=MIDDAY + 200 * DAY))),
    "not yet": Case("not yet", lambda: issued(starts=MIDDAY + DAY)),
    "revoked": Case("revoked", lists=(root_list, lambda: crl(4242))),
    "revoked authority": Case("revoked", lists=(
        lambda: crl(cartes.authority()[0].serial_number, name="racine"), crl)),
    "another one revoked": Case("valid", lists=(root_list, lambda: crl(4243))),
    "of another authority": Case("other authority", lambda: certificate_of("carte-inconnue")),
    "no list": Case("no current list", lists=(root_list,)),
    "no list of the root": Case("no current list", lists=(crl,)),
    "stale list": Case("no current list", lists=(root_list, lambda: crl(ends=MIDDAY - DAY / 2))),
    "stale list of the root": Case("no current list", lists=(
        lambda: crl(name="racine", ends=MIDDAY - DAY / 2), crl)),
    "list of tomorrow": Case("no current list", lists=(root_list, lambda: crl(starts=MIDDAY + DAY / 2))),
    "forged list": Case("no current list", lists=(
        root_list, lambda: crl(signer=cartes.key_of("alice-martin")))),
    "delta list alone": Case("no current list", lists=(root_list, lambda: crl(delta=True))),
    "a stale and a current list": Case("valid", lists=(root_list, lambda: crl(ends=MIDDAY - DAY / 2), crl)),
    "key encipherment only": Case("usage", lambda: issued(key_usage=usage("key_encipherment"))),
    "content commitment only": Case("usage", lambda: issued(key_usage=usage("content_commitment"))),
    "not for clients": Case("usage", lambda: issued(client=False)),
}


@lru_cache(maxsize=1)
def trusted() -> Authorities:
    with clock.freeze(MIDDAY):
        return queries.load_trust(load({}, data=cartes.deck().parent, demonstration=True)).authorities


def ours(case: Case) -> str:
    try:
        certificats.check(case.certificate(), replace(trusted(), crls=tuple(make() for make in case.lists)), case.at)
    except Refused as refused:
        return OURS[refused.reason]
    return OURS[None]


def second_opinion(case: Case) -> str:
    """What pyhanko-certvalidator says: full chain, every list demanded, a client’s signing certificate.

    « require », for its « hard-fail » looks at no list of a certificate that names no distribution point.
    """
    def asn1_of(certificate: x509.Certificate) -> asn1.Certificate:
        return asn1.Certificate.load(certificate.public_bytes(Encoding.DER))

    context = ValidationContext(
        trust_roots=[asn1_of(root) for root in trusted().roots], moment=case.at, revocation_mode="require",
        crls=[make().public_bytes(Encoding.DER) for make in case.lists], time_tolerance=timedelta(0))
    validator = CertificateValidator(
        asn1_of(case.certificate()), [asn1_of(one) for one in trusted().intermediates], context)
    try:
        asyncio.run(validator.async_validate_usage({"digital_signature"}, {"client_auth"}))
    except tuple(ITS) as error:
        return next(word for kind, word in ITS.items() if isinstance(error, kind))
    return "valid"


@pytest.mark.parametrize("name", CASES)
def test_both_say_the_same(name: str) -> None:
    case = CASES[name]
    assert (ours(case), second_opinion(case)) == (case.verdict, case.verdict)


def test_we_are_stricter_about_the_signature_certificate() -> None:
    """It also has digitalSignature: only the refusal of contentCommitment keeps it from opening a session."""
    case = Case("usage", lambda: certificate_of("alice-martin", "certificat_signature"))
    assert (ours(case), second_opinion(case)) == ("usage", "valid")
