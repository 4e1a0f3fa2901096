"""Smaller pages, for whoever asked for them from the portal itself."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import Receive, Scope, Send

ELSEWHERE = ("cross-site", "same-site")


class Compression(GZipMiddleware):
    """gzip, but for answers that another site's page asked for.

    Somebody who makes a browser ask again and again, each time with other words in the address, and sees how long the
    answers are on the wire, would guess what else they hold (BREACH, CVE-2013-3587).
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and Headers(scope=scope).get("sec-fetch-site") in ELSEWHERE:
            await self.app(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)
