"""One step of a request, whoever takes it: along one arrow of its machine, with everything that follows from it.

Each step writes itself down, leaves its audit row and its notices, cancels or gives back the dossier's other requests
where the machine says so, and keeps the dossier's status true. In the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from portal import clock
from portal.avis import commands as avis
from portal.avis import queries as addressees
from portal.db import audit
from portal.db.audit import SYSTEM, Actor
from portal.db.crypto import keys
from portal.demandes import machines, queries, rules
from portal.demandes.models import Demande, Pas
from portal.dossiers import commands as dossiers
from portal.dossiers import queries as of_dossiers
from portal.dossiers import rules as dossier_rules
from portal.dossiers.models import Dossier

ELSEWHERE = "119"
UNFINISHED = "non_finalisee"
# The notice that each step leaves: on the asking side, and at the establishment.
TOLD = {
    "lire": "lecture", "demander_complement": "complement", "inscrire": "liste", "proposer": "proposition",
    "retirer_proposition": "proposition_retiree", "expirer": "expiration", "refuser": "refus",
    "reactiver": "lecture", "admettre": "admission", "corriger_entree": "entree_corrigee", "accepter": "decision",
    "decliner": "decision", "decliner_tout": "decision", "etudier": "etude", "clore": "arrivee_non_confirmee",
    "donner_accord": "accord_traitant", "refuser_accord": "accord_traitant", "valider": "parcours",
    "commencer": "parcours", "synthese": "synthese", "renouveler": "parcours", "clore_parcours": "parcours",
    "reorienter": "reorientation",
}
TOLD_THERE = {
    "envoyer": "demande", "relancer": "relance", "completer": "reponse", "accepter": "acceptation",
    "decliner": "declinaison", "decliner_tout": "declinaison", "annuler": "annulation", "annuler_auto": "annulation",
    "rouvrir": "reouverture", "retablir": "reouverture", "expirer": "declinaison",
    "donner_accord": "accord_traitant", "refuser_accord": "accord_traitant", "clore": "arrivee_non_confirmee",
}
# A request for a care at home that leaves so asks the médecin traitant for his agreement, if he did not give it.
LEAVES = frozenset({"envoyer", "rouvrir"})
# The first of these is the establishment's answer, which its silence is counted to.
ANSWERS = frozenset({"demander_complement", "inscrire", "proposer", "refuser", "admettre", "valider", "reorienter"})


class Stale(Exception):
    """The request changed since it was shown; ``now`` is how it stands, ``last`` its latest step."""

    def __init__(self, now: Demande) -> None:
        super().__init__("stale")
        self.now = now
        self.last = queries.steps(now.id)[-1]


class Impossible(Exception):
    """No such step from here; the message is a French sentence that says from where to where and why."""


class Incomplete(Impossible):
    """The dossier lacks what this establishment waits for."""


class TooSoon(Impossible):
    """The establishment was asked or reminded too lately."""


def current(demande_id: int, version: int) -> Demande:
    """The request, as who acts saw it; raises NotFound, Stale."""
    demande = queries.one(demande_id)
    if demande.version != version:
        raise Stale(demande)
    return demande


def step(actor: Actor, demande: Demande, dossier: Dossier | None, event: str, *, before: str = "",
         **values: Any) -> Demande:
    """Follow one arrow: row, step, audit, notices, the dossier's status. Raises Impossible."""
    machine = machines.of(demande.module)
    arrow = machine.transition(demande.etat, event)
    if arrow is None:
        raise Impossible(machine.why_impossible(demande.etat, event))
    if arrow.motive and not machine.is_motive(values.get("motif", ""), event):
        raise Impossible("Choisissez un motif dans la liste.")
    dossier = dossier or of_dossiers.by_id(demande.dossier_id)
    left, now = demande.etat, clock.now()
    values |= {"etat": rules.target(arrow, before), "version": demande.version + 1, "updated": now}
    if event in ANSWERS and demande.repondue_le is None:
        values["repondue_le"] = now
    Demande.update(**values).where(Demande.id == demande.id).execute()
    for name, value in values.items():
        setattr(demande, name, value)
    written(actor, demande, dossier, event, left)
    _tell(actor, demande, dossier, event)
    _end_others(demande, dossier, event)
    _give_back(demande, dossier, event)
    _keep_status(actor, dossier)
    return demande


def _end_others(demande: Demande, dossier: Dossier, event: str) -> None:
    if event not in machines.of(demande.module).ends_others:
        return
    for other in _others(demande, rules.PENDING):
        step(SYSTEM, other, dossier, "annuler_auto", motif=ELSEWHERE, motif_texte=None)


