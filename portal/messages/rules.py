"""Who writes to whom under a request, until when, and how much. Pure."""

from __future__ import annotations

import re

from portal.demandes import machines
from portal.demandes import rules as demandes
from portal.volets.rules import SERVICES

DEMANDEUR, RECEVEUR = "demandeur", "receveur"
SIDES = {DEMANDEUR: "Demandeur", RECEVEUR: "Établissement"}
LONGEST = 4000
"""The characters of one message, line ends included."""
CLE = re.compile(r"[0-9a-f]{32}", re.ASCII)
# Roles of volets.rules that hold a request's professionals; the patient's side and secretaries are not among them.
ASKING_ROLES = SERVICES | {"referent", "traitant"}


class Invalid(ValueError):
    """What was typed can't be sent; the message is a French sentence that says why and what to do."""


def other(side: str) -> str:
    """The side across."""
    return RECEVEUR if side == DEMANDEUR else DEMANDEUR


def words(text: str) -> str:
    """A message as it is kept: no space at the end of a line, at most two line ends in a row; raises Invalid."""
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    kept = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")
    if not kept.strip():
        raise Invalid("Écrivez votre message avant de l’envoyer.")
    if len(kept) > LONGEST:
        raise Invalid(f"Votre message compte {number(len(kept))} caractères\u00a0: {number(LONGEST)} au plus. "
                      "Raccourcissez-le, ou envoyez-le en deux fois.")
    return kept


def number(value: int) -> str:
    """« 4 000 », with a narrow space that does not break."""
    return f"{value:,}".replace(",", "\u202f")


def why_closed(module: str, etat: str, side: str) -> str:
    """Why nobody writes any more (or yet) under a request that stands there; "" when this side may."""
    if etat == demandes.NON_ENVOYEE:
        return "La demande n’est pas encore envoyée\u00a0: l’établissement ne la connaît pas."
    if etat in demandes.OVER:
        shown = etat if side == DEMANDEUR or etat != demandes.ANNULEE_AUTO else demandes.ANNULEE
        state = machines.of(module).etats[shown].label
        return (f"La demande est close ({state[0].lower()}{state[1:]})\u00a0: ses messages se lisent, et plus personne "
                "n’y écrit. Pour la suite, téléphonez.")
    if side == RECEVEUR and etat == demandes.ENVOYEE:
        return "Ouvrez d’abord le dossier\u00a0: les messages en font partie."
    return ""
