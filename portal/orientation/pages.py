"""The units that can take a patient, ranked; ticking some of them chooses them, nothing is sent."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from portal.demandes import acces, commands
from portal.demandes import queries as demandes
from portal.dossiers import porte
from portal.dossiers.queries import Visible
from portal.orientation import presenters, queries
from portal.orientation.rules import Rang
from portal.volets import acces as volets
from portal.volets.presenters import bandeau
from portal.volets.rules import ORIENTATION
from portal.web import errors, render
from portal.web.session import visit

MODULE = "s"
NONE_TICKED = "Cochez au moins une unité."
MOVED = "Une unité cochée n’est plus dans la liste\u00a0: rien n’est choisi. Relisez la liste, puis recommencez."


class Interdit(errors.PageError):
    """The requests are another's to conduct."""

    code = "E30"
    status = 403
    title = "Les demandes de ce dossier ne sont pas les vôtres à conduire"
    explanation = "Vous ne pouvez pas choisir d’unités pour ce dossier."
    advice = "Revenez au dossier\u00a0: il montre ce que vous pouvez y faire, et qui conduit les demandes."
    aide = "erreurs#demande-refusee"


def show(request: Request) -> Response:
    """The ranked units around the place of the volet orientation."""
    return _show(request, _dossier(request))


def choose(request: Request) -> Response:
    """Put the ticked units among the requests to send: all of them or none."""
    seen = _dossier(request)
    why = acces.reason(request, seen, "envoyer")
    if why:
        raise errors.NotLent(why) if visit(request).mandate else Interdit(why)
    ticked = list(dict.fromkeys(str(one) for one in request.state.form.getlist("unite")))
    if not ticked:
        return _show(request, seen, erreur=NONE_TICKED, status=422)
    besoin, lieu = queries.need(seen, volets.readable(request, seen))
    known = {str(one.offre.unite_id): one for one in queries.ranked(besoin, lieu) or ()}
    if not set(ticked) <= set(known):
        return _show(request, seen, erreur=MOVED, status=409)
    actor = visit(request).actor
    try:
        for key in ticked:
            offre = known[key].offre
            commands.select(actor, seen.dossier, offre.etablissement_id, presenters.stay(besoin, offre), offre.unite_id)
    except commands.Impossible as impossible:
        return _show(request, seen, erreur=str(impossible), status=409)
    said = "L’unité est ajoutée" if len(ticked) == 1 else f"Les {len(ticked)} unités sont ajoutées"
    return render.redirect(request, f"{porte.address(seen)}/demandes",
                           message=f"{said} à votre sélection\u00a0: rien n’est encore envoyé.")


def _show(request: Request, seen: Visible, *, erreur: str = "", status: int = 200) -> Response:
    readable = volets.readable(request, seen)
    besoin, lieu = queries.need(seen, readable)
    found = queries.ranked(besoin, lieu)
    why = acces.reason(request, seen, "envoyer")
    chosen = {place for place, _ in demandes.chosen(seen.dossier.id)}
    ticked = [str(one) for one in request.state.form.getlist("unite")] if request.method == "POST" else []
    here = porte.address(seen)
    return render.page(
        request, "orientation/liste.html", status=status, nav="espaces" if seen.role else "dossiers", vu=seen,
        adresse=here, ici=f"{here}/orientation", bandeau=bandeau(seen), erreur=erreur, pourquoi=why, lieu=lieu,
        besoin=presenters.need(besoin), lisible=ORIENTATION in readable, rayon=besoin.rayon, connu=found is not None,
        possibles=_lines(found, chosen, ticked, possible=True), ecartes=_lines(found, chosen, ticked, possible=False))


def _lines(found: list[Rang] | None, chosen: set[int], ticked: list[str], *, possible: bool) -> list[presenters.Ligne]:
    return presenters.lines([one for one in found or () if one.possible is possible], chosen, ticked)


def _dossier(request: Request) -> Visible:
    """The dossier of the address, for the asking side; an establishment learns nothing of the others."""
    seen = porte.accepted(request)
    if seen.module.code != MODULE or seen.role.startswith("receveur"):
        raise errors.NotFound()
    return seen