def _give_back(demande: Demande, dossier: Dossier, event: str) -> None:
    """A step taken back gives the others what it had taken from them."""
    undone = rules.UNDOES.get(event)
    if undone not in machines.of(demande.module).ends_others:
        return
    taken = [one.id for one in queries.steps(demande.id) if one.evenement == undone]
    for other in _others(demande, {rules.ANNULEE_AUTO}) if taken else ():
        last = queries.steps(other.id)[-1]
        if last.evenement == "annuler_auto" and last.id > taken[-1]:
            step(SYSTEM, other, dossier, "retablir", before=last.de, motif="")


def written(actor: Actor, demande: Demande, dossier: Dossier, event: str, left: str) -> None:
    """Write a step down, for the people of the request and for the audit; ``left``: the state it came from."""
    Pas.insert(demande_id=demande.id, at=demande.updated, evenement=event, de=left, vers=demande.etat,
               motif=demande.motif if event in machines.of(demande.module).needs_motive else "", par=actor.signature,
               subject=actor.subject or "").execute()
    audit.record(actor, f"demande.{event}", dossier=label(dossier), detail=str(demande.id))


def _tell(actor: Actor, demande: Demande, dossier: Dossier, event: str) -> None:
    if event in TOLD:
        avis.tell(addressees.asking_side(dossier, besides=actor.subject), TOLD[event], dossier=label(dossier),
                  demande_id=demande.id)
    if event in LEAVES and demande.sejour in machines.of(demande.module).at_home and demande.accord != "donne":
        avis.tell(addressees.physicians(dossier), "accord_attendu", dossier=label(dossier), demande_id=demande.id)
    if event in TOLD_THERE:
        avis.tell(addressees.of_establishment(demande.etablissement_id), TOLD_THERE[event], dossier=label(dossier),
                  demande_id=demande.id)


def _keep_status(actor: Actor, dossier: Dossier) -> None:
    """The dossier's status follows from its requests, while it is alive."""
    if dossier.etat not in ("redaction", "actif", "admis"):
        return
    statut = machines.of(dossier.module).statut(queries.states(dossier.id))
    if statut != dossier.statut:
        dossiers.set_status(actor, dossier, statut)
    else:
        dossiers.touch(dossier)


def _others(demande: Demande, etats: Collection[str]) -> list[Demande]:
    return list(Demande.select().where(
        Demande.dossier_id == demande.dossier_id, Demande.id != demande.id, Demande.etat.in_(sorted(etats)),
    ).order_by(Demande.id))


def must_be_open(dossier: Dossier) -> None:
    """Go on only if requests of this dossier may leave; raises Impossible."""
    if dossier.etat in ("annule", "historise"):
        words = "annulé" if dossier.etat == "annule" else "historisé"
        raise Impossible(f"Ce dossier est {words}\u00a0: aucune demande ne peut partir. Rouvrez-le d’abord.")
    if dossier.etat == "admis" and dossier.statut != UNFINISHED:
        raise Impossible(machines.of(dossier.module).over)


def must_be_alone(dossier: Dossier, demande_id: int | None = None) -> None:
    """Where one request is followed at a time, another one waits for its end; raises Impossible."""
    if not machines.of(dossier.module).alone:
        return
    pending = Demande.select().where(Demande.dossier_id == dossier.id, Demande.etat.in_(sorted(rules.PENDING)),
                                     Demande.id != (demande_id or 0)).exists()
    if pending:
        raise Impossible("Une plateforme suit déjà ce dossier\u00a0: annulez cette demande avant d’en faire une autre.")


def agreed(actor: Actor, demande: Demande, dossier: Dossier) -> dict[str, Any]:
    """A physician who follows the patient and asks for a care at home himself agrees to it."""
    if demande.sejour not in machines.of(demande.module).at_home or demande.accord == "donne":
        return {}
    if actor.holder is None or of_dossiers.physicians(dossier).get(actor.holder) != "accepte":
        return {}
    return {"accord": "donne", "accord_par": actor.signature, "accord_le": clock.now()}


def seal(demande: Demande, column: str, text: str) -> bytes | None:
    """Free words as the column keeps them; None for none."""
    return keys().seal(text, table="demande", row=str(demande.id), column=column) if text else None


def label(dossier: Dossier) -> str:
    """« ga 43009190 », as notices and the audit name a dossier."""
    return dossier_rules.format_numero(dossier.module, dossier.numero)
