"""The page « À faire »."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from portal.dossiers.rules import MODULES
from portal.taches import queries, rules
from portal.web import dates, render
from portal.web.session import visit


def worklist(request: Request) -> Response:
    """Everything that waits for this physician, or for him in whose place one acts; of one kind if one is named."""
    look = queries.regard(visit(request).actor, MODULES, request.app.state.settings)
    genre = request.query_params.get("genre", "")
    genre = genre if genre in look.genres else ""
    found = queries.liste(look, genre)
    return render.page(
        request, "taches/a_faire.html", nav="accueil", liste=found, genre=genre, genres=rules.GENRES, most=queries.MOST,
        cartes=[rules.carte(one, found.today) for one in found.taches], heure=dates.hour(found.at),
        permis=bool(look.genres), filtrees=found.counts.get(genre, found.total))
