"""What the diagnosis says of a certificate (RFC 5280), read with the agent's own TLV reader.

Nothing is verified here: the portal does that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from portal.agent import tlv
from portal.agent.errors import UnusableCard

COMMON_NAME, SURNAME, GIVEN_NAME = (bytes.fromhex(oid) for oid in ("550403", "550404", "55042A"))
KEY_USAGE = bytes.fromhex("551D0F")
UTC_TIME, GENERALIZED_TIME = 0x17, 0x18
USAGES = ("signature de connexion", "engagement (signature)", "chiffrement de clés", "chiffrement de données",
          "accord de clés", "signature de certificats", "signature de listes")


@dataclass(frozen=True)
class Certificate:
    """Holder as « NOM PRÉNOM (identifiant) », serial in hexadecimal, validity, usages in French."""

    holder: str
    serial: str
    starts: datetime
    ends: datetime
    usages: tuple[str, ...]


def read(der: bytes) -> Certificate:
    """Raises UnusableCard for what is no certificate."""
    try:
        fields = tlv.parse(der)[0].children()[0].children()
        if fields[0].tag == 0xA0:  # the version, when it is not the first one
            fields = fields[1:]
        serial, _algorithm, _issuer, validity, subject = fields[:5]
        starts, ends = (_time(node) for node in validity.children())
    except (IndexError, ValueError) as error:
        raise UnusableCard("certificate") from error
    return Certificate(_holder(subject), serial.value.hex().upper(), starts, ends, _usages(fields))


def _holder(subject: tlv.Tlv) -> str:
    names: dict[bytes, str] = {}
    for node in tlv.walk(subject.children()):
        if node.tag == 0x30:
            parts = node.children()
            if len(parts) == 2 and parts[0].tag == 0x06:
                names[parts[0].value] = parts[1].value.decode("utf-8", "replace")
    person = " ".join(names[oid] for oid in (SURNAME, GIVEN_NAME) if oid in names)
    identifier = names.get(COMMON_NAME, "")
    return f"{person} ({identifier})" if person and identifier else person or identifier or "sans nom"


def _time(node: tlv.Tlv) -> datetime:
    text = node.value.decode("ascii")
    if node.tag == UTC_TIME:
        # RFC 5280 §4.1.2.5.1: years 50 to 99 are of the last century.
        text = ("19" if text[:2] >= "50" else "20") + text
    elif node.tag != GENERALIZED_TIME:
        raise ValueError("time")
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)


def _usages(fields: list[tlv.Tlv]) -> tuple[str, ...]:
    extensions = [node for node in fields if node.tag == 0xA3]
    for node in tlv.walk(extensions[0].children() if extensions else []):
        if node.tag != 0x30:
            continue
        parts = node.children()
        if parts and parts[0].value == KEY_USAGE and parts[-1].tag == 0x04:
            bits = tlv.find(tlv.parse(parts[-1].value), 0x03) or b"\0\0"
            return tuple(words for rank, words in enumerate(USAGES)
                         if len(bits) > 1 and bits[1] & (0x80 >> rank))
    return ()
