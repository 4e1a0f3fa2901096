"""The asking side of a path: which platform is the child's, what it does, and its synthesis."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from portal import clock
from portal.annuaire import territoires
from portal.delegations.rules import SECRETAIRE
from portal.demandes import acces
from portal.demandes import commands as demandes
from portal.demandes import presenters as words
from portal.demandes import rules as of_demandes
from portal.dossiers import porte
from portal.dossiers import rules as dossiers
from portal.dossiers.queries import Visible
from portal.parcours import commands, forms, presenters, queries, rules
from portal.volets import acces as volets
from portal.volets.presenters import bandeau
from portal.volets.rules import MEDICAL
from portal.web import errors, render
from portal.web.session import visit

STAY = "parcours"
WISHED = "Le renouvellement est demandé\u00a0: la plateforme en est avertie et le décide."


class Interdit(errors.PageError):
    """The requests are another's to conduct."""

    code = "E31"
    status = 403
    title = "Cette demande n’est pas la vôtre à conduire"
    explanation = "Vous ne pouvez pas adresser cet enfant à une plateforme."
    advice = "Revenez au dossier\u00a0: il montre ce que vous pouvez y faire, et qui conduit les demandes."
    aide = "erreurs#demande-refusee"


def show(request: Request) -> Response:
    """The platforms for this child: his own, or what to do when there is none."""
    return _found(request, _dossier(request))


def choose(request: Request) -> Response:
    """« Choisir cette plateforme »: nothing leaves before the page that sends."""
    seen = _dossier(request)
    if why := acces.reason(request, seen, "envoyer"):
        raise errors.NotLent(why) if visit(request).mandate else Interdit(why)
    wanted = forms.number(str(request.state.form.get("etablissement", "")))
    one = next((one for one in _platforms(seen) if one.etablissement.id == wanted), None)
    if one is None:
        return _found(request, seen, erreur="Choisissez une des plateformes de la liste.", status=422)
    try:
        made = demandes.select(visit(request).actor, seen.dossier, wanted, STAY, one.unite_id)
    except demandes.Impossible as impossible:
        return _found(request, seen, erreur=str(impossible), status=409)
    base = f"{porte.address(seen)}/demandes"
    if made.etat != of_demandes.NON_ENVOYEE:
        return render.redirect(request, f"{base}/{made.id}", message="Cette plateforme connaît déjà la demande.")
    said = f"«\u00a0{one.etablissement.nom}\u00a0» est choisie\u00a0: rien n’est encore envoyé."
    return render.redirect(request, f"{base}/envoyer", message=said)


def _found(request: Request, seen: Visible, *, erreur: str = "", status: int = 200) -> Response:
    found = _platforms(seen)
    settings = request.app.state.settings
    pending = queries.pending(seen.dossier.id)
    return render.page(
        request, "parcours/plateforme.html", status=status, **_common(seen), erreur=erreur,
        siennes=[one for one in found if not one.pourquoi], autres=[one for one in found if one.pourquoi][:5],
        commune=f"{seen.dossier.code_postal} {seen.dossier.ville}".strip(), en_cours=pending,
        age=dossiers.age_text(seen.dossier.naissance, clock.today()),
        refus=acces.reason(request, seen, "envoyer"), telephone=settings.support_phone, courriel=settings.support_email)


def _platforms(seen: Visible) -> list[territoires.Plateforme]:
    dossier = seen.dossier
    home = territoires.commune(dossier.insee, dossier.code_postal)
    return territoires.platforms(home, dossier.naissance, clock.today(), dossier.code_postal)


def follow(request: Request) -> Response:
    """The path of the child's request: dates, professionals, synthesis, and its renewal asked for."""
    return _followed(request, _dossier(request))


def wish(request: Request) -> Response:
    """« Demander le renouvellement »: once, while the path may still be renewed."""
    seen = _dossier(request)
    if why := acces.reason(request, seen, "envoyer"):
        raise errors.NotLent(why) if visit(request).mandate else Interdit(why)
    vue = queries.latest(seen.dossier.id)
    if vue is None:
        return _followed(request, seen, erreur=commands.NO_PATH, status=409)
    try:
        commands.wish_renewal(visit(request).actor, vue.demande.id)
    except commands.Impossible as impossible:
        return _followed(request, seen, erreur=str(impossible), status=409)
    return render.redirect(request, f"{porte.address(seen)}/parcours", message=WISHED)


def _followed(request: Request, seen: Visible, *, erreur: str = "", status: int = 200) -> Response:
    vue = queries.latest(seen.dossier.id)
    path = queries.of_demande(vue.demande.id) if vue else None
    mandate = visit(request).mandate
    whole = seen.role != "famille" and not (mandate and mandate.kind == SECRETAIRE)
    reads = MEDICAL in volets.readable(request, seen)
    why = "" if vue and path is None else acces.reason(request, seen, "envoyer")
    if vue and path and not why:
        why = rules.why_not_renewed(vue.demande.etat, vue.demande.renouvellements, clock.today())
        why = why or ("Le renouvellement est déjà demandé." if path.souhait_le else "")
    return render.page(
        request, "parcours/dossier.html", status=status, **_common(seen), erreur=erreur, vue=vue,
        etat=words.states_html(vue.demande.module)[vue.demande.etat] if vue else "",
        faits=presenters.facts(path, vue.demande) if vue and path else {},
        lignes=presenters.lines(path) if path and whole else [], ouvert=False,
        points=list(rules.CONFORMITE.values()) if path else [],
        synthese=queries.synthesis(path) if path and reads else "", reserve=bool(path and path.synthese) and not reads,
        refus=why)


def _dossier(request: Request) -> Visible:
    """A child's dossier, for the asking side; a platform has its own pages."""
    seen = porte.accepted(request)
    if seen.module.code != rules.MODULE or seen.role.startswith("receveur"):
        raise errors.NotFound()
    return seen


def _common(seen: Visible) -> dict[str, Any]:
    nav = "usager" if seen.role in ("patient", "aidant", "famille") else "espaces" if seen.role else "dossiers"
    return {"nav": nav, "vu": seen, "adresse": porte.address(seen), "bandeau": bandeau(seen)}
