"""The limit: an ASGI application that sends as many bytes as the page weighs, and does nothing else."""

from __future__ import annotations

import os
from typing import Any

from bench.peers import page

# As heavy as the portal's page, with what the load client looks for at its end.
BODY = b"</table>".rjust(int(os.environ.get("BENCH_BYTES", "30000")))
HEADERS = [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", str(len(BODY)).encode()),
           *((name.encode(), value.encode()) for name, value in page.SECURITY.items())]


async def app(scope: dict[str, Any], _receive: Any, send: Any) -> None:
    """Answer everything alike."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await send({"type": "http.response.body", "body": BODY})
