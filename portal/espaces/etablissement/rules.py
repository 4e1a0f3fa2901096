"""What an establishment does with the requests it receives: tabs, acts, words, and what it may type. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, timedelta

from portal.demandes import machines
from portal.demandes import rules as demandes
from portal.espaces.rules import ADMISSIONS, MEDICAL

NBSP = "\u00a0"

# --- the worklist

A_TRAITER, LISTE, PROPOSITIONS, ADMIS, CLOSES = "a_traiter", "liste", "propositions", "admis", "closes"
TABS = {
    A_TRAITER: "À traiter", LISTE: "Liste d’attente", PROPOSITIONS: "Propositions", ADMIS: "Admis",
    CLOSES: "Closes ou refusées",
}
# What an establishment that reads another module alone calls its tabs; one that reads several has the words above.
_TABS_OF = {"s": {LISTE: "Accords sans place", PROPOSITIONS: "Accords", ADMIS: "Arrivées"}}
STATES = {
    A_TRAITER: (demandes.ENVOYEE, demandes.LUE, demandes.ETUDE, demandes.COMPLEMENT),
    LISTE: (demandes.LISTE,),
    PROPOSITIONS: (demandes.PROPOSEE, demandes.ACCEPTEE, demandes.DECLINEE, demandes.EXPIREE, demandes.PARCOURS,
                   demandes.BILANS, demandes.SYNTHESE, demandes.RENOUVELE),
    ADMIS: (demandes.ADMIS, demandes.NON_FINALISEE, demandes.CLOS),
    CLOSES: (demandes.REFUS, demandes.REORIENTEE, demandes.ANNULEE, demandes.ANNULEE_AUTO),
}
GIRS = ("1", "2", "3", "4", "5", "6")
NOT_RATED = "non"


def tabs(modules: Collection[str]) -> dict[str, str]:
    """The tabs of an establishment whose units read these modules, by code."""
    alone = next(iter(modules)) if len(modules) == 1 else ""
    return TABS | _TABS_OF.get(alone, {})


def tab_of(etat: str) -> str:
    """The tab in which a request of this state is listed."""
    return next(tab for tab, states in STATES.items() if etat in states)


def closed(etat: str) -> bool:
    """True once the request is over and its dossier shut: only the name stays."""
    return etat in STATES[CLOSES]


# --- the words of this side: nothing here says what other establishments were asked or answered

CANCELLED = "Demande annulée"
ELSEWHERE = "Admis ailleurs"
_LABELS = {demandes.ENVOYEE: "À ouvrir", demandes.LUE: "Dossier ouvert", demandes.COMPLEMENT: "Complément demandé",
           demandes.ANNULEE: CANCELLED, demandes.ANNULEE_AUTO: CANCELLED}
_MOTIVES = {"119": ELSEWHERE}
STEPS = {
    "envoyer": "Demande reçue", "lire": "Dossier ouvert", "demander_complement": "Complément demandé",
    "completer": "Complément reçu", "inscrire": "Inscription sur la liste d’attente", "proposer": "Place proposée",
    "retirer_proposition": "Proposition retirée", "accepter": "Proposition acceptée",
    "decliner": "Proposition déclinée, la personne reste sur la liste", "decliner_tout": "Proposition déclinée",
    "expirer": "Proposition restée sans réponse", "admettre": "Entrée déclarée", "corriger_entree": "Entrée corrigée",
    "refuser": "Admission impossible", "reactiver": "Refus repris", "annuler": CANCELLED, "annuler_auto": CANCELLED,
    "retablir": "Demande rétablie", "rouvrir": "Demande rouverte", "relancer": "Relance",
    "avis": "Avis du médecin coordonnateur", "etudier": "Demande mise à l’étude",
    "donner_accord": "Accord du médecin traitant", "refuser_accord": "Désaccord du médecin traitant",
    "clore": "Close sans arrivée déclarée", "valider": "Parcours validé", "commencer": "Bilans commencés",
    "synthese": "Synthèse rendue", "renouveler": "Parcours renouvelé", "clore_parcours": "Parcours clos",
    "reorienter": "Demande réorientée", "changement": "Le dossier a changé",
}
"""What each step is called here; a step that is not in it (choosing, before anything is sent) is not shown."""
_STEPS_OF = {
    "s": {
        "inscrire": "Accord sans place", "proposer": "Accord avec une date", "retirer_proposition": "Accord retiré",
        "accepter": "Accord confirmé", "decliner": "Accord non retenu, le patient reste sur la liste",
        "decliner_tout": "Accord non retenu", "expirer": "Accord resté sans réponse", "admettre": "Arrivée déclarée",
        "corriger_entree": "Arrivée corrigée", "refuser": "Demande refusée", "avis": "Avis du médecin de l’unité",
    },
    "tnd": {"refuser": "Demande refusée", "avis": "Avis du médecin de la plateforme"},
}


def step(module: str, event: str) -> str:
    """What a step is called here, in the words of its module."""
    return _STEPS_OF.get(module, {}).get(event) or STEPS[event]



def label(module: str, etat: str) -> str:
    """The state of a request as this side reads it: an automatic cancelling is a cancelling."""
    return _LABELS.get(etat) or machines.of(module).etats[etat].label


def motive(code: str) -> str:
    """The words of a motive, "" for none."""
    known = demandes.MOTIFS.get(code)
    return _MOTIVES.get(code) or (known.label if known else "")


# --- what may be done

@dataclass(frozen=True)
class Acte:
    """An answer: its code (the end of its address), its event, the words of its button and of its page, who may."""

    code: str
    event: str
    label: str
    title: str
    roles: frozenset[str]


_ANSWERS, _READS = frozenset({ADMISSIONS}), frozenset({ADMISSIONS, MEDICAL})
ACTS = {acte.code: acte for acte in (
    Acte("avis", "avis", "Donner l’avis médical", "Avis du médecin coordonnateur", frozenset({MEDICAL})),
    Acte("etudier", "etudier", "Mettre à l’étude", "Mettre la demande à l’étude", _READS),
    Acte("complement", "demander_complement", "Demander un complément", "Demander un complément", _READS),
    Acte("liste", "inscrire", "Inscrire sur la liste d’attente", "Inscrire sur la liste d’attente", _ANSWERS),
    Acte("proposer", "proposer", "Proposer une place", "Proposer une place", _ANSWERS),
    Acte("admettre", "admettre", "Déclarer l’entrée", "Déclarer l’entrée", _ANSWERS),
    Acte("retirer", "retirer_proposition", "Retirer la proposition", "Retirer la proposition", _ANSWERS),
    Acte("refuser", "refuser", "Signaler une admission impossible", "Signaler une admission impossible", _ANSWERS),
    Acte("reactiver", "reactiver", "Reprendre la demande", "Reprendre une demande refusée", _ANSWERS),
    Acte("corriger", "corriger_entree", "Corriger une entrée déclarée par erreur",
         "Corriger une entrée déclarée par erreur", _ANSWERS),
)}
# What another module calls the same act: its button, its page.
_WORDS = {
    "s": {
        "avis": ("Donner l’avis médical", "Avis du médecin de l’unité"),
        "liste": ("Donner un accord sans place", "Donner un accord sans place"),
        "proposer": ("Donner un accord avec une date", "Donner un accord avec une date"),
        "admettre": ("Déclarer l’arrivée", "Déclarer l’arrivée du patient"),
        "retirer": ("Retirer l’accord", "Retirer l’accord"),
        "refuser": ("Refuser la demande", "Refuser la demande"),
        "corriger": ("Corriger une arrivée déclarée par erreur", "Corriger une arrivée déclarée par erreur"),
    },
    "tnd": {
        "avis": ("Donner l’avis médical", "Avis du médecin de la plateforme"),
        "refuser": ("Refuser la demande", "Refuser la demande"),
    },
}
# The answer that usually comes next.
_FIRST = {
    "ga": {demandes.LUE: "liste", demandes.LISTE: "proposer", demandes.ACCEPTEE: "admettre",
           demandes.DECLINEE: "liste", demandes.EXPIREE: "liste", demandes.REFUS: "reactiver"},
    "s": {demandes.LUE: "etudier", demandes.ETUDE: "proposer", demandes.LISTE: "proposer",
          demandes.ACCEPTEE: "admettre", demandes.NON_FINALISEE: "admettre", demandes.DECLINEE: "liste",
          demandes.EXPIREE: "liste", demandes.REFUS: "reactiver"},
    "tnd": {demandes.LUE: "complement", demandes.REFUS: "reactiver"},
}


def act(module: str, code: str) -> Acte:
    """An answer in the words of its module; KeyError for an unknown code."""
    acte = ACTS[code]
    label, title = _WORDS.get(module, {}).get(code, (acte.label, acte.title))
    return replace(acte, label=label, title=title)


def possible(module: str, etat: str, roles: Collection[str]) -> list[Acte]:
    """What a member with these roles may do with a request that stands there, the usual next step first."""
    found = [act(module, acte.code) for acte in ACTS.values()
             if machines.of(module).transition(etat, acte.event) and acte.roles & set(roles)]
    if MEDICAL in roles and ADMISSIONS not in roles:
        return found
    return sorted(found, key=lambda acte: acte.code != _FIRST[module].get(etat))


def words(acte: Acte, etat: str) -> str:
    """The words of an answer's button: on the list already, one moves on it."""
    if (acte.code, etat) != ("liste", demandes.LISTE):
        return acte.label
    return "Changer de niveau ou de rang" if acte.label == ACTS["liste"].label else "Changer de rang"


