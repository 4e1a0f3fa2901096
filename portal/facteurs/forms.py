"""What is typed to enrol an application, and what is wrong with it."""

from __future__ import annotations

from starlette.requests import Request

from portal.facteurs import presenters, rules
from portal.web import forms
from portal.web.forms import Form


def enrolment(request: Request) -> tuple[Form, str]:
    """The form (name kept, code never) and the code as typed."""
    typed = forms.typed(request, "nom", "code")
    form = Form({"nom": " ".join(typed["nom"].split())})
    if len(form.values["nom"]) > rules.MAX_NAME:
        form.errors["nom"] = presenters.LONG_NAME
    if not typed["code"]:
        form.errors["code"] = presenters.MISSING_CODE
    return form, typed["code"]
