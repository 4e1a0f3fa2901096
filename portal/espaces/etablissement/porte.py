"""The door of a request that an establishment received."""

from __future__ import annotations

from starlette.requests import Request

from portal.espaces import acces
from portal.espaces.etablissement import queries
from portal.espaces.etablissement.queries import Recue
from portal.espaces.queries import Member
from portal.web import traces


def received(request: Request, *roles: str) -> tuple[Member, Recue]:
    """Who asks, with one of these roles, and the request of the address; raises NotFound, NotYours."""
    member = acces.receiver(request, *roles)
    one = queries.received(member, request.path_params["demande"])
    traces.saw(request, queries.seen_by(member, one).label)
    return member, one
