"""The questions, one a page, and the check of a workstation."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from portal.diagnostic import rules
from portal.web import errors, render, security

# What the line is measured with: a second of the slowest line that does (2 Mb/s). The same bytes for everybody, and
# none that a compression could make smaller.
MEASURE_BYTES = 250_000
_MEASURE = b"".join(number.to_bytes(4, "big") for number in (
    (index * 2_654_435_761 + 40_503) % (1 << 32) for index in range(MEASURE_BYTES // 4)))


def home(request: Request) -> Response:
    """What may be wrong: one link a beginning."""
    return render.page(request, "diagnostic/accueil.html", nav="contact", departs=rules.arbre().departs)


def step(request: Request) -> Response:
    """One question, or the one thing to do."""
    node = rules.arbre().noeuds.get(request.path_params["noeud"])
    if node is None:
        raise errors.NotFound()
    page, _, anchor = node.aide.partition("#")
    site = request.app.state.help_site
    return render.page(request, "diagnostic/etape.html", headers=_to_the_agent(request) if node.agent else None,
                       nav="contact", noeud=node, section=site.section(page, anchor) if page else None)


def workstation(request: Request) -> Response:
    """« Vérifier mon poste »: what the browser, the card's program and the line must be, checked by the page itself."""
    return render.page(request, "diagnostic/poste.html", headers=_to_the_agent(request), nav="contact")


def _to_the_agent(request: Request) -> dict[str, str]:
    """What lets a page's form open the window of the card's program, which asks whose page it is."""
    return {"content-security-policy": security.csp(form_action=request.app.state.settings.agent_url),
            "referrer-policy": "origin", "cross-origin-opener-policy": "same-origin-allow-popups"}


def measure(request: Request) -> Response:
    """Bytes to time the line with."""
    return Response(_MEASURE, media_type="application/octet-stream", headers={"cache-control": "no-store"})
