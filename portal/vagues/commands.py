"""Changes to searches: one verb each, in the caller's transaction, audited; what the clock does is « Système »'s."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from portal import clock
from portal.annuaire import etablissements as annuaire
from portal.avis import commands as avis
from portal.avis import queries as addressees
from portal.clock import PARIS
from portal.db import audit
from portal.db.audit import SYSTEM, Actor
from portal.db.base import db
from portal.demandes import attente
from portal.demandes import commands as demandes
from portal.demandes import rules as demandes_rules
from portal.dossiers import queries as dossiers
from portal.dossiers import rules as dossier_rules
from portal.dossiers.models import Dossier
from portal.echeances.rules import working_hours_later
from portal.vagues import queries, rules
from portal.vagues.models import Cible, Plan
from portal.vagues.rules import Vague

Missing = Callable[[Dossier], Collection[str]]
AGREED = ("Un établissement a donné son accord\u00a0: répondez-lui d’abord. La recherche ne continue que si cet accord "
          "tombe.")
INCOMPLETE = "Le dossier n’est pas complet, ou un volet n’est pas validé\u00a0: rien n’est parti."


class Impossible(Exception):
    """It can't be done from here; the message is a French sentence."""


class Stale(Impossible):
    """The search moved since it was shown."""


def begin(actor: Actor, dossier: Dossier, vagues: Sequence[Vague], *, rayon: int, rayon_large: int, heures: int,
          missing: Missing) -> Plan:
    """Begin a search and let its first wave leave. Raises Impossible."""
    last = queries.latest(dossier.id)
    if last and last.etat in rules.OPEN:
        raise Impossible("Une recherche par vagues est déjà ouverte pour ce dossier.")
    if not vagues:
        raise Impossible("Cochez au moins une unité à solliciter.")
    _must_be_ready(dossier, missing)
    now = clock.now()
    # A search that can ask nobody leaves nothing behind, though its page answers in words.
    with db.atomic():
        plan: Plan = Plan.create(
            dossier_id=dossier.id, etat=rules.EN_COURS, rayon=rayon, rayon_large=rayon_large, heures=heures,
            par=actor.signature, created=now, updated=now)
        Cible.insert_many([
            {"plan_id": plan.id, "vague": vague.numero, "rang": rang, "etablissement_id": one.etablissement_id,
             "unite_id": one.unite_id, "sejour": one.sejour}
            for vague in vagues for rang, one in enumerate(vague.candidats, start=1)]).execute()
        audit.record(actor, "vagues.commencer", dossier=_label(dossier), detail=str(plan.id))
        return _leave(actor, plan, dossier)


def go_on(actor: Actor, plan_id: int, version: int, missing: Missing) -> Plan:
    """Let the next wave leave at once, whatever the hour. Raises Stale, Impossible."""
    plan, dossier = _current(plan_id, version)
    if rules.target(plan.etat, "partir") is None:
        raise Impossible("Cette recherche est finie\u00a0: commencez-en une autre.")
    if not queries.waiting(plan):
        raise Impossible("Toutes les unités prévues sont déjà sollicitées.")
    _must_be_ready(dossier, missing)
    with db.atomic():
        return _leave(actor, plan, dossier)


def pause(actor: Actor, plan_id: int, version: int) -> Plan:
    """Let no further wave leave until somebody says so. Raises Stale, Impossible."""
    plan, dossier = _current(plan_id, version)
    return _step(actor, plan, dossier, "suspendre", suivante_le=None, cause="")


def resume(actor: Actor, plan_id: int, version: int, missing: Missing) -> Plan:
    """Go on in the rhythm of the search: the next wave leaves after its delay. Raises Stale, Impossible."""
    plan, dossier = _current(plan_id, version)
    _must_be_ready(dossier, missing)
    return _step(actor, plan, dossier, "reprendre", suivante_le=attente.promised(plan.heures), cause="")


def stop(actor: Actor, plan_id: int, version: int) -> Plan:
    """End a search; the requests that it sent go on. Raises Stale, Impossible."""
    plan, dossier = _current(plan_id, version)
    return _step(actor, plan, dossier, "arreter", suivante_le=None, cause="")


# --- the clock

