"""The door of a dossier: what a request's address names, and whether its sender may see it.

Physicians come by their link. How the people of the other spaces come to a dossier is their spaces' to say: see
``app.state.portes``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request

from portal.dossiers import queries, rules
from portal.dossiers.models import Dossier
from portal.dossiers.queries import Visible
from portal.dossiers.rules import Module
from portal.web import errors, traces
from portal.web.session import SPACES, Access, visit

MODULE_NOT_LENT = "Votre délégation ne porte pas sur ce module."


@dataclass(frozen=True)
class Seen:
    """How someone of another space sees a dossier: his ``role`` in it, and his own page of it."""

    role: str
    accueil: str


def module_of(request: Request) -> Module:
    """The module of the address (« grand-age »); raises NotFound for an unknown one, NotLent outside the mandate."""
    found = rules.BY_SLUG.get(request.path_params["module"])
    if found is None:
        raise errors.NotFound()
    if "numero" in request.path_params:
        traces.sought(request, rules.format_numero(found.code, request.path_params["numero"]))
    here = visit(request)
    if here.state not in SPACES and not here.may("consulter", found.code):
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
    module, numero, here = module_of(request), request.path_params["numero"], visit(request)
    if here.state not in SPACES:
        found = queries.visible_dossier(physician(request), module.code, numero)
    else:
        # An absent number is asked about like another's, so that no statement and no time tells them apart.
        dossier = queries.by_number(module.code, numero) or _nobodys(module)
        found = _by_role(request, here.state, dossier, module)
    traces.saw(request, found.label)
    return found


def _nobodys(module: Module) -> Dossier:
    """A dossier that is no row: nobody leads, follows or was asked about it."""
    return Dossier(id=0, module=module.code, numero=0)


def _by_role(request: Request, state: Access, dossier: Dossier, module: Module) -> Visible:
    find: Callable[[Request, Dossier], Seen | None] = request.app.state.portes[state]
    found = find(request, dossier)
    if found is None:
        raise errors.NotFound()
    return Visible(dossier, None, module, found.role, found.accueil)


def accepted(request: Request) -> Visible:
    """The dossier of the address, whole; raises NotFound until it is accepted."""
    seen = visible(request)
    if not seen.accepted:
        raise errors.NotFound()
    return seen


def address(seen: Visible) -> str:
    """The address under which a dossier's parts stand; its own page is ``Visible.home``."""
    return f"/dossiers/{seen.module.slug}/{seen.dossier.numero}"
