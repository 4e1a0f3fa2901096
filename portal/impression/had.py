"""The synthesis of an evaluation of the HAD helper, as a page or as PDF."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from portal.dossiers import porte
from portal.had import droits, presenters, queries
from portal.impression import pages
from portal.impression import presenters as words
from portal.volets import rules
from portal.web import errors
from portal.web.session import visit


def synthese(request: Request) -> Response:
    """The evaluation that the address names, else the latest."""
    return _synthese(request, as_pdf=False)


def synthese_pdf(request: Request) -> Response:
    """The same as a file."""
    return _synthese(request, as_pdf=True)


def _synthese(request: Request, *, as_pdf: bool) -> Response:
    seen = porte.accepted(request)
    droits.must(request, seen, rules.LIRE)
    named = request.query_params.get("evaluation")
    done = queries.of(seen, named) if named else next(iter(queries.listed(seen)), None)
    if done is None:
        raise errors.NotFound()
    return pages.out(
        request, seen, "had", as_pdf, titre=f"Éligibilité à l’HAD, dossier {seen.label}",
        etape_papier="La synthèse HAD", contenu_papier="had/_papier.html", vue=presenters.view(done),
        identite=words.identity(seen, with_nir=visit(request).may("preparer", seen.module.code)))
