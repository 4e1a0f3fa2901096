"""What is typed to change a password, and what is wrong with it; passwords are read untrimmed."""

from __future__ import annotations

from starlette.requests import Request

from portal.compte import rules
from portal.compte.models import Compte
from portal.compte.motdepasse import presenters
from portal.web import forms
from portal.web.forms import Form


def chosen(request: Request, compte: Compte) -> tuple[Form, str]:
    """The new password typed twice, and the form with what is wrong with it."""
    password = raw(request, "mot_de_passe")
    words = rules.context_words(
        names=(compte.nom, compte.prenom), rpps=compte.rpps, email=compte.email, town=compte.ville)
    policy = request.app.state.settings.password_policy
    return Form(errors=rules.password_errors(password, raw(request, "mot_de_passe_2"), policy, words)), password


def address(request: Request) -> tuple[Form, str]:
    """The address that a link is asked for, and the form with what is wrong with it."""
    form = Form(forms.typed(request, "email"))
    try:
        return form, rules.email(form.values["email"])
    except rules.Invalid:
        form.errors["email"] = presenters.EMAIL_WRONG
        return form, ""


def raw(request: Request, name: str) -> str:
    """A password's field exactly as the browser sent it."""
    value = request.state.form.get(name)
    return value if isinstance(value, str) else ""
