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


@dataclass(frozen=True)
class Mots:
    """How a module calls who is asked and what comes of it, in the pages of its requests."""

    eux: str
    a_eux: str
    avertis: str
    entree: str
    lecteur: str


MOTS = {
    "ga": Mots("l’établissement", "à l’établissement", "l’établissement en est averti", "Entrée",
               "son médecin coordonnateur les volets médical et autonomie"),
    "s": Mots("l’unité", "à l’unité", "l’unité en est avertie", "Arrivée",
              "son médecin les volets orientation, médical et soins"),
    "tnd": Mots("la plateforme", "à la plateforme", "la plateforme en est avertie", "Parcours",
                "ses médecins les volets repérage et médical"),
}


def _acts(words: Mots) -> tuple[Acte, ...]:
    """What every module's requests allow."""
    return (
        Acte("completer", "completer", f"Répondre {words.a_eux}", "Envoyer la réponse",
             f"Votre réponse est envoyée\u00a0: {words.avertis}.", main=True),
        Acte("relancer", "relancer", f"Relancer {words.eux}", "Relancer",
             f"{words.eux.capitalize()} est {'relancé' if words.eux == 'l’établissement' else 'relancée'}.", main=True),
        Acte("rouvrir", "rouvrir", "Rouvrir la demande", "Envoyer de nouveau", "La demande est envoyée de nouveau."),
        Acte("annuler", "annuler", "Annuler la demande", "Annuler la demande",
             f"La demande est annulée\u00a0: {words.avertis}.", danger=True),
        Acte("retirer", "retirer", "Retirer de la sélection", "Retirer",
             "La demande est retirée de votre sélection.", danger=True),
    )


_PLACES = (
    Acte("accepter", "accepter", "Accepter la proposition", "Accepter la proposition",
         "La proposition est acceptée\u00a0: l’établissement en est averti.", main=True),
    Acte("decliner", "decliner", "Décliner la proposition", "Décliner la proposition",
         "La proposition est déclinée\u00a0: l’établissement en est averti."),
)
_ACCORDS = (
    Acte("accord", "donner_accord", "Donner l’accord du médecin traitant", "Donner mon accord",
         "Votre accord est enregistré\u00a0: l’unité et le référent en sont avertis.", main=True),
    Acte("desaccord", "refuser_accord", "Refuser la prise en charge à domicile", "Ne pas donner mon accord",
         "Votre refus est enregistré\u00a0: l’unité et le référent en sont avertis.", danger=True),
    Acte("accepter", "accepter", "Confirmer l’accord", "Confirmer l’accord",
         "L’accord est confirmé\u00a0: l’unité en est avertie, les autres demandes sont annulées.", main=True),
    Acte("decliner", "decliner", "Ne pas retenir l’accord", "Ne pas retenir l’accord",
         "L’accord n’est pas retenu\u00a0: l’unité en est avertie."),
)
ACTES = {
    module: {acte.code: acte for acte in (*own, *_acts(MOTS[module]))}
    for module, own in (("ga", _PLACES), ("s", _ACCORDS), ("tnd", ()))
}
"""The acts of each module's requests, by the code of their address."""
# The médecin traitant's word on a care at home, and the act that says it: once said, only the other one is left.
SAID = {"accord": "donne", "desaccord": "refuse"}


def possible(module: str, etat: str, sejour: str = "", accord: str = "") -> tuple[Acte, ...]:
    """The acts that a request's state allows, the main one first, whoever asks."""
    at_home = sejour in machines.of(module).at_home
    return tuple(acte for acte in ACTES[module].values() if _leads_on(module, etat, acte)
                 and (acte.code not in SAID or (at_home and accord != SAID[acte.code])))


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
