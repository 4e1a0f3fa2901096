"""« Cette page vous a-t-elle aidé ? », for everybody, and the support's own page."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from portal.aide.queries import Section, Site
from portal.assistance import commands, queries, rules
from portal.connexion import queries as connexion
from portal.espaces import acces
from portal.espaces import rules as espaces
from portal.web import errors, forms, render, throttle
from portal.web.forms import Form

THANKS = "Merci\u00a0! Votre réponse aide à corriger cette page."
CHOOSE = "Choisissez une réponse."


def ask(request: Request) -> Response:
    """The question about one section of the help (``?page=…&ancre=…``)."""
    page, ancre, section = _section(request, request.query_params)
    return _form(request, page, ancre, section, Form({"raison": request.query_params.get("raison", "")}))


def answer(request: Request) -> Response:
    """Count the answer. Nothing is kept of who gives it; a network that floods waits."""
    page, ancre, section = _section(request, request.state.form)
    form = Form(forms.typed(request, "raison"))
    if form.values["raison"] not in rules.REASONS:
        form.errors["raison"] = CHOOSE
        return _form(request, page, ancre, section, form)
    throttle.attempt(throttle.network(request, throttle.NETWORK))
    commands.count(page, ancre, form.values["raison"])
    return render.redirect(request, section.href, message=THANKS)


def _form(request: Request, page: str, ancre: str, section: Section, form: Form) -> Response:
    return render.page(request, "assistance/avis.html", status=200 if form.ok else 422, form=form, page=page,
                       place=ancre, section=section, raisons=list(rules.REASONS.items()))


def _section(request: Request, given: Mapping[str, object]) -> tuple[str, str, Section]:
    """The section that is judged; raises NotFound for one that the help has not."""
    page, ancre = (forms.clean(given.get(name)) for name in ("page", "ancre"))
    site: Site = request.app.state.help_site
    if not site.has(f"{page}#{ancre}"):
        raise errors.NotFound("Cette section de l’aide n’existe pas.", "Cherchez-la depuis le sommaire de l’aide.")
    section = site.section(page, ancre)
    assert section is not None
    return page, ancre, section


def home(request: Request) -> Response:
    """The support's page: find the help to point at, how the service is, what readers say."""
    acces.supporter(request, espaces.SUPPORT)
    site: Site = request.app.state.help_site
    query = request.query_params.get("q", "").strip()
    settings = request.app.state.settings
    judged = [(one, site.section(one.page, one.ancre)) for one in queries.opinions()]
    return render.page(
        request, "assistance/accueil.html", nav="espaces", q=query, origine=settings.origin,
        resultats=site.search(query) if query else None, jours=rules.DAYS,
        etats=queries.etats(connexion.refreshed(request.app.state.trust), len(site.sections), bool(settings.smtp_url)),
        avis=[(bilan, section) for bilan, section in judged if section])
