"""The demonstration’s own authorities and cards: what a real health-card authority issues, made here.

Under ``data/demonstration``: ``confiance/`` (what the portal trusts), ``cartes/`` (card images for the
agent’s tray, with their keys, mode 0600) and ``ac/`` (the authorities' private keys, mode 0600: kept,
because a revocation list must be signed again at each start or it goes stale). None of it can be
trusted elsewhere: a portal that is no demonstration refuses authorities of these names.
"""

from __future__ import annotations

import base64
import json
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from portal import clock
from portal.settings import Settings

ROOT_NAME, PERSONS_NAME = "AC RACINE DEMONSTRATION", "AC DEMONSTRATION PERSONNES"
UNKNOWN_NAME = "AC INCONNUE DEMONSTRATION"
PIN, TRIES = "1234", 3
# Answer to reset of a CPS3 in a contact reader.
ATR_CPS3 = "3BAC00402A001225006480000310009000"

AUTHORITY_LIFE, CARD_LIFE, CRL_LIFE = timedelta(days=3650), timedelta(days=1095), timedelta(days=60)
RENEW_CARDS_BEFORE, RENEW_CRL_AFTER = timedelta(days=90), timedelta(days=1)
# Certificates begin a little in the past: clocks differ, and tests stop theirs at noon.
MARGIN = timedelta(days=2)

Ava = tuple[x509.ObjectIdentifier, str]


@dataclass(frozen=True)
class Card:
    """One card of the tray; ``flaw`` names what is wrong with it."""

    id: str
    label: str
    detail: str
    rpps: int
    first_name: str = ""
    last_name: str = ""
    title: str = "Médecin"
    specialty: str = "SM26"
    flaw: str = ""


CARDS = (
    Card("alice-martin", "Dr Alice Martin", "Médecin généraliste à Caen, première connexion",
         10100000011, "ALICE", "MARTIN"),
    Card("bob-durand", "Dr Bob Durand", "Médecin généraliste à Caen, compte déjà créé",
         10100000022, "BOB", "DURAND", specialty="SM53"),
    Card("chloe-petit", "Dr Chloé Petit", "Médecin remplaçante, à qui un confrère confie ses dossiers",
         10100000033, "CHLOÉ", "PETIT", specialty="SM54"),
    Card("carte-expiree", "Carte expirée", "La date de fin de la carte est passée",
         10100000044, "DENIS", "LAMBERT", flaw="expiree"),
    Card("carte-revoquee", "Carte révoquée", "Déclarée perdue par son titulaire",
         10100000055, "ÉLISE", "ROUX", flaw="revoquee"),
    Card("carte-employe", "Carte d’employé (CPE)", "Carte d’établissement, sans numéro RPPS",
         0, flaw="employe"),
    Card("carte-infirmiere", "Carte d’infirmière", "Professionnelle de santé d’une autre profession",
         10100000066, "FATIMA", "BENALI", title="Infirmier", specialty=""),
    Card("carte-bloquee", "Carte bloquée", "Trois codes porteurs faux : plus aucun essai",
         10100000077, "GILLES", "FAURE", flaw="bloquee"),
    Card("carte-illisible", "Carte illisible", "Puce abîmée ou carte mise à l’envers",
         10100000088, "HÉLÈNE", "GIRARD", flaw="illisible"),
    Card("carte-inconnue", "Carte d’une autorité inconnue", "Émise par une autorité étrangère au portail",
         10100000099, "IRIS", "MOREL", flaw="inconnue"),
    Card("carte-signature", "Carte qui présente le mauvais certificat",
         "Le certificat de signature au lieu de celui d’authentification",
         10100000102, "JEAN", "LEROY", flaw="signature"),
)
PERSONAL_KEYS = ("alice-martin", "bob-durand", "chloe-petit")


