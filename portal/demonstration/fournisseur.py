"""The demonstration's own e-CPS provider: fictitious people, a telephone that is a page.

It answers as Pro Santé Connect does, on a port of its own, so that the button works on a laptop. Whoever it
names gets in: only a demonstration trusts it.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.datastructures import FormData, QueryParams
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from portal import clock
from portal.demonstration import fournisseur_personnes as personnes
from portal.settings import ECPS_DISCOVERY, Settings, resource
from portal.web import render, security

CODE_LIFE, TOKEN_LIFE = timedelta(minutes=1), timedelta(minutes=2)
RETURN, EXIT = "/connexion/ecps/retour", "/connexion/ecps/sortie"
# Changes what is sent, by name of the thing: for tests of what the portal must refuse.
Alter = Callable[[str, Any], Any]


@dataclass
class Grant:
    """What a code or an access token stands for."""

    person: personnes.Person
    query: dict[str, str]
    ends: datetime


@dataclass
class Provider:
    """The provider of one portal; ``alter`` is a test's way to make it lie."""

    settings: Settings
    alter: Alter = lambda _what, value: value
    codes: dict[str, Grant] = field(default_factory=dict)
    tokens: dict[str, Grant] = field(default_factory=dict)

    def application(self) -> Starlette:
        """Its pages and endpoints."""
        return Starlette(routes=[
            Route(ECPS_DISCOVERY, self.discovery), Route("/jwks", self.jwks),
            Route("/auth", self.choose), Route("/auth", self.telephone, methods=["POST"]),
            Route("/decision", self.decide, methods=["POST"]),
            Route("/token", self.token, methods=["POST"]), Route("/userinfo", self.userinfo),
            Route("/logout", self.logout),
            Mount("/static", StaticFiles(directory=resource("static"))),
        ])

    def discovery(self, _request: Request) -> Response:
        """The discovery document."""
        at = self.settings.ecps_issuer
        return JSONResponse(self.alter("discovery", {
            "issuer": at, "authorization_endpoint": f"{at}/auth", "token_endpoint": f"{at}/token",
            "userinfo_endpoint": f"{at}/userinfo", "jwks_uri": f"{at}/jwks", "end_session_endpoint": f"{at}/logout",
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "authorization_response_iss_parameter_supported": True,
        }))

    def jwks(self, _request: Request) -> Response:
        """The public key."""
        return JSONResponse(self.alter("jwks", {"keys": [_key().as_dict(private=False)]}))

    def choose(self, request: Request) -> Response:
        """Who are you? Stands for the page where one types one's number."""
        query = request.query_params
        asked = {"client_id": self.settings.ecps_client_id, "redirect_uri": self.settings.origin + RETURN,
                 "response_type": "code", "code_challenge_method": "S256"}
        if any(query.get(name) != value for name, value in asked.items()) or not query.get("code_challenge"):
            return self._page("refus", status=400)
        return self._page("choix", demande=_encoded(query), personnes=personnes.PEOPLE)

    async def telephone(self, request: Request) -> Response:
        """What the application on the telephone shows; a page without a choice asks again."""
        form = await request.form()
        person = personnes.by_number(str(form.get("personne", "")))
        if person is None:
            return self._page("choix", status=422, demande=str(form.get("demande", "")), personnes=personnes.PEOPLE)
        return self._page("telephone", demande=str(form.get("demande", "")), personne=person)

    async def decide(self, request: Request) -> Response:
        """« Valider » gives a code, « Refuser » none; both go back to the portal."""
        form = await request.form()
        query = QueryParams(str(form.get("demande", "")))
        person = personnes.by_number(str(form.get("personne", "")))
        answer = {"state": query.get("state", ""), "iss": self.settings.ecps_issuer}
        if person is None or form.get("geste") != "valider":
            answer["error"] = "access_denied"
        else:
            answer["code"] = secrets.token_urlsafe(24)
            self.codes[answer["code"]] = Grant(person, dict(query), clock.now() + CODE_LIFE)
        target = self.settings.origin + RETURN
        return RedirectResponse(f"{target}?{urlencode(self.alter('answer', answer))}", 303)

    async def token(self, request: Request) -> Response:
        """Tokens for a code, once, to the portal alone (client secret and PKCE verifier)."""
        form = await request.form()
        if request.headers.get("authorization") != _basic(self.settings):
            return JSONResponse({"error": "invalid_client"}, 401)
        grant = self.codes.pop(str(form.get("code", "")), None)
        if grant is None or clock.now() > grant.ends or not _proves(form, grant.query):
            return JSONResponse({"error": "invalid_grant"}, 400)
        access_token = secrets.token_urlsafe(24)
        self.tokens[access_token] = Grant(grant.person, grant.query, clock.now() + TOKEN_LIFE)
        return JSONResponse(self.alter("tokens", {
            "access_token": access_token, "token_type": "Bearer", "expires_in": int(TOKEN_LIFE.total_seconds()),
            "id_token": self._id_token(grant, access_token),
        }))

    def userinfo(self, request: Request) -> Response:
        """Who the holder of the access token is, as Pro Santé Connect words it."""
        grant = self.tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        if grant is None or clock.now() > grant.ends:
            return JSONResponse({"error": "invalid_token"}, 401)
        return JSONResponse(self.alter("userinfo", personnes.userinfo(grant.person)))

    def logout(self, request: Request) -> Response:
        """End of the provider's session: there is none to keep, so it goes straight back to the portal."""
        query = request.query_params
        if query.get("post_logout_redirect_uri") != self.settings.origin + EXIT or "id_token_hint" not in query:
            return self._page("refus", status=400)
        return RedirectResponse(f"{self.settings.origin}{EXIT}?{urlencode({'state': query.get('state', '')})}", 303)

    def _id_token(self, grant: Grant, access_token: str) -> str:
        now = int(clock.now().timestamp())
        half = hashlib.sha256(access_token.encode()).digest()[:16]
        claims = self.alter("claims", {
            "iss": self.settings.ecps_issuer, "aud": self.settings.ecps_client_id, "azp": self.settings.ecps_client_id,
            "sub": personnes.sub(grant.person), "iat": now, "exp": now + int(TOKEN_LIFE.total_seconds()),
            "nonce": grant.query.get("nonce", ""), "acr": grant.query.get("acr_values", "").split(" ")[0],
            "at_hash": _b64(half),
        })
        signed = jwt.encode({"alg": "RS256", "kid": _key().kid}, claims, _key())
        return str(self.alter("id_token", signed))

    def _page(self, what: str, *, status: int = 200, **context: Any) -> Response:
        """One of the simulator's pages; its form may lead back to the portal."""
        html = _environment(self.settings).get_template("demonstration/fournisseur.html")
        headers = security.HEADERS | {"content-security-policy": security.csp(form_action=self.settings.origin)}
        return HTMLResponse(html.render(page=what, portail=self.settings.origin, **context), status, headers)


