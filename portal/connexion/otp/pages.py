"""The two steps of a login by password and code."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from portal.compte import queries as comptes
from portal.compte.queries import Compte
from portal.connexion import arrivee
from portal.connexion.otp import commands, presenters, queries, rules
from portal.connexion.otp import forms as typing
from portal.connexion.otp.models import Tentative
from portal.facteurs.commands import Outcome
from portal.settings import Settings
from portal.web import errors, forms, render, throttle
from portal.web.forms import Form
from portal.web.session import Access, visit

ADDRESS = "/connexion/otp"
CODE_ADDRESS = f"{ADDRESS}/code"
LEVELS = {"application": "otp", "secours": "otp", "courriel": "courriel"}


class Closed(errors.PageError):
    """The portal's setting opens no login by password and code."""

    code = "E20"
    status = 403
    title = "Connexion par code fermée"
    explanation = presenters.CLOSED
    advice = presenters.CLOSED_ADVICE
    aide = "connexion/otp#transition"


# --- Password -----------------------------------------------------------------------------------


def show_password(request: Request) -> Response:
    """Address and password; whoever is inside already goes on, unless he comes to log in better."""
    here, suite = visit(request), request.query_params.get("suite", "")
    stronger = "renforcer" in request.query_params and not here.strong
    if here.state > Access.CHARTE and not stronger:
        return render.redirect(request, arrivee.destination(request, suite) or arrivee.door(request, here.state))
    return _password_page(request, Form(), suite)


def check_password(request: Request) -> Compte | None:
    """The account of this address and password; as much work for an unknown address. Raises errors.TooMany."""
    form, password = typing.credentials(request)
    if _settings(request).otp_mode == rules.OFF or form.errors:
        return None
    left = throttle.wait(*commands.password_keys(request, form.values["email"]))
    if left:
        raise errors.TooMany(left)
    compte = comptes.by_email(form.values["email"])
    return compte if comptes.password_matches(compte, password) else None


def password(request: Request) -> Response:
    """« Continuer »: on to the code, or the same answer whatever was wrong."""
    _refuse_if_closed(request)
    form, _ = typing.credentials(request)
    suite = forms.clean(request.state.form.get("suite"))
    if form.errors:
        return _password_page(request, form, suite)
    # Under the lock: of many guesses sent at once no more than the free ones are judged.
    throttle.attempt(*commands.password_keys(request, form.values["email"]))
    checked: Compte | None = request.state.prepared
    now = comptes.get(checked.id) if checked else None
    if checked is None or now is None or now.password != checked.password:
        commands.refuse_password()
        form.errors["mot_de_passe"] = presenters.WRONG_CREDENTIALS
        return _password_page(request, form, suite)
    commands.begin(request, now)
    return render.redirect(request, _with_suite(CODE_ADDRESS, suite))


def _password_page(request: Request, form: Form, suite: str, status: int = 422) -> Response:
    return render.page(
        request, "connexion/otp/mot_de_passe.html", status=200 if form.ok else status, form=form,
        otp_mode=_settings(request).otp_mode, **_way_back(request, suite),
    )


# --- Code ---------------------------------------------------------------------------------------


def show_code(request: Request) -> Response:
    """The second steps that this account may take."""
    suite = request.query_params.get("suite", "")
    found = queries.attempt(request)
    compte = queries.compte_of(found) if found else None
    if found is None or compte is None or _settings(request).otp_mode == rules.OFF:
        return render.redirect(request, _with_suite(ADDRESS, suite))
    return _code_page(request, found, compte, Form(), suite)


def code(request: Request) -> Response:
    """« Recevoir un code » (field ``geste``), or a code of one kind (field ``moyen``)."""
    _refuse_if_closed(request)
    suite = forms.clean(request.state.form.get("suite"))
    found = queries.attempt(request)
    compte = queries.compte_of(found) if found else None
    if found is None or compte is None:
        return _password_page(request, Form(errors={"email": presenters.EXPIRED}), suite, 410)
    if request.state.form.get("geste") == "envoyer":
        return _send(request, found, compte, suite)
    kind, typed = typing.code(request)
    if not getattr(queries.means_of(compte, _settings(request)), kind):
        raise errors.NotFound()
    if not typed:
        return _code_page(request, found, compte, Form(errors={f"code_{kind}": presenters.NO_CODE}), suite)
    outcome = commands.take_code(request, found, compte, kind=kind, typed=typed)
    if outcome is Outcome.ACCEPTED:
        return arrivee.welcome(request, commands.complete(request, compte, LEVELS[kind]), suite)
    if found.essais >= rules.MAX_TRIES:
        return _password_page(request, Form(errors={"email": presenters.TRIES_SPENT}), suite, 403)
    wrong = Form(errors={f"code_{kind}": presenters.refusal(kind, outcome, found.essais)})
    return _code_page(request, found, compte, wrong, suite)


def _send(request: Request, found: Tentative, compte: Compte, suite: str) -> Response:
    if not queries.means_of(compte, _settings(request)).courriel:
        raise errors.NotFound()
    try:
        commands.send_code(found, compte, _settings(request))
    except commands.TooManyMails:
        return _code_page(request, found, compte, Form(errors={"courriel": presenters.TOO_MANY_MAILS}), suite, 429)
    return render.redirect(request, _with_suite(CODE_ADDRESS, suite),
                           message=f"Un code vient d’être envoyé à {compte.email}.")


def _code_page(request: Request, found: Tentative, compte: Compte, form: Form, suite: str,
               status: int = 422) -> Response:
    settings = _settings(request)
    until = queries.mail_code_end(found)
    return render.page(
        request, "connexion/otp/code.html", status=200 if form.ok else status, form=form,
        moyens=queries.means_of(compte, settings), courriel=compte.email, secretaire=compte.rpps is None,
        avant=presenters.clock_time(found.started + rules.ATTEMPT_LIFE),
        envoye_jusqua=presenters.clock_time(until) if until else None,
        courriels_en_retard=until is not None and queries.mails_are_late(),
        **_way_back(request, suite),
    )


def _way_back(request: Request, suite: str) -> dict[str, Any]:
    """For both pages: where to go on to, whether to log in better, and the query that keeps both."""
    here, path = visit(request), forms.local_path(suite[:arrivee.MAX_SUITE]) or ""
    stronger = here.state > Access.CHARTE and not here.strong
    kept = ({"renforcer": "1"} if stronger else {}) | ({"suite": path} if path else {})
    return {"suite": path, "renforcer": stronger, "suivi": f"?{urlencode(kept)}" if kept else ""}


def _refuse_if_closed(request: Request) -> None:
    if _settings(request).otp_mode == rules.OFF:
        raise Closed()


def _with_suite(address: str, suite: str) -> str:
    path = forms.local_path(suite[:arrivee.MAX_SUITE])
    return f"{address}?{urlencode({'suite': path})}" if path else address


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings
