"""What the agent receives and answers, apart from any socket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

HTML, JSON = "text/html; charset=utf-8", "application/json"
CSS, JAVASCRIPT = "text/css; charset=utf-8", "text/javascript; charset=utf-8"

# No Cross-Origin-Opener-Policy: it would cut the window from the portal that opened it. The referrer policy
# is not « no-referrer », with which Chromium sends « Origin: null » on the agent's own forms.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@dataclass(frozen=True)
class Request:
    """One request. ``headers`` has lower-case names; a header sent twice is absent from it."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Response:
    """One answer, to which HEADERS are added."""

    body: str
    status: int = 200
    type: str = HTML
    location: str = ""
