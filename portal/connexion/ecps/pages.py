"""From the login page to the provider and back, and out again."""

from __future__ import annotations

import logging
from typing import Any

from itsdangerous import BadSignature
from starlette.requests import Request
from starlette.responses import Response

from portal.connexion import arrivee
from portal.connexion.ecps import commands
from portal.connexion.ecps.commands import Answer, Proof
from portal.connexion.ecps.decouverte import Metadata
from portal.connexion.ecps.refus import Refusal, Refused
from portal.db import audit
from portal.db.crypto import keys
from portal.settings import Settings
from portal.web import errors, forms, handlers, render, security, session, throttle
from portal.web.session import Access

log = logging.getLogger("portal.ecps")

ANSWER_FIELDS = ("code", "state", "error", "iss")
MAX_FIELD = 4096
EXIT_MAX_AGE = 3600


def explain(request: Request) -> Response:
    """What e-CPS login is, with its button."""
    return _page(request, "connexion/ecps/ecps.html", suite="")


def provider(request: Request) -> Metadata | Refusal:
    """Before the lock: where the provider is."""
    try:
        return commands.find_provider(_settings(request))
    except Refused as refused:
        return refused.reason


def begin(request: Request) -> Response:
    """Send the browser to the provider with a fresh request."""
    found: Metadata | Refusal = request.state.prepared
    suite = forms.local_path(forms.clean(request.state.form.get("suite"))) or ""
    if isinstance(found, Refusal):
        return _refused(request, found, suite)
    return render.redirect(request, commands.start(request, _settings(request), found, suite[:arrivee.MAX_SUITE]))


def returned(request: Request) -> Response:
    """The browser is back: a form hands the answer in, for a GET opens no session."""
    here = session.visit(request)
    if here.state > Access.PUBLIC and "ecps" not in here.data:
        return render.redirect(request, arrivee.door(request, here.state))
    answer = _answer(request.query_params)
    try:
        commands.pending(request, answer.state)
    except Refused as refused:
        if here.state is Access.PUBLIC:
            handlers.note(request, "connexion.refus", result=audit.REFUSED)
        return _refusal_page(request, refused.reason, "")
    return _page(request, "connexion/ecps/retour.html", champs=vars(answer))


def identify(request: Request) -> Proof | Refusal:
    """Before the lock: ask the provider who this is, unless this network has failed too often."""
    left = throttle.wait(_network(request))
    if left:
        raise errors.TooMany(left)
    answer = _answer(request.state.form)
    try:
        return commands.identify(_settings(request), commands.pending(request, answer.state), answer)
    except Refused as refused:
        return refused.reason


def enter(request: Request) -> Response:
    """Open the session of whoever the provider named, or say why not."""
    found: Proof | Refusal = request.state.prepared
    state = _answer(request.state.form).state
    suite = ""
    try:
        suite = commands.pending(request, state).suite
        commands.take(request, state)
        if isinstance(found, Refusal):
            raise Refused(found)
        access = commands.open_session(request, _settings(request), found)
    except Refused as refused:
        return _refused(request, refused.reason, suite)
    return arrivee.welcome(request, access, suite)


def farewell(request: Request) -> str | None:
    """Before the lock: where the provider's own session is ended, if it opened this one."""
    return commands.farewell(request, _settings(request))


def left(request: Request) -> Response:
    """Back from the provider, where the session is over too; or lost, then nothing is claimed."""
    try:
        keys().serializer(commands.EXIT_PURPOSE).loads(request.query_params.get("state", ""), max_age=EXIT_MAX_AGE)
    except BadSignature:
        return render.redirect(request, "/")
    return render.redirect(request, "/", message="Vous êtes déconnecté du portail et de Pro Santé Connect.")


def _refused(request: Request, reason: Refusal, suite: str) -> Response:
    commands.record_refusal(reason)
    if reason.counted:
        throttle.failed(_network(request))
    return _refusal_page(request, reason, suite)


def _refusal_page(request: Request, reason: Refusal, suite: str) -> Response:
    log.info("connexion par e-CPS refusée : %s", reason.name)
    return _page(request, "connexion/ecps/refus.html", status=reason.status, refus=reason, suite=suite,
                 aide=reason.aide)


def _page(request: Request, template: str, **context: Any) -> Response:
    """A page whose form may lead to the provider: browsers hold redirects against ``form-action`` too."""
    settings = _settings(request)
    headers = {"content-security-policy": security.csp(form_action=settings.ecps_authorization)}
    return render.page(request, template, headers=headers, ecps_offert=bool(settings.ecps_issuer), **context)


def _network(request: Request) -> str:
    """Failures of a proof are counted as a card's are: nobody guesses a signature, but trying costs us calls."""
    return throttle.network(request, throttle.CARD)


def _answer(given: Any) -> Answer:
    """The provider's answer in a query or a form; what is too long is none."""
    texts = {name: forms.clean(given.get(name)) for name in ANSWER_FIELDS}
    return Answer(**{name: text if len(text) <= MAX_FIELD else "" for name, text in texts.items()})


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings
