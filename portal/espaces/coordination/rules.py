"""Handing a dossier over to the médecin traitant: who may do what from where. Pure.

Two acts of the physician are apart: accepting to be the médecin traitant (the link physician - dossier), and taking
the responsibility of the dossier, which the structure offers in between and may take back until it is taken.
"""

from __future__ import annotations

from dataclasses import dataclass

SUIVI, PROPOSE, PRIS = "suivi", "propose", "pris"
ETATS = {
    SUIVI: "Suivi par le service",
    PROPOSE: "Transfert proposé au médecin traitant",
    PRIS: "Transféré au médecin traitant",
}


@dataclass(frozen=True)
class Transition:
    """One arrow of a transfer: from a state by an event to another; ``who`` may follow it."""

    source: str
    event: str
    who: str
    target: str


TRANSITIONS = (
    Transition(SUIVI, "proposer", "structure", PROPOSE),
    Transition(PROPOSE, "annuler", "structure", SUIVI),
    Transition(PROPOSE, "prendre", "medecin", PRIS),
)
_ARROWS = {(arrow.source, arrow.event): arrow for arrow in TRANSITIONS}


def transition(etat: str, event: str) -> Transition | None:
    """The arrow that leaves ``etat`` by ``event``; None when there is none."""
    return _ARROWS.get((etat, event))


# What the structure has validated before it hands a dossier over.
VOLET = "le volet administratif"
VOLETS = {"s": "les volets demandeur et administratif"}


def why_not_offered(*, accepted: bool, leads: bool, filled: bool, alive: bool, volets: str = VOLET) -> str:
    """Why a structure can't offer the transfer yet, as a French sentence; "" when it can.

    ``volets``: those that the structure answers for, as a sentence names them.
    """
    if not leads:
        return "Seule la structure qui conduit la demande peut la transférer."
    if not alive:
        return "Ce dossier est clos\u00a0: il ne se transfère pas."
    if not accepted:
        return "Le médecin traitant doit d’abord accepter le dossier."
    if not filled:
        return f"Validez d’abord {volets}\u00a0: le médecin reprend un dossier complet de votre côté."
    return ""
