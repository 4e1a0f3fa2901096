"""Changes to requests: one verb each, in the caller's transaction. What every step has in common is in ``etapes``."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from portal import clock
from portal.annuaire import etablissements as annuaire
from portal.db import audit
from portal.db.audit import SYSTEM, Actor
from portal.demandes import attente, machines, queries, rules
from portal.demandes.etapes import (
    Impossible as Impossible,
)
from portal.demandes.etapes import (
    Incomplete as Incomplete,
)
from portal.demandes.etapes import (
    Stale as Stale,
)
from portal.demandes.etapes import (
    TooSoon as TooSoon,
)
from portal.demandes.etapes import agreed, current, label, must_be_alone, must_be_open, seal, step, written
from portal.demandes.models import Demande, Pas
from portal.dossiers import queries as of_dossiers
from portal.dossiers.models import Dossier
from portal.web import dates


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
    must_be_open(dossier)
    if dossier.module not in machines.MODULES:
        raise Impossible("Les dossiers de ce module ne s’envoient pas à des établissements.")
    known = Demande.get_or_none(Demande.dossier_id == dossier.id, Demande.etablissement_id == etablissement_id,
                                Demande.sejour == sejour)
    if known is not None:
        return known
    must_be_alone(dossier)
    now = clock.now()
    made: Demande = Demande.create(
        dossier_id=dossier.id, module=dossier.module, etablissement_id=etablissement_id, unite_id=unite_id,
        sejour=sejour, etat=rules.NON_ENVOYEE, created=now, updated=now)
    written(actor, made, dossier, "selectionner", "")
    return made


def remove(actor: Actor, demande_id: int, version: int) -> None:
    """Take a request that was not sent off the list; raises Stale, Impossible."""
    demande = current(demande_id, version)
    if demande.etat != rules.NON_ENVOYEE:
        raise Impossible("Cette demande est déjà partie\u00a0: annulez-la au lieu de la retirer.")
    dossier = of_dossiers.by_id(demande.dossier_id)
    Pas.delete().where(Pas.demande_id == demande.id).execute()
    Demande.delete().where(Demande.id == demande.id).execute()
    audit.record(actor, "demande.retirer", dossier=label(dossier), detail=str(demande.etablissement_id))


def send(actor: Actor, demande_id: int, version: int, missing: Collection[str]) -> Demande:
    """Send a request; ``missing`` names what the dossier lacks (see ``envoi``).

    Raises Stale, Impossible, Incomplete when something is missing and the establishment waits for all of it.
    """
    return _leave(actor, demande_id, version, "envoyer", missing)


def reopen(actor: Actor, demande_id: int, version: int, missing: Collection[str]) -> Demande:
    """Ask an establishment again that had refused, or whose request was cancelled. Raises as ``send``."""
    return _leave(actor, demande_id, version, "rouvrir", missing)


def _leave(actor: Actor, demande_id: int, version: int, event: str, missing: Collection[str]) -> Demande:
    demande = current(demande_id, version)
    dossier = of_dossiers.by_id(demande.dossier_id)
    must_be_open(dossier)
    must_be_alone(dossier, demande.id)
    there = annuaire.establishment(demande.etablissement_id)
    if there.ferme:
        raise Impossible("Cet établissement n’est plus dans l’annuaire\u00a0: choisissez-en un autre.")
    if missing and not there.incomplets:
        raise Incomplete("Cet établissement attend un dossier complet\u00a0: il manque encore des éléments.")
    return step(actor, demande, dossier, event, incomplet=bool(missing), envoyee_le=clock.now(), lue_le=None,
                 repondue_le=None, relancee_le=None, relances=0, rappel_fin_le=None,
                 promesse_le=attente.promised(there.rappel_heures), escalade_le=None, motif="", motif_texte=None,
                 **agreed(actor, demande, dossier))


def remind(actor: Actor, demande_id: int, version: int) -> Demande:
    """Ask an establishment for its answer again; raises TooSoon within three days of the last time."""
    demande = current(demande_id, version)
    if demande.etat in rules.PENDING and queries.may_remind_on(demande).total_seconds() > 0:
        again = clock.now() + queries.may_remind_on(demande)
        raise TooSoon(f"Cet établissement a été sollicité il y a moins de {rules.RELANCE_DAYS} jours\u00a0: vous "
                      f"pourrez le relancer le {dates.moment(again)}.")
    return step(actor, demande, None, "relancer", relancee_le=clock.now(), relances=demande.relances + 1)


def complete(actor: Actor, demande_id: int, version: int, text: str) -> Demande:
    """Answer what an establishment asked for: the request goes to it again."""
    demande = current(demande_id, version)
    return step(actor, demande, None, "completer", complement_reponse=seal(demande, "complement_reponse", text))


def cancel(actor: Actor, demande_id: int, version: int, motif: str, text: str = "") -> Demande:
    """Withdraw a request from an establishment, for a reason. Raises Stale, Impossible."""
    demande = current(demande_id, version)
    return step(actor, demande, None, "annuler", motif=motif, motif_texte=seal(demande, "motif_texte", text))


def accept(actor: Actor, demande_id: int, version: int) -> Demande:
    """Say yes to a proposal, while its date has not passed; at home, not without the médecin traitant's agreement.

    Where a place that is confirmed ends the search, every other pending request is cancelled with it.
    """
    demande = current(demande_id, version)
    word = agreed(actor, demande, of_dossiers.by_id(demande.dossier_id))
    if demande.sejour in machines.of(demande.module).at_home and (word.get("accord") or demande.accord) != "donne":
        raise Impossible("Une hospitalisation à domicile ne se confirme pas sans l’accord du médecin traitant\u00a0: "
                         + ("il ne l’a pas donné." if demande.accord else "il ne s’est pas encore prononcé."))
    if demande.etat == rules.PROPOSEE and demande.reponse_avant and demande.reponse_avant < clock.today():
        raise Impossible(f"La réponse était attendue avant le {dates.day(demande.reponse_avant)}\u00a0: la "
                         "proposition a expiré. Appelez l’établissement.")
    return step(actor, demande, None, "accepter", **word)


def agree(actor: Actor, demande_id: int, version: int, *, yes: bool) -> Demande:
    """The médecin traitant's word on a care at home. Raises Stale, Impossible."""
    demande = current(demande_id, version)
    if demande.sejour not in machines.of(demande.module).at_home:
        raise Impossible("L’accord du médecin traitant n’est demandé que pour une prise en charge à domicile.")
    return step(actor, demande, None, "donner_accord" if yes else "refuser_accord",
                 accord="donne" if yes else "refuse", accord_par=actor.signature, accord_le=clock.now())


