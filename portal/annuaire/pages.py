"""Completion of a town while it is typed."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import Response

from portal.annuaire import queries
from portal.web import forms, render

FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def communes(request: Request) -> Response:
    """The list of towns under the field ``champ`` (by default ``ville``), whose text has that name."""
    asked = request.query_params.get("champ", "")
    champ = asked if FIELD_NAME.fullmatch(asked) else "ville"
    typed = forms.clean(request.query_params.get(champ))
    return render.page(request, "annuaire/_communes.html", champ=champ, communes=queries.find(typed))
