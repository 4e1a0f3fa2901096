"""Around everything else: the request's id, one line a request, its figures. Neither path, query nor person."""

from __future__ import annotations

import logging
from time import perf_counter

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from portal import journal, metriques
from portal.settings import Settings

log = logging.getLogger("portal.acces")

HEADER = "x-request-id"
# What was asked for and is no page: one word for all of them, since an address may hold anything.
NO_ROUTE = "(aucune)"


class Suivi:
    """Gives each request an id and tells how it was answered.

    The id is the proxy's only if the proxy is one of ``trusted_proxies``; so is what it says of the client's address.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        believed = ProxyHeadersMiddleware(app, trusted_hosts=settings.proxies)  # type: ignore[arg-type]
        self.app: ASGIApp = believed  # type: ignore[assignment]
        self.trusted = believed.trusted_hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        client = scope.get("client")
        trusted = client is not None and client[0] in self.trusted
        request_id = journal.new_id(Headers(scope=scope).get(HEADER, "") if trusted else "")
        journal.begin(request_id)
        name_of_request = HEADER.encode(), request_id.encode()
        status, started = 500, perf_counter()

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], name_of_request]
            await send(message)

        metriques.IN_FLIGHT.inc()
        try:
            await self.app(scope, receive, named)
        finally:
            metriques.IN_FLIGHT.dec()
            _tell(scope, status, perf_counter() - started)


def route(scope: Scope) -> str:
    """The address as the route table writes it; nothing of what was asked for."""
    return str(getattr(scope.get("route"), "path", NO_ROUTE))


def _tell(scope: Scope, status: int, seconds: float) -> None:
    method = scope["method"] if scope["method"] in metriques.METHODS else "other"
    where, ms = route(scope), round(seconds * 1000)
    metriques.answered(method, where, status, seconds)
    log.info("%s %s %s %s ms", method, where, status, ms,
             extra={"method": method, "route": where, "status": status, "ms": ms})
