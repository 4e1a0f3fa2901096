"""Calls to the e-CPS provider: short, capped, never while the database's write lock is held."""

from __future__ import annotations

import json
import logging
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2

from portal.connexion.ecps.refus import Refusal, Refused
from portal.settings import LOOPBACK, Settings

log = logging.getLogger("portal.ecps")

TIMEOUT = 5.0  # seconds without a sign
DEADLINE = 10.0  # seconds for a whole answer
MAX_ANSWER = 256 * 1024
# A provider that hangs must not hold every worker thread of the portal.
WAITING = threading.BoundedSemaphore(6)


@dataclass(frozen=True)
class Tokens:
    """What the token endpoint gave for a code; nothing in it is believed yet."""

    id_token: str
    access_token: str


def open_client(settings: Settings) -> httpx2.Client:
    """A client for one login, with the portal's certificate where one is set."""
    local = httpx2.URL(settings.ecps_issuer).host in LOOPBACK
    return httpx2.Client(
        timeout=TIMEOUT, verify=_context(settings), follow_redirects=False, trust_env=not local,
        headers={"accept": "application/json", "accept-encoding": "identity", "user-agent": "viatrajectoire-liberal"})


@contextmanager
def connected(settings: Settings) -> Iterator[httpx2.Client]:
    """A client, if few enough others are waiting for the provider; raises Refused otherwise."""
    if not WAITING.acquire(timeout=1):
        log.error("provider too slow: too many logins are waiting for it")
        raise Refused(Refusal.INJOIGNABLE)
    try:
        try:
            opened = open_client(settings)
        except OSError as error:
            log.error("the certificate of ecps_client_cert can't be used: %s", type(error).__name__)
            raise Refused(Refusal.RACCORDEMENT) from error
        with opened as http:
            yield http
    finally:
        WAITING.release()


def get_json(http: httpx2.Client, url: str, **headers: str) -> dict[str, Any]:
    """The object at an address; raises Refused (INJOIGNABLE, REPONSE_ILLISIBLE)."""
    status, body = _call(http, "GET", url, headers=headers)
    if status != 200:
        log.error("provider answered %d to GET %s", status, url)
        raise Refused(Refusal.INJOIGNABLE)
    return _object(body)


def exchange(http: httpx2.Client, settings: Settings, url: str, methods: tuple[str, ...], *, code: str,
             verifier: str, redirect_uri: str) -> Tokens:
    """Give the code and its PKCE verifier for tokens (RFC 6749 §4.1.3); raises Refused.

    ``methods`` are the ways of client authentication that the provider announced.
    """
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri,
            "code_verifier": verifier, "client_id": settings.ecps_client_id}
    more: dict[str, Any] = {}
    if settings.ecps_client_secret and "client_secret_basic" in methods:
        # RFC 6749 §2.3.1: both parts form-encoded first.
        more["auth"] = (quote(settings.ecps_client_id, safe=""), quote(settings.ecps_client_secret, safe=""))
    elif settings.ecps_client_secret:
        form["client_secret"] = settings.ecps_client_secret
    status, body = _call(http, "POST", url, data=form, **more)
    if status != 200:
        raise Refused(_token_refusal(status, body))
    answer = _object(body)
    tokens = Tokens(answer.get("id_token", ""), answer.get("access_token", ""))
    if not all(isinstance(text, str) and text.isascii() and text for text in (tokens.id_token, tokens.access_token)):
        raise Refused(Refusal.REPONSE_ILLISIBLE)
    return tokens


def _token_refusal(status: int, body: bytes) -> Refusal:
    """A code that no longer serves is the visitor's matter, anything else our settings'."""
    try:
        error = _object(body).get("error")
    except Refused:
        error = None
    if status == 400 and error == "invalid_grant":
        return Refusal.CODE_REFUSE
    log.error("provider refused the exchange: status %d, %s", status, error if error in TOKEN_ERRORS else "unreadable")
    return Refusal.RACCORDEMENT if error in TOKEN_ERRORS else Refusal.INJOIGNABLE


# RFC 6749 §5.2, and only these go to the log.
TOKEN_ERRORS = ("invalid_request", "invalid_client", "invalid_grant", "unauthorized_client",
                "unsupported_grant_type", "invalid_scope")


def _call(http: httpx2.Client, method: str, url: str, **more: Any) -> tuple[int, bytes]:
    """Status and body; a server's own failure, silence, or too long an answer raises Refused."""
    ends = time.monotonic() + DEADLINE
    body = b""
    try:
        with http.stream(method, url, **more) as response:
            for piece in response.iter_raw():
                body += piece
                if len(body) > MAX_ANSWER:
                    raise Refused(Refusal.REPONSE_ILLISIBLE)
                if time.monotonic() > ends:
                    raise Refused(Refusal.INJOIGNABLE)
    except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError) as error:
        log.error("provider does not answer: %s on %s", type(error).__name__, url)
        raise Refused(Refusal.INJOIGNABLE) from error
    if response.status_code >= 500:
        log.error("provider answered %d to %s %s", response.status_code, method, url)
        raise Refused(Refusal.INJOIGNABLE)
    return response.status_code, body


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused(Refusal.REPONSE_ILLISIBLE) from error
    if not isinstance(found, dict):
        raise Refused(Refusal.REPONSE_ILLISIBLE)
    return found


def _context(settings: Settings) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if settings.ecps_client_cert != Path():
        key = settings.ecps_client_key if settings.ecps_client_key != Path() else None
        context.load_cert_chain(settings.ecps_client_cert, key)
    return context
