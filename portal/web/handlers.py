"""The route table: every page is wrapped once, so that no handler can forget a guard."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

import peewee
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portal.db import audit, database
from portal.web import errors, forms, render, session
from portal.web.session import Access

log = logging.getLogger("portal.erreur")

Handler = Callable[[Request], Response]
MAX_BODY = 256 * 1024


@dataclass(frozen=True)
class Page:
    """One address: its handlers, who may come, and its section of the help site (``page#anchor``)."""

    path: str
    name: str
    get: Handler | None = None
    post: Handler | None = None
    access: Access = Access.MEDECIN
    aide: str | None = None
    database: bool = True

    def route(self) -> Route:
        """The Starlette route; a POST's parsed form is ``request.state.form``."""
        methods = [name for name, handler in (("GET", self.get), ("POST", self.post)) if handler]
        return Route(self.path, self._endpoint, methods=methods, name=self.name, max_body_size=MAX_BODY)

    def handler(self, request: Request) -> Handler:
        """The function for the request's method."""
        found = self.post if request.method == "POST" else self.get
        if found is None:
            raise errors.MethodRefused()
        return found

    async def _endpoint(self, request: Request) -> Response:
        request.state.aide = self.aide
        if request.method == "POST":
            request.state.form = await request.form(
                max_files=0, max_fields=forms.MAX_FIELDS, max_part_size=forms.MAX_PART)
        if not self.database:
            return await run_in_threadpool(self.handler(request), request)
        return await run_in_threadpool(serve, self, request)


def note(request: Request, event: str, *, dossier: str | None = None) -> None:
    """Ask for an audit row from a reading handler; it is written before the answer leaves."""
    request.state.acts.append((event, dossier))


def serve(page: Page, request: Request) -> Response:
    """Session, door, token, then the handler in its kind of work; runs in a worker thread."""
    database.connect()
    request.state.visit = session.load(request)
    if request.method != "POST":
        response = _turned_away(page, request) or _read(page, request)
    else:
        response = _write(page, request)
    return session.finish(request, response)


@contextmanager
def _transaction() -> Iterator[None]:
    """``database.writing()``, where a full disk or a lock held too long gives a page that says so."""
    try:
        with database.writing():
            yield
    except peewee.OperationalError as error:
        log.error("nothing was written: %s", error)
        raise errors.Unavailable() from error


def _read(page: Page, request: Request) -> Response:
    request.state.acts = []
    with database.reading():
        response = page.handler(request)(request)
    here = session.visit(request)
    if request.state.acts or session.touch(here):
        with _transaction():
            for event, dossier in request.state.acts:
                audit.record(here.actor, event, dossier=dossier)
            session.mark_seen(here)
    return response


def _write(page: Page, request: Request) -> Response:
    here = session.visit(request)
    form: FormData = request.state.form
    if not hmac.compare_digest(str(form.get("_csrf", "")).encode(), here.csrf.encode()):
        raise errors.Forbidden()
    away = _turned_away(page, request)
    with _transaction():
        if away:
            if here.expired and here.subject and page.get:
                forms.keep(request, here.subject)
            return away
        response = page.handler(request)(request)
        here = session.visit(request)
        if response.status_code < 400 and here.stored and forms.is_kept_for(request, here):
            session.put(request, reprise=None)
        if session.touch(here):
            session.mark_seen(here)
    return response


def _turned_away(page: Page, request: Request) -> Response | None:
    """Where someone who may not come here is sent, or None when the door is open."""
    state = session.visit(request).state
    open_door = state is page.access if page.access is Access.CARTE else state >= page.access
    if open_door:
        return None
    if state is not Access.PUBLIC:
        return render.redirect(request, request.app.state.doors[state])
    suite = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    query = {"suite": suite} | ({"expiree": "1"} if session.visit(request).expired else {})
    return render.redirect(request, f"{request.app.state.doors[state]}?{urlencode(query)}")