def next_words(module: str, etat: str, roles: Collection[str], avis: str) -> str:
    """What a row waits for, as its reader can act on it; "" when nothing of his does."""
    if MEDICAL in roles and not avis and machines.of(module).transition(etat, "avis"):
        return "Donner votre avis"
    if ADMISSIONS not in roles:
        return ""
    return (_NEXT | _NEXT_OF.get(module, {})).get(etat, "")


_NEXT = {
    demandes.LUE: "Répondre", demandes.ETUDE: "Répondre", demandes.COMPLEMENT: "Attendre le complément",
    demandes.LISTE: "Proposer une place", demandes.PROPOSEE: "Attendre la réponse",
    demandes.ACCEPTEE: "Déclarer l’entrée", demandes.DECLINEE: "Remettre en liste ou clore",
    demandes.EXPIREE: "Rappeler, ou remettre en liste",
}
_NEXT_OF = {
    "s": {demandes.LISTE: "Donner une date", demandes.PROPOSEE: "Attendre la confirmation",
          demandes.ACCEPTEE: "Déclarer l’arrivée", demandes.NON_FINALISEE: "Dire si le patient est arrivé",
          demandes.DECLINEE: "Garder l’accord ou refuser", demandes.EXPIREE: "Rappeler, ou donner une autre date"},
    "tnd": {demandes.LUE: "Vérifier et valider", demandes.PARCOURS: "Commencer les bilans",
            demandes.BILANS: "Rendre la synthèse", demandes.SYNTHESE: "Renouveler ou clore",
            demandes.RENOUVELE: "Rendre la synthèse"},
}


