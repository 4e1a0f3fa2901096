"""Who comes from another space, what he is there, and which dossiers are open to him."""

from __future__ import annotations

from starlette.requests import Request

from portal.demandes import queries as demandes
from portal.dossiers.models import Dossier
from portal.dossiers.porte import Seen
from portal.dossiers.rules import MODULES
from portal.espaces import queries, rules
from portal.espaces.models import Usager
from portal.espaces.queries import Member
from portal.web import errors
from portal.web.session import Access, visit

HOMES = {rules.ETABLISSEMENT: "/espaces/etablissement", rules.COORDINATION: "/espaces/coordination",
         rules.HOSPITALIER: "/espaces/coordination", rules.ASSISTANCE: "/assistance"}


class NotYours(errors.PageError):
    """The member's roles do not go that far."""

    code = "E17"
    status = 403
    title = "Votre rôle ne le permet pas"
    explanation = "Vos rôles dans votre structure ne comprennent pas cette action."
    advice = "Demandez au référent de votre structure de vous donner ce rôle, ou de le faire pour vous."
    aide = "erreurs#role"


def member(request: Request) -> Member:
    """Who asks, as a member of a structure; raises NotFound for anybody else, and once he was removed from it."""
    here = visit(request)
    found = queries.member(here.compte_id) if here.state is Access.STRUCTURE else None
    if found is None:
        raise errors.NotFound()
    return found


def of_structure(request: Request, *roles: str) -> Member:
    """A member of any structure who has one of these roles; raises NotFound, NotYours."""
    return _of_kind(request, frozenset(rules.KINDS), roles)


def receiver(request: Request, *roles: str) -> Member:
    """A member of an establishment who has one of these roles (any member without); raises NotFound, NotYours."""
    return _of_kind(request, frozenset({rules.ETABLISSEMENT}), roles)


def coordinator(request: Request, *roles: str) -> Member:
    """Likewise for a coordination team or a hospital service."""
    return _of_kind(request, frozenset({rules.COORDINATION, rules.HOSPITALIER}), roles)


def supporter(request: Request, *roles: str) -> Member:
    """Likewise for the support."""
    return _of_kind(request, frozenset({rules.ASSISTANCE}), roles)


def _of_kind(request: Request, kinds: frozenset[str], roles: tuple[str, ...]) -> Member:
    found = member(request)
    if found.structure.kind not in kinds:
        raise errors.NotFound()
    if roles and not found.roles & set(roles):
        raise NotYours()
    return found


def usager(request: Request) -> Usager:
    """Who asks, as a person of the patient's side; raises NotFound for anybody else, and once she was removed."""
    here = visit(request)
    found = queries.usager(here.subject) if here.state is Access.USAGER else None
    if found is None:
        raise errors.NotFound()
    return found


# --- the doors of a dossier (see ``dossiers.porte``)

def for_usager(request: Request, dossier: Dossier) -> Seen | None:
    """The one dossier of a person of the patient's side."""
    found = usager(request)
    return Seen(found.role, "/espaces/usager/dossier") if found.dossier_id == dossier.id else None


def for_structure(request: Request, dossier: Dossier) -> Seen | None:
    """A dossier that a coordination team leads or follows, or one whose request an establishment may read."""
    found = member(request)
    if found.structure.kind == rules.ETABLISSEMENT:
        return _received(found, dossier)
    role = rules.asking_role(found.structure.kind, found.roles)
    if not role or queries.link(found.structure.id, dossier.id) not in rules.OPEN_LINKS:
        return None
    return Seen(role, f"/espaces/coordination/dossiers/{MODULES[dossier.module].slug}/{dossier.numero}")


def _received(found: Member, dossier: Dossier) -> Seen | None:
    if not found.roles & {rules.ADMISSIONS, rules.MEDICAL}:
        return None
    demande = demandes.readable(found.structure.etablissement_id, dossier.id)
    if demande is None:
        return None
    role = "receveur_medical" if rules.MEDICAL in found.roles else "receveur"
    return Seen(role, f"/espaces/etablissement/demandes/{demande}")


PORTES = {Access.STRUCTURE: for_structure, Access.USAGER: for_usager}
