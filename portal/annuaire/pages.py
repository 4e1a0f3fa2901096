"""Completion of a town or of a birth place while it is typed."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import Response

from portal.annuaire import queries
from portal.web import forms, render

FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def communes(request: Request) -> Response:
    """The list of towns under the field ``champ`` (by default ``ville``), whose text has that name."""
    champ, typed = _typed(request, "ville")
    return render.page(request, "annuaire/_communes.html", champ=champ, communes=queries.find(typed))


def lieux(request: Request) -> Response:
    """The list of birth places under the field ``champ`` (by default ``naissance_lieu``)."""
    champ, typed = _typed(request, "naissance_lieu")
    return render.page(request, "annuaire/_lieux.html", champ=champ, lieux=queries.find_places(typed))


def _typed(request: Request, default: str) -> tuple[str, str]:
    asked = request.query_params.get("champ", "")
    champ = asked if FIELD_NAME.fullmatch(asked) else default
    return champ, forms.clean(request.query_params.get(champ))
