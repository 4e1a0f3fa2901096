"""« Mon compte »: sessions and logins, the access log of his dossiers, the copy of his data."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from portal import clock
from portal.compte import queries
from portal.compte.espace import export, forms, presenters, rules
from portal.compte.espace import queries as chosen
from portal.compte.queries import Compte
from portal.db import audit
from portal.dossiers import queries as dossiers
from portal.dossiers.rules import parse_numero
from portal.settings import Settings
from portal.web import errors, opened
from portal.web.forms import Form, clean
from portal.web.render import page, redirect
from portal.web.session import visit

LOG_PAGE = 25
BAD_NUMBER = "Indiquez un numéro de dossier, par exemple GA 43009190."
CLOSED_ALREADY = "Cette session était déjà terminée."


# --- Sessions and logins ------------------------------------------------------------------------


def show_sessions(request: Request) -> Response:
    """« Sessions et connexions »."""
    compte = _own(request)
    before = forms.before(request)
    found = chosen.history(compte, before)
    return page(
        request, "compte/sessions.html", nav="compte", debut=before is None,
        sessions=[presenters.open_session(one) for one in opened.of_account(request, compte.id)],
        connexions=[presenters.connection(trace) for trace in found.traces],
        suivantes=f"/compte/sessions?avant={found.older}#connexions" if found.older else "",
    )


def close_sessions(request: Request) -> Response:
    """« Déconnecter » (field ``session``), or « Déconnecter toutes les autres » (field ``geste``)."""
    here, compte = visit(request), _own(request)
    if request.state.form.get("geste") == "autres":
        closed = opened.close_others(request)
        if not closed:
            return redirect(request, request.url.path, message="Aucune autre session n’est ouverte.", kind="info")
        audit.record(visit(request).actor, "session.autres_fermees", detail=str(closed))
        words = "L’autre session est fermée." if closed == 1 else f"Les {closed} autres sessions sont fermées."
        return redirect(request, request.url.path, message=words)
    key = clean(request.state.form.get("session"))
    if key == here.key:
        return redirect(request, "/connexion/quitter")
    if not opened.close(key, compte.id):
        return redirect(request, request.url.path, message=CLOSED_ALREADY, kind="info")
    audit.record(visit(request).actor, "session.autres_fermees", detail="1")
    return redirect(request, request.url.path, message="La session est fermée.")


# --- Access log ---------------------------------------------------------------------------------


def show_accesses(request: Request) -> Response:
    """« Accès à mes dossiers »: who opened or changed what, and when."""
    rpps = visit(request).rpps
    if rpps is None:
        raise errors.NotFound()
    text, before = clean(request.query_params.get("numero")), forms.before(request)
    numero = parse_numero(text) if text else None
    periode = clean(request.query_params.get("periode"))
    since = rules.PERIODS.get(periode, ("", None))[1]
    form = Form({"numero": text, "periode": periode if since else ""},
                {"numero": BAD_NUMBER} if text and numero is None else {})
    found = chosen.sliced(
        dossiers.accesses(rpps, numero=numero, before=before, since=clock.now() - since if since else None,
                          limit=LOG_PAGE + 1) if form.ok else [], LOG_PAGE)
    query = {name: value for name, value in form.values.items() if value}
    return page(
        request, "compte/acces.html", status=200 if form.ok else 422, nav="compte", form=form,
        periodes=[(code, words) for code, (words, _) in rules.PERIODS.items()],
        actes=[presenters.act(trace, rpps) for trace in found.traces],
        debut=f"/compte/acces?{urlencode(query)}".rstrip("?") if before else "",
        suivants=f"/compte/acces?{urlencode(query | {'avant': found.older})}" if found.older else "",
    )


# --- Copy of his data ---------------------------------------------------------------------------


def show_export(request: Request) -> Response:
    """What the copy holds, and its button."""
    return page(request, "compte/export.html", nav="compte")


def download(request: Request) -> Response:
    """The archive; that it was taken is recorded."""
    compte = _own(request)
    audit.record(visit(request).actor, "compte.exporte")
    settings: Settings = request.app.state.settings
    content = export.archive(compte, opened.of_account(request, compte.id), settings)
    return Response(content, media_type="application/zip", headers={
        "content-disposition": f'attachment; filename="{export.file_name()}"', "cache-control": "no-store"})


def _own(request: Request) -> Compte:
    return queries.own(visit(request).compte_id)