def decline(actor: Actor, demande_id: int, version: int, *, stay: bool, motif: str, text: str = "") -> Demande:
    """Say no to a proposal, for a reason; ``stay``: on the establishment's list, else the request ends."""
    demande = current(demande_id, version)
    return step(actor, demande, None, "decliner" if stay else "decliner_tout", rester=stay, motif=motif,
                 motif_texte=seal(demande, "motif_texte", text))


# --- the establishment

def read(actor: Actor, demande_id: int) -> Demande:
    """Open a request for the first time: the asking side is told. Later openings change nothing."""
    demande = queries.one(demande_id)
    if demande.etat != rules.ENVOYEE:
        return demande
    return step(actor, demande, None, "lire", lue_le=demande.lue_le or clock.now())


def ask(actor: Actor, demande_id: int, version: int, text: str) -> Demande:
    """Ask for what is missing, in words."""
    demande = current(demande_id, version)
    return step(actor, demande, None, "demander_complement", complement=seal(demande, "complement", text),
                 complement_reponse=None, complement_le=clock.now())


def put_on_list(actor: Actor, demande_id: int, version: int, niveau: str, rang: int | None = None) -> Demande:
    """Put on the waiting list, or move on it; ``niveau`` is a code of ``rules.LEVELS``."""
    assert niveau in rules.LEVELS
    return step(actor, current(demande_id, version), None, "inscrire", niveau=niveau, rang=rang)


def study(actor: Actor, demande_id: int, version: int) -> Demande:
    """Say that the request is being looked at."""
    return step(actor, current(demande_id, version), None, "etudier")