@contextlib.contextmanager
def running(settings: Settings) -> Iterator[None]:
    """Listen on loopback, in a thread of its own, until the end of the block; not where another one is set."""
    if settings.ecps_issuer != f"http://127.0.0.1:{settings.ecps_port}":
        yield
        return
    provider = Provider(settings)
    server = uvicorn.Server(uvicorn.Config(
        provider.application(), host="127.0.0.1", port=settings.ecps_port, log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        yield
    finally:
        server.should_exit = True
        thread.join(timeout=5)


@lru_cache(maxsize=4)
def _environment(settings: Settings) -> Any:
    return render.environment(settings)


@lru_cache(maxsize=1)
def _key() -> RSAKey:
    return RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)


def _encoded(query: QueryParams) -> str:
    return urlencode(list(query.multi_items()))


def _basic(settings: Settings) -> str:
    pair = f"{settings.ecps_client_id}:{settings.ecps_client_secret}"
    return "Basic " + base64.b64encode(pair.encode()).decode()


def _proves(form: FormData, query: dict[str, str]) -> bool:
    """The verifier belongs to the challenge that began this login (RFC 7636 §4.6), and the address is the same."""
    verifier = str(form.get("code_verifier", ""))
    same = _b64(hashlib.sha256(verifier.encode()).digest()) == query.get("code_challenge")
    return same and form.get("redirect_uri") == query.get("redirect_uri")


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
