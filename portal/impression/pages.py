"""Choosing what to print, the paper itself, the patient's letter; each as a page or as PDF."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from portal import clock
from portal.compte import queries as comptes
from portal.dossiers import porte
from portal.dossiers.queries import Visible
from portal.impression import presenters, verification
from portal.volets import acces, definitions, rules
from portal.volets import queries as volets
from portal.volets.presenters import bandeau, title
from portal.web import handlers, pdf, render
from portal.web.session import visit

CHOOSE = "Cochez au moins un volet à imprimer."


def choose(request: Request, *, erreur: str = "", status: int = 200) -> Response:
    """What may be printed and exported of this dossier, and why the rest may not."""
    seen = _printable(request)
    readable = acces.readable(request, seen)
    parts = [(one.code, title(one.code), rules.STATES[one.etat], one.code in readable,
              acces.reason(request, seen, one.code, rules.LIRE)) for one in volets.situations(seen)]
    return render.page(
        request, "impression/choisir.html", status=status, **_common(seen), erreur=erreur, parties=parts,
        pdf=pdf.installed(), verifie=verification.installed(),
        exportables=[(code, name) for code, name, state, mine, _ in parts if mine and state.code != rules.VIDE])


def _printable(request: Request) -> Visible:
    """The dossier of the address; raises Refuse for who comes from another space and reads nothing of it."""
    seen = porte.accepted(request)
    if seen.role and not acces.readable(request, seen):
        raise acces.Refuse("Vous suivez ce dossier sans lire ses volets\u00a0: vous n’avez rien à imprimer.")
    return seen


def dossier(request: Request) -> Response:
    """The chosen volets on paper, in the order of the Cerfa."""
    return _dossier(request, as_pdf=False)


def dossier_pdf(request: Request) -> Response:
    """The same as a file."""
    return _dossier(request, as_pdf=True)


def lettre(request: Request) -> Response:
    """The patient's letter."""
    return _lettre(request, as_pdf=False)


def lettre_pdf(request: Request) -> Response:
    """The same as a file."""
    return _lettre(request, as_pdf=True)


def _dossier(request: Request, *, as_pdf: bool) -> Response:
    seen = _printable(request)
    codes = [one.volet for one in definitions.volets(seen.module.code)]
    wanted = set(request.query_params.getlist("volet"))
    if not wanted and acces.readable(request, seen):
        return choose(request, erreur=CHOOSE, status=422)
    for code in sorted(wanted):
        acces.must(request, seen, code, rules.LIRE)
    chosen = [code for code in codes if code in wanted]
    refusals = {code: acces.reason(request, seen, code, rules.LIRE) for code in codes}
    sheets = [presenters.sheet(seen, one) for one in volets.all_of(seen, chosen)]
    return out(
        request, seen, "dossier", as_pdf, detail=", ".join(chosen), titre=f"Dossier {seen.label}",
        contenu_papier="impression/_dossier.html", feuillets=sheets, demande=presenters.request_lines(seen),
        identite=presenters.identity(seen, with_nir=visit(request).may("preparer", seen.module.code)),
        absents=presenters.absent(codes, chosen, refusals), source=presenters.SOURCES.get(seen.module.code, ""))


def _lettre(request: Request, *, as_pdf: bool) -> Response:
    seen, here = porte.accepted(request), visit(request)
    account = comptes.by_rpps(porte.physician(request))
    name = here.mandate.name if here.mandate else here.name
    return out(request, seen, "lettre", as_pdf, titre=f"Lettre du dossier {seen.label}",
               contenu_papier="impression/_lettre.html", lettre=presenters.letter(seen, account, name))


def out(request: Request, seen: Visible, what: str, as_pdf: bool, *, detail: str = "",
        event: str = "dossier.imprime", **context: Any) -> Response:
    """The paper as a page or as a file; either is an act of the dossier's history."""
    context |= _common(seen) | {"edite": presenters.stamp(visit(request).actor.signature, clock.now())}
    noted = " ".join(filter(None, (what, f"({detail})" if detail else "", "PDF" if as_pdf else "")))
    if as_pdf and not pdf.installed():
        raise pdf.SansPdf()
    if not as_pdf:
        query = f"?{request.url.query}" if request.url.query else ""
        answer = render.page(request, "impression/papier.html", **context, pdf=pdf.installed(),
                             adresse_pdf=f"{context['adresse']}/imprimer/{what}.pdf{query}")
    else:
        html = request.app.state.jinja.get_template("impression/pdf.html").render(context | {
            "piste": f"Dossier {seen.label}"})
        answer = Response(pdf.render(html), media_type="application/pdf", headers={
            "content-disposition": f'attachment; filename="{presenters.file_name(seen, what)}"'})
    handlers.note(request, event, dossier=seen.label, detail=noted)
    return answer


def _common(seen: Visible) -> dict[str, Any]:
    return {"nav": "dossiers", "vu": seen, "adresse": porte.address(seen), "bandeau": bandeau(seen)}
