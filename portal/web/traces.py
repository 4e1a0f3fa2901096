"""What the audit keeps of requests by itself: each look into a dossier, and each refusal.

A dossier's door tells which dossier the answer shows (``saw``) or would have shown (``sought``); a page that words
its own reading (``handlers.note``) is left alone. A page whose address names a dossier and that came by no door is
an error of ours, and goes to nobody.
"""

from __future__ import annotations

import logging
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from portal.db import audit, database
from portal.web import errors, session, throttle
from portal.web.session import Access

log = logging.getLogger("portal.audit")

NOTHING_SHOWN = (204, 205)


class Act(NamedTuple):
    """One act to be recorded once the page is made."""

    event: str
    dossier: str | None
    detail: str
    result: str


class Untraced(RuntimeError):
    """A page of a dossier that no door has seen."""


def begin(request: Request) -> None:
    """Nothing was seen yet."""
    request.state.vus, request.state.cherche = set(), None


def saw(request: Request, label: str) -> None:
    """The answer is about this dossier (« ga 43084209 »)."""
    request.state.vus.add(label)


def sought(request: Request, label: str) -> None:
    """The address names this dossier, there or not, his or not."""
    request.state.cherche = label


def reads(request: Request, name: str, response: Response, told: set[str | None]) -> list[Act]:
    """The readings that the page ``name`` did not tell itself (``told``); each person's first of ten minutes."""
    if 300 <= response.status_code < 400 or response.status_code in NOTHING_SHOWN:
        return []
    actor = session.visit(request).actor
    return [Act(audit.PAGE_READ, label, name, audit.SUCCESS) for label in sorted(request.state.vus - told)
            if not audit.lately(actor, audit.PAGE_READ, label, name)]


def check(request: Request, name: str, response: Response) -> None:
    """Raise Untraced for a page of a dossier that would go out without a trace."""
    if response.status_code == 200 and not request.state.vus:
        raise Untraced(name)


def refused(request: Request, name: str, of_dossier: bool, error: errors.PageError) -> None:
    """Record that somebody who is known was refused a dossier, or what his mandate does not lend.

    In a transaction of its own, for the request itself wrote nothing. Bounded by a throttle: whoever collects
    refusals fills no disk. What forbids the recording changes nothing of the answer.
    """
    here = session.visit(request)
    denied = error.status in (403, 404) and not isinstance(error, errors.Forbidden)
    if here.state is Access.PUBLIC or not denied or not (of_dossier or isinstance(error, errors.NotLent)):
        return
    actor = here.actor
    key = throttle.refusals(actor.subject or str(actor.rpps))
    numbers = [str(value) for value in request.path_params.values() if isinstance(value, int)]
    detail = name if request.state.cherche else " ".join([name, *numbers])
    try:
        if throttle.wait(key):
            return
        with database.writing():
            throttle.attempt(key)
            audit.record(actor, audit.DENIED, dossier=request.state.cherche, detail=detail, result=audit.REFUSED)
    except errors.TooMany:
        return
    except Exception as failure:
        log.error("a refusal was not recorded (%s)", type(failure).__name__)