def propose(actor: Actor, demande_id: int, version: int, place: Proposition) -> Demande:
    """Offer a place."""
    return step(actor, current(demande_id, version), None, "proposer", proposee_le=clock.now(), rappel_fin_le=None,
                **vars(place))


def withdraw(actor: Actor, demande_id: int, version: int) -> Demande:
    """Take a proposal back, accepted or not: the person stays on the list."""
    demande = current(demande_id, version)
    return step(actor, demande, None, "retirer_proposition", niveau=demande.niveau or "admissible")


def refuse(actor: Actor, demande_id: int, version: int, motif: str, text: str = "") -> Demande:
    """Say that admission is impossible, for a reason."""
    demande = current(demande_id, version)
    return step(actor, demande, None, "refuser", motif=motif, motif_texte=seal(demande, "motif_texte", text))


def reactivate(actor: Actor, demande_id: int, version: int) -> Demande:
    """Take a refusal back."""
    demande = current(demande_id, version)
    must_be_open(of_dossiers.by_id(demande.dossier_id))
    return step(actor, demande, None, "reactiver", motif="", motif_texte=None)


def admit(actor: Actor, demande_id: int, version: int, entree: date) -> Demande:
    """Declare the entry: every other request of the dossier that is not over is cancelled in the same transaction."""
    return step(actor, current(demande_id, version), None, "admettre", entree=entree)


def undo_admission(actor: Actor, demande_id: int, version: int) -> Demande:
    """The entry was declared by mistake: the person is on the list again, and the requests that it had cancelled
    stand again where they stood."""
    demande = current(demande_id, version)
    return step(actor, demande, None, "corriger_entree", entree=None, niveau=demande.niveau or "admissible")


def give_opinion(actor: Actor, demande_id: int, version: int, avis_code: str, text: str = "") -> Demande:
    """The médecin coordonnateur's opinion, for his own establishment; ``avis_code`` is one of ``rules.OPINIONS``."""
    assert avis_code in rules.OPINIONS
    demande = current(demande_id, version)
    return step(actor, demande, None, "avis", avis=avis_code, avis_texte=seal(demande, "avis_texte", text),
                 avis_par=actor.signature, avis_le=clock.now())


def follow(actor: Actor, demande_id: int, version: int, event: str, *, motif: str = "", text: str = "") -> Demande:
    """A step of a machine that has no verb of its own here: it moves the request and keeps its reason."""
    demande = current(demande_id, version)
    if event in machines.of(demande.module).needs_motive:
        return step(actor, demande, None, event, motif=motif, motif_texte=seal(demande, "motif_texte", text))
    return step(actor, demande, None, event)


def renew(actor: Actor, demande_id: int, version: int) -> Demande:
    """Renew a path; raises Impossible the second time (R.2134-1 CSP: once)."""
    demande = current(demande_id, version)
    if demande.renouvellements:
        raise Impossible("Ce parcours a déjà été renouvelé\u00a0: il ne peut l’être qu’une fois.")
    return step(actor, demande, None, "renouveler", renouvellements=1)


# --- the clocks

def close_unfinished(demande_id: int) -> bool:
    """Close a confirmed request whose establishment never said whether the patient came; False when it has."""
    demande = queries.one(demande_id)
    if demande.etat != rules.ACCEPTEE or demande.rappel_fin_le is None:
        return False
    step(SYSTEM, demande, None, "clore")
    return True


def expire(demande_id: int) -> bool:
    """Close a proposal whose date has passed; False when there is nothing to close any more."""
    demande = queries.one(demande_id)
    late = demande.reponse_avant is not None and demande.reponse_avant < clock.today()
    if demande.etat != rules.PROPOSEE or not late:
        return False
    step(SYSTEM, demande, None, "expirer")
    return True


def close_all(actor: Actor, dossier: Dossier, event: str, motif: str) -> int:
    """End every pending request of a dossier that is cancelled (« annuler ») or archived (« annuler_auto »)."""
    pending = list(Demande.select().where(
        Demande.dossier_id == dossier.id, Demande.etat.in_(sorted(rules.PENDING))).order_by(Demande.id))
    for demande in pending:
        step(actor, demande, dossier, event, motif=motif, motif_texte=None)
    return len(pending)
