"""What a coordination team does with its dossiers, and the physician who takes one over: audited, one transaction."""

from __future__ import annotations

from portal import clock
from portal.avis import commands as avis
from portal.avis import queries as addressees
from portal.db import audit
from portal.db.audit import Actor
from portal.dossiers import commands as dossiers
from portal.dossiers import rules as dossier_rules
from portal.dossiers.commands import Nouveau
from portal.dossiers.models import Dossier
from portal.espaces import rules as espaces
from portal.espaces.coordination import queries, rules
from portal.espaces.models import Structure, Suivi, Transfert


class Meanwhile(Exception):
    """Somebody was quicker: the transfer is not where the page showed it. The message is French."""


def create(actor: Actor, structure: Structure, module: str, new: Nouveau) -> Dossier:
    """Open a dossier that the structure leads. Raises dossiers.numeros.Epuises."""
    made = dossiers.open_for(actor, module, new, structure=(structure.id, structure.label))
    Suivi.create(structure=structure, dossier_id=made.id, etat=espaces.LEADS, depuis=clock.now())
    return made


def offer(actor: Actor, structure: Structure, dossier: Dossier, rpps: int) -> None:
    """« Transfert au médecin traitant »: he may take the dossier over from now on. Raises Meanwhile."""
    if _arrow(dossier, "proposer") is None:
        raise Meanwhile("Le transfert de ce dossier est déjà proposé au médecin traitant.")
    Transfert.delete().where(Transfert.dossier_id == dossier.id).execute()  # one that is void
    Transfert.create(dossier_id=dossier.id, structure=structure, rpps=rpps, propose_par=actor.signature,
                     propose_le=clock.now())
    audit.record(actor, "dossier.transfert_propose", dossier=_label(dossier))
    avis.tell([addressees.medecin(rpps)], "transfert", dossier=_label(dossier))


def take_back(actor: Actor, dossier: Dossier) -> None:
    """« Retour au service »: the physician can't take the dossier over any more. Raises Meanwhile."""
    if _arrow(dossier, "annuler") is None:
        raise Meanwhile("Ce transfert n’est plus en attente\u00a0: il a été annulé, ou le médecin a pris le dossier.")
    Transfert.delete().where(Transfert.dossier_id == dossier.id).execute()
    audit.record(actor, "dossier.transfert_annule", dossier=_label(dossier))


def take_over(actor: Actor, dossier: Dossier, name: str) -> None:
    """« Prendre la responsabilité du dossier »: the physician leads it, the structure sees it no more.

    ``name``: as the dossier will name its referent. Raises Meanwhile.
    """
    offered = queries.transfer(dossier)
    if offered is None or offered.rpps != actor.holder or _arrow(dossier, "prendre") is None:
        raise Meanwhile("Le service a repris ce dossier avant vous\u00a0: il n’est plus proposé au transfert.")
    Transfert.delete().where(Transfert.dossier_id == dossier.id).execute()
    Suivi.update(etat=espaces.HANDED_OVER, depuis=clock.now()).where(
        Suivi.dossier_id == dossier.id, Suivi.structure == offered.structure_id).execute()
    dossiers.hand_over(actor, dossier, offered.rpps, name)
    avis.tell([addressees.structure(offered.structure_id)], "transfere", dossier=_label(dossier))


def _arrow(dossier: Dossier, event: str) -> rules.Transition | None:
    """The arrow of the transfer's table that leaves where this dossier stands."""
    return rules.transition(rules.SUIVI if queries.transfer(dossier) is None else rules.PROPOSE, event)


def _label(dossier: Dossier) -> str:
    return dossier_rules.format_numero(dossier.module, dossier.numero)
