"""Pages: one handler, one context, two templates (the page and its fragment)."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from functools import cached_property, lru_cache, partial
from typing import Any

from itsdangerous import BadSignature
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from portal.db.crypto import keys
from portal.settings import Settings, resource
from portal.web import corrections, htmx, session, statics
from portal.web.morceaux import Context, Morceau, Morceaux

MESSAGE_SECONDS = 120


def environment(settings: Settings) -> Environment:
    """The Jinja2 environment: escaped, strict about missing variables, and with the words of the site."""
    env = Environment(
        loader=FileSystemLoader(resource("templates")), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, auto_reload=settings.demonstration,
    )
    env.globals["site"] = {
        "site_name": settings.site_name, "region": settings.region, "logo": settings.logo,
        "support_email": settings.support_email, "support_phone": settings.support_phone,
        "region_url": settings.region_url, "demonstration": settings.demonstration,
        "session_warning_seconds": int(settings.session_warning.total_seconds()),
        "session_idle_minutes": int(settings.session_idle.total_seconds() // 60),
        "agent_url": settings.agent_url, "tray_url": f"{settings.agent_url}/plateau",
    }
    env.globals["asset"] = asset
    env.globals["morceau"] = Morceaux(env)
    env.globals["icone"] = lru_cache(maxsize=256)(vars(env.get_template("composants/icones.html").module)["icone"])
    env.globals["cle_envoi"] = partial(secrets.token_urlsafe, 16)
    env.filters["genre"] = corrections.genre
    return env


def asset(path: str) -> str:
    """The address of a static file, with its fingerprint so that browsers may keep it for ever."""
    return statics.address(path)


class _Csrf:
    """The form token, made (and its cookie sent) only if the page holds a form."""

    def __init__(self, request: Request) -> None:
        self.request = request

    def __str__(self) -> str:
        return self._made

    @cached_property
    def _made(self) -> str:
        here = session.visit(self.request)
        if here.fresh:
            self.request.state.send_cookie = True
        return here.csrf


def part(request: Request, template: str, values: Mapping[str, Any],
         context: Context = dict) -> Morceau:
    """A part of a page, kept for the values that it prints: see ``morceaux``."""
    kept: Morceaux = request.app.state.jinja.globals["morceau"]
    return kept.made(template, values, context)


def page(request: Request, template: str, *, fragment: str | dict[str, str] | None = None, status: int = 200,
         headers: dict[str, str] | None = None, made: Morceau | None = None, **context: Any) -> Response:
    """Render the page, or the fragment that htmx asked for, from the same context.

    ``fragment`` names the fragment's template, or gives one by id of the swapped element; ``made`` is that fragment
    where the page holds it as a kept part.
    """
    chosen = template
    if fragment is not None and htmx.wants_fragment(request):
        if made:
            return _unless_known(request, made, headers or {})
        chosen = fragment if isinstance(fragment, str) else fragment.get(htmx.target(request), template)
    env: Environment = request.app.state.jinja
    here = getattr(request.state, "visit", None) or session.Visit("")
    known = here.state > session.Access.PUBLIC
    base: dict[str, Any] = {
        "moi": here if known else None, "csrf": _Csrf(request), "nav": "", "messages": [],
        "aide": getattr(request.state, "aide", None), "chemin": request.url.path, "avis_non_lus": None,
        "visite": None,
    }
    if chosen == template:
        base["messages"] = _messages(request)
        if known and "avis_non_lus" not in context:
            base["avis_non_lus"] = request.app.state.avis_non_lus(request)
        if known:
            base["visite"] = request.app.state.visite(request)
    response = _sent(request, env.get_template(chosen).render(base | context), status, headers)
    if base["messages"]:
        response.delete_cookie(_message_cookie(request), path="/", secure=_settings(request).secure)
    return response


def _unless_known(request: Request, made: Morceau, headers: dict[str, str]) -> Response:
    """The part, or 304 for who asks with the ETag of the very bytes that he would be sent (RFC 9110 §13.1.2).

    ``no-store`` stays: no browser keeps it by itself, whoever asks so has remembered the ETag alone.
    """
    known = [tag.strip() for tag in request.headers.get("if-none-match", "").split(",")]
    if made.etag not in known:
        return _sent(request, made.html, 200, headers | {"etag": made.etag})
    answer = _sent(request, "", 304, {"etag": made.etag})
    del answer.headers["content-length"], answer.headers["content-type"]
    return answer


def _sent(request: Request, html: str, status: int, headers: dict[str, str] | None) -> Response:
    sent = {"cache-control": "no-store"} | (headers or {}) | {"vary": htmx.VARY}
    here = getattr(request.state, "visit", None)
    if here and here.state > session.Access.PUBLIC:
        sent["x-session-fin"] = str(here.expires_in)
    return HTMLResponse(html, status, sent)


def redirect(request: Request, url: str, *, message: str | None = None, kind: str = "succes",
             undo: dict[str, Any] | None = None, link: dict[str, str] | None = None) -> Response:
    """Send the browser elsewhere: 303, or ``HX-Redirect`` when htmx asks.

    ``message`` (with ``undo``: url, label, fields, or ``link``: url, label) is shown once on the next page.
    """
    by_htmx = htmx.is_htmx(request)
    response = Response(headers={"hx-redirect": url}) if by_htmx else RedirectResponse(url, 303)
    if message:
        content = keys().serializer("message").dumps(
            {"kind": kind, "text": message, "undo": undo, "link": link})
        settings = _settings(request)
        response.set_cookie(
            _message_cookie(request), str(content), max_age=MESSAGE_SECONDS, path="/", secure=settings.secure,
            httponly=True, samesite="lax",
        )
    return response


def _messages(request: Request) -> list[dict[str, Any]]:
    cookie = request.cookies.get(_message_cookie(request))
    if not cookie:
        return []
    try:
        return [keys().serializer("message").loads(cookie, max_age=MESSAGE_SECONDS)]
    except (BadSignature, json.JSONDecodeError):
        return []


def _message_cookie(request: Request) -> str:
    return "__Host-message" if _settings(request).secure else "message"


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings
