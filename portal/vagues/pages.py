"""A search in waves: its plan before it begins, where it stands, and what may be done with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from portal.annuaire.recherche import RADII
from portal.db.audit import Actor
from portal.demandes import acces, envoi
from portal.dossiers import porte
from portal.dossiers.queries import Visible
from portal.settings import Settings
from portal.vagues import candidats, classement, commands, forms, presenters, queries, rules
from portal.vagues.candidats import Souhait
from portal.vagues.forms import Voulu
from portal.vagues.models import Plan
from portal.vagues.rules import Vague
from portal.volets import acces as volets
from portal.volets.presenters import bandeau
from portal.web import errors, render
from portal.web.session import visit

BEGUN = "La recherche commence\u00a0: la première vague est partie. Vous serez averti des réponses."
MOVED = ("Le classement des unités a changé depuis que cette page a été affichée\u00a0: rien n’est parti. Relisez le "
         "plan, puis recommencez.")
NONE_TICKED = "Cochez au moins une unité à solliciter."

Act = Callable[[Actor, int, int], Plan]
# The acts of an open search: what is done, and what is said of it.
ACTES: dict[str, tuple[Act, str]] = {
    "poursuivre": (lambda actor, plan, seen: commands.go_on(actor, plan, seen, envoi.lacking),
                   "La vague suivante est partie."),
    "suspendre": (commands.pause, "La recherche est suspendue\u00a0: aucune vague ne partira d’elle-même."),
    "reprendre": (lambda actor, plan, seen: commands.resume(actor, plan, seen, envoi.lacking),
                  "La recherche reprend."),
    "arreter": (commands.stop, "La recherche est arrêtée. Les demandes déjà parties suivent leur cours."),
}


class Interdit(errors.PageError):
    """The requests are another's to conduct."""

    code = "E32"
    status = 403
    title = "Cette recherche n’est pas la vôtre à conduire"
    explanation = "Vous ne pouvez pas solliciter des établissements pour ce dossier."
    advice = "Revenez au dossier\u00a0: il montre ce que vous pouvez y faire, et qui conduit les demandes."
    aide = "erreurs#demande-refusee"


def show(request: Request) -> Response:
    """The open search, or the last one; the plan of a new one when there is none, or when one is asked for."""
    seen = _dossier(request)
    last = queries.latest(seen.dossier.id)
    if last and (last.etat in rules.OPEN or "nouvelle" not in request.query_params):
        return _stands(request, seen, last)
    _must(request, seen)
    return _prepare(request, seen, forms.wanted(request.query_params, _wish(request, seen)))


def begin(request: Request) -> Response:
    """Begin the search as its plan was shown, with those that are ticked."""
    seen = _dossier(request)
    _must(request, seen)
    sent = request.state.form
    voulu = forms.wanted(sent, _wish(request, seen))
    ticked = [str(one) for one in sent.getlist("unite")]
    if voulu.form.errors:
        return _prepare(request, seen, voulu, status=422)
    if not ticked:
        return _prepare(request, seen, voulu, erreur=NONE_TICKED, ticked=ticked, status=422)
    settings: Settings = request.app.state.settings
    kept = forms.kept(_waves(request, seen, voulu), ticked)
    if kept is None:
        return _prepare(request, seen, voulu, erreur=MOVED, status=409)
    try:
        commands.begin(visit(request).actor, seen.dossier, kept, rayon=voulu.souhait.rayon,
                       rayon_large=_wider(request, voulu), heures=settings.wave_hours, missing=envoi.lacking)
    except commands.Impossible as impossible:
        return _prepare(request, seen, voulu, erreur=str(impossible), ticked=ticked, status=409)
    return render.redirect(request, _here(seen), message=BEGUN)


def act(request: Request) -> Response:
    """Go on at once, pause, resume, stop."""
    seen = _dossier(request)
    found = ACTES.get(request.path_params["acte"])
    plan = queries.latest(seen.dossier.id)
    if found is None or plan is None:
        raise errors.NotFound()
    _must(request, seen)
    done, said = found
    try:
        done(visit(request).actor, plan.id, forms.version(request.state.form))
    except commands.Impossible as impossible:
        return _stands(request, seen, queries.one(plan.id), erreur=str(impossible), status=409)
    return render.redirect(request, _here(seen), message=said)


