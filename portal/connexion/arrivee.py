"""What follows any successful login: the session of the account, then the page that was asked for."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from portal import metriques
from portal.compte import appareils
from portal.compte import queries as comptes
from portal.compte.queries import Compte
from portal.db import audit
from portal.espaces import queries as espaces
from portal.web import errors, forms, render, session
from portal.web.session import Access

MAX_SUITE = 2000


def open_for(request: Request, compte: Compte, level: str) -> Access:
    """Open this account's session under a new id and record it; returns how far its holder may go.

    ``level`` is a word of ``session.STRENGTH``. Raises errors.Blocked for an account the support has closed.
    """
    if compte.blocked_at:
        metriques.refused("compte_bloque")
        audit.record(audit.VISITOR, "connexion.refus", detail="compte_bloque", result=audit.REFUSED)
        raise errors.Blocked()
    state = comptes.access_of(compte, request.app.state.charte)
    session.login(
        request, state=state, subject=compte.subject, rpps=compte.rpps, name=espaces.signature(compte), level=level,
        compte_id=compte.id, charte=compte.charte,
    )
    audit.record(session.visit(request).actor, f"connexion.{level}")
    appareils.note_device(request, compte, level)
    return state


def welcome(request: Request, state: Access, suite: str) -> Response:
    """Go on to what is still to do, to the form kept from an expired session, or to ``suite``."""
    url = door(request, state)
    if state > Access.CHARTE:
        kept = session.visit(request).data.get("reprise")
        url = destination(request, kept["path"] if kept else suite) or url
    return appareils.remember(request, render.redirect(request, url))


def destination(request: Request, suite: str) -> str | None:
    """The path to go on to, if it is a page of this portal outside the login; None for anything else."""
    path = forms.local_path(suite[:MAX_SUITE])
    if path is None or path.startswith("/connexion"):
        return None
    scope = {"type": "http", "method": "GET", "path": path.partition("?")[0], "headers": []}
    known = any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)
    return path if known else None


def door(request: Request, state: Access) -> str:
    """Where someone in this state begins."""
    found: str = request.app.state.doors[state]
    return found
