"""Who may do what with the requests of a dossier: his role in it, narrowed by the mandate he acts under."""

from __future__ import annotations

from starlette.requests import Request

from portal.db.audit import Actor
from portal.delegations.rules import SECRETAIRE
from portal.demandes import machines, rules
from portal.dossiers.queries import Visible
from portal.volets import acces as volets
from portal.volets import rules as volet_rules
from portal.web.session import visit

_BOTH, _ASKS, _NONE = frozenset({rules.DEMANDEUR, rules.DECIDEUR}), frozenset({rules.DEMANDEUR}), frozenset[str]()
_HIS = frozenset({rules.TRAITANT})
ROLES = {"referent": _BOTH | _HIS, "traitant": _ASKS | _HIS, "patient": _BOTH, "aidant": _BOTH,
         **dict.fromkeys(volet_rules.SERVICES, _BOTH)}
# What a colleague must have been lent.
RIGHTS = {rules.DEMANDEUR: "envoyer", rules.DECIDEUR: "repondre", rules.TRAITANT: "repondre"}
# A secretary chases answers, and nothing else: she reads no request's words.
SECRETARY_EVENTS = frozenset({"relancer"})


def who(request: Request, seen: Visible) -> frozenset[str]:
    """What who asks is to the dossier's requests: « demandeur », « decideur », « traitant », all, some or none."""
    return who_of(visit(request).actor, seen)


def who_of(actor: Actor, seen: Visible) -> frozenset[str]:
    """``who`` for an actor."""
    if not seen.accepted:
        return _NONE
    if actor.mandate and actor.mandate.kind == SECRETAIRE:
        return _ASKS if "preparer" in actor.mandate.rights else _NONE
    found = ROLES.get(volets.role(actor, seen), _NONE)
    if actor.mandate:
        found = frozenset(one for one in found if RIGHTS[one] in actor.mandate.rights)
    return found


def may(request: Request, seen: Visible, event: str) -> bool:
    """True when who asks may do this to a request of the dossier, whatever the request's state."""
    return not reason(request, seen, event)


def reason(request: Request, seen: Visible, event: str) -> str:
    """Why he may not, as a French sentence; "" when he may."""
    actor = visit(request).actor
    known = seen.module.code in machines.MODULES
    needed = machines.of(seen.module.code).who.get(event, rules.DEMANDEUR) if known else rules.DEMANDEUR
    if actor.mandate and actor.mandate.kind == SECRETAIRE and event not in SECRETARY_EVENTS:
        return "Le secrétariat relance les établissements\u00a0; il ne choisit, n’envoie et n’annule aucune demande."
    if needed in who_of(actor, seen):
        return ""
    if needed in ROLES.get(volets.role(actor, seen), _NONE):
        right = "d’envoyer les demandes" if needed == rules.DEMANDEUR else "de répondre aux propositions"
        return f"Votre délégation ne comprend pas le droit {right}."
    if needed == rules.TRAITANT:
        return "Une prise en charge à domicile attend l’accord du médecin traitant\u00a0: il le donne lui-même."
    if needed == rules.DECIDEUR:
        return f"Une proposition se décide par la personne ou le référent du dossier\u00a0: {seen.referent}."
    return f"Les demandes sont conduites par le référent du dossier\u00a0: {seen.referent}."