@dataclass(frozen=True)
class Authority:
    """A certificate authority with its key."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey


def ensure(settings: Settings) -> None:
    """Make the authorities and cards that are missing or near their end; renew the revocation lists.

    The first start generates eight RSA keys; a later one only signs two lists, when they are a day old.
    """
    folder, now = settings.data / "demonstration", clock.now()
    if not _complete(folder, now):
        _make_all(folder, now)
    elif _crl_age(folder, now) >= RENEW_CRL_AFTER:
        _write_crls(folder, now)


def _complete(folder: Path, now: datetime) -> bool:
    files = [folder / "cartes" / f"{card.id}.json" for card in CARDS]
    files += [folder / "ac" / name for name in ("racine.key.pem", "personnes.key.pem")]
    files += [folder / "confiance" / f"{name}.{ending}"
              for name in ("racine", "personnes") for ending in ("pem", "crl.pem")]
    if not all(file.is_file() for file in files):
        return False
    return _card_certificate(folder, "alice-martin").not_valid_after_utc - now > RENEW_CARDS_BEFORE


def _make_all(folder: Path, now: datetime) -> None:
    for name in ("ac", "confiance", "cartes"):
        (folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)
    # Gone first: a start interrupted half-way leaves no set that looks complete.
    for card in CARDS:
        (folder / "cartes" / f"{card.id}.json").unlink(missing_ok=True)
    root = _authority(ROOT_NAME, None, now)
    persons = _authority(PERSONS_NAME, root, now)
    unknown = _authority(UNKNOWN_NAME, None, now)
    for name, authority in (("racine", root), ("personnes", persons)):
        _write(folder / "confiance" / f"{name}.pem", authority.certificate.public_bytes(Encoding.PEM))
        _write(folder / "ac" / f"{name}.key.pem",
               authority.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    shared_key, signature_key = _new_key(), _new_key()
    for card in CARDS:
        issuer = unknown if card.flaw == "inconnue" else persons
        key = _new_key() if card.id in PERSONAL_KEYS else shared_key
        image = _image(card, issuer, key, signature_key, now)
        content = json.dumps(image, ensure_ascii=False, indent=1)
        _write(folder / "cartes" / f"{card.id}.json", content.encode())
    _write_crls(folder, now)


def _authority(name: str, parent: Authority | None, now: datetime) -> Authority:
    key = _new_key()
    subject = x509.Name([
        x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "DEMONSTRATION"),
        x509.NameAttribute(NameOID.COMMON_NAME, name),
    ])
    issuer_name, issuer_key = (parent.certificate.subject, parent.key) if parent else (subject, key)
    builder = (
        _builder(subject, issuer_name, key, issuer_key)
        .not_valid_before(now - MARGIN).not_valid_after(now + AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0 if parent else 1), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
    )
    return Authority(builder.sign(issuer_key, hashes.SHA256()), key)


def _builder(subject: x509.Name, issuer: x509.Name, key: rsa.RSAPrivateKey,
             issuer_key: rsa.RSAPrivateKey) -> x509.CertificateBuilder:
    """Names, key, a random serial number and both key identifiers (RFC 5280 §4.2.1)."""
    return (
        x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(_identifier(issuer_key), critical=False)
    )


def _identifier(issuer_key: rsa.RSAPrivateKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())


def _usage(**on: bool) -> x509.KeyUsage:
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
             "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
    return x509.KeyUsage(**{name: on.get(name, False) for name in names})


def _image(card: Card, issuer: Authority, key: rsa.RSAPrivateKey, signature_key: rsa.RSAPrivateKey,
           now: datetime) -> dict[str, Any]:
    """The card as its file holds it (format: ``portal/agent/carte_demonstration.py``)."""
    image: dict[str, Any] = {
        "id": card.id, "libelle": card.label, "detail": card.detail, "type": "CPS3", "atr": ATR_CPS3,
        "code": PIN, "essais": 0 if card.flaw == "bloquee" else TRIES,
        "certificat_authentification": _card(card, issuer, key, now),
        "certificat_signature": _card(card, issuer, signature_key, now, signs=True),
        "cle_authentification": _numbers(key), "cle_signature": _numbers(signature_key),
        # Only the last four characters are known to mean something: the specialty.
        "infos_ps": f"DEMONSTRATION {card.title} {card.specialty:4}",
    }
    if card.flaw == "illisible":
        image["illisible"] = True
    if card.flaw == "signature":
        image["presente"] = "signature"
    return image


def _card(card: Card, issuer: Authority, key: rsa.RSAPrivateKey, now: datetime, *,
          signs: bool = False) -> str:
    """A card’s certificate, DER in base64; the one for signatures also carries contentCommitment."""
    ends = now - timedelta(days=30) if card.flaw == "expiree" else now + CARD_LIFE
    certificate = (
        _builder(_subject(card), issuer.certificate.subject, key, issuer.key)
        .not_valid_before(min(now, ends - CARD_LIFE) - MARGIN).not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True, content_commitment=signs), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .sign(issuer.key, hashes.SHA256())
    )
    return base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()


def _subject(card: Card) -> x509.Name:
    """A CPS names a person by one RDN of three values; an employee’s card names his establishment."""
    if card.flaw == "employe":
        pairs: list[list[Ava]] = [
            [(NameOID.COUNTRY_NAME, "FR")], [(NameOID.ORGANIZATION_NAME, "EHPAD DEMONSTRATION")],
            [(NameOID.ORGANIZATIONAL_UNIT_NAME, "318751275100020")],
            [(NameOID.LOCALITY_NAME, "Calvados (14)")],
            [(NameOID.COMMON_NAME, "3187512751/CPET0001"), (NameOID.SURNAME, "VIDAL"),
             (NameOID.GIVEN_NAME, "LÉA")],
        ]
    else:
        pairs = [
            [(NameOID.COUNTRY_NAME, "FR")], [(NameOID.TITLE, card.title)],
            [(NameOID.COMMON_NAME, f"8{card.rpps}"), (NameOID.SURNAME, card.last_name),
             (NameOID.GIVEN_NAME, card.first_name)],
        ]
    return x509.Name([
        x509.RelativeDistinguishedName([x509.NameAttribute(oid, value) for oid, value in rdn])
        for rdn in pairs
    ])


def _write_crls(folder: Path, now: datetime) -> None:
    """Sign both lists again: the root’s is empty, the persons' holds the revoked card."""
    revoked = x509.RevokedCertificateBuilder().serial_number(
        _card_certificate(folder, "carte-revoquee").serial_number).revocation_date(now - MARGIN).build()
    for name, entries in (("racine", []), ("personnes", [revoked])):
        certificate = x509.load_pem_x509_certificate((folder / "confiance" / f"{name}.pem").read_bytes())
        key = serialization.load_pem_private_key((folder / "ac" / f"{name}.key.pem").read_bytes(), None)
        assert isinstance(key, rsa.RSAPrivateKey)  # _make_all wrote it
        builder = (
            x509.CertificateRevocationListBuilder().issuer_name(certificate.subject)
            .last_update(now - MARGIN).next_update(now + CRL_LIFE)
            .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
            .add_extension(_identifier(key), critical=False)
        )
        for entry in entries:
            builder = builder.add_revoked_certificate(entry)
        crl = builder.sign(key, hashes.SHA256())
        _write(folder / "confiance" / f"{name}.crl.pem", crl.public_bytes(Encoding.PEM))


def _crl_age(folder: Path, now: datetime) -> timedelta:
    crl = x509.load_pem_x509_crl((folder / "confiance" / "personnes.crl.pem").read_bytes())
    assert crl.next_update_utc is not None  # _write_crls wrote it
    return CRL_LIFE - (crl.next_update_utc - now)


def _card_certificate(folder: Path, card: str) -> x509.Certificate:
    image = json.loads((folder / "cartes" / f"{card}.json").read_text("utf-8"))
    return x509.load_der_x509_certificate(base64.b64decode(image["certificat_authentification"]))


def _new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _numbers(key: rsa.RSAPrivateKey) -> dict[str, str]:
    numbers = key.private_numbers()
    return {"n": f"{numbers.public_numbers.n:x}", "d": f"{numbers.d:x}"}


def _write(path: Path, content: bytes) -> None:
    """Write a file that its owner alone reads, whole or not at all."""
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    draft.replace(path)
