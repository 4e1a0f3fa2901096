"""The helper: its questions on one page, and a result explained criterion by criterion."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from portal.dossiers import porte
from portal.dossiers.queries import Visible
from portal.had import commands, definitions, droits, forms, presenters, queries
from portal.had.rules import GENRES
from portal.volets import rules as volets
from portal.volets.presenters import bandeau
from portal.web import handlers, render
from portal.web.forms import Form, saved_form
from portal.web.session import visit

CHANGED = ("Les questions ont changé depuis que cette page a été affichée\u00a0: rien n’a été enregistré. Relisez-les, "
           "puis demandez le conseil de nouveau.")


def ask(request: Request) -> Response:
    """The questions, and the evaluations made before."""
    seen = _dossier(request, volets.LIRE)
    return _ask(request, seen, forms.blank(definitions.latest(), saved_form(request)))


def evaluate(request: Request) -> Response:
    """Keep the answers and show what they come to."""
    seen, grille = _dossier(request, volets.ECRIRE), definitions.latest()
    form = forms.filled(grille, request.state.form)
    if str(request.state.form.get("version", "")) != str(grille.version):
        return _ask(request, seen, form, avis=CHANGED, status=409)
    if not form.ok:
        return _ask(request, seen, form, status=422)
    answers = {name: value for name, value in form.values.items() if value}
    made = commands.keep(visit(request).actor, seen, grille, answers)
    return render.redirect(request, f"{_here(seen)}/{made}", message="L’évaluation est gardée avec le dossier.")


def show(request: Request) -> Response:
    """One evaluation; reading it is an act of the dossier's history."""
    seen = _dossier(request, volets.LIRE)
    done = queries.of(seen, request.path_params["evaluation"])
    handlers.note(request, "had.ouverte", dossier=seen.label, detail=done.id)
    return render.page(
        request, "had/resultat.html", **_common(seen), vue=presenters.view(done),
        anciennes=[presenters.view(one) for one in queries.listed(seen) if one.id != done.id],
        refaire=not droits.reason(request, seen, volets.ECRIRE))


def _ask(request: Request, seen: Visible, form: Form, *, avis: str = "", status: int = 200) -> Response:
    grille = definitions.latest()
    return render.page(
        request, "had/questions.html", status=status, **_common(seen), form=form, grille=grille, avis=avis,
        groupes=[(name, grille.of(genre)) for genre, name in GENRES.items()], clics=len(grille.criteres) + 1,
        pourquoi=droits.reason(request, seen, volets.ECRIRE),
        anciennes=[presenters.view(one) for one in queries.listed(seen)])


def _dossier(request: Request, act: str) -> Visible:
    seen = porte.accepted(request)
    droits.must(request, seen, act)
    return seen


def _here(seen: Visible) -> str:
    return f"{porte.address(seen)}/had"


def _common(seen: Visible) -> dict[str, Any]:
    return {"nav": "espaces" if seen.role else "dossiers", "vu": seen, "adresse": porte.address(seen),
            "ici": _here(seen), "bandeau": bandeau(seen)}
