"""The door of a dossier: what a request's address names, and whether its sender may see it."""

from __future__ import annotations

from starlette.requests import Request

from portal.dossiers import queries, rules
from portal.dossiers.queries import Visible
from portal.dossiers.rules import Module
from portal.web import errors
from portal.web.session import visit

MODULE_NOT_LENT = "Votre délégation ne porte pas sur ce module."


def module_of(request: Request) -> Module:
    """The module of the address (« grand-age »); raises NotFound for an unknown one, NotLent outside the mandate."""
    found = rules.BY_SLUG.get(request.path_params["module"])
    if found is None:
        raise errors.NotFound()
    if not visit(request).may("consulter", found.code):
        raise errors.NotLent(MODULE_NOT_LENT)
    return found


def physician(request: Request) -> int:
    """The RPPS number of the physician whose table this is: he who asks, or he for whom one acts."""
    rpps = visit(request).holder
    if rpps is None:
        raise errors.NotFound()
    return rpps


def visible(request: Request) -> Visible:
    """The dossier of the address, accepted or not; raises NotFound for an absent one and for another's alike."""
    return queries.visible_dossier(physician(request), module_of(request).code, request.path_params["numero"])


def accepted(request: Request) -> Visible:
    """The dossier of the address, whole; raises NotFound until it is accepted."""
    seen = visible(request)
    if not seen.accepted:
        raise errors.NotFound()
    return seen


def address(seen: Visible) -> str:
    """The address of a dossier."""
    return f"/dossiers/{seen.module.slug}/{seen.dossier.numero}"
