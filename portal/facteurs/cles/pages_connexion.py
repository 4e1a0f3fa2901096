"""A passkey as the second step of a login, and to strengthen a session that a code opened."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from portal import metriques
from portal.compte import queries as comptes
from portal.compte.queries import Compte
from portal.connexion import arrivee
from portal.connexion.otp import commands as otp
from portal.db.audit import Actor
from portal.facteurs.cles import ceremonie, commands, forms, presenters, queries
from portal.facteurs.cles.rules import Reason, Refused
from portal.settings import Settings
from portal.web import errors, throttle
from portal.web.forms import clean, local_path
from portal.web.render import page, redirect
from portal.web.session import visit

LOGIN, STRENGTHEN = "connexion", "renforcer"
LOGIN_ADDRESS, STRENGTHEN_ADDRESS = "/connexion/otp/cle", "/facteurs/cles/renforcer"
CLOSED = "Ce portail n’ouvre pas la connexion par mot de passe et clé d’accès."


# --- Second step of a login ---------------------------------------------------------------------


def show_login(request: Request) -> Response:
    """The passkey alone, for whoever has given his password."""
    compte, suite = otp.pending(request), request.query_params.get("suite", "")
    if compte is None or not queries.usable(compte.id, _settings(request)):
        return redirect(request, _with_suite("/connexion/otp", suite))
    return _page(request, LOGIN_ADDRESS, suite)


def login_challenge(request: Request) -> Response:
    """What the script asks the browser for, as JSON; 410 once the password is no longer fresh."""
    _refuse_if_closed(request)
    compte = otp.pending(request)
    if compte is None:
        return JSONResponse({}, 410)
    return _challenge(request, compte, LOGIN)


def login(request: Request) -> Response:
    """The script's answer: the session opens with the strength of a passkey. Raises errors.TooMany."""
    _refuse_if_closed(request)
    compte, suite = otp.pending(request), clean(request.state.form.get("suite"))
    if compte is None:
        return redirect(request, _with_suite("/connexion/otp", suite), message=presenters.GONE, kind="erreur")
    actor = Actor(compte.rpps, compte.name, "mot_de_passe", subject=compte.subject)
    refusal = _refusal(request, actor, compte, LOGIN)
    if refusal:
        return _page(request, LOGIN_ADDRESS, suite, refusal)
    return arrivee.welcome(request, otp.complete(request, compte, "cle"), suite)


# --- Strengthening a session --------------------------------------------------------------------


def show_strengthen(request: Request) -> Response:
    """« Confirmer avec votre clé », for whoever came in by a code."""
    here, suite = visit(request), request.query_params.get("suite", "")
    if here.strong:
        return redirect(request, arrivee.destination(request, suite) or arrivee.door(request, here.state))
    if not queries.usable(here.compte_id, _settings(request)):
        return redirect(request, "/connexion?" + urlencode({"renforcer": 1, "suite": local_path(suite) or ""}),
                        message=presenters.NO_KEY, kind="erreur")
    return _page(request, STRENGTHEN_ADDRESS, suite)


def strengthen_challenge(request: Request) -> Response:
    """What the script asks the browser for, as JSON."""
    return _challenge(request, comptes.own(visit(request).compte_id), STRENGTHEN)


def strengthen(request: Request) -> Response:
    """The script's answer: the same person, under a new session id and the level of a passkey."""
    compte, suite = comptes.own(visit(request).compte_id), clean(request.state.form.get("suite"))
    refusal = _refusal(request, visit(request).actor, compte, STRENGTHEN)
    if refusal:
        return _page(request, STRENGTHEN_ADDRESS, suite, refusal)
    return arrivee.welcome(request, arrivee.open_for(request, compte, "cle"), suite)


def _challenge(request: Request, compte: Compte, purpose: str) -> Response:
    settings = _settings(request)
    if not queries.usable(compte.id, settings):
        raise errors.NotFound(presenters.NO_KEY, "Prenez un autre moyen.")
    defi = commands.issue_challenge(request, purpose)
    return JSONResponse(ceremonie.request(settings, defi, queries.keys_of(compte.id)))


def _refusal(request: Request, actor: Actor, compte: Compte, purpose: str) -> Reason | None:
    """Why this request's answer is refused; None when it proves who is there. Raises errors.TooMany."""
    tries = throttle.account(str(compte.id), "clé"), throttle.network(request)
    throttle.attempt(*tries)
    try:
        answer = forms.answer(request)
        commands.accept(actor, compte, _settings(request), answer=answer,
                        challenge=commands.take_challenge(request, purpose))
    except Refused as refused:
        metriques.refused("cle")
        commands.record_refusal(actor, refused.reason)
        return refused.reason
    throttle.succeeded(*tries)
    return None


def _page(request: Request, address: str, suite: str, refusal: Reason | None = None) -> Response:
    return page(
        request, "facteurs/cles/prouver.html", status=403 if refusal else 200, adresse=address,
        suite=local_path(suite) or "", renforcer=address == STRENGTHEN_ADDRESS,
        erreurs={"prouver-cle": presenters.REFUSALS[refusal]} if refusal else {},
    )


def _with_suite(address: str, suite: str) -> str:
    path = local_path(suite[:arrivee.MAX_SUITE])
    return f"{address}?{urlencode({'suite': path})}" if path else address


def _refuse_if_closed(request: Request) -> None:
    if _settings(request).otp_mode == "off":
        raise errors.Forbidden(CLOSED, "Connectez-vous avec votre carte CPS.")


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings
