"""Who may do what with a volet in a request: the role of who asks, narrowed by his mandate and the dossier's state."""

from __future__ import annotations

from starlette.requests import Request

from portal.db.audit import Actor
from portal.delegations.rules import SECRETAIRE
from portal.dossiers.queries import Visible
from portal.volets import definitions, rules
from portal.web import errors
from portal.web.session import visit


class Refuse(errors.PageError):
    """The volet is another's to fill, or its dossier is over."""

    code = "E21"
    status = 403
    title = "Ce volet ne vous est pas ouvert"
    explanation = "Vous ne pouvez pas faire cela avec ce volet."
    advice = "Revenez au dossier\u00a0: il montre ce que vous pouvez faire avec chaque volet."
    aide = "erreurs#volet-refuse"


def acts(request: Request, seen: Visible, volet: str) -> frozenset[str]:
    """What who asks may do with this volet of the dossier, whatever the volet's own state."""
    return acts_of(visit(request).actor, seen, volet)


def reason(request: Request, seen: Visible, volet: str, act: str) -> str:
    """Why he may not, as a French sentence; "" when he may."""
    return reason_of(visit(request).actor, seen, volet, act)


def must(request: Request, seen: Visible, volet: str, act: str) -> None:
    """Go on only if he may.

    Raises NotFound for a volet this dossier has not or a dossier he has not accepted, NotLent when his mandate does
    not hold the act, Refuse when it is nobody's with his role to do.
    """
    demand(visit(request).actor, seen, volet, act)


def demand(actor: Actor, seen: Visible, volet: str, act: str) -> None:
    """``must`` for an actor."""
    if not seen.accepted or volet not in _codes(seen):
        raise errors.NotFound()
    why = reason_of(actor, seen, volet, act)
    if not why:
        return
    raise errors.NotLent(why) if actor.mandate and not rules.why_closed(seen.dossier.etat) else Refuse(why)


def readable(request: Request, seen: Visible) -> tuple[str, ...]:
    """The codes of the volets that may be decrypted for who asks, in their order."""
    actor = visit(request).actor
    return tuple(code for code in _codes(seen) if rules.LIRE in acts_of(actor, seen, code))


def acts_of(actor: Actor, seen: Visible, volet: str) -> frozenset[str]:
    """``acts`` for an actor."""
    if not seen.accepted or volet not in _codes(seen):
        return frozenset()
    found = rules.allowed(role(actor, seen), volet)
    if actor.mandate:
        found = rules.lent(found, actor.mandate.rights, secretary=actor.mandate.kind == SECRETAIRE)
    return found & {rules.LIRE} if rules.why_closed(seen.dossier.etat) else found


def reason_of(actor: Actor, seen: Visible, volet: str, act: str) -> str:
    """``reason`` for an actor."""
    if act in acts_of(actor, seen, volet):
        return ""
    closed = rules.why_closed(seen.dossier.etat)
    if closed and act != rules.LIRE:
        return closed
    return rules.why_not(role(actor, seen), volet, act, seen.referent) or rules.why_not_lent(act)


def role(actor: Actor, seen: Visible) -> str:
    """What someone is to the dossier: see ``rules.ROLES``. A colleague who acts for a physician has that one's."""
    if seen.role:
        return seen.role
    leads = seen.dossier.referent_kind == "medecin" and seen.dossier.referent_rpps == seen.lien.rpps
    if actor.mandate and actor.mandate.kind == SECRETAIRE:
        return "secretaire_referent" if leads else "secretaire"
    return "referent" if leads else "traitant"


def _codes(seen: Visible) -> tuple[str, ...]:
    return tuple(one.volet for one in definitions.volets(seen.module.code))
