"""Taking over the answers of an earlier dossier, and going on to a new version of the form."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from portal.dossiers import porte
from portal.dossiers.queries import Visible
from portal.volets import acces, cadre, commands, lecture, presenters, queries, reponses, rules
from portal.volets.queries import Ouvert
from portal.web import dates, errors, handlers, render
from portal.web.forms import clean
from portal.web.session import visit

NOTHING = "Rien à reprendre\u00a0: ce volet répond déjà à tout ce que ce dossier contient."


def choose(request: Request) -> Response:
    """The person's earlier dossiers, and what one of them would bring."""
    seen, opened = _to_write(request)
    rpps, modules = porte.physician(request), cadre.modules(request)
    sources = queries.sources(rpps, seen, opened.code, modules)
    label = clean(request.query_params.get("source", "")) or (sources[0].dossier if sources else "")
    preview = []
    if label:
        found = queries.preview(rpps, seen, opened.code, label, modules)
        if found is None:
            raise errors.NotFound()
        # The other dossier's words are read here as if its volet were opened.
        handlers.note(request, "volet.ouvert", dossier=label, detail=opened.code)
        preview = presenters.brought(opened.definition, found)
    return render.page(request, "volets/reprendre.html", **cadre.common(request, seen, opened), source=label,
                       sources=[(one.dossier, one.n, dates.day(one.when)) for one in sources],
                       apercu=preview)


def copy(request: Request) -> Response:
    """Copy the answers of the chosen dossier where this one has none; each copied one is marked."""
    seen, opened = _to_write(request)
    label = clean(request.state.form.get("source"))
    now = commands.copy_from(visit(request).actor, seen, opened.code, label)
    brought = sum(source == label for source in now.copies.values()) - sum(
        source == label for source in opened.copies.values())
    words = f"{brought} réponses reprises" if brought > 1 else "1 réponse reprise"
    return render.redirect(request, cadre.here(seen, opened.code),
                           message=f"{words} de {label}\u00a0: relisez-les." if brought else NOTHING,
                           kind="succes" if brought else "info")


def confirm_upgrade(request: Request) -> Response:
    """What the new version of the form asks more, less or otherwise."""
    seen, opened = _to_write(request)
    plan = queries.upgrade_plan(opened)
    if plan is None:
        return render.redirect(request, cadre.here(seen, opened.code))
    return render.page(request, "volets/version.html", **cadre.common(request, seen, opened), ouvert=opened,
                       nouvelle=plan.target, changements=presenters.changes(plan.source, plan.target),
                       perdues=[(field.label, reponses.words(field, value)) for field, value in plan.lost_fields])


def upgrade(request: Request) -> Response:
    """Go on with the new version of the form; answers that it no longer asks for are kept aside."""
    seen, opened = _to_write(request)
    if queries.newer(opened) is None:
        return render.redirect(request, cadre.here(seen, opened.code))
    commands.upgrade(visit(request).actor, seen, opened.code)
    return render.redirect(request, cadre.here(seen, opened.code),
                           message="Ce volet suit maintenant la nouvelle version du formulaire.")


def _to_write(request: Request) -> tuple[Visible, Ouvert]:
    """The dossier and the volet, which must be open to this person's pen; raises Conflict for a validated one."""
    seen, code = cadre.place(request)
    acces.must(request, seen, code, rules.ECRIRE)
    opened = queries.opened(seen, code)
    if opened.etat == rules.VALIDE:
        raise errors.Conflict(lecture.CHANGED, "Rouvrez d’abord ce volet, puis recommencez.")
    return seen, opened
