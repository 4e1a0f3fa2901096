"""The transfer to the médecin traitant: offered and taken back by the structure, taken over by the physician."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from portal.dossiers import porte
from portal.dossiers.queries import Visible
from portal.espaces import queries as espaces
from portal.espaces.coordination import commands, pages, queries
from portal.espaces.models import Transfert
from portal.volets.presenters import bandeau
from portal.web import dates, errors, render
from portal.web.session import visit

ONLY_HIM = "Votre délégation ne comprend pas le droit d’accepter ou de refuser un dossier."


def confirm(request: Request) -> Response:
    """What the transfer means, before it is offered."""
    here = pages.of(request)
    return render.page(request, "espaces/coordination/transferer.html", **pages.page_of(here), avis="")


def offer(request: Request) -> Response:
    """« Proposer le transfert », or « Retour au service » (field ``retour``)."""
    here = pages.of(request)
    actor, shown = visit(request).actor, pages.page_of(here)
    try:
        if request.state.form.get("retour"):
            if not here.leads:
                raise errors.NotFound()
            commands.take_back(actor, here.vu.dossier)
            return render.redirect(request, here.vu.home, message="Le transfert est annulé\u00a0: le dossier reste à "
                                                                  "votre service.")
        if shown["pourquoi"]:
            raise commands.Meanwhile(shown["pourquoi"])
        assert here.medecin is not None  # otherwise there is a reason why not
        commands.offer(actor, here.member.structure, here.vu.dossier, here.medecin.rpps)
    except commands.Meanwhile as late:
        return render.page(request, "espaces/coordination/transferer.html", status=409, **pages.page_of(here),
                           avis=str(late))
    return render.redirect(
        request, here.vu.home, message=f"Le transfert est proposé à {here.medecin.nom}. Vous gardez l’accès jusqu’à ce "
                                       "qu’il le prenne.")


# --- the physician's half

def show(request: Request) -> Response:
    """« Prendre la responsabilité du dossier »: what it means."""
    seen, offered = _offered(request)
    if offered is None:
        return _gone(request, seen)
    return _page(request, seen, offered)


def take(request: Request) -> Response:
    """He leads the request from now on."""
    seen, offered = _offered(request)
    if offered is None:
        return _gone(request, seen)
    actor = visit(request).actor
    commands.take_over(actor, seen.dossier, actor.mandate.name if actor.mandate else actor.name)
    return render.redirect(request, porte.address(seen), message="Vous êtes maintenant le référent de ce dossier.")


def _offered(request: Request) -> tuple[Visible, Transfert | None]:
    """The dossier and its offer to this physician, if any; raises NotLent for a mandate that does not accept."""
    seen = porte.accepted(request)
    if not visit(request).may("accepter", seen.module.code):
        raise errors.NotLent(ONLY_HIM)
    offered = queries.transfer(seen.dossier)
    return seen, offered if offered and offered.rpps == porte.physician(request) else None


def _page(request: Request, seen: Visible, offered: Transfert) -> Response:
    structure = espaces.structure(offered.structure_id)
    return render.page(
        request, "espaces/coordination/prendre.html", nav="dossiers", vu=seen, adresse=porte.address(seen),
        bandeau=bandeau(seen), structure=structure, par=offered.propose_par, le=dates.moment(offered.propose_le))


def _gone(request: Request, seen: Visible) -> Response:
    mine = seen.dossier.referent_rpps == seen.lien.rpps and seen.dossier.referent_kind == "medecin"
    why = ("Vous êtes déjà le référent de ce dossier." if mine else
           "Aucun service ne propose de vous transférer ce dossier, ou il l’a repris avant vous.")
    return render.page(request, "espaces/coordination/reprise.html", status=409, nav="dossiers", vu=seen,
                       adresse=porte.address(seen), bandeau=bandeau(seen), pourquoi=why)
