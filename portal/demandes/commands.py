"""Changes to requests: one verb each, in the caller's transaction.

Every step moves the request along one arrow of ``rules``, writes itself down, leaves its audit row and its notices,
and keeps the dossier's status true.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal import clock
from portal.annuaire import etablissements as annuaire
from portal.avis import commands as avis
from portal.avis import queries as addressees
from portal.db import audit
from portal.db.audit import SYSTEM, Actor
from portal.db.crypto import keys
from portal.demandes import attente, queries, rules
from portal.demandes.models import Demande, Pas
from portal.dossiers import commands as dossiers
from portal.dossiers import queries as of_dossiers
from portal.dossiers import rules as dossier_rules
from portal.dossiers.models import Dossier
from portal.web import dates

ELSEWHERE, EXPIRED = "119", "98"
# The notice that each step leaves: on the asking side, and at the establishment.
TOLD = {
    "lire": "lecture", "demander_complement": "complement", "inscrire": "liste", "proposer": "proposition",
    "retirer_proposition": "proposition_retiree", "expirer": "expiration", "refuser": "refus",
    "reactiver": "lecture", "admettre": "admission", "corriger_entree": "entree_corrigee", "accepter": "decision",
    "decliner": "decision", "decliner_tout": "decision",
}
TOLD_THERE = {
    "envoyer": "demande", "relancer": "relance", "completer": "reponse", "accepter": "acceptation",
    "decliner": "declinaison", "decliner_tout": "declinaison", "annuler": "annulation", "annuler_auto": "annulation",
    "rouvrir": "reouverture", "retablir": "reouverture", "expirer": "declinaison",
}
# The first of these is the establishment's answer, which its silence is counted to.
ANSWERS = frozenset({"demander_complement", "inscrire", "proposer", "refuser", "admettre"})


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


@dataclass(frozen=True)
class Proposition:
    """A place that is offered: from which day, in which room, for which price (cents a day), answered before when."""

    entree_prevue: date
    reponse_avant: date
    chambre: str = ""
    tarif: int | None = None


# --- the asking side

def select(actor: Actor, dossier: Dossier, etablissement_id: int, sejour: str, unite_id: int | None = None) -> Demande:
    """Choose an establishment for a kind of stay; nothing is sent. Choosing it twice changes nothing.

    Raises Impossible for a closed dossier or an establishment that does not read its module.
    """
    _must_be_open(dossier)
    if dossier.module not in rules.MODULES:
        raise Impossible("Les dossiers de ce module ne s’envoient pas à des établissements.")
    known = Demande.get_or_none(Demande.dossier_id == dossier.id, Demande.etablissement_id == etablissement_id,
                                Demande.sejour == sejour)
    if known is not None:
        return known
    now = clock.now()
    made: Demande = Demande.create(
        dossier_id=dossier.id, etablissement_id=etablissement_id, unite_id=unite_id, sejour=sejour,
        etat=rules.NON_ENVOYEE, created=now, updated=now)
    _written(actor, made, dossier, "selectionner", "")
    return made


def remove(actor: Actor, demande_id: int, version: int) -> None:
    """Take a request that was not sent off the list; raises Stale, Impossible."""
    demande = _current(demande_id, version)
    if demande.etat != rules.NON_ENVOYEE:
        raise Impossible("Cette demande est déjà partie\u00a0: annulez-la au lieu de la retirer.")
    dossier = of_dossiers.by_id(demande.dossier_id)
    Pas.delete().where(Pas.demande_id == demande.id).execute()
    Demande.delete().where(Demande.id == demande.id).execute()
    audit.record(actor, "demande.retirer", dossier=_label(dossier), detail=str(demande.etablissement_id))


def send(actor: Actor, demande_id: int, version: int, missing: Collection[str]) -> Demande:
    """Send a request; ``missing`` names what the dossier lacks (see ``envoi``).

    Raises Stale, Impossible, Incomplete when something is missing and the establishment waits for all of it.
    """
    return _leave(actor, demande_id, version, "envoyer", missing)


def reopen(actor: Actor, demande_id: int, version: int, missing: Collection[str]) -> Demande:
    """Ask an establishment again that had refused, or whose request was cancelled. Raises as ``send``."""
    return _leave(actor, demande_id, version, "rouvrir", missing)


def _leave(actor: Actor, demande_id: int, version: int, event: str, missing: Collection[str]) -> Demande:
    demande = _current(demande_id, version)
    dossier = of_dossiers.by_id(demande.dossier_id)
    _must_be_open(dossier)
    there = annuaire.establishment(demande.etablissement_id)
    if there.ferme:
        raise Impossible("Cet établissement n’est plus dans l’annuaire\u00a0: choisissez-en un autre.")
    if missing and not there.incomplets:
        raise Incomplete("Cet établissement attend un dossier complet\u00a0: il manque encore des éléments.")
    return _step(actor, demande, dossier, event, incomplet=bool(missing), envoyee_le=clock.now(), lue_le=None,
                 repondue_le=None, relancee_le=None, relances=0,
                 promesse_le=attente.promised(there.rappel_heures), escalade_le=None, motif="", motif_texte=None)


def remind(actor: Actor, demande_id: int, version: int) -> Demande:
    """Ask an establishment for its answer again; raises TooSoon within three days of the last time."""
    demande = _current(demande_id, version)
    if demande.etat in rules.PENDING and queries.may_remind_on(demande).total_seconds() > 0:
        again = clock.now() + queries.may_remind_on(demande)
        raise TooSoon(f"Cet établissement a été sollicité il y a moins de {rules.RELANCE_DAYS} jours\u00a0: vous "
                      f"pourrez le relancer le {dates.moment(again)}.")
    return _step(actor, demande, None, "relancer", relancee_le=clock.now(), relances=demande.relances + 1)


def complete(actor: Actor, demande_id: int, version: int, text: str) -> Demande:
    """Answer what an establishment asked for: the request goes to it again."""
    demande = _current(demande_id, version)
    return _step(actor, demande, None, "completer", complement_reponse=_seal(demande, "complement_reponse", text))


def cancel(actor: Actor, demande_id: int, version: int, motif: str, text: str = "") -> Demande:
    """Withdraw a request from an establishment, for a reason. Raises Stale, Impossible."""
    demande = _current(demande_id, version)
    return _step(actor, demande, None, "annuler", motif=motif, motif_texte=_seal(demande, "motif_texte", text))


def accept(actor: Actor, demande_id: int, version: int) -> Demande:
    """Say yes to a proposal, while its date has not passed."""
    demande = _current(demande_id, version)
    if demande.etat == rules.PROPOSEE and demande.reponse_avant and demande.reponse_avant < clock.today():
        raise Impossible(f"La réponse était attendue avant le {dates.day(demande.reponse_avant)}\u00a0: la "
                         "proposition a expiré. Appelez l’établissement.")
    return _step(actor, demande, None, "accepter")


def decline(actor: Actor, demande_id: int, version: int, *, stay: bool, motif: str, text: str = "") -> Demande:
    """Say no to a proposal, for a reason; ``stay``: on the establishment's list, else the request ends."""
    demande = _current(demande_id, version)
    return _step(actor, demande, None, "decliner" if stay else "decliner_tout", rester=stay, motif=motif,
                 motif_texte=_seal(demande, "motif_texte", text))


