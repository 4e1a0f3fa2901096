"""Who opened a dossier and what was done in it, on paper: for the patient who asks (GDPR, article 15)."""

from __future__ import annotations

from itertools import islice

from starlette.requests import Request
from starlette.responses import Response

from portal.compte.espace import presenters
from portal.dossiers import lectures, porte
from portal.impression.pages import out

MOST = 500
"""How many acts one paper holds, the latest; the support has them all (« portal audit acces »)."""


def show(request: Request) -> Response:
    """The list, to print; that it was shown is in it the next time."""
    return _show(request, as_pdf=False)


def as_pdf(request: Request) -> Response:
    """The same as a file."""
    return _show(request, as_pdf=True)


def _show(request: Request, *, as_pdf: bool) -> Response:
    seen = porte.accepted(request)
    found = [presenters.told(trace) for trace in islice(lectures.of_dossier(seen.label), MOST + 1)]
    return out(request, seen, "acces", as_pdf, event="journal.imprime", titre=f"Accès au dossier {seen.label}",
               etape_papier="Les accès au dossier", contenu_papier="impression/_acces.html", colonnes=presenters.TOLD,
               lignes=found[:MOST], plus=len(found) > MOST)
