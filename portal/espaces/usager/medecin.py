"""Naming the médecin traitant: found by name and town among those who have an account here."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from portal.compte import queries as comptes
from portal.espaces.usager import commands, forms, moi, presenters
from portal.web import errors, render
from portal.web.forms import Form
from portal.web.session import visit

MOST = 20
OPEN = frozenset({"redaction", "actif"})


def show(request: Request) -> Response:
    """Who is named now, and the search."""
    return _page(request, moi.leading(request, etats=OPEN), Form(dict.fromkeys(forms.PHYSICIAN, "")))


def search(request: Request) -> Response:
    """« Chercher »: the question names somebody, so it is no address."""
    me = moi.leading(request, etats=OPEN)
    form = forms.physician(request)
    found = comptes.physicians_named(form.values["nom"], form.values["ville"], MOST + 1) if form.ok else None
    return _page(request, me, form, found)


def name(request: Request) -> Response:
    """« Choisir ce médecin »; somebody who named another one meanwhile is not overruled."""
    me = moi.leading(request, etats=OPEN)
    rpps = forms.rpps(request, "rpps")
    chosen = comptes.active_physician(rpps) if rpps else None
    if chosen is None or chosen.rpps is None:
        raise errors.NotFound()
    now = presenters.physician(me)
    if (now.rpps if now else None) != forms.rpps(request, "avant"):
        raise errors.Conflict("Le médecin traitant de ce dossier vient d’être changé.", "Revenez à votre dossier.")
    commands.name_physician(visit(request).actor, me.dossier, chosen.rpps)
    return render.redirect(request, moi.HOME, message=f"{chosen.name} est désigné. Il va recevoir un avis.")


def _page(request: Request, me: moi.Moi, form: Form, found: list[comptes.Compte] | None = None) -> Response:
    return render.page(
        request, "espaces/usager/medecin.html", status=200 if form.ok else 422, **me.page, form=form,
        nomme=presenters.physician(me), trouves=None if found is None else found[:MOST],
        trop=found is not None and len(found) > MOST)