# --- the establishment

def read(actor: Actor, demande_id: int) -> Demande:
    """Open a request for the first time: the asking side is told. Later openings change nothing."""
    demande = queries.one(demande_id)
    if demande.etat != rules.ENVOYEE:
        return demande
    return _step(actor, demande, None, "lire", lue_le=demande.lue_le or clock.now())


def ask(actor: Actor, demande_id: int, version: int, text: str) -> Demande:
    """Ask for what is missing, in words."""
    demande = _current(demande_id, version)
    return _step(actor, demande, None, "demander_complement", complement=_seal(demande, "complement", text),
                 complement_reponse=None, complement_le=clock.now())


def put_on_list(actor: Actor, demande_id: int, version: int, niveau: str, rang: int | None = None) -> Demande:
    """Put on the waiting list, or move on it; ``niveau`` is a code of ``rules.LEVELS``."""
    assert niveau in rules.LEVELS
    return _step(actor, _current(demande_id, version), None, "inscrire", niveau=niveau, rang=rang)


def propose(actor: Actor, demande_id: int, version: int, place: Proposition) -> Demande:
    """Offer a place."""
    return _step(actor, _current(demande_id, version), None, "proposer", proposee_le=clock.now(), **vars(place))


def withdraw(actor: Actor, demande_id: int, version: int) -> Demande:
    """Take a proposal back, accepted or not: the person stays on the list."""
    demande = _current(demande_id, version)
    return _step(actor, demande, None, "retirer_proposition", niveau=demande.niveau or "admissible")


