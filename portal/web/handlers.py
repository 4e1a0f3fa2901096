"""The route table: every page is wrapped once, so that no handler can forget a guard."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

import peewee
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portal.db import audit, database
from portal.web import errors, forms, htmx, reenvoi, render, session, televersement, traces
from portal.web.session import Access

log = logging.getLogger("portal.erreur")

Handler = Callable[[Request], Response]
MAX_BODY = 256 * 1024
LARGEST_ROW = (1 << 63) - 1  # what a row's number in an address can be; a larger one is no number for the database
SHOWN_AGAIN = (409, 422)  # what a POST answers that shows its page, and the dossier, once more
MANDATE_ENDED = ("La délégation sous laquelle vous agissiez a pris fin\u00a0: rien n’a été enregistré, "
                 "et vous agissez de nouveau en votre nom.")


@dataclass(frozen=True)
class Page:
    """One address: its handlers, who may come, and its section of the help site (``page#anchor``).

    ``spaces``: which of the other actors may come besides those whom ``access`` admits.
    ``right``: what someone acting for a physician must have been lent; without one the page is about the
    person himself. ``strong``: a session opened by a code alone logs in better first. ``prepare``: the slow
    reading part of a POST, done before the write lock is taken; its result is ``request.state.prepared``.
    ``asks``: a POST that changes nothing, its question being too private for an address. ``upload``: the bytes
    of the one file that a POST may bring; ``admit`` then raises what the handler would, before the file is read.
    ``once``: a form sent again has no second effect (``reenvoi``).
    ``ahead``: may be asked for before the person goes there, as her pointer nears the link; see ``_looked_ahead``.
    ``quiet``: asked for by the page itself, not by the person: it neither prolongs her session nor sends her away.
    ``prompt``: tells of an address whether a few rows under an index answer it: see ``_promptly``.
    """

    path: str
    name: str
    get: Handler | None = None
    post: Handler | None = None
    access: Access = Access.MEDECIN
    spaces: tuple[Access, ...] = ()
    aide: str | None = None
    database: bool = True
    right: str | None = None
    strong: bool = False
    prepare: Callable[[Request], object] | None = None
    asks: bool = False
    upload: int = 0
    admit: Callable[[Request], object] | None = None
    quiet: bool = False
    ahead: bool = False
    once: bool = False
    prompt: Callable[[Request], bool] | None = None

    @property
    def of_dossier(self) -> bool:
        """True where the address names a dossier, or a request, which is one dossier's."""
        return "{module}/{numero:int}" in self.path or "{demande:int}" in self.path

    def route(self) -> Route:
        """The Starlette route; a POST's parsed form is ``request.state.form``."""
        methods = [name for name, handler in (("GET", self.get), ("POST", self.post)) if handler]
        return Route(self.path, self._endpoint, methods=methods, name=self.name,
                     max_body_size=MAX_BODY + self.upload)

    def handler(self, request: Request) -> Handler:
        """The function for the request's method."""
        found = self.post if request.method == "POST" else self.get
        if found is None:
            raise errors.MethodRefused()
        return found

    async def _endpoint(self, request: Request) -> Response:
        request.state.aide = self.aide
        if htmx.is_ahead(request) and not self.ahead:
            return _not_ahead(request)
        if request.method == "POST" and self.upload:
            away = await run_in_threadpool(knock, self, request)
            if away:
                return away
            request.state.form = await televersement.read(request)
            try:
                return await run_in_threadpool(serve, self, request)
            finally:
                await request.state.form.close()
        if request.method == "POST":
            request.state.form = await request.form(
                max_files=0, max_fields=forms.MAX_FIELDS, max_part_size=forms.MAX_PART)
        if not self.database:
            return await run_in_threadpool(self.handler(request), request)
        answer = _promptly(self, request)
        return answer if answer is not None else await run_in_threadpool(serve, self, request)


def note(request: Request, event: str, *, dossier: str | None = None, detail: str = "",
         result: str = audit.SUCCESS) -> None:
    """Ask for an audit row from a reading handler; it is written before the answer leaves."""
    request.state.acts.append(traces.Act(event, dossier, detail, result))


def knock(page: Page, request: Request) -> Response | None:
    """The door of an upload page, before its file is read into memory; None when it is open.

    Everything is asked again with the file at hand: the answer may change while it travels, and the form's token
    is known only then. A mandate that has ended is left to that second time, which can write.
    """
    with _connected():
        here = request.state.visit = session.load(request)
        here.for_himself = page.right is None
        with _refusals(page, request), database.reading():
            if not _acting(request):
                return None
            away = _turned_away(page, request)
            if away is None and page.admit:
                page.admit(request)
        return session.finish(request, away) if away else None


def serve(page: Page, request: Request) -> Response:
    """Session, door, token, then the handler in its kind of work; runs in a worker thread."""
    with _connected():
        request.state.visit = session.load(request)
        request.state.visit.for_himself = page.right is None
        if any(value > LARGEST_ROW if isinstance(value, int) else "\0" in str(value)
               for value in request.path_params.values()):
            raise errors.NotFound()
        if htmx.is_ahead(request):
            return session.finish(request, _looked_ahead(page, request))
        changes = request.method == "POST" and not page.asks
        with _refusals(page, request):
            response = _write(page, request) if changes else _read(page, request)
        return session.finish(request, response)


def _promptly(page: Page, request: Request) -> Response | None:
    """The answer of a page that reads a few rows of a local file, on the event loop: a thread would cost more.

    None for anything but a plain answer to whom the door is open: whatever is to be written (the session's
    prolongation, the audit), refused or has failed is left to ``serve``, which asks all of it again.
    """
    if page.prompt is None or request.method == "POST" or not (database.prompt() and page.prompt(request)):
        return None
    try:
        database.connect()
        here = request.state.visit = session.load(request)
        here.for_himself, request.state.acts = page.right is None, []
        if session.touch(here):
            return None
        traces.begin(request)
        with database.reading():
            if not _acting(request) or _turned_away(page, request):
                return None
            response = _looked(page, request)
    except (errors.PageError, peewee.PeeweeException):
        return None
    return None if request.state.acts else session.finish(request, response)


@contextmanager
def _connected() -> Iterator[None]:
    """This thread's connection; a server that has gone gives a page that says so, and what no database can hold (a
    text with a null character, on PostgreSQL) the page of what can't be read."""
    try:
        database.connect()
        yield
    except peewee.DataError as error:
        if "NUL" not in str(error):
            raise
        raise errors.BadRequest() from error
    except peewee.OperationalError as error:
        if not database.lost():
            raise
        log.error("the database does not answer: %s", error)
        raise errors.Unavailable() from error


@contextmanager
def _refusals(page: Page, request: Request) -> Iterator[None]:
    """Who is refused a dossier inside is recorded, once nothing else is being written."""
    traces.begin(request)
    try:
        yield
    except errors.PageError as error:
        traces.refused(request, page.name, page.of_dossier, error)
        raise


@contextmanager
def _transaction() -> Iterator[None]:
    """``database.writing()``, where a full disk or a lock held too long gives a page that says so."""
    try:
        with database.writing():
            yield
    except peewee.OperationalError as error:
        # The kinds alone (« FullError », « BusyError »): a database's words may quote a row.
        log.error("nothing was written: %s", type(error.__cause__ or error.__context__ or error).__name__)
        raise errors.Unavailable() from error


def _read(page: Page, request: Request) -> Response:
    request.state.acts = []
    here = session.visit(request)
    if request.method == "POST":
        _check_token(request, here)
    with database.reading():
        ended = not _acting(request)
        response = None if ended else _unasked(page, request) or _looked(page, request)
    if response is None:
        with _transaction():
            return _own_name_again(request)
    if request.state.acts or (session.touch(here) and not page.quiet):
        with _transaction():
            for act in request.state.acts:
                audit.record(here.actor, act.event, dossier=act.dossier, detail=act.detail, result=act.result)
            session.mark_seen(here)
    return response


def _looked_ahead(page: Page, request: Request) -> Response:
    """What the person would see if she came now, given only where that leaves no trace: nothing is written.

    Where coming would write (a look into a dossier, the time she was last seen, a mandate that ended, a refusal), the
    answer is empty and her visit itself asks again. So a pointer that passes prolongs no session; and since an answer
    that was given ahead is used a few seconds later at most, a session is never more than ``TOUCH_EVERY`` behind.
    """
    request.state.acts = []
    traces.begin(request)
    here = session.visit(request)
    try:
        with database.reading():
            if session.touch(here) or not _acting(request) or _turned_away(page, request):
                return _not_ahead(request)
            response = page.handler(request)(request)
    except errors.PageError:
        return _not_ahead(request)
    return _not_ahead(request) if request.state.acts or request.state.vus else response


def _not_ahead(request: Request) -> Response:
    """« Come yourself »: empty to our own script; an error to a browser, which would show emptiness as the page."""
    return Response(status_code=204 if htmx.is_htmx(request) else 403, headers={"cache-control": "no-store"})


def _looked(page: Page, request: Request) -> Response:
    """The handler's answer, and the reading of each dossier that it shows."""
    response = page.handler(request)(request)
    if page.of_dossier:
        traces.check(request, page.name, response)
    told = {act.dossier for act in request.state.acts}
    request.state.acts += traces.reads(request, page.name, response, told)
    return response


def _unasked(page: Page, request: Request) -> Response | None:
    """Like ``_turned_away``; what a page asks by itself, or while someone types, never takes it and his words away."""
    away = _turned_away(page, request)
    by_itself = page.quiet or (page.asks and request.method == "POST")
    if away and by_itself and htmx.is_htmx(request):
        return Response(status_code=204)
    return away


def _write(page: Page, request: Request) -> Response:
    here = session.visit(request)
    _check_token(request, here)
    if page.prepare:
        with database.reading():
            # The mandate first: what is prepared is somebody's.
            if _acting(request) and not _turned_away(page, request):
                request.state.prepared = page.prepare(request)
    with _transaction():
        # Read under the lock: what was revoked a moment ago no longer counts.
        if not _acting(request):
            return _own_name_again(request)
        away = _turned_away(page, request)
        if away:
            if here.subject and page.get and (here.expired or page.strong):
                forms.keep(request, here.subject)
            return away
        sent = reenvoi.token(request) if page.once else None
        answer = reenvoi.again(request, sent) or _answer(page, request)
        if isinstance(answer, Response):
            reenvoi.remember(sent, answer)
        here = session.visit(request)
        if answer.status_code in SHOWN_AGAIN and isinstance(answer, Response):
            for act in traces.reads(request, page.name, answer, set()):
                audit.record(here.actor, act.event, dossier=act.dossier, detail=act.detail)
        if answer.status_code < 400 and here.stored and forms.is_kept_for(request, here):
            session.put(request, reprise=None)
        if session.touch(here):
            session.mark_seen(here)
    if isinstance(answer, errors.PageError):
        raise answer
    return answer


def _answer(page: Page, request: Request) -> Response | errors.PageError:
    """What the handler returns, or an error that keeps what was written before it."""
    try:
        return page.handler(request)(request)
    except errors.PageError as error:
        if error.commits:
            return error
        raise


def _check_token(request: Request, here: session.Visit) -> None:
    token = str(request.state.form.get("_csrf", ""))
    if here.carries(token):
        return
    raise errors.ActingChanged() if here.made(token) else errors.Forbidden()


def _acting(request: Request) -> bool:
    """Find the mandate the session acts under; False when it acts under one that no longer holds."""
    here = session.visit(request)
    if here.delegation_id is None or here.compte_id is None or not Access.SECRETARIAT.admits(here.state):
        return True
    here.mandate = request.app.state.mandate_of(here.delegation_id, here.compte_id)
    return here.mandate is not None


def _own_name_again(request: Request) -> Response:
    """The mandate has ended or was revoked: nothing was done, and the person is himself again."""
    session.act_for(request, None)
    audit.record(session.visit(request).actor, "delegation.terminee")
    door = request.app.state.doors[Access.SECRETARIAT]
    return render.redirect(request, door, message=MANDATE_ENDED, kind="attention")


def _turned_away(page: Page, request: Request) -> Response | None:
    """Where someone who may not come here is sent, or None when the door is open.

    Raises NotLent for what a mandate does not lend: the answer depends on no dossier.
    """
    here = session.visit(request)
    if here.mandate and page.right:
        if not here.mandate.allows(page.right):
            raise errors.NotLent()
        return None
    if not page.access.admits(here.state) and here.state not in page.spaces:
        return _to_the_door(request, here)
    return _step_up(request) if page.strong and not here.strong else None


def _to_the_door(request: Request, here: session.Visit) -> Response:
    door = request.app.state.doors[here.state]
    if here.state is not Access.PUBLIC:
        return render.redirect(request, door)
    query = {"suite": _address(request)} | ({"expiree": "1"} if here.expired else {})
    return render.redirect(request, f"{door}?{urlencode(query)}")


def _step_up(request: Request) -> Response:
    return render.redirect(request, f"/connexion?{urlencode({'renforcer': '1', 'suite': _address(request)})}")


def _address(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")
