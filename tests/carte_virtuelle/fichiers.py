"""The files of a card: the master file's own, and a whole PKCS#15 application (ISO/IEC 7816-15).

Paths, identifiers and access conditions follow what is public of CPS3 (ansforge/dops-cryptolib) and of
IAS-ECC cards (OpenSC's card-iasecc.c). Where the certificates lie is not public: readers must follow the
directory, and these places are our own.
"""

from __future__ import annotations

from dataclasses import dataclass

from portal.agent.tlv import encode
from tests.carte_virtuelle.personne import Personne

AID = bytes.fromhex("E828BD080F8025000001FF0010")
MF, DF = bytes.fromhex("3F00"), bytes.fromhex("3F000001")
EF_DIR, EF_ATR, EF_SN = (MF + bytes.fromhex(name) for name in ("2F00", "2F01", "D003"))
ODF, TOKEN_INFO = DF + bytes.fromhex("5031"), DF + bytes.fromhex("5032")
PRKDF, CDF, DODF, AODF = (DF + bytes.fromhex(name) for name in ("7001", "7002", "7003", "7005"))
CERTIFICATE, SIGNATURE_CERTIFICATE = DF + bytes.fromhex("A001"), DF + bytes.fromhex("A002")
INFO, ACTIVITY = DF + bytes.fromhex("D101"), DF + bytes.fromhex("D120")
SHORT_NAMES = {0x1C: EF_SN, 0x1D: EF_ATR, 0x1E: EF_DIR}

SERIAL = bytes.fromhex("80250000010203040506")
AUTHENTICATION_ID, SIGNATURE_ID, PIN_ID = b"\xe8\x20", b"\xe8\x10", b"\x01"
PRIVATE = b"\x06\xc0"  # private, modifiable


@dataclass(frozen=True)
class File:
    """An elementary file; ``protected`` ones are read after the code only."""

    content: bytes
    protected: bool = False


def tree(personne: Personne, authentication_key: int, signature_key: int) -> dict[bytes, File]:
    """Every file by its full path; the two numbers are the keys' references on this kind of card."""
    return {
        EF_DIR: File(encode(0x61, encode(0x4F, AID), encode(0x50, b"CPS3v1"), encode(0x51, DF))),
        EF_ATR: File(_ef_atr()),
        EF_SN: File(encode(0x5A, SERIAL)),
        ODF: File(b"".join(encode(tag, _path(path)) for tag, path in (
            (0xA0, PRKDF), (0xA4, CDF), (0xA7, DODF), (0xA8, AODF)))),
        TOKEN_INFO: File(encode(
            0x30, _integer(0), encode(0x04, SERIAL), _text("ASIP Sante"), encode(0x80, b"CPS3v1-0000000001"),
            encode(0x03, b"\x04\x10"), encode(0xA2, _algorithm()))),
        PRKDF: File(_key("CPS_PRIV_AUT", AUTHENTICATION_ID, b"\x05\x20", authentication_key)
                    + _key("CPS_PRIV_SIG", SIGNATURE_ID, b"\x06\x00\x40", signature_key)),
        CDF: File(_certificate("CPS_CERT_AUT", AUTHENTICATION_ID, CERTIFICATE)
                  + _certificate("CPS_CERT_SIG", SIGNATURE_ID, SIGNATURE_CERTIFICATE)),
        DODF: File(_data("CPS_INFO_PS", INFO) + _data("CPS_ACTIVITY_01_PS", ACTIVITY, private=True)),
        AODF: File(_pin()),
        CERTIFICATE: File(personne.certificate),
        SIGNATURE_CERTIFICATE: File(personne.signature_certificate),
        INFO: File(personne.info),
        ACTIVITY: File(encode(0xEE, encode(0x84, b"CABINET FICTIF"), encode(0x85, b"0000"), encode(0x86, b"SA07")),
                       protected=True),
    }


def control_parameters(path: bytes, file: File | None) -> bytes:
    """What SELECT answers (FCP template): ``file`` is None for a directory."""
    if file is None:
        name = encode(0x84, AID) if path == DF else b""
        return encode(0x62, encode(0x82, b"\x38"), encode(0x83, path[-2:]), name, encode(0x8A, b"\x05"),
                      encode(0xA1, encode(0x8C, b"\x02\xff")))
    # One access rule, for reading: always, or the code under security environment 1.
    rule = b"\x01\x11" if file.protected else b"\x01\x00"
    return encode(0x62, encode(0x80, len(file.content).to_bytes(2, "big")), encode(0x82, b"\x01"),
                  encode(0x83, path[-2:]), encode(0x88), encode(0x8A, b"\x05"), encode(0xA1, encode(0x8C, rule)))


def _ef_atr() -> bytes:
    """Category TLV, issuing data, capabilities, application, buffer sizes of four bytes each, status."""
    sizes = encode(0x02, b"\x00\xff") + encode(0x02, b"\x00\xff") + encode(0x02, b"\x01\x00") * 2
    return (b"\x80" + encode(0x43, b"\xb8") + encode(0x46, bytes.fromhex("0125006480000310"))
            + encode(0x47, bytes.fromhex("940180")) + encode(0x4F, AID) + encode(0xE0, sizes)
            + encode(0x82, b"\x90\x00"))


def _path(path: bytes) -> bytes:
    return encode(0x30, encode(0x04, path))


def _text(text: str) -> bytes:
    return encode(0x0C, text.encode())


def _integer(value: int) -> bytes:
    return encode(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _algorithm() -> bytes:
    """RSA with PKCS#1 padding (PKCS#11 mechanism 1) to sign, the card's algorithm 02."""
    oid = encode(0x06, bytes.fromhex("2A864886F70D010101"))
    return encode(0x30, _integer(1), _integer(1), encode(0x05), encode(0x03, b"\x06\x40"), oid, _integer(2))


def _key(label: str, identifier: bytes, usage: bytes, reference: int) -> bytes:
    common = encode(0x30, _text(label), encode(0x03, PRIVATE), encode(0x04, PIN_ID))
    own = encode(0x30, encode(0x04, identifier), encode(0x03, usage), encode(0x03, b"\x03\xb8"), _integer(reference))
    return encode(0x30, common, own, encode(0xA1, encode(0x30, _path(DF), _integer(2048))))


def _certificate(label: str, identifier: bytes, path: bytes) -> bytes:
    common = encode(0x30, _text(label), encode(0x03, b"\x06\x40"))
    return encode(0x30, common, encode(0x30, encode(0x04, identifier)), encode(0xA1, encode(0x30, _path(path))))


def _data(label: str, path: bytes, *, private: bool = False) -> bytes:
    protection = encode(0x03, PRIVATE) + encode(0x04, PIN_ID) if private else b""
    common = encode(0x30, _text(label), protection)
    return encode(0x30, common, encode(0x30, _text("CPS")), encode(0xA1, _path(path)))


def _pin() -> bytes:
    common = encode(0x30, _text("Code porteur"), encode(0x03, PRIVATE))
    # caseSensitive, initialized, needsPadding off; ASCII digits; four to four; reference 1.
    attributes = encode(0x30, encode(0x03, b"\x03\x88"), encode(0x0A, b"\x01"), _integer(4), _integer(4),
                        _integer(4), encode(0x80, b"\x01"))
    return encode(0x30, common, encode(0x30, encode(0x04, PIN_ID)), encode(0xA1, attributes))
