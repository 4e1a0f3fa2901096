"""The login page, the card’s challenge and answer, and the end of a session."""

from __future__ import annotations

import logging
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from portal import clock
from portal.connexion import arrivee, commands, queries
from portal.connexion.queries import Trust
from portal.connexion.rules import Freshness, Refusal, Refused
from portal.facteurs.cles import queries as cles
from portal.settings import Settings
from portal.web import dates, forms, htmx, render, security, session, throttle
from portal.web.session import Access, visit

log = logging.getLogger("portal.connexion")


def login(request: Request) -> Response:
    """The three ways to log in; a physician already inside goes on to where he was heading."""
    suite = request.query_params.get("suite", "")
    here = visit(request)
    stronger = "renforcer" in request.query_params and not here.strong
    if here.state > Access.CHARTE and not stronger:
        return render.redirect(request, arrivee.destination(request, suite) or arrivee.door(request, here.state))
    return _login_page(request, suite, expired="expiree" in request.query_params, stronger=stronger)


def challenge(request: Request) -> Response:
    """A nonce for this session’s next card login, as JSON for the page’s script.

    No account is locked here, whoever tries: only a network that asks and asks without ever logging in waits.
    """
    throttle.attempt(throttle.network(request, throttle.CARD))
    return JSONResponse({"nonce": commands.issue_challenge(request, _settings(request))})


def card_login(request: Request) -> Response:
    """Verify the card’s answer and open the session, or show the login page again with the reason."""
    form = request.state.form
    suite = forms.clean(form.get("suite"))
    trust = _trust(request)
    if trust.freshness(clock.now()) is not Freshness.A_JOUR:
        log.warning("une connexion par carte, et les listes de révocation sont absentes ou périmées")
    token = str(form.get("jeton", ""))
    try:
        if not token:
            raise Refused(Refusal.SANS_SCRIPT)
        nonce = commands.take_challenge(request, str(form.get("defi", "")))
        identity = commands.verify(token, nonce, _settings(request).origin, trust.authorities)
    except Refused as refused:
        throttle.attempt(throttle.network(request, throttle.CARD))
        commands.record_refusal(refused.reason)
        log.info("connexion refusée : %s", refused.reason.name)
        return _login_page(request, suite, refusal=refused.reason)
    throttle.succeeded(throttle.network(request, throttle.CARD))
    return arrivee.welcome(request, commands.open_session(request, identity), suite)


def leave(request: Request) -> Response:
    """A page with the button that closes the session, for links and bookmarks: a GET closes nothing."""
    return render.page(request, "connexion/quitter.html")


def logout(request: Request) -> Response:
    """Close the session at once; one that e-CPS opened has a second one at its provider."""
    provider: str | None = request.state.prepared
    commands.close_session(request)
    if provider:
        return render.page(request, "connexion/ecps/sortie.html", adresse=provider)
    return render.redirect(request, "/", message="Vous êtes déconnecté.")


def stay(request: Request) -> Response:
    """« Rester connecté »: the idle time starts again; JSON for the script, a page for a plain form."""
    here = visit(request)
    scripted = htmx.is_htmx(request) or "application/json" in request.headers.get("accept", "")
    if here.state is Access.PUBLIC:
        if scripted:
            return JSONResponse({"expires_in": 0}, 401)
        return render.redirect(request, "/connexion?expiree=1")
    session.mark_seen(here)
    request.state.visit = session.load(request)
    if scripted:
        left = visit(request).expires_in
        return JSONResponse({"expires_in": left}, headers={"x-session-fin": str(left)})
    suite = forms.clean(request.state.form.get("suite"))
    url = arrivee.destination(request, suite) or arrivee.door(request, here.state)
    return render.redirect(request, url, message="Votre session est prolongée.")


def _login_page(request: Request, suite: str, *, expired: bool = False, stronger: bool = False,
                refusal: Refusal | None = None) -> Response:
    settings = _settings(request)
    words: dict[str, Any] = {"aide": refusal.aide} if refusal else {}
    trust = _trust(request)
    reached = f"{settings.agent_url} {settings.ecps_authorization}".strip()
    return render.page(
        request, "connexion/connexion.html", status=403 if refusal else 200,
        headers={
            # The card’s window is a form posted to the agent, which must learn our origin and answer us;
            # the e-CPS button is a form whose answer leads to the provider.
            "content-security-policy": security.csp(form_action=reached),
            "referrer-policy": "origin",
            "cross-origin-opener-policy": "same-origin-allow-popups",
        },
        suite=forms.local_path(suite) or "", expiree=expired, refus=refusal, renforcer=stronger,
        repris=bool(visit(request).data.get("reprise")), sans_autorite=trust.empty,
        listes=_late_lists(trust),
        ecps_offert=bool(settings.ecps_issuer), otp_mode=settings.otp_mode,
        cle_possible=stronger and cles.usable(visit(request).compte_id, settings), **words,
    )


def _late_lists(trust: Trust) -> dict[str, Any] | None:
    """What the page says of revocation lists that are late: are cards still accepted, since when, until when."""
    state, since = trust.freshness(clock.now()), trust.late_since
    if trust.empty or state is Freshness.A_JOUR:
        return None
    return {
        "tolerees": state is Freshness.TOLEREE, "depuis": dates.moment(since) if since else "",
        "jusqu_a": dates.moment(since + trust.authorities.grace) if since else "",
    }


def _trust(request: Request) -> Trust:
    """The authorities as they are now: a renewed list counts at once."""
    request.app.state.trust = queries.refreshed(request.app.state.trust)
    found: Trust = request.app.state.trust
    return found


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings
