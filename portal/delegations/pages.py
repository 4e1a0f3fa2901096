"""Lending one's access, acting for someone, and ending it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from portal import clock
from portal.compte import queries as comptes
from portal.compte.queries import Compte
from portal.db import audit
from portal.delegations import commands, forms, presenters, queries, rules
from portal.delegations.forms import Filled
from portal.delegations.queries import Lent
from portal.dossiers.rules import MODULES
from portal.facteurs import queries as facteurs
from portal.settings import Settings
from portal.web import dates, errors, session
from portal.web.forms import Form
from portal.web.render import page, redirect
from portal.web.session import visit

HOME = "/delegations"


def show(request: Request) -> Response:
    """« Mes délégations »: what was lent to him, what he lent, and the history."""
    own = comptes.own(visit(request).compte_id)
    received = [presenters.row(one, one.principal) for one in queries.received(own.id)]
    given = [presenters.row(one, one.delegate) for one in queries.given(own.id)]
    return page(
        request, "delegations/delegations.html", nav="compte", recues=received, donnees=given,
        invitations=[presenters.invited(one) for one in queries.invitations(own.id)],
        secretaire=own.rpps is None, sans_second_facteur=_without_factor(own),
    )


def act(request: Request) -> Response:
    """« Agir pour le Dr X », or « Revenir à mes dossiers » (no delegation named)."""
    own, typed = comptes.own(visit(request).compte_id), str(request.state.form.get("delegation", ""))
    if not typed:
        return _stop(request)
    known = typed.isascii() and typed.isdigit() and len(typed) <= session.MAX_ID_DIGITS
    mandate = queries.mandate(int(typed), own.id) if known else None
    if mandate is None:
        return redirect(request, HOME, message=presenters.ENDED, kind="erreur")
    if _without_factor(own):
        return redirect(request, "/facteurs", message=presenters.NO_FACTOR, kind="attention")
    session.act_for(request, mandate.id)
    audit.record(visit(request).actor, "delegation.prise", detail=str(mandate.id))
    return redirect(request, "/accueil", message=f"Vous agissez maintenant pour le {mandate.name}.")


def _stop(request: Request) -> Response:
    here = visit(request)
    if here.delegation_id is not None:
        audit.record(here.actor, "delegation.quittee", detail=str(here.delegation_id))
        session.act_for(request, None)
    return redirect(request, request.app.state.doors[here.state], message="Vous agissez de nouveau en votre nom.")


# --- A colleague or replacement -------------------------------------------------------------------


def blank(request: Request) -> Response:
    """The empty form; a delegation begins today unless told otherwise."""
    return _new_page(request, Filled(Form({"rpps": "", "debut": dates.day(clock.today()), "fin": ""})))


def lend(request: Request) -> Response:
    """« Vérifier » shows the whole before « Confirmer la délégation » makes it."""
    settings, own = _settings(request), comptes.own(visit(request).compte_id)
    filled = forms.delegation(request, own, settings.delegation_months)
    if filled.terms is None or filled.delegate is None:
        return _new_page(request, filled, 422)
    gesture = request.state.form.get("geste")
    if gesture == "modifier":
        return _new_page(request, filled)
    if gesture != "confirmer":
        return page(
            request, "delegations/confirmer.html", nav="compte", form=filled.form, filled=filled,
            confrere=filled.delegate, modules=MODULES, droits=rules.RIGHTS,
            debut=dates.day(filled.terms.starts), fin=dates.day(filled.terms.ends) if filled.terms.ends else "",
        )
    commands.lend(visit(request).actor, own, filled.delegate, filled.terms, settings)
    return redirect(
        request, HOME, message=f"La délégation à {filled.delegate.name} est créée. Un courriel l’en informe.")


def _new_page(request: Request, filled: Filled, status: int = 200) -> Response:
    return page(
        request, "delegations/nouvelle.html", status=status, nav="compte", form=filled.form,
        coches=(*filled.modules, *filled.rights), modules=MODULES, droits=rules.RIGHTS,
        mois=_settings(request).delegation_months,
    )


def confirm_revoke(request: Request) -> Response:
    """What ending it means, before doing it."""
    lent = _mine(request)
    return page(request, "delegations/revoquer.html", nav="compte",
                une=presenters.row(lent, _other(request, lent)))


def revoke(request: Request) -> Response:
    """« Mettre fin à la délégation »: at once, by either of the two."""
    lent = _mine(request)
    try:
        commands.revoke(visit(request).actor, lent, _settings(request))
    except commands.AlreadyOver:
        return redirect(request, HOME, message=presenters.ALREADY_OVER, kind="info")
    return redirect(request, HOME, message=f"La délégation avec {_other(request, lent).name} a pris fin.")


def show_end(request: Request) -> Response:
    """The last day, to move."""
    lent = _lent_by_me(request)
    ends = lent.delegation.ends
    return _end_page(request, lent, Form({"fin": dates.day(ends) if ends else ""}))


def change_end(request: Request) -> Response:
    """« Enregistrer la date de fin »."""
    lent, settings = _lent_by_me(request), _settings(request)
    form, ends = forms.new_end(request, lent.delegation.starts, settings.delegation_months)
    if form.errors or ends is None:
        return _end_page(request, lent, form)
    try:
        commands.change_end(visit(request).actor, lent, ends, settings)
    except commands.AlreadyOver:
        return redirect(request, HOME, message=presenters.ALREADY_OVER, kind="info")
    return redirect(request, HOME, message=f"La délégation se termine désormais le {dates.day(ends)} à minuit.")


def _end_page(request: Request, lent: Lent, form: Form) -> Response:
    return page(
        request, "delegations/fin.html", status=200 if form.ok else 422, nav="compte", form=form,
        une=presenters.row(lent, lent.delegate), mois=_settings(request).delegation_months)


def _mine(request: Request) -> Lent:
    """A delegation of which the asker is one of the two; raises NotFound for anybody else's."""
    found = queries.of(request.path_params["numero"])
    if found is None or visit(request).compte_id not in (found.principal.id, found.delegate.id):
        raise errors.NotFound()
    return found


def _lent_by_me(request: Request) -> Lent:
    """A dated delegation that the asker gave; raises NotFound."""
    found = _mine(request)
    if found.principal.id != visit(request).compte_id or found.delegation.ends is None:
        raise errors.NotFound()
    return found


def _other(request: Request, lent: Lent) -> Compte:
    return lent.delegate if lent.principal.id == visit(request).compte_id else lent.principal


def _without_factor(own: Compte) -> bool:
    """True for a secretary who could not come back: she has no card, and a password alone opens nothing."""
    return own.rpps is None and not facteurs.can_log_in(own.id)


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings
