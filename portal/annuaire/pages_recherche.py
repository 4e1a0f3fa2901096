"""The directory of establishments: its search and the sheet of each. Public: nothing here is about a patient."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import Response

from portal.annuaire import criteres, presenters_fiche, presenters_recherche, recherche
from portal.annuaire.criteres import Defaults
from portal.compte import queries as comptes
from portal.compte.espace import queries as preferences
from portal.web import htmx, render
from portal.web.session import visit

DOSSIER = re.compile(r"(grand-age|sanitaire|tnd)/(\d{1,9})", re.ASCII)


def etablissements(request: Request) -> Response:
    """The search: a list near a town, narrowed by what is offered."""
    asked = criteres.criteria(request.query_params, defaults(request))
    view = presenters_recherche.view(asked)
    return render.page(
        request, "annuaire/recherche.html", fragment="annuaire/_resultats.html", headers=history(request, view),
        status=422 if view.erreurs else 200, nav="etablissements", vue=view,
    )


def history(request: Request, view: presenters_recherche.Vue) -> dict[str, str]:
    """The address that a fragment leaves in the browser: a page of the list is a step back, a filter is not."""
    if not htmx.wants_fragment(request) or view.erreurs:
        return {}
    typing = request.headers.get("hx-source", "").startswith("form")
    return {"hx-replace-url" if typing else "hx-push-url": view.url}


def fiche(request: Request) -> Response:
    """The sheet of an establishment; ``?dossier=grand-age/43009190`` leads back to the choice for this dossier."""
    found = recherche.sheet(request.path_params["finess"])
    return render.page(
        request, "annuaire/fiche.html", nav="etablissements", fiche=presenters_fiche.sheet(found),
        retour=dossier(request),
    )


def dossier(request: Request) -> str:
    """The dossier that an establishment is looked at for (« grand-age/43009190 »), "" when there is none."""
    text = request.query_params.get("dossier", "")
    return text if DOSSIER.fullmatch(text) else ""


def defaults(request: Request) -> Defaults:
    """Where this visitor's searches begin: his preferred town, else the one of his account, else nowhere yet."""
    compte = comptes.get(visit(request).compte_id)
    if compte is None:
        return Defaults()
    chosen = preferences.preferences(compte.id)
    place = chosen if chosen.ville else compte
    return Defaults(f"{place.code_postal} {place.ville}".strip(), chosen.rayon)
