"""Who may read, add and remove which pieces: administrative ones like the administrative volet, medical ones like
the medical volet; what a physician may do with the second he may with the first."""

from __future__ import annotations

from starlette.requests import Request

from portal.db.audit import Actor
from portal.delegations.rules import SECRETAIRE
from portal.dossiers.queries import Visible
from portal.pieces.rules import KINDS
from portal.volets import acces, rules
from portal.web import errors
from portal.web.session import visit


class Refuse(errors.PageError):
    """The dossier is over, or its pieces are another's to bring."""

    code = "E24"
    status = 403
    title = "Vous ne pouvez pas changer ces pièces jointes"
    explanation = "Les pièces de ce dossier ne sont pas les vôtres à changer."
    advice = "Revenez au dossier\u00a0: il montre ce que vous pouvez y faire."
    aide = "erreurs#volet-refuse"


def may_read(request: Request, seen: Visible, *, medical: bool) -> bool:
    """True when who asks may list and open the administrative, or the medical, pieces."""
    return rules.LIRE in _acts(visit(request).actor, seen, medical)


def may_write(request: Request, seen: Visible, *, medical: bool) -> bool:
    """True when who asks may add and remove them."""
    return rules.ECRIRE in _acts(visit(request).actor, seen, medical)


def kinds(request: Request, seen: Visible) -> list[str]:
    """The codes of the kinds that who asks may add, in their order."""
    return [code for code, kind in KINDS.items() if may_write(request, seen, medical=kind.medical)]


def why_not(request: Request, seen: Visible) -> str:
    """Why who asks may add nothing, as a French sentence; "" when he may add something."""
    if kinds(request, seen):
        return ""
    actor = visit(request).actor
    if rules.why_closed(seen.dossier.etat):
        return "Ce dossier est clos\u00a0: ses pièces se lisent, mais ne changent plus."
    if actor.mandate and actor.mandate.kind != SECRETAIRE:
        return "Votre délégation ne comprend pas le droit de rédiger\u00a0: vous lisez les pièces sans les changer."
    return f"Les pièces administratives sont jointes par le référent\u00a0: {seen.referent}."


def must_write(request: Request, seen: Visible) -> None:
    """Go on only if who asks may add something; raises NotLent, Refuse."""
    why = why_not(request, seen)
    if not why:
        return
    raise errors.NotLent(why) if visit(request).actor.mandate and not _closed(seen) else Refuse(why)


def _closed(seen: Visible) -> bool:
    return bool(rules.why_closed(seen.dossier.etat))


def _acts(actor: Actor, seen: Visible, medical: bool) -> frozenset[str]:
    """The acts of volets.rules that hold for pieces; also in the modules that have no volet yet."""
    role = acces.role(actor, seen)
    found = rules.allowed(role, rules.MEDICAL)
    if not medical:
        found |= rules.allowed(role, rules.ADMINISTRATIF)
    if actor.mandate:
        found = rules.lent(found, actor.mandate.rights, secretary=actor.mandate.kind == SECRETAIRE)
    return found & {rules.LIRE} if _closed(seen) else found
