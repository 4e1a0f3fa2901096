"""Three addresses for machines: alive, ready to serve, and all there is to say. Strangers find no page there."""

from __future__ import annotations

import ipaddress

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from portal.sante import queries
from portal.sante.queries import Check
from portal.settings import Settings
from portal.web import errors


async def alive(request: Request) -> Response:
    """The process answers; nothing else is asked, not even a thread."""
    _admit(request)
    return _said(request, [], good=True)


def ready(request: Request) -> Response:
    """200 when pages can be served, else 503: what a balancer asks before it sends anybody here."""
    _admit(request)
    found = [check for check in _checks(request) if check.vital]
    return _said(request, found, good=all(check.good for check in found))


def whole(request: Request) -> Response:
    """Every check, and 503 as soon as one is not well: what a watcher asks, to call somebody."""
    _admit(request)
    found = _checks(request)
    return _said(request, found, good=all(check.good for check in found))


def _checks(request: Request) -> list[Check]:
    return queries.checks(request.app.state.settings, request.app.state.help_site)


def _admit(request: Request) -> None:
    """Loopback, the proxies, or whoever the setting lets in. Raises errors.NotFound for anybody else."""
    settings: Settings = request.app.state.settings
    if settings.health_open:
        return
    host = request.client.host if request.client else ""
    # Whom a header speaks for is not the one who calls, unless a trusted proxy wrote it (then it is in ``host``).
    if "x-forwarded-for" in request.headers and not _trusted(host, settings):
        raise errors.NotFound()
    if not _local(host) and not _trusted(host, settings):
        raise errors.NotFound()


def _local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _trusted(host: str, settings: Settings) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return any(address in ipaddress.ip_network(one) for one in settings.proxies)


def _said(request: Request, found: list[Check], *, good: bool) -> Response:
    """JSON, or lines of French for who asks for text."""
    status = 200 if good else 503
    headers = {"cache-control": "no-store", "vary": "Accept"}
    word = "en service" if good else "hors service"
    if request.headers.get("accept", "").startswith("text/"):
        lines = [f"{'bien' if check.good else 'MAL '}  {check.name}\u00a0: {check.words}" for check in found]
        return PlainTextResponse("\n".join([word, *lines, ""]), status, headers)
    checks = {check.name: {"ok": check.good, "text": check.words} for check in found}
    return JSONResponse({"status": "ok" if good else "unavailable", "text": word, "checks": checks}, status, headers)