def tick(plan_id: int, missing: Missing) -> bool:
    """What the time that has passed asks for, in office hours; False for nothing. Everything is looked at again: a
    colleague may have acted a moment ago."""
    plan = queries.one(plan_id)
    if plan.etat != rules.EN_COURS:
        return False
    dossier = dossiers.by_id(plan.dossier_id)
    if _closed(dossier):
        _step(SYSTEM, plan, dossier, "arreter", suivante_le=None, cause=rules.DOSSIER)
        return True
    if queries.agreed(dossier.id):
        _step(SYSTEM, plan, dossier, "attendre", suivante_le=None)
        return True
    if not _in_office() or not _due(plan):
        return False
    if not queries.waiting(plan):
        _step(SYSTEM, plan, dossier, "epuiser", suivante_le=None)
        _tell(dossier, "vagues_epuisees")
    elif cause := _why_not(plan, dossier, missing):
        _step(SYSTEM, plan, dossier, "suspendre", suivante_le=None, cause=cause)
        _tell(dossier, "vagues_suspendues")
    else:
        _leave(SYSTEM, plan, dossier)
        _tell(dossier, "vague")
    return True


def _why_not(plan: Plan, dossier: Dossier, missing: Missing) -> str:
    """Why the next wave does not leave by itself, a key of ``rules.CAUSES``; "" when it does."""
    if missing(dossier):
        return rules.VOLETS
    return rules.ORIENTATION if queries.reoriented(plan, plan.updated) else ""


def _due(plan: Plan) -> bool:
    return plan.suivante_le is None or plan.suivante_le <= clock.now() or queries.silent(plan)


def _in_office() -> bool:
    here = clock.now().astimezone(PARIS)
    return working_hours_later(here, 0) == here


def _tell(dossier: Dossier, code: str) -> None:
    avis.tell(addressees.professionals(dossier), code, dossier=_label(dossier))


# --- a wave

def _leave(actor: Actor, plan: Plan, dossier: Dossier) -> Plan:
    """The next wave of which somebody can be asked; those that can't are passed over, each with its reason."""
    left = queries.waiting(plan)
    numero, sent = plan.vague, False
    for one in left:
        if sent and one.vague != numero:
            break
        numero = one.vague
        sent |= _ask(actor, dossier, one)
    if not sent and actor is not SYSTEM:
        raise Impossible("Aucune des unités prévues ne peut être sollicitée\u00a0: choisissez-en d’autres.")
    return _step(actor, plan, dossier, "partir", vague=numero, suivante_le=attente.promised(plan.heures), cause="")


def _ask(actor: Actor, dossier: Dossier, one: Cible) -> bool:
    """Ask one establishment; False when it is passed over."""
    if one.etablissement_id in queries.asked(dossier.id):
        return _note(one, rules.DEJA)
    if annuaire.establishment(one.etablissement_id).ferme:
        return _note(one, rules.FERMEE)
    try:
        with db.atomic():
            demande = demandes.select(actor, dossier, one.etablissement_id, one.sejour, one.unite_id)
            demandes.send(actor, demande.id, demande.version, ())
    except demandes.Impossible:
        return _note(one, rules.IMPOSSIBLE)
    return _note(one, rules.ENVOYEE, demande.id)


def _note(one: Cible, etat: str, demande_id: int | None = None) -> bool:
    Cible.update(etat=etat, demande_id=demande_id).where(Cible.id == one.id).execute()
    return etat == rules.ENVOYEE


# --- what every step has in common

def _must_be_ready(dossier: Dossier, missing: Missing) -> None:
    if _closed(dossier):
        raise Impossible("Ce dossier est clos, ou le patient est déjà admis\u00a0: aucune demande ne peut partir.")
    if queries.agreed(dossier.id):
        raise Impossible(AGREED)
    if missing(dossier):
        raise Impossible(INCOMPLETE)


def _closed(dossier: Dossier) -> bool:
    """True when nothing may leave any more; after an arrival that was never declared, it may again."""
    return dossier.etat in ("annule", "historise") or (
        dossier.etat == "admis" and dossier.statut != demandes_rules.NON_FINALISEE)


def _current(plan_id: int, version: int) -> tuple[Plan, Dossier]:
    plan = queries.one(plan_id)
    if plan.version != version:
        raise Stale("La recherche a avancé depuis que cette page a été affichée\u00a0: relisez où elle en est.")
    return plan, dossiers.by_id(plan.dossier_id)


def _step(actor: Actor, plan: Plan, dossier: Dossier, event: str, **values: Any) -> Plan:
    to = rules.target(plan.etat, event)
    if to is None:
        raise Impossible(f"La recherche est à l’état «\u00a0{rules.ETATS[plan.etat].label}\u00a0»\u00a0: cela ne peut "
                         "pas être fait.")
    values |= {"etat": to, "version": plan.version + 1, "updated": clock.now()}
    Plan.update(**values).where(Plan.id == plan.id).execute()
    for name, value in values.items():
        setattr(plan, name, value)
    audit.record(actor, f"vagues.{event}", dossier=_label(dossier), detail=f"{plan.id} {plan.vague}")
    return plan


def _label(dossier: Dossier) -> str:
    return dossier_rules.format_numero(dossier.module, dossier.numero)
