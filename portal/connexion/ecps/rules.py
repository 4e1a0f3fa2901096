"""What an id_token and a userinfo answer must say before anybody is let in.

Standard library and the card's rules only: signatures are verified elsewhere, here their content is judged.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import math
from dataclasses import dataclass
from typing import Any

from portal.connexion import rules as carte
from portal.connexion.ecps.refus import Refusal, Refused
from portal.connexion.rules import Identity

PHYSICIAN = "10"  # codeProfession of the nomenclature TRE_G15
LEEWAY = 30  # seconds: clocks differ a little
MAX_SUB = 255


@dataclass(frozen=True)
class Expected:
    """What this login asked for: the provider, this portal's name there, the nonce, the levels that pass.

    ``acr`` may name several, separated by blanks; none at all lets nobody in.
    """

    issuer: str
    client_id: str
    nonce: str
    acr: str


def challenge(verifier: str) -> str:
    """The PKCE challenge S256 of a verifier (RFC 7636 §4.2)."""
    return _b64(hashlib.sha256(verifier.encode()).digest())


def check_issuer(iss: str, issuer: str, promised: bool) -> None:
    """The ``iss`` beside the code (RFC 9207) names our provider, and is there if it was promised; raises Refused."""
    if (iss or promised) and iss != issuer:
        raise Refused(Refusal.EMETTEUR)


def check_claims(claims: dict[str, Any], expected: Expected, now: float, access_token: str) -> str:
    """Hold a verified id_token against this login (OpenID Connect Core §3.1.3.7); returns its ``sub``.

    ``now`` in seconds since 1970. Raises Refused.
    """
    if claims.get("iss") != expected.issuer:
        raise Refused(Refusal.EMETTEUR)
    _check_audience(claims, expected.client_id)
    _check_times(claims, now)
    if not _same(claims.get("nonce"), expected.nonce):
        raise Refused(Refusal.NONCE)
    if claims.get("acr") not in expected.acr.split():
        raise Refused(Refusal.NIVEAU)
    if "at_hash" in claims and not _same(claims["at_hash"], _left_half(access_token)):
        raise Refused(Refusal.JETON_ACCES)
    sub = claims.get("sub")
    if not isinstance(sub, str) or not 0 < len(sub) <= MAX_SUB:
        raise Refused(Refusal.JETON_ILLISIBLE)
    return sub


def identity(userinfo: dict[str, Any], sub: str) -> Identity:
    """The physician of a userinfo answer of Pro Santé Connect, which must be about ``sub``; raises Refused.

    ``SubjectNameID`` is the national id, the same as the card's, so that both reach one account. One of the
    ``exercices`` must be a physician's; its ``codeSavoirFaire`` (the specialty) may be empty.
    """
    if not _same(userinfo.get("sub"), sub):
        raise Refused(Refusal.AUTRE_PERSONNE)
    reference = userinfo.get("SubjectRefPro")
    practices = reference.get("exercices") if isinstance(reference, dict) else None
    if not isinstance(practices, list) or not all(isinstance(one, dict) for one in practices):
        raise Refused(Refusal.IDENTITE_ILLISIBLE)
    as_physician = [one for one in practices if one.get("codeProfession") == PHYSICIAN]
    if not as_physician:
        raise Refused(Refusal.AUTRE_PROFESSION)
    specialties = (carte.specialty_code(one.get("codeSavoirFaire")) for one in as_physician)
    named = (("SubjectNameID", carte.COMMON_NAME), ("family_name", carte.SURNAME), ("given_name", carte.GIVEN_NAME))
    texts = [(oid, userinfo.get(name)) for name, oid in named]
    # The same reading as a card's subject: number, names in clean letters, nothing else.
    subject = [(carte.COUNTRY, "FR"), (carte.TITLE, carte.PHYSICIAN)]
    subject += [(oid, text) for oid, text in texts if isinstance(text, str)]
    try:
        return carte.identity(subject, next(filter(None, specialties), ""))
    except carte.Refused as refused:
        raise Refused(Refusal.IDENTITE_ILLISIBLE) from refused


def _check_audience(claims: dict[str, Any], client_id: str) -> None:
    """We are among the audience; where there are several, or one is named, we are the authorized party."""
    audience = claims.get("aud")
    several = isinstance(audience, list) and len(audience) > 1
    named = audience if isinstance(audience, list) else [audience]
    if client_id not in named or ((several or "azp" in claims) and claims.get("azp") != client_id):
        raise Refused(Refusal.DESTINATAIRE)


def _check_times(claims: dict[str, Any], now: float) -> None:
    expires, issued, begins = (_seconds(claims.get(name)) for name in ("exp", "iat", "nbf"))
    if expires is None or issued is None or ("nbf" in claims and begins is None):
        raise Refused(Refusal.PERIMEE)
    if now > expires + LEEWAY or max(issued, begins or issued) > now + LEEWAY:
        raise Refused(Refusal.PERIMEE)


def _seconds(value: object) -> float | None:
    """A NumericDate (RFC 7519 §2); JSON of this world also has NaN and Infinity, which never expire."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if isinstance(value, int) or math.isfinite(value) else None


def _left_half(access_token: str) -> str:
    """``at_hash``: every algorithm allowed here hashes with SHA-256 (OpenID Connect Core §3.1.3.6)."""
    return _b64(hashlib.sha256(access_token.encode()).digest()[:16])


def _same(given: object, expected: str) -> bool:
    return isinstance(given, str) and hmac.compare_digest(
        given.encode("utf-8", "surrogatepass"), expected.encode("utf-8", "surrogatepass"))


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