def _prepare(request: Request, seen: Visible, voulu: Voulu, *, erreur: str = "", ticked: list[str] | None = None,
             status: int = 200) -> Response:
    settings: Settings = request.app.state.settings
    waves = _waves(request, seen, voulu)
    missing = envoi.missing(seen, volets.readable(request, seen))
    large = _wider(request, voulu)
    return render.page(
        request, "vagues/preparer.html", status=422 if voulu.form.errors and status == 200 else status,
        **_common(seen), form=voulu.form, erreur=erreur, manques=missing,
        groupes=presenters.planned(waves, settings.wave_hours, large, ticked),
        total=sum(len(one.candidats) for one in waves), accord=queries.agreed(seen.dossier.id),
        genres=list(candidats.KINDS.items()), rayons=[(str(one), f"{one}\u00a0km") for one in RADII],
        heures=presenters.hours(settings.wave_hours), lieu=voulu.souhait.lieu, large=large)


def _stands(request: Request, seen: Visible, plan: Plan, *, erreur: str = "", status: int = 200) -> Response:
    why = acces.reason(request, seen, "envoyer")
    agreed = queries.agreed(seen.dossier.id)
    left = bool(queries.waiting(plan))
    cause = plan.cause
    if not cause and left and plan.etat in rules.OPEN and queries.reoriented(plan, plan.created):
        cause = rules.ORIENTATION
    possible = {} if why else {
        "poursuivre": plan.etat in rules.OPEN and left and not agreed,
        "suspendre": plan.etat == rules.EN_COURS,
        "reprendre": plan.etat in (rules.PAUSE, rules.ACCORD) and not agreed,
        "arreter": plan.etat in rules.OPEN,
    }
    return render.page(
        request, "vagues/suivre.html", status=status, **_common(seen), plan=plan, erreur=erreur, pourquoi=why,
        etat=rules.ETATS[rules.ACCORD if agreed and plan.etat == rules.EN_COURS else plan.etat],
        cause=rules.CAUSES[cause], accord=agreed, reste=left, heures=presenters.hours(plan.heures),
        prochaine="" if agreed else presenters.next_on(plan), actes=[one for one, on in possible.items() if on],
        groupes=presenters.standing(plan, queries.targets(plan.id), queries.asked(seen.dossier.id),
                                    f"{porte.address(seen)}/demandes"))


def _waves(request: Request, seen: Visible, voulu: Voulu) -> list[Vague]:
    settings: Settings = request.app.state.settings
    known = queries.asked(seen.dossier.id)
    limit = sum(settings.wave_numbers) + len(known)
    readable = volets.readable(request, seen)
    near = classement.ranked(seen, readable, voulu.souhait, limit)
    far = classement.ranked(seen, readable, replace(voulu.souhait, rayon=_wider(request, voulu)), 2 * limit)
    return rules.waves([*near, *far], settings.wave_numbers, voulu.souhait.rayon, set(known))


def _wish(request: Request, seen: Visible) -> Souhait:
    return candidats.wish(seen, volets.readable(request, seen))


def _wider(request: Request, voulu: Voulu) -> int:
    settings: Settings = request.app.state.settings
    return forms.wider(voulu.souhait.rayon, settings.wave_widening)


def _dossier(request: Request) -> Visible:
    """The dossier of the address, for the asking side; an establishment learns of no search."""
    seen = porte.accepted(request)
    if seen.module.code != candidats.MODULE or seen.role.startswith("receveur"):
        raise errors.NotFound()
    return seen


def _must(request: Request, seen: Visible) -> None:
    why = acces.reason(request, seen, "envoyer")
    if why:
        raise errors.NotLent(why) if visit(request).mandate else Interdit(why)


def _here(seen: Visible) -> str:
    return f"{porte.address(seen)}/vagues"


def _common(seen: Visible) -> dict[str, Any]:
    return {"nav": "espaces" if seen.role else "dossiers", "vu": seen, "adresse": porte.address(seen),
            "ici": _here(seen), "bandeau": bandeau(seen)}
