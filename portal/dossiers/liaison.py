"""« Lier à un autre dossier »: tie two dossiers of one person, or untie them."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from portal.dossiers import commands, porte, presenters, queries
from portal.dossiers.queries import Visible
from portal.volets.presenters import bandeau
from portal.web import forms, render
from portal.web.session import visit

NONE_CHOSEN = "Choisissez le dossier à lier."
NOT_OFFERED = "Ce dossier ne peut pas être lié\N{NO-BREAK SPACE}: choisissez dans la liste."
TAKEN = "Ce dossier est déjà lié à un autre\N{NO-BREAK SPACE}: retirez d’abord ce lien."


def show(request: Request) -> Response:
    """The link of today, or the person's dossiers that may be linked."""
    return _page(request, porte.accepted(request))


def link(request: Request) -> Response:
    """Tie the chosen dossier; each then names the other in the tables."""
    seen = porte.accepted(request)
    chosen = forms.typed(request, "avec")["avec"]
    if seen.dossier.lie_id is not None:
        return _page(request, seen, TAKEN, status=409)
    other = next((one for one in candidates(request, seen) if one.label == chosen), None)
    if other is None:
        return _page(request, seen, NOT_OFFERED if chosen else NONE_CHOSEN, status=422)
    commands.link(visit(request).actor, seen.dossier, other.dossier)
    return render.redirect(request, porte.address(seen), message=f"Le dossier est lié à {other.label}.")


def unlink(request: Request) -> Response:
    """Untie the dossier from its mate."""
    seen = porte.accepted(request)
    commands.unlink(visit(request).actor, seen.dossier)
    return render.redirect(request, porte.address(seen), message="Les deux dossiers ne sont plus liés.")


def candidates(request: Request, seen: Visible) -> list[Visible]:
    """The same person's accepted dossiers that are linked to none and whose module is open to who asks."""
    me = visit(request)
    return [one for one in queries.same_person(porte.physician(request), seen.dossier)
            if one.accepted and one.dossier.lie_id is None and me.may("preparer", one.module.code)]


def _page(request: Request, seen: Visible, error: str = "", *, status: int = 200) -> Response:
    linked = queries.linked_for(seen.dossier, porte.physician(request))
    statuts = presenters.statuts_html()
    return render.page(
        request, "dossiers/lier.html", status=status, nav="dossiers", vu=seen, adresse=porte.address(seen),
        bandeau=bandeau(seen), lie=presenters.numero_of(linked) if linked else "", pris=seen.dossier.lie_id is not None,
        erreurs={"avec": error} if error else {},
        candidats=[(one.label, one.module.name, statuts[one.dossier.statut]) for one in candidates(request, seen)])
