"""What the asking side may do with a request, one page each. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from portal.demandes import machines, rules

LONGEST_TEXT = 2000


@dataclass(frozen=True)
class Acte:
    """One act: the code of its address, the event of ``rules`` it is (« retirer » moves nothing: it deletes a row that
    was never sent), its title, its button, what was done in words. ``main``: the first thing to do in its state.
    """

    code: str
    event: str
    title: str
    button: str
    done: str
    main: bool = False
    danger: bool = False


ACTES = {acte.code: acte for acte in (
    Acte("completer", "completer", "Répondre à l’établissement", "Envoyer la réponse",
         "Votre réponse est envoyée\u00a0: l’établissement en est averti.", main=True),
    Acte("accepter", "accepter", "Accepter la proposition", "Accepter la proposition",
         "La proposition est acceptée\u00a0: l’établissement en est averti.", main=True),
    Acte("decliner", "decliner", "Décliner la proposition", "Décliner la proposition",
         "La proposition est déclinée\u00a0: l’établissement en est averti."),
    Acte("relancer", "relancer", "Relancer l’établissement", "Relancer",
         "L’établissement est relancé.", main=True),
    Acte("rouvrir", "rouvrir", "Rouvrir la demande", "Envoyer de nouveau",
         "La demande est envoyée de nouveau."),
    Acte("annuler", "annuler", "Annuler la demande", "Annuler la demande",
         "La demande est annulée\u00a0: l’établissement en est averti.", danger=True),
    Acte("retirer", "retirer", "Retirer de la sélection", "Retirer",
         "L’établissement est retiré de votre sélection.", danger=True),
)}


def possible(module: str, etat: str) -> tuple[Acte, ...]:
    """The acts that a request's state allows, the main one first, whoever asks."""
    return tuple(acte for acte in ACTES.values() if _leads_on(module, etat, acte))


def _leads_on(module: str, etat: str, acte: Acte) -> bool:
    if acte.code == "retirer":
        return etat == rules.NON_ENVOYEE
    return machines.of(module).transition(etat, acte.event) is not None


def why_not(module: str, etat: str, acte: Acte) -> str:
    """From where to where and why an act can't be done; "" when it can."""
    if _leads_on(module, etat, acte):
        return ""
    if acte.code == "retirer":
        return "Cette demande est déjà partie\u00a0: annulez-la au lieu de la retirer."
    return machines.of(module).why_impossible(etat, acte.event)