def refuse(actor: Actor, demande_id: int, version: int, motif: str, text: str = "") -> Demande:
    """Say that admission is impossible, for a reason."""
    demande = _current(demande_id, version)
    return _step(actor, demande, None, "refuser", motif=motif, motif_texte=_seal(demande, "motif_texte", text))


def reactivate(actor: Actor, demande_id: int, version: int) -> Demande:
    """Take a refusal back."""
    demande = _current(demande_id, version)
    _must_be_open(of_dossiers.by_id(demande.dossier_id))
    return _step(actor, demande, None, "reactiver", motif="", motif_texte=None)


def admit(actor: Actor, demande_id: int, version: int, entree: date) -> Demande:
    """Declare the entry: every other request of the dossier that is not over is cancelled in the same transaction."""
    demande = _current(demande_id, version)
    dossier = of_dossiers.by_id(demande.dossier_id)
    admitted = _step(actor, demande, dossier, "admettre", entree=entree)
    for other in _others(admitted, rules.PENDING):
        _step(SYSTEM, other, dossier, "annuler_auto", motif=ELSEWHERE, motif_texte=None)
    return admitted


def undo_admission(actor: Actor, demande_id: int, version: int) -> Demande:
    """The entry was declared by mistake: the person is on the list again, and the requests that it had cancelled
    stand again where they stood."""
    demande = _current(demande_id, version)
    entered = [step.at for step in queries.steps(demande.id) if step.evenement == "admettre"]
    undone = _step(actor, demande, None, "corriger_entree", entree=None, niveau=demande.niveau or "admissible")
    for other in _others(undone, {rules.ANNULEE_AUTO}):
        last = queries.steps(other.id)[-1]
        if entered and last.evenement == "annuler_auto" and last.at >= entered[-1]:
            _step(SYSTEM, other, None, "retablir", before=last.de, motif="")
    return undone


def give_opinion(actor: Actor, demande_id: int, version: int, avis_code: str, text: str = "") -> Demande:
    """The médecin coordonnateur's opinion, for his own establishment; ``avis_code`` is one of ``rules.OPINIONS``."""
    assert avis_code in rules.OPINIONS
    demande = _current(demande_id, version)
    return _step(actor, demande, None, "avis", avis=avis_code, avis_texte=_seal(demande, "avis_texte", text),
                 avis_par=actor.signature, avis_le=clock.now())


# --- the clocks

def expire(demande_id: int) -> bool:
    """Close a proposal whose date has passed; False when there is nothing to close any more."""
    demande = queries.one(demande_id)
    late = demande.reponse_avant is not None and demande.reponse_avant < clock.today()
    if demande.etat != rules.PROPOSEE or not late:
        return False
    _step(SYSTEM, demande, None, "expirer")
    return True


