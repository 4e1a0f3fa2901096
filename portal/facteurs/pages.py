"""« Codes et clés de connexion »: adding and removing second factors."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from portal import clock
from portal.compte import queries as comptes
from portal.compte.queries import Compte
from portal.facteurs import commands, forms, presenters, queries, rules
from portal.facteurs.cles import queries as cles
from portal.facteurs.models import Application
from portal.settings import Settings
from portal.web import errors, session
from portal.web.forms import Form, saved_form
from portal.web.render import page, redirect
from portal.web.session import visit

ADDRESS = "/facteurs"
APPLICATION_ADDRESS = f"{ADDRESS}/application"
RECOVERY_ADDRESS = f"{ADDRESS}/secours"
# What the session holds meanwhile, sealed: a secret not yet confirmed, codes just made.
ENROLLING, NEW_CODES = "application_en_cours", "codes_secours"
CODES_SHOWN_FOR = timedelta(minutes=10)


def show(request: Request) -> Response:
    """The account's second factors."""
    compte = _own(request)
    return page(
        request, "facteurs/liste.html", nav="compte", otp_mode=_settings(request).otp_mode,
        applications=[presenters.row(one) for one in queries.applications(compte.id)],
        complet=len(queries.applications(compte.id)) >= rules.MAX_APPLICATIONS,
        secours=queries.recovery_codes_left(compte.id), secours_peu=rules.FEW_RECOVERY_CODES,
        cles=cles.count(compte.id), courriel=compte.email, confirmee=bool(compte.email_confirmed_at),
        secretaire=compte.rpps is None,
    )


# --- Authenticator application ------------------------------------------------------------------


def show_application(request: Request) -> Response:
    """Which application to take; then, once begun, the QR code and the field of the first code."""
    return _application_page(request, Form({"nom": saved_form(request).get("nom", "")}))


def application(request: Request) -> Response:
    """« Commencer », « Annuler », or « Confirmer » (field ``geste``)."""
    # Under the write lock: two tabs that confirm at once add one application.
    visit(request).data = session.load(request).data
    match request.state.form.get("geste"):
        case "commencer":
            session.put(request, **{ENROLLING: commands.new_secret()})
            return redirect(request, APPLICATION_ADDRESS)
        case "annuler":
            session.put(request, **{ENROLLING: None})
            return redirect(request, ADDRESS, message="Aucune application n’a été ajoutée.", kind="info")
    return _confirm(request)


def _confirm(request: Request) -> Response:
    compte, settings = _own(request), _settings(request)
    secret = visit(request).data.get(ENROLLING)
    if not secret:
        return redirect(request, APPLICATION_ADDRESS, message=presenters.NOT_STARTED, kind="erreur")
    form, code = forms.enrolment(request)
    if form.errors:
        return _application_page(request, form)
    try:
        commands.add_application(visit(request).actor, compte, settings, secret=secret, code=code,
                                 nom=form.values["nom"] or presenters.default_name())
    except commands.CodeRefused:
        form.errors["code"] = presenters.WRONG_CODE
        return _application_page(request, form)
    except commands.TooManyApplications:
        return redirect(request, ADDRESS, message=presenters.FULL, kind="erreur")
    session.put(request, **{ENROLLING: None})
    if queries.recovery_codes_left(compte.id):
        return redirect(request, ADDRESS, message="L’application est ajoutée.")
    _make_codes(request, compte)
    return redirect(request, RECOVERY_ADDRESS,
                    message="L’application est ajoutée. Conservez maintenant vos codes de secours.")


def _application_page(request: Request, form: Form) -> Response:
    compte, secret = _own(request), visit(request).data.get(ENROLLING)
    full = len(queries.applications(compte.id)) >= rules.MAX_APPLICATIONS
    if full or not secret:
        return page(request, "facteurs/choisir.html", nav="compte", complet=presenters.FULL if full else None)
    image = presenters.qr_image(secret, _settings(request).site_name, compte.email)
    return page(request, "facteurs/application.html", status=200 if form.ok else 422, nav="compte", form=form,
                image=image, secret=rules.spaced(secret), courriel=compte.email)


def show_removal(request: Request) -> Response:
    """What removing this application means, and the button that does it."""
    return _removal_page(request, _application(request))


def remove(request: Request) -> Response:
    """« Retirer cette application »."""
    found = _application(request)
    try:
        commands.remove_application(visit(request).actor, _own(request), _settings(request), found)
    except commands.LastFactor:
        return _removal_page(request, found, presenters.LAST)
    return redirect(request, ADDRESS, message="L’application est retirée.")


def _removal_page(request: Request, found: Application, refusal: str | None = None) -> Response:
    compte = _own(request)
    last = len(queries.applications(compte.id)) == 1
    return page(request, "facteurs/retirer.html", status=409 if refusal else 200, nav="compte", refus=refusal,
                application=presenters.row(found), derniere=last, adresse=request.url.path)


def _application(request: Request) -> Application:
    found = queries.application(_own(request).id, request.path_params["application"])
    if found is None:
        raise errors.NotFound()
    return found


# --- Recovery codes -----------------------------------------------------------------------------


def show_recovery(request: Request) -> Response:
    """The codes just made, until they are said to be kept; else how many are left."""
    compte = _own(request)
    return page(request, "facteurs/secours.html", nav="compte", codes=_new_codes(request), courriel=compte.email,
                reste=queries.recovery_codes_left(compte.id), possible=queries.has_application(compte.id),
                total=rules.RECOVERY_CODES)


def recovery(request: Request) -> Response:
    """« Créer de nouveaux codes », or « J’ai conservé mes codes » (field ``geste``)."""
    compte = _own(request)
    if request.state.form.get("geste") == "conserves":
        session.put(request, **{NEW_CODES: None})
        return redirect(request, ADDRESS, message="Vos codes de secours sont prêts.")
    if not queries.has_application(compte.id):
        raise errors.Conflict("Les codes de secours remplacent une application d’authentification, et ce compte "
                              "n’en a aucune.", "Ajoutez d’abord une application.")
    _make_codes(request, compte)
    return redirect(request, RECOVERY_ADDRESS)


def _make_codes(request: Request, compte: Compte) -> None:
    codes = commands.make_recovery_codes(visit(request).actor, compte, _settings(request))
    session.put(request, **{NEW_CODES: {"codes": codes, "at": clock.now().isoformat()}})


def _new_codes(request: Request) -> list[str]:
    kept: dict[str, Any] = visit(request).data.get(NEW_CODES) or {}
    if not kept or clock.now() - datetime.fromisoformat(kept["at"]) > CODES_SHOWN_FOR:
        return []
    codes: list[str] = kept["codes"]
    return codes


def _own(request: Request) -> Compte:
    compte = comptes.get(visit(request).compte_id)
    if compte is None:
        raise errors.NotFound()
    return compte


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings
