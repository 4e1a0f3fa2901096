"""The visit's own page, its one form, and the region it adds to the others."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from portal.visite import commands, presenters, rules
from portal.web import errors, forms, render, session

DONE = "La visite est finie. Vous la retrouverez dans «\u00a0En savoir plus\u00a0»."
DECLINED = "La visite ne vous sera plus proposée. Vous la retrouverez dans «\u00a0En savoir plus\u00a0»."


def region(request: Request) -> presenters.Vue | None:
    """What the visit says on this page; None for who is not visiting. Reads the session and the built help alone."""
    numero = session.visit(request).data.get("visite")
    step = rules.etape(numero) if numero else None
    return presenters.vue(request.app.state.help_site, step, request.url.path) if step else None


def show(request: Request) -> Response:
    """What the visit shows, step by step, and how to begin."""
    site = request.app.state.help_site
    return render.page(request, "visite/visite.html", nav="savoir",
                       etapes=[presenters.vue(site, step, "") for step in rules.ETAPES])


def act(request: Request) -> Response:
    """Begin, go to a step, finish or decline; leads to the step's page, or home."""
    wanted = forms.typed(request, "geste", "etape")
    compte_id = session.visit(request).compte_id
    if wanted["geste"] == "aller":
        step = rules.etape(wanted["etape"])
        if step is None:
            raise errors.BadRequest()
        session.put(request, visite=step.numero)
        return render.redirect(request, step.adresse)
    issue = {"finir": rules.FINIE, "decliner": rules.DECLINEE}.get(wanted["geste"])
    if issue is None:
        raise errors.BadRequest()
    session.put(request, visite=None)
    if compte_id is not None:
        commands.settle(compte_id, issue)
    return render.redirect(request, "/accueil", message=DONE if issue == rules.FINIE else DECLINED, kind="info")
