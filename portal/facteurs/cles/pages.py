"""« Mes clés d’accès »: adding, renaming and removing passkeys."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from portal.compte import queries as comptes
from portal.compte.queries import Compte
from portal.facteurs import presenters as factor_words
from portal.facteurs.cles import ceremonie, commands, forms, presenters, queries, rules
from portal.facteurs.cles.models import Cle
from portal.facteurs.cles.rules import Refused
from portal.settings import Settings
from portal.web import errors
from portal.web.forms import Form, saved_form
from portal.web.render import page, redirect
from portal.web.session import visit

ADDRESS = "/facteurs/cles"
ADDING = "ajout"


def show(request: Request) -> Response:
    """The account's passkeys, and the form that adds one."""
    return _list(request, Form({"nom": saved_form(request).get("nom", "")}))


def challenge(request: Request) -> Response:
    """What the script asks the browser for, as JSON."""
    compte, settings = comptes.own(visit(request).compte_id), _settings(request)
    if rules.domain(settings.origin) is None:
        raise errors.Conflict(presenters.NO_PLACE, "Prenez une application d’authentification.")
    present = queries.keys_of(compte.id)
    if len(present) >= rules.MAX_KEYS:
        raise errors.Conflict("Ce compte a autant de clés qu’il est permis.", presenters.FULL)
    defi = commands.issue_challenge(request, ADDING)
    return JSONResponse(ceremonie.creation(settings, compte.id, compte.email, compte.name, defi, present))


def add(request: Request) -> Response:
    """« Ajouter une clé »: what the script sends back."""
    compte, form = comptes.own(visit(request).compte_id), forms.name(request, needed=False)
    if form.errors:
        return _list(request, form)
    try:
        answer = forms.answer(request)
        commands.add(visit(request).actor, compte, _settings(request), answer=answer,
                     challenge=commands.take_challenge(request, ADDING),
                     nom=form.values["nom"] or presenters.default_name())
    except Refused as refused:
        commands.record_refusal(visit(request).actor, refused.reason)
        form.errors["ajouter-cle"] = presenters.REFUSALS[refused.reason]
        return _list(request, form, status=403)
    except commands.TooManyKeys:
        form.errors["ajouter-cle"] = presenters.FULL
        return _list(request, form, status=409)
    return redirect(request, ADDRESS, message="La clé d’accès est ajoutée.")


def show_one(request: Request) -> Response:
    """One passkey: its name, and what removing it means."""
    found = _key(request)
    return _one(request, found, Form({"nom": found.nom}))


def change_one(request: Request) -> Response:
    """« Enregistrer le nom », or « Retirer cette clé » (field ``geste``)."""
    found, compte = _key(request), comptes.own(visit(request).compte_id)
    if request.state.form.get("geste") == "retirer":
        try:
            commands.remove(visit(request).actor, compte, _settings(request), found)
        except commands.LastFactor:
            return _one(request, found, Form({"nom": found.nom}), refusal=presenters.LAST)
        return redirect(request, ADDRESS, message="La clé d’accès est retirée.")
    form = forms.name(request, needed=True)
    if form.errors:
        return _one(request, found, form)
    commands.rename(visit(request).actor, found, form.values["nom"])
    return redirect(request, ADDRESS, message="Le nom est enregistré.")


def _list(request: Request, form: Form, status: int = 422) -> Response:
    compte, settings = comptes.own(visit(request).compte_id), _settings(request)
    present = queries.keys_of(compte.id)
    return page(
        request, "facteurs/cles/liste.html", status=200 if form.ok else status, nav="compte", form=form,
        cles=[factor_words.row(one) for one in present], complet=len(present) >= rules.MAX_KEYS,
        possible=rules.domain(settings.origin) is not None, otp_mode=settings.otp_mode, adresse=settings.origin,
    )


def _one(request: Request, found: Cle, form: Form, refusal: str | None = None) -> Response:
    status = 409 if refusal else 200 if form.ok else 422
    return page(request, "facteurs/cles/cle.html", status=status, nav="compte", form=form, refus=refusal,
                cle=factor_words.row(found), adresse=request.url.path)


def _key(request: Request) -> Cle:
    compte: Compte = comptes.own(visit(request).compte_id)
    found = queries.key(compte.id, request.path_params["cle"])
    if found is None:
        raise errors.NotFound()
    return found


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings
