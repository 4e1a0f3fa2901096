"""The physician or the team opens a dossier's patient's side: who follows it, and inviting the person or a relative."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from portal.demandes import acces as acces_demandes
from portal.dossiers import porte
from portal.dossiers.queries import Visible
from portal.espaces import queries as espaces
from portal.espaces.usager import commands, forms, presenters, rules
from portal.settings import Settings
from portal.volets import rules as volet_rules
from portal.volets.presenters import bandeau
from portal.web import errors, render, throttle
from portal.web.forms import Form, saved_form
from portal.web.session import visit

FULL = f"Ce dossier est déjà suivi par {rules.MOST} personnes."


def show(request: Request) -> Response:
    """Who follows the dossier on the patient's side, and the invitation."""
    kept = saved_form(request)
    return _page(request, _dossier(request), Form({name: kept.get(name, "") for name in forms.INVITATION}))


def invite(request: Request) -> Response:
    """« Envoyer l’invitation ». Raises errors.TooMany."""
    seen = _dossier(request)
    why = acces_demandes.reason(request, seen, "envoyer")
    if why:
        raise errors.NotLent(why) if visit(request).mandate else errors.Forbidden()
    form, who = forms.invitation(request)
    if not form.ok:
        return _page(request, seen, form, status=422)
    throttle.attempt(throttle.account(who.courriel, "invitation à suivre un dossier"), throttle.network(request))
    settings: Settings = request.app.state.settings
    try:
        commands.invite(visit(request).actor, seen.dossier, who, settings)
    except commands.TooManyPeople:
        form.errors["courriel"] = FULL
        return _page(request, seen, form, status=409)
    return render.redirect(request, f"{porte.address(seen)}/famille",
                           message="L’invitation est envoyée\u00a0: un lien ouvre le dossier à cette personne.")


def _dossier(request: Request) -> Visible:
    """A dossier of a module that families follow, of somebody who asks for the person; she has her own page."""
    seen = porte.accepted(request)
    if seen.role not in ("", *volet_rules.SERVICES) or seen.module.code not in rules.MODULES:
        raise errors.NotFound()
    return seen


def _page(request: Request, seen: Visible, form: Form, status: int = 200) -> Response:
    return render.page(
        request, "espaces/usager/famille.html", status=status, nav="espaces" if seen.role else "dossiers", vu=seen,
        adresse=porte.address(seen), bandeau=bandeau(seen), form=form,
        personnes=presenters.people(espaces.usagers(seen.dossier.id), me=0), roles=rules.INVITED_BY_OTHERS.items(),
        liens=[("", "Choisir…"), *((one, one) for one in rules.TIES)],
        pourquoi=acces_demandes.reason(request, seen, "envoyer"))
