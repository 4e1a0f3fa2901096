"""Pure ASGI guards around everything: host, headers, last-resort errors."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portal import journal
from portal.settings import Settings
from portal.web import errors, render

log = logging.getLogger("portal.erreur")

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'{form_action}; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": CSP.format(form_action=""),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cache-control": "no-store",
}

PROBES = "/sante"

# A file that no page is made of needs no word about frames' permissions, forms or referrers.
STATIC_HEADERS = {
    "content-security-policy": "default-src 'none'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
}


def csp(*, form_action: str = "") -> str:
    """The content security policy, with one more address that forms may post to."""
    return CSP.format(form_action=f" {form_action}" if form_action else "")


class SecurityHeaders:
    """Adds the house's headers to each answer that does not set them itself."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.for_pages = raw(HEADERS | transport(settings))
        self.for_files = raw(STATIC_HEADERS | transport(settings))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        headers = self.for_files if scope["path"].startswith("/static/") else self.for_pages

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {key for key, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(header for header in headers if header[0] not in present),
                ]
            await send(message)

        await self.app(scope, receive, send_with_headers)


def transport(settings: Settings) -> dict[str, str]:
    """What tells browsers to come by HTTPS alone, where the portal has it."""
    secure = settings.origin.startswith("https://")
    return {"strict-transport-security": "max-age=63072000; includeSubDomains"} if secure else {}


def raw(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Headers as ASGI sends them."""
    return [(key.encode(), value.encode()) for key, value in headers.items()]


class ErrorBoundary:
    """Turns any exception that got through into the French error page, with a reference and no detail."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = replaced = False

        async def watch(message: Message) -> None:
            nonlocal started, replaced
            if replaced:
                return
            if message["type"] == "http.response.start":
                started, replaced = True, _is_bare_refusal(message)
            if replaced:
                response = page_for(Request(scope, receive), errors.TooLarge())
                await response(scope, receive, send)
            else:
                await send(message)

        try:
            await self.app(scope, receive, watch)
        except Exception as error:  # last resort: whatever it is, the user gets a page
            if started:
                raise
            response = page_for(Request(scope, receive), error)
            await response(scope, receive, send)


def _is_bare_refusal(message: Message) -> bool:
    """True for the two English words with which Starlette's own guard refuses a body that is too large."""
    return bool(message["status"] == 413) and Headers(raw=message["headers"])["content-type"].startswith("text/plain")


class HostGuard:
    """Refuses a Host that is not the portal's own (DNS rebinding, poisoned links)."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.host = urlsplit(settings.origin).netloc.lower()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not _is_probe(scope) and not self._ours(scope):
            raise errors.WrongHost()
        await self.app(scope, receive, send)

    def _ours(self, scope: Scope) -> bool:
        # Two of them: another server on the way may have believed the other one (RFC 9112 §3.2).
        return [name.lower() for name in Headers(scope=scope).getlist("host")] == [self.host]


def _is_probe(scope: Scope) -> bool:
    """A machine asks about the portal's health by its address; no page or person depends on that name."""
    return str(scope["path"]) == PROBES or str(scope["path"]).startswith(f"{PROBES}/")


class SameOriginWall:
    """Refuses an unsafe request that another site caused (first half of the CSRF defence).

    ``Sec-Fetch-Site`` decides where the browser sends it; else ``Origin`` must be ours; a request
    with neither does not come from a browser of this age and is refused.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.origin = settings.origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in ("GET", "HEAD") and not self._ours(Headers(scope=scope)):
            raise errors.Forbidden()
        await self.app(scope, receive, send)

    def _ours(self, headers: Headers) -> bool:
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        if site is not None and site not in ("same-origin", "none"):
            return False
        return origin == self.origin if origin is not None else site is not None


def page_for(request: Request, error: Exception) -> Response:
    """The page of an error: a PageError as it is, an HTTP status by its number, anything else as a 500."""
    if isinstance(error, HTTPException) and not isinstance(error, errors.PageError):
        error = errors.BY_STATUS.get(error.status_code, errors.ServerError)()
    reference = None
    if not isinstance(error, errors.PageError):
        reference = journal.request_id() or journal.new_id()
        # The traceback names files and lines; the message may quote data, so it stays out.
        log.error("reference %s: %s on %s", reference, type(error).__name__, _address(request),
                  exc_info=(type(error), type(error)(), error.__traceback__) if _plain(error) else None)
        error = errors.ServerError()
    response = render.page(
        request, "erreurs/erreur.html", status=error.status, titre=error.title, explication=error.explanation,
        quoi_faire=error.advice, reference=reference, aide=error.aide, code=error.code,
        avis_non_lus=None,  # no database here: it may be what failed
    )
    headers = MutableHeaders(raw=response.raw_headers)
    headers.setdefault("cache-control", "no-store")
    if error.retry_after:
        headers["retry-after"] = str(-(-error.retry_after // timedelta(seconds=1)))
    return response


def _address(request: Request) -> str:
    """The path as the route table writes it: a link's secret, or what somebody typed, stays out of the log."""
    route = request.scope.get("route")
    return str(getattr(route, "path", "an address of no page"))


def _plain(error: Exception) -> bool:
    """True when the exception can be made without its message, to log its traceback alone."""
    try:
        type(error)()
    except Exception:  # some exceptions need arguments: then only their type is logged
        return False
    return True
