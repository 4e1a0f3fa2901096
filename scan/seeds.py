"""Good inputs that the fuzzers start from: made here, a few kilobytes each, of nobody."""

from __future__ import annotations

import functools
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from joserfc import jws
from joserfc.jwk import KeySet, RSAKey

from portal.agent import tlv
from portal.db import trousseau
from portal.db.crypto import KeyRing
from portal.sauvegarde import archive
from portal.volets.definitions import FOLDER
from tests.support import pieces

STARTS = datetime(2026, 11, 1, tzinfo=UTC)
ENDS = STARTS + timedelta(days=400)


@functools.cache
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _name(*pairs: tuple[x509.ObjectIdentifier, str]) -> x509.Name:
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in pairs])


ROOT = _name((x509.NameOID.COUNTRY_NAME, "FR"), (x509.NameOID.COMMON_NAME, "AC ESSAI"))
HOLDER = _name((x509.NameOID.COUNTRY_NAME, "FR"), (x509.NameOID.TITLE, "Médecin"),
               (x509.NameOID.COMMON_NAME, "810100000011"), (x509.NameOID.SURNAME, "MARTIN"),
               (x509.NameOID.GIVEN_NAME, "ALICE"))


def _issued(subject: x509.Name, *, authority: bool) -> x509.Certificate:
    usages = dict.fromkeys(("content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
                            "encipher_only", "decipher_only"), False)
    return (x509.CertificateBuilder().subject_name(subject).issuer_name(ROOT).public_key(key().public_key())
            .serial_number(7).not_valid_before(STARTS).not_valid_after(ENDS)
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(x509.KeyUsage(digital_signature=not authority, key_cert_sign=authority,
                                         crl_sign=authority, **usages), critical=True)
            .add_extension(x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key().public_key()), critical=False)
            .sign(key(), hashes.SHA256()))


@functools.cache
def authority() -> tuple[x509.Certificate, ...]:
    return (_issued(ROOT, authority=True),)


@functools.cache
def _card() -> x509.Certificate:
    return _issued(HOLDER, authority=False)


def certificates() -> list[bytes]:
    return [_card().public_bytes(Encoding.DER), authority()[0].public_bytes(Encoding.DER)]


def chains() -> list[bytes]:
    both = [_card(), *authority()]
    return [*certificates(), b"".join(one.public_bytes(Encoding.PEM) for one in both),
            pkcs7.serialize_certificates(both, Encoding.DER), pkcs7.serialize_certificates(both, Encoding.PEM)]


def lists() -> list[bytes]:
    revoked = (x509.RevokedCertificateBuilder().serial_number(9).revocation_date(STARTS)
               .add_extension(x509.CRLReason(x509.ReasonFlags.key_compromise), critical=False).build())
    made = (x509.CertificateRevocationListBuilder().issuer_name(ROOT).last_update(STARTS).next_update(ENDS)
            .add_revoked_certificate(revoked).add_extension(x509.CRLNumber(3), critical=False)
            .sign(key(), hashes.SHA256()))
    return [made.public_bytes(Encoding.DER), made.public_bytes(Encoding.PEM)]


def card_files() -> list[bytes]:
    """A directory entry (ISO/IEC 7816-15) of a certificate, one of a code, and filler after both."""
    common = tlv.encode(0x30, tlv.encode(0x0C, b"Certificat"), tlv.encode(0x04, b"\x01"))
    own = tlv.encode(0x30, tlv.encode(0x04, b"\x01"), tlv.encode(0x02, b"\x00\x82"))
    kind = tlv.encode(0xA1, tlv.encode(0x30, tlv.encode(0x04, bytes.fromhex("3F00D001"))),
                      tlv.encode(0x02, b"\x08\x00"))
    code = tlv.encode(0xA1, tlv.encode(0x30, tlv.encode(0x03, b"\x02\x4c\x10"), tlv.encode(0x02, b"\x04"),
                                       tlv.encode(0x02, b"\x08"), tlv.encode(0x80, b"\x81"), tlv.encode(0x04, b"\xff")))
    return [tlv.encode(0x30, common, own, kind) + b"\x00\x00", tlv.encode(0x30, common, code) + b"\xff" * 4]


def card_answers() -> list[bytes]:
    return [bytes.fromhex("0020008104313233340000000000000000000000" "9000"), b"\x63\xc2",
            bytes.fromhex("00a4090404d0010000") + b"\x62" * 20 + b"\x90\x00"]


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def card_tokens() -> list[bytes]:
    return [_json({"format": "web-eid:1.0", "algorithm": "RS256", "unverifiedCertificate": "QUJD", "signature": "QUJD",
                   "unverifiedInfo": {"specialite": "SM26"}})]


@functools.cache
def _signing() -> RSAKey:
    return RSAKey.import_key(key(), {"kid": "1", "use": "sig"})


def key_set() -> KeySet:
    """The keys of an e-CPS provider."""
    return KeySet([_signing()])