def close_all(actor: Actor, dossier: Dossier, event: str, motif: str) -> int:
    """End every pending request of a dossier that is cancelled (« annuler ») or archived (« annuler_auto »)."""
    pending = list(Demande.select().where(
        Demande.dossier_id == dossier.id, Demande.etat.in_(sorted(rules.PENDING))).order_by(Demande.id))
    for demande in pending:
        _step(actor, demande, dossier, event, motif=motif, motif_texte=None)
    return len(pending)


# --- one step

def _current(demande_id: int, version: int) -> Demande:
    """The request, as who acts saw it; raises NotFound, Stale."""
    demande = queries.one(demande_id)
    if demande.version != version:
        raise Stale(demande)
    return demande


def _step(actor: Actor, demande: Demande, dossier: Dossier | None, event: str, *, before: str = "",
          **values: Any) -> Demande:
    """Follow one arrow: row, step, audit, notices, the dossier's status. Raises Impossible."""
    arrow = rules.transition(demande.etat, event)
    if arrow is None:
        raise Impossible(rules.why_impossible(demande.etat, event))
    if arrow.motive and not rules.is_motive(values.get("motif", ""), event):
        raise Impossible("Choisissez un motif dans la liste.")
    dossier = dossier or of_dossiers.by_id(demande.dossier_id)
    left, now = demande.etat, clock.now()
    values |= {"etat": rules.target(arrow, before), "version": demande.version + 1, "updated": now}
    if event in ANSWERS and demande.repondue_le is None:
        values["repondue_le"] = now
    Demande.update(**values).where(Demande.id == demande.id).execute()
    for name, value in values.items():
        setattr(demande, name, value)
    _written(actor, demande, dossier, event, left)
    _tell(actor, demande, dossier, event)
    _keep_status(actor, dossier)
    return demande


def _written(actor: Actor, demande: Demande, dossier: Dossier, event: str, left: str) -> None:
    Pas.insert(demande_id=demande.id, at=demande.updated, evenement=event, de=left, vers=demande.etat,
               motif=demande.motif if event in rules.NEEDS_MOTIVE else "", par=actor.signature,
               subject=actor.subject or "").execute()
    audit.record(actor, f"demande.{event}", dossier=_label(dossier), detail=str(demande.id))


def _tell(actor: Actor, demande: Demande, dossier: Dossier, event: str) -> None:
    label = _label(dossier)
    if event in TOLD:
        avis.tell(addressees.asking_side(dossier, besides=actor.subject), TOLD[event], dossier=label,
                  demande_id=demande.id)
    if event in TOLD_THERE:
        avis.tell(addressees.of_establishment(demande.etablissement_id), TOLD_THERE[event], dossier=label,
                  demande_id=demande.id)


def _keep_status(actor: Actor, dossier: Dossier) -> None:
    """The dossier's status follows from its requests, while it is alive."""
    if dossier.etat not in ("redaction", "actif", "admis"):
        return
    statut = rules.statut(queries.states(dossier.id))
    if statut != dossier.statut:
        dossiers.set_status(actor, dossier, statut)
    else:
        dossiers.touch(dossier)


def _others(demande: Demande, etats: Collection[str]) -> list[Demande]:
    return list(Demande.select().where(
        Demande.dossier_id == demande.dossier_id, Demande.id != demande.id, Demande.etat.in_(sorted(etats)),
    ).order_by(Demande.id))


def _must_be_open(dossier: Dossier) -> None:
    if dossier.etat in ("annule", "historise"):
        words = "annulé" if dossier.etat == "annule" else "historisé"
        raise Impossible(f"Ce dossier est {words}\u00a0: aucune demande ne peut partir. Rouvrez-le d’abord.")
    if dossier.etat == "admis":
        raise Impossible("La personne est déjà entrée dans un établissement\u00a0: aucune demande ne peut partir.")


def _seal(demande: Demande, column: str, text: str) -> bytes | None:
    return keys().seal(text, table="demande", row=str(demande.id), column=column) if text else None


def _label(dossier: Dossier) -> str:
    return dossier_rules.format_numero(dossier.module, dossier.numero)
