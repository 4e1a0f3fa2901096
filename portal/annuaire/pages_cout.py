"""The calculator of the remaining cost: asked by POST, for resources belong in no address; nothing is kept."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from portal import clock
from portal.annuaire import cout, forms_cout, presenters_cout, recherche
from portal.web import render
from portal.web.forms import Form


def question(request: Request) -> Response:
    """The empty form, with the prices of the establishment."""
    found = recherche.sheet(request.path_params["finess"])
    return _page(request, found, forms_cout.empty(presenters_cout.priced(found)))


def answer(request: Request) -> Response:
    """The estimate of what was typed; what was typed stays."""
    found = recherche.sheet(request.path_params["finess"])
    asked = forms_cout.read(request.state.form, presenters_cout.priced(found))
    if asked.situation is None:
        return _page(request, found, asked.form, status=422)
    rules = cout.rules_of(clock.today())
    estimate = cout.estimate(asked.situation, rules)
    return _page(request, found, asked.form, presenters_cout.estimate(asked.situation, estimate, rules))


def _page(request: Request, found: recherche.Fiche, form: Form,
          estimate: presenters_cout.EstimationVue | None = None, status: int = 200) -> Response:
    return render.page(
        request, "annuaire/cout.html", status=status, nav="etablissements", form=form, estimation=estimate,
        lieu=presenters_cout.place(found), regles=presenters_cout.rules(cout.rules_of(clock.today()), clock.today()))
