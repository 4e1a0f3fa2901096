"""What is typed and sent about passkeys."""

from __future__ import annotations

from starlette.requests import Request

from portal.facteurs.cles import presenters, rules
from portal.web import forms
from portal.web.forms import Form


def name(request: Request, *, needed: bool) -> Form:
    """The name of a key, on one line."""
    form = Form({"nom": " ".join(forms.typed(request, "nom")["nom"].split())})
    if len(form.values["nom"]) > rules.MAX_NAME:
        form.errors["nom"] = presenters.LONG_NAME
    elif needed and not form.values["nom"]:
        form.errors["nom"] = presenters.NO_NAME
    return form


def answer(request: Request) -> str:
    """What the script sends of the authenticator's answer, as JSON; "" without script. Raises Refused."""
    sent = forms.clean(request.state.form.get("reponse"))
    if not sent:
        raise rules.Refused(rules.Reason.SANS_SCRIPT)
    return sent
