"""Codes of an authenticator application (RFC 6238 over RFC 4226) and recovery codes.

Standard library only; nothing here reads the database or the clock.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import unicodedata
from datetime import datetime
from urllib.parse import quote, urlencode

STEP_SECONDS = 30
DIGITS = 6
# One step before and one after: a telephone's clock is rarely exact (RFC 6238, section 5.2).
WINDOW = 1
SECRET_BYTES = 20
MAX_APPLICATIONS = 3
MAX_NAME = 40

RECOVERY_CODES = 10
RECOVERY_LENGTH = 10
# Without 0, 1, I and O, which a reader mistakes for each other: 32 signs, so 50 bits a code.
RECOVERY_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
FEW_RECOVERY_CODES = 3


def counter(at: datetime) -> int:
    """How many steps of 30 seconds since 1970 at an aware instant."""
    return int(at.timestamp() // STEP_SECONDS)


def code_at(secret: bytes, steps: int) -> str:
    """The six digits of one step: HMAC-SHA-1 of the counter, truncated (RFC 4226, section 5.3)."""
    digest = hmac.new(secret, steps.to_bytes(8, "big"), hashlib.sha1).digest()
    offset = digest[-1] & 0xF
    number = int.from_bytes(digest[offset:offset + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def matching(secret: bytes, code: str, at: datetime) -> int | None:
    """The latest counter around this instant whose code this is, or None; each is compared in full."""
    now = counter(at)
    found = [steps for steps in range(max(0, now - WINDOW), now + WINDOW + 1)
             if hmac.compare_digest(code_at(secret, steps).encode(), code.encode())]
    return max(found, default=None)


def digits(text: str) -> str:
    """A typed code without what people put between its figures; "" if it is not six figures."""
    compact = re.sub(r"[\s.\-]", "", unicodedata.normalize("NFKC", text))
    return compact if re.fullmatch(rf"[0-9]{{{DIGITS}}}", compact) else ""


def recovery(text: str) -> str:
    """A typed recovery code as it is hashed; "" if it can't be one."""
    compact = re.sub(r"[\s.\-]", "", unicodedata.normalize("NFKC", text)).upper()
    return compact if re.fullmatch(rf"[{RECOVERY_ALPHABET}]{{{RECOVERY_LENGTH}}}", compact) else ""


def written(code: str) -> str:
    """A recovery code as it is shown: « ABCDE-23456 »."""
    half = RECOVERY_LENGTH // 2
    return f"{code[:half]}-{code[half:]}"


def base32(secret: bytes) -> str:
    """The secret as applications take it: base32 without padding."""
    return base64.b32encode(secret).decode().rstrip("=")


def unbase32(text: str) -> bytes:
    """The secret of ``base32``; raises ValueError for anything else."""
    try:
        return base64.b32decode(text + "=" * (-len(text) % 8))
    except binascii.Error as error:
        raise ValueError("not base32") from error


def spaced(text: str) -> str:
    """A secret in groups of four, for whoever types it."""
    return " ".join(text[start:start + 4] for start in range(0, len(text), 4))


def key_uri(secret: bytes, site: str, account: str) -> str:
    """The ``otpauth://`` address that the QR code holds (Google Authenticator's « Key Uri Format »)."""
    label = quote(f"{site}:{account}", safe=":@")
    query = urlencode({"secret": base32(secret), "issuer": site}, quote_via=quote)
    return f"otpauth://totp/{label}?{query}"
