"""The steps of an e-CPS login: a request issued once, an answer identified, a session opened, and the way out."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from starlette.requests import Request

from portal import clock, metriques
from portal.compte import queries as comptes
from portal.connexion import commands as connexion
from portal.connexion.ecps import client, decouverte, jetons, rules
from portal.connexion.ecps.decouverte import Metadata
from portal.connexion.ecps.refus import Refusal, Refused
from portal.connexion.ecps.rules import Expected
from portal.connexion.rules import Identity
from portal.db import audit
from portal.db.crypto import keys
from portal.settings import Settings
from portal.web import session
from portal.web.session import Access

LIFE = timedelta(minutes=10)
RETURN, EXIT = "/connexion/ecps/retour", "/connexion/ecps/sortie"
EXIT_PURPOSE = "ecps-sortie"


@dataclass(frozen=True)
class Pending:
    """A login under way, kept in the visitor's session: ``state`` ties the answer to it, ``nonce`` the token."""

    state: str
    nonce: str
    verifier: str
    suite: str
    expires: str


@dataclass(frozen=True)
class Answer:
    """What the provider sent back through the browser (RFC 6749 §4.1.2, RFC 9207)."""

    code: str
    state: str
    error: str
    iss: str


@dataclass(frozen=True)
class Proof:
    """Who the provider says this is; the id_token is kept to say good-bye."""

    identity: Identity
    id_token: str


def find_provider(settings: Settings) -> Metadata:
    """The provider's addresses; raises Refused when there is none or it does not answer."""
    if not settings.ecps_issuer:
        raise Refused(Refusal.FERMEE)
    with client.connected(settings) as http:
        return decouverte.metadata(settings, http)


def start(request: Request, settings: Settings, provider: Metadata, suite: str) -> str:
    """Put a fresh login in the session (it replaces an earlier one); returns the provider's address to go to."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    pending = Pending(state, nonce, verifier, suite, (clock.now() + LIFE).isoformat())
    session.put(request, ecps=asdict(pending))
    return _with(provider.authorization, {
        "response_type": "code", "client_id": settings.ecps_client_id, "redirect_uri": settings.origin + RETURN,
        "scope": settings.ecps_scope, "acr_values": settings.ecps_acr, "state": state, "nonce": nonce,
        "code_challenge": rules.challenge(verifier), "code_challenge_method": "S256",
    })


def pending(request: Request, state: str) -> Pending:
    """The session's login under way, if ``state`` is its own; raises Refused (DEMANDE_ABSENTE, DEMANDE_EXPIREE)."""
    kept = session.visit(request).data.get("ecps")
    if not kept or not hmac.compare_digest(state.encode(), kept["state"].encode()):
        raise Refused(Refusal.DEMANDE_ABSENTE)
    found = Pending(**kept)
    if clock.now() > datetime.fromisoformat(found.expires):
        raise Refused(Refusal.DEMANDE_EXPIREE)
    return found


def take(request: Request, state: str) -> None:
    """Remove the login under way: it serves once, whatever follows. Raises Refused if it is gone.

    The row is read again under the write lock, so that two answers at once can't both have it.
    """
    session.visit(request).data = session.load(request).data
    pending(request, state)
    session.put(request, ecps=None)


def identify(settings: Settings, asked: Pending, answer: Answer) -> Proof:
    """Turn the provider's answer into a physician's identity, over the network; raises Refused."""
    if answer.error:
        raise Refused(Refusal.ANNULEE if answer.error == "access_denied" else Refusal.REFUS_DU_FOURNISSEUR)
    with client.connected(settings) as http:
        provider = decouverte.metadata(settings, http)
        rules.check_issuer(answer.iss, settings.ecps_issuer, provider.promises_iss)
        if not answer.code:
            raise Refused(Refusal.REFUS_DU_FOURNISSEUR)
        tokens = client.exchange(
            http, settings, provider.token, provider.methods, code=answer.code, verifier=asked.verifier,
            redirect_uri=settings.origin + RETURN)
        claims = jetons.claims(tokens.id_token, lambda fresh: decouverte.keys(settings, http, fresh=fresh))
        expected = Expected(settings.ecps_issuer, settings.ecps_client_id, asked.nonce, settings.ecps_acr)
        sub = rules.check_claims(claims, expected, clock.now().timestamp(), tokens.access_token)
        userinfo = client.get_json(http, provider.userinfo, authorization=f"Bearer {tokens.access_token}")
    return Proof(rules.identity(userinfo, sub), tokens.id_token)


def open_session(request: Request, settings: Settings, proof: Proof) -> Access:
    """Open the physician's session; returns how far he may go.

    Raises Refused for a first connection, which is the card's unless ``settings.first_connection_ecps``.
    """
    if comptes.by_subject(proof.identity.subject) is None and not settings.first_connection_ecps:
        raise Refused(Refusal.PREMIERE_CONNEXION)
    state = connexion.open_session(request, proof.identity, "ecps")
    session.put(request, ecps_jeton=proof.id_token)
    return state


def record_refusal(reason: Refusal) -> None:
    """Record that a login was refused and why, without any word of the person."""
    metriques.refused("ecps")
    audit.record(audit.VISITOR, "connexion.refus", detail=f"ecps {reason.name.lower()}", result=audit.REFUSED)


def farewell(request: Request, settings: Settings) -> str | None:
    """Where the browser ends the provider's session too (RP-Initiated Logout); None where there is none to end.

    A provider that does not answer is no reason to stay: the portal's own session ends anyway.
    """
    here = session.visit(request)
    token = here.data.get("ecps_jeton")
    if here.level != "ecps" or not token:
        return None
    try:
        end_session = find_provider(settings).end_session
    except Refused:
        end_session = ""
    if not end_session:
        return None
    return _with(end_session, {
        "id_token_hint": token, "client_id": settings.ecps_client_id,
        "post_logout_redirect_uri": settings.origin + EXIT,
        "state": str(keys().serializer(EXIT_PURPOSE).dumps(secrets.token_urlsafe(8))),
    })


def _with(url: str, query: dict[str, str]) -> str:
    return url + ("&" if "?" in url else "?") + urlencode(query)
