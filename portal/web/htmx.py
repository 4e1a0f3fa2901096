"""What htmx says of a request: is a fragment wanted, and for which target?"""

from __future__ import annotations

from starlette.requests import Request

# A shared cache, or the browser's own, must not give a fragment where a page is wanted.
VARY = "HX-Request, HX-Request-Type, HX-History-Restore-Request"


def is_htmx(request: Request) -> bool:
    """True for any request made by htmx."""
    return request.headers.get("hx-request") == "true"


def wants_fragment(request: Request) -> bool:
    """True when htmx will swap a part of the page: no boost, no history restore, no full page."""
    headers = request.headers
    return (
        is_htmx(request)
        and headers.get("hx-boosted") != "true"
        and headers.get("hx-history-restore-request") != "true"
        and headers.get("hx-request-type") != "full"
    )


def is_ahead(request: Request) -> bool:
    """True for what is asked for before anybody goes there: by our own script (``static/js/avance.js``), or by a
    browser that fetches or prepares a page of itself (``Sec-Purpose``, and its names of before).
    """
    headers = request.headers
    purposes = (headers.get(name, "") for name in ("sec-purpose", "purpose", "x-moz"))
    return headers.get("hx-preloaded") == "true" or any("prefetch" in purpose.lower() for purpose in purposes)


def target(request: Request) -> str:
    """The id of the element that will be swapped (htmx 4 sends ``tag#id``)."""
    return request.headers.get("hx-target", "").rpartition("#")[2]