def id_tokens() -> list[bytes]:
    made = jws.serialize_compact({"alg": "RS256", "kid": "1"}, b'{"sub":"x"}', _signing(), ["RS256"])
    return [made.encode(), b"eyJhbGciOiJub25lIn0.e30.", b"eyJhbGciOiJIUzI1NiJ9.e30.AAAA"]


def provider_answers() -> list[bytes]:
    return [
        _json({"issuer": "http://127.0.0.1:8002", "authorization_endpoint": "http://127.0.0.1:8002/a",
               "token_endpoint": "http://127.0.0.1:8002/t", "userinfo_endpoint": "http://127.0.0.1:8002/u",
               "jwks_uri": "http://127.0.0.1:8002/k", "token_endpoint_auth_methods_supported": ["client_secret_post"]}),
        _json({"keys": [_signing().as_dict(private=False), {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}]}),
        _json({"sub": "sub", "SubjectNameID": "810100000011", "family_name": "MARTIN", "given_name": "Alice",
               "SubjectRefPro": {"exercices": [{"codeProfession": "10", "codeSavoirFaire": "SM26"}]}}),
        _json({"aud": ["portail"], "azp": "portail", "exp": 1795348800, "iat": 1795348800, "nonce": "n",
               "acr": "eidas1", "at_hash": "AAAA", "sub": "sub"}),
    ]


def signatures(ring: KeyRing) -> list[bytes]:
    return [ring.signer("session").sign("x" * 43), ring.serializer("message").dumps({"text": "Enregistré"}).encode(),
            b"/dossiers/grand-age?q=1", b"//evil.example", b"a=b; __Host-session=\"x\\073y\"; c"]


def directories() -> list[bytes]:
    """The two formats of the national directories, a line each."""
    return [b"noFinesset;title;coordinates.postcode;coordinates.city;IsEHPAD;capacity;prixHebPermCs;"
            b"latitude;longitude\n"
            b'140000001;"EHPAD Les Tilleuls";14000;Caen;true;80;61,20;49.18;-0.37\n',
            "structureet;140990009;140990000;CT;Centre des Ormes;;;12;R;DES ORMES;;;118;14;CALVADOS;14000 CAEN;"
            "0231000000;;500;EHPAD;;;;;;;;\n".encode("cp1252")]


def bodies() -> list[bytes]:
    return [b"_csrf=abc&nom=L%C3%A9roux&q=a+b&x%5B%5D=1&x%5B%5D=2&vide=", b"%00=%ff&a=%zz&&=;a=1"]


def multiparts() -> list[bytes]:
    return [b'bord\r\n--bord\r\nContent-Disposition: form-data; name="_csrf"\r\n\r\nabc\r\n--bord\r\n'
            b'Content-Disposition: form-data; name="fichier"; filename="a.pdf"\r\nContent-Type: application/pdf\r\n\r\n'
            b"%PDF-1.4\r\n--bord--\r\n",
            b"--bord\r\nContent-Disposition: form-data; name*=utf-8''a; filename*=utf-8''%0d%0a\r\n\r\n\r\n--bord--"]


def volets() -> list[bytes]:
    return [b"_csrf=abc&version=3&cle=abcdefgh&base=%7B%22motif%22%3A%220123456789abcdef%22%7D&motif=Chute",
            b"base=%7B%7D&version=0"]


def answers() -> list[bytes]:
    return [text.encode() for text in ("22/11/2026", "1 234,5", "02 31 00 00 00", "a@exemple.fr", "14000 Caen", "oui",
                                       "A", "−3", "٣", "29/02/2025", "1e9", "+33231000000")]


def identifiers() -> list[bytes]:
    return [text.encode() for text in ("2 54 12 14 118 001 07", "1 84 12 2A 004 012 46", "GA-14-000123", "14000 Caen",
                                       "a.b@exemple.fr", "+33 6 12 34 56 78", "SM26", "GA 4300 9190")]


def definitions() -> list[bytes]:
    """The shortest of the portal's own, cut to some kilobytes."""
    return [min((path.read_bytes() for path in FOLDER.glob("*.toml")), key=len)[:6000],
            b'title = "T"\nsource = "S"\nrank = 1\n[[sections]]\nid = "a"\ntitle = "A"\n']


def attachments() -> list[bytes]:
    return [pieces.pdf(), pieces.picture("PNG"), pieces.picture("JPEG"), pieces.picture("JPEG", progressive=True)]


def backups(ring: KeyRing) -> list[bytes]:
    file = io.BytesIO()
    writer = archive.Writer(file, ring)
    writer.write(b"x" * 300)
    writer.close()
    return [file.getvalue()]


def rings() -> list[bytes]:
    made = trousseau.fresh(demonstration=True, at=0)
    former = made | {"former": {"s0": {"secret": made["secret"], "until": 1}},
                     "next": {"key": "k1", "secret": made["secret"], "secret_id": "s2"}}
    return [_json(made), _json(former)]