# --- what is typed

LONGEST_TEXT = 2000
HIGHEST_RANK = 999
DEAREST = 100_000
"""The highest price of a day that is taken for one, in cents (said in words below)."""
FARTHEST = timedelta(days=366)
"""How far ahead a place may be offered."""
_PRICE = re.compile(r"(\d{1,6})(?:[.,](\d{1,2}))?", re.ASCII)
_RANK = re.compile(r"\d{1,3}", re.ASCII)


class Invalid(ValueError):
    """What was typed can't be taken; the message is a French sentence that says why and what to write."""


def price(text: str) -> int | None:
    """« 65,40 », « 65.4 € » or « 65 € par jour » in cents; None for nothing. Raises Invalid."""
    bare = re.sub(r"(€|euros?|par jour|/\s*jour|\s)", "", text.lower())
    if not bare:
        return None
    found = _PRICE.fullmatch(bare)
    if not found:
        raise Invalid(f"Écrivez le prix d’une journée en chiffres{NBSP}: par exemple 65,40.")
    cents = int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0"))
    if not 0 < cents <= DEAREST:
        raise Invalid("Le prix d’une journée est compris entre 0,01 et 1\u202f000 euros.")
    return cents


def rank(text: str) -> int | None:
    """A place on the list, from 1; None for nothing. Raises Invalid."""
    if not text:
        return None
    if not _RANK.fullmatch(text) or int(text) == 0:
        raise Invalid(f"Le rang est un nombre de 1 à {HIGHEST_RANK}.")
    return int(text)


def places(text: str, capacity: int | None) -> int | None:
    """A number of free places; None for nothing. Raises Invalid."""
    if not text:
        return None
    if not _RANK.fullmatch(text):
        raise Invalid("Le nombre de places libres est un nombre entier de 0 à 999.")
    if capacity is not None and int(text) > capacity:
        raise Invalid(f"L’unité a {capacity} places en tout.")
    return int(text)


def why_not_planned(day: date, today: date) -> str:
    """Why an entry can't be planned on that day; "" when it can."""
    if day < today:
        return "Cette date est passée\u00a0: proposez aujourd’hui ou un jour à venir."
    if day > today + FARTHEST:
        return "Cette date est à plus d’un an\u00a0: inscrivez plutôt la personne sur la liste d’attente."
    return ""


def why_not_deadline(day: date, planned: date | None, today: date) -> str:
    """Why an answer can't be awaited until that day; "" when it can."""
    if day < today:
        return "Cette date est passée\u00a0: la réponse ne pourrait plus arriver."
    if planned and day > planned:
        return "La réponse est attendue au plus tard le jour de l’entrée prévue."
    return ""


def why_not_entered(day: date, received: date, today: date) -> str:
    """Why a person can't have entered on that day; "" when she can."""
    if day > today:
        return "Cette date est à venir\u00a0: déclarez l’entrée le jour où la personne est arrivée."
    if day < received:
        return "Cette date précède la réception de la demande."
    return ""
