"""« Garder ce dossier »: who still needs a dossier says so before it is archived, or brings it back after."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from portal.dossiers import archivage, porte
from portal.dossiers.queries import Visible
from portal.echeances import archives
from portal.volets.rules import SERVICES
from portal.web import dates, errors, render
from portal.web.session import visit

# Besides physicians who accepted it: who leads or fills in the request.
ROLES = SERVICES | {"", "patient", "aidant"}
KEPT = "Le dossier est gardé actif\u00a0: l’archivage annoncé est annulé."
BACK = "Le dossier est de nouveau actif. Les demandes closes par l’archivage sont à rouvrir une à une."


def show(request: Request) -> Response:
    """When the dossier is archived unless something changes, or since when it is; one button."""
    seen = _dossier(request)
    told = seen.dossier.alerte_le
    if told is None and seen.dossier.etat != "historise":
        return render.redirect(request, seen.home)
    until = archives.archived_on(told, request.app.state.settings) if told else None
    return render.page(
        request, "echeances/garder.html", nav="dossiers", seen=seen, path=porte.address(seen),
        archive=seen.dossier.etat == "historise", depuis=dates.day(seen.dossier.updated),
        le=dates.day(until) if until else "")


def keep(request: Request) -> Response:
    """Keep the dossier, or bring it back. Done by somebody else meanwhile, there is nothing left to do."""
    seen, actor = _dossier(request), visit(request).actor
    if archives.reactivate(actor, seen.dossier):
        return render.redirect(request, seen.home, message=BACK)
    archivage.keep(actor, seen.dossier)
    return render.redirect(request, seen.home, message=KEPT)


def _dossier(request: Request) -> Visible:
    seen = porte.accepted(request)
    if seen.role not in ROLES:
        raise errors.NotFound()
    return seen
