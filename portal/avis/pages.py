"""« Avis »: what happened since, and the small answer that keeps the count in the page's head true."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from portal.avis import acces, commands, presenters, queries
from portal.web import errors, htmx, render
from portal.web.forms import typed

HERE = "/avis"
SHOWN = 50
MOST_DIGITS = 15


def show(request: Request) -> Response:
    """The latest notices, newest first."""
    own = acces.own(request)
    found = queries.latest(own, SHOWN)
    waiting, last = queries.unread(own)
    return render.page(
        request, "avis/liste.html", nav="avis", lignes=[presenters.line(one) for one in found], non_lus=waiting,
        jusque=last, limite=SHOWN if len(found) == SHOWN else 0, kind=own.partition(":")[0])


def read_all(request: Request) -> Response:
    """« Tout marquer comme lu »: as far as the page went."""
    own, until = acces.own(request), typed(request, "jusque")["jusque"]
    if not (until.isascii() and until.isdigit() and len(until) <= MOST_DIGITS):
        raise errors.BadRequest()
    done = commands.seen(own, int(until))
    if not done:
        return render.redirect(request, HERE, message="Tout était déjà lu.", kind="info")
    return render.redirect(request, HERE, message="Vos avis sont marqués comme lus.")


def follow(request: Request) -> Response:
    """Go where a notice leads; it is read."""
    one = queries.of(acces.own(request), request.path_params["avis"])
    if one is None:
        raise errors.NotFound()
    commands.seen_one(one)
    return render.redirect(request, presenters.address(one))


def state(request: Request) -> Response:
    """The count in the page's head, asked for every minute: 304 while nothing has changed.

    Kept by this browser alone, and asked again each time; without « x-session-fin », which the browser would keep with
    it and read again from a 304, long after it was true.
    """
    own = acces.own(request)
    if not htmx.is_htmx(request):
        return render.redirect(request, HERE)
    waiting, last = queries.unread(own)
    headers = {"etag": f'"{waiting}-{last}"', "cache-control": "private, no-cache"}
    if headers["etag"] in [tag.strip() for tag in request.headers.get("if-none-match", "").split(",")]:
        return Response(status_code=304, headers=headers | {"vary": htmx.VARY})
    response = render.page(request, "avis/_etat.html", headers=headers, avis_non_lus=waiting)
    del response.headers["x-session-fin"]
    return response
