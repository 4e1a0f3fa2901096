"""The challenge of a card login: issued once, used once, verified."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request

from portal import clock, metriques
from portal.compte import queries as comptes
from portal.connexion import arrivee, certificats, rules
from portal.connexion.certificats import Authorities
from portal.connexion.rules import Identity, Refusal, Refused
from portal.db import audit
from portal.settings import Settings
from portal.web import session
from portal.web.session import Access

FORMAT, ALGORITHM = "cps-auth:1", "RS256"
NONCE_BYTES = 32
CLOCK_STEP = timedelta(seconds=30)


@dataclass(frozen=True)
class Token:
    """What the workstation's agent answers; nothing in it is believed before ``verify``."""

    certificate: bytes
    signature: bytes
    specialite_code: str


def issue_challenge(request: Request, settings: Settings) -> str:
    """Put a fresh nonce in the session (it replaces any earlier one) and return it in base64."""
    nonce = base64.b64encode(secrets.token_bytes(NONCE_BYTES)).decode()
    now = clock.now()
    session.put(request, defi={
        "nonce": nonce, "issued": now.isoformat(), "expires": (now + settings.challenge_life).isoformat()})
    return nonce


def take_challenge(request: Request, answered: str) -> bytes:
    """The session's nonce, removed in the same transaction whatever follows: it serves once.

    ``answered`` is the challenge that the page says it answers, empty when it does not say: the answer to one
    that another tab has replaced leaves that tab's in place. The row is read again under the write lock, so
    that two requests at once can't both have it. Raises Refused when there is none or its time is over.
    """
    session.visit(request).data = session.load(request).data
    challenge = session.visit(request).data.get("defi")
    if not challenge:
        raise Refused(Refusal.DEFI_ABSENT)
    if answered and not hmac.compare_digest(answered.encode(), challenge["nonce"].encode()):
        raise Refused(Refusal.DEFI_REMPLACE)
    session.put(request, defi=None)
    now = clock.now()
    if now > datetime.fromisoformat(challenge["expires"]):
        raise Refused(Refusal.DEFI_EXPIRE)
    # A clock moved back would let a challenge live longer than promised; seconds are an ordinary adjustment.
    if now < datetime.fromisoformat(challenge["issued"]) - CLOCK_STEP:
        raise Refused(Refusal.DEFI_HORLOGE)
    return base64.b64decode(challenge["nonce"])


def read_token(text: str) -> Token:
    """Parse the agent's answer; raises Refused for anything but the one format and algorithm known."""
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refused(Refusal.JETON_ILLISIBLE) from error
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        raise Refused(Refusal.JETON_ILLISIBLE)
    if raw.get("algorithm") != ALGORITHM:
        raise Refused(Refusal.ALGORITHME)
    info = raw.get("unverifiedInfo")
    return Token(
        _bytes(raw.get("unverifiedCertificate")), _bytes(raw.get("signature")),
        rules.specialty_code(info.get("specialite") if isinstance(info, dict) else None),
    )


def verify(text: str, nonce: bytes, origin: str, authorities: Authorities) -> Identity:
    """Who signed this portal's challenge with a valid card.

    The signed bytes are rebuilt from what the server itself knows, its origin and its nonce: a token made
    for another site or another session can't match. Raises Refused.
    """
    token = read_token(text)
    certificate = certificats.read(token.certificate)
    certificats.check(certificate, authorities, clock.now())
    certificats.check_signature(certificate, token.signature, signed_bytes(origin, nonce))
    return rules.identity(certificats.subject(certificate), token.specialite_code)


def signed_bytes(origin: str, nonce: bytes) -> bytes:
    """SHA-256 of the origin, then SHA-256 of the nonce: the formula of Web eID's token."""
    return hashlib.sha256(origin.encode()).digest() + hashlib.sha256(nonce).digest()


def open_session(request: Request, identity: Identity, level: str = "cps") -> Access:
    """Open the holder's session under a new id and record it; returns how far he may go.

    ``level`` is how he proved who he is: « cps » or « ecps ».
    """
    compte = comptes.by_subject(identity.subject)
    if compte is not None:
        return arrivee.open_for(request, compte, level)
    session.login(
        request, state=Access.CARTE, subject=identity.subject, rpps=identity.rpps, name=identity.display_name,
        level=level, identity=_for_registration(identity),
    )
    audit.record(session.visit(request).actor, f"connexion.{level}")
    return Access.CARTE


def record_refusal(reason: Refusal) -> None:
    """Record that a login was refused and why, without any word of the card: nobody was identified."""
    metriques.refused("carte")
    audit.record(audit.VISITOR, "connexion.refus", detail=reason.name.lower(), result=audit.REFUSED)


def close_session(request: Request) -> None:
    """End the session; a visitor's own end leaves no record."""
    here = session.visit(request)
    if here.state > Access.PUBLIC:
        audit.record(here.actor, "session.fermee")
    session.logout(request)


def _for_registration(identity: Identity) -> dict[str, str]:
    return {
        "nom": identity.nom, "prenom": identity.prenom, "profession": identity.profession,
        "specialite_code": identity.specialite_code, "specialite": identity.specialite,
    }


def _bytes(value: Any) -> bytes:
    if not isinstance(value, str) or not value:
        raise Refused(Refusal.JETON_ILLISIBLE)
    try:
        return base64.b64decode(value, validate=True)
    except ValueError as error:
        raise Refused(Refusal.JETON_ILLISIBLE) from error
