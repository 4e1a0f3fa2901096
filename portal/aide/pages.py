"""The pages of the help: the built site from memory, the drawer of the « ? » button, the search.

None of them opens the database: the help stays readable while it is down.
"""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response

from portal.aide import pdf
from portal.aide.queries import CACHE, NOT_FOUND, Site
from portal.web import errors, htmx, render

VARY: Final = f"Accept-Encoding, {htmx.VARY}"


def show(request: Request) -> Response:
    """With ``?ancre=``, the drawer's fragment of that section; the pages themselves were answered before
    (``queries.shown``), so that any other address is none, or lacks its slash.
    """
    site = _site(request)
    path = request.path_params.get("page", "")
    if "ancre" in request.query_params:
        return _drawer(request, site, path)
    if site.shown(f"{path}/"):
        return RedirectResponse(f"/aide/{path}/", 308)
    return _missing(request, site)


def search(request: Request) -> Response:
    """The sections that answer ``?q=``; only the list when the search field asks as one types."""
    query = request.query_params.get("q", "").strip()
    site = _site(request)
    return render.page(
        request, "aide/recherche.html", fragment="aide/_resultats.html", headers={"cache-control": CACHE},
        q=query, chapitres=site.chapters(), resultats=site.search(query) if query else None,
    )


def as_pdf(request: Request) -> Response:
    """A guide, or the whole help, as PDF: made when first asked for, then kept."""
    settings, name = request.app.state.settings, request.path_params["guide"].removesuffix(".pdf")
    if not (settings.help_site / "fragments.json").is_file() or pdf.ready(settings.help_site, name) is None:
        return _missing(request, _site(request))
    path = pdf.make(request.app.state.jinja, settings, name)
    shown = f'inline; filename="{name.replace("/", "-")}.pdf"'
    return FileResponse(path, media_type="application/pdf", headers={
        "content-disposition": shown, "cache-control": CACHE})


def _drawer(request: Request, site: Site, path: str) -> Response:
    page, anchor = path.strip("/") or "index", request.query_params["ancre"]
    section = site.section(page, anchor) or site.section("index", "aide")
    if section is None:
        return _missing(request, site)
    if not htmx.wants_fragment(request):
        return RedirectResponse(section.href, 303, headers={"vary": VARY})
    shown, _, place = section.href.removeprefix("/aide/").partition("#")
    return render.page(request, "aide/_tiroir.html", headers={"cache-control": CACHE}, section=section,
                       page_aide=shown.strip("/") or "index", ancre_aide=place)


def _missing(request: Request, site: Site) -> Response:
    """The help's own 404 page, with its search field; the portal's when the help was not built."""
    found = site.files.get(NOT_FOUND)
    if found is None or htmx.is_htmx(request):
        raise errors.NotFound("Cette page d’aide n’existe pas.", "Cherchez-la depuis le sommaire de l’aide.")
    return Response(found.bodies[""], 404, {"cache-control": CACHE, "vary": VARY}, found.media_type)


def _site(request: Request) -> Site:
    site: Site = request.app.state.help_site
    return site
