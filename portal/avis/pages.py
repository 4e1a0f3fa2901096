"""« Avis »: what happened since, and the small answer that keeps the count in the page's head true."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from portal.avis import acces, commands, presenters, queries
from portal.espaces import acces as of_espaces
from portal.espaces import queries as espaces
from portal.web import errors, htmx, render
from portal.web.forms import typed
from portal.web.session import Access, visit

HERE = "/avis"
SHOWN = 50
MOST_DIGITS = 15


def show(request: Request) -> Response:
    """The latest notices, newest first."""
    own = acces.own(request)
    found = queries.latest(own, SHOWN)
    waiting, last = queries.unread(own)
    here = visit(request)
    usager = espaces.usager(here.subject) if here.state is Access.USAGER else None
    return render.page(
        request, "avis/liste.html", nav="avis", usager=usager, lignes=[presenters.line(one) for one in found],
        non_lus=waiting, jusque=last, limite=SHOWN if len(found) == SHOWN else 0)


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


def mails(request: Request) -> Response:
    """The patient's side takes mails about what happens, or no longer."""
    usager = of_espaces.usager(request)
    wanted = typed(request, "courriels")["courriels"] == "oui"
    if not commands.take_mails(visit(request).actor, usager, wanted=wanted):
        return render.redirect(request, HERE, message="Rien n’a changé dans vos courriels.", kind="info")
    told = "Vous recevrez un courriel quand quelque chose arrive." if wanted else (
        "Vous ne recevrez plus de courriel\u00a0: ce qui arrive reste dit ici.")
    return render.redirect(request, HERE, message=told)


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
