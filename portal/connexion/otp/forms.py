"""What is typed to log in by password and code, and what is missing from it."""

from __future__ import annotations

from starlette.requests import Request

from portal.connexion.otp import presenters
from portal.web import forms
from portal.web.forms import Form

KINDS = ("application", "secours", "courriel")


def credentials(request: Request) -> tuple[Form, str]:
    """The form (address kept, password never) and the password exactly as the browser sent it."""
    form = Form(forms.typed(request, "email"))
    sent = request.state.form.get("mot_de_passe")
    password = sent if isinstance(sent, str) else ""
    if not form.values["email"]:
        form.errors["email"] = presenters.NO_EMAIL
    if not password:
        form.errors["mot_de_passe"] = presenters.NOTHING_TYPED
    return form, password


def code(request: Request) -> tuple[str, str]:
    """The kind of code (one of ``KINDS``) and what was typed as such; a wrong kind is an empty application code."""
    kind = forms.clean(request.state.form.get("moyen"))
    if kind not in KINDS:
        return "application", ""
    return kind, forms.clean(request.state.form.get(f"code_{kind}"))
