"""Who may evaluate and who may read it: like the volet « soins et projet », and never an establishment that was asked:
what it reads is what was sent to it."""

from __future__ import annotations

from starlette.requests import Request

from portal.delegations.rules import SECRETAIRE
from portal.dossiers.queries import Visible
from portal.volets import acces, rules
from portal.web import errors
from portal.web.session import visit

MODULE = "s"


class Refuse(errors.PageError):
    """The evaluation is another's to make or to read."""

    code = "E23"
    status = 403
    title = "Cette évaluation ne vous est pas ouverte"
    explanation = "L’évaluation est réservée aux médecins et aux équipes de soins du dossier."
    advice = "Revenez au dossier\u00a0: il montre ce que vous pouvez y faire."
    aide = "had#qui"


def acts(request: Request, seen: Visible) -> frozenset[str]:
    """The acts of volets.rules that hold for the evaluations of this dossier."""
    actor = visit(request).actor
    if seen.role.startswith("receveur"):
        return frozenset()
    found = rules.allowed(acces.role(actor, seen), rules.SOINS)
    if actor.mandate:
        found = rules.lent(found, actor.mandate.rights, secretary=actor.mandate.kind == SECRETAIRE)
    return found & {rules.LIRE} if rules.why_closed(seen.dossier.etat) else found


def reason(request: Request, seen: Visible, act: str) -> str:
    """Why who asks may not « lire » or « ecrire », as a French sentence; "" when he may."""
    if act in acts(request, seen):
        return ""
    closed = rules.why_closed(seen.dossier.etat)
    if closed and act != rules.LIRE:
        return "Ce dossier est clos\u00a0: ses évaluations se lisent, mais on n’en fait plus."
    actor = visit(request).actor
    if actor.mandate and actor.mandate.kind != SECRETAIRE:
        return rules.why_not_lent(act)
    return Refuse.explanation


def must(request: Request, seen: Visible, act: str) -> None:
    """Go on only if who asks may; raises NotFound outside the module and for establishments, NotLent, Refuse."""
    if seen.module.code != MODULE or seen.role.startswith("receveur"):
        raise errors.NotFound()
    why = reason(request, seen, act)
    if not why:
        return
    lent = visit(request).actor.mandate and not rules.why_closed(seen.dossier.etat)
    raise errors.NotLent(why) if lent else Refuse(why)
