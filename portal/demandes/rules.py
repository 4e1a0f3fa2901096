"""The life of a request: states, who may do what, motives, and what the whole says of its dossier. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

# --- who acts

DEMANDEUR, DECIDEUR, RECEVEUR, SYSTEME = "demandeur", "decideur", "receveur", "systeme"
# « demandeur » chooses, sends, chases and cancels; « decideur » answers proposals for the person.

# --- states

NON_ENVOYEE, ENVOYEE, LUE, COMPLEMENT, LISTE = "non_envoyee", "envoyee", "lue", "complement", "liste_attente"
PROPOSEE, ACCEPTEE, DECLINEE, EXPIREE, ADMIS = "proposee", "acceptee", "declinee", "expiree", "admis"
REFUS, ANNULEE, ANNULEE_AUTO = "refus", "annulee", "annulee_auto"


@dataclass(frozen=True)
class Etat:
    """Where a request stands: its code, its words, its icon, whether an establishment is at stake (bold)."""

    code: str
    label: str
    icon: str
    bold: bool = True


ETATS = {etat.code: etat for etat in (
    Etat(NON_ENVOYEE, "Non envoyée", "crayon", bold=False),
    Etat(ENVOYEE, "Demande envoyée", "envoi"),
    Etat(LUE, "Dossier consulté", "oeil"),
    Etat(COMPLEMENT, "Informations complémentaires demandées", "question"),
    Etat(LISTE, "Liste d’attente", "attente"),
    Etat(PROPOSEE, "Admission proposée", "valide"),
    Etat(ACCEPTEE, "Proposition acceptée", "valide"),
    Etat(DECLINEE, "Proposition déclinée", "refus"),
    Etat(EXPIREE, "Proposition expirée", "attente"),
    Etat(ADMIS, "Admis", "valide", bold=False),
    Etat(REFUS, "Admission impossible", "refus"),
    Etat(ANNULEE, "Demande annulée", "refus", bold=False),
    Etat(ANNULEE_AUTO, "Demande annulée automatiquement", "refus", bold=False),
)}
# Sent and not over: the establishment reads the dossier, and an admission elsewhere cancels these.
PENDING = frozenset({ENVOYEE, LUE, COMPLEMENT, LISTE, PROPOSEE, ACCEPTEE, DECLINEE, EXPIREE})
READABLE = PENDING | {ADMIS}
OVER = frozenset({REFUS, ANNULEE, ANNULEE_AUTO, ADMIS})
# Waiting for the establishment's word, whose silence is counted.
SILENT = frozenset({ENVOYEE, LUE})

# --- the waiting list, in the three levels of the official nomenclature (JDV_J252: 42, 72, 71)

LEVELS = {"analyse": "En cours d’analyse", "admissible": "Admissible", "admis": "Admis, en attente d’une place"}
OPINIONS = {"favorable": "Favorable", "reserve": "Réservé", "defavorable": "Défavorable"}

# --- transitions

SAME, BEFORE = "", "avant"


@dataclass(frozen=True)
class Transition:
    """One arrow: from a state by an event to another; ``who`` may follow it; ``motive``: not without one.

    The target SAME changes no state: the step is counted and said. BEFORE is the state that was left.
    """

    source: str
    event: str
    who: str
    target: str
    motive: bool = False


def _each(sources: Collection[str], event: str, who: str, target: str, *, motive: bool = False) -> list[Transition]:
    return [Transition(source, event, who, target, motive) for source in sorted(sources)]


TRANSITIONS: tuple[Transition, ...] = (
    Transition(NON_ENVOYEE, "envoyer", DEMANDEUR, ENVOYEE),
    Transition(ENVOYEE, "lire", RECEVEUR, LUE),
    *_each({LUE, LISTE, COMPLEMENT}, "demander_complement", RECEVEUR, COMPLEMENT),
    Transition(COMPLEMENT, "completer", DEMANDEUR, ENVOYEE),
    *_each({LUE, LISTE, DECLINEE, EXPIREE}, "inscrire", RECEVEUR, LISTE),
    *_each({LUE, LISTE, EXPIREE, DECLINEE}, "proposer", RECEVEUR, PROPOSEE),
    *_each({PROPOSEE, ACCEPTEE}, "retirer_proposition", RECEVEUR, LISTE),
    Transition(PROPOSEE, "accepter", DECIDEUR, ACCEPTEE),
    Transition(PROPOSEE, "decliner", DECIDEUR, DECLINEE, motive=True),
    Transition(PROPOSEE, "decliner_tout", DECIDEUR, ANNULEE, motive=True),
    Transition(PROPOSEE, "expirer", SYSTEME, EXPIREE),
    *_each({LUE, LISTE, PROPOSEE, ACCEPTEE}, "admettre", RECEVEUR, ADMIS),
    Transition(ADMIS, "corriger_entree", RECEVEUR, LISTE),
    *_each({LUE, COMPLEMENT, LISTE, DECLINEE, EXPIREE}, "refuser", RECEVEUR, REFUS, motive=True),
    Transition(REFUS, "reactiver", RECEVEUR, LUE),
    *_each(PENDING, "annuler", DEMANDEUR, ANNULEE, motive=True),
    *_each(PENDING, "annuler_auto", SYSTEME, ANNULEE_AUTO, motive=True),
    # An entry declared by mistake gives the others back what it took from them.
    Transition(ANNULEE_AUTO, "retablir", SYSTEME, BEFORE),
    *_each({ANNULEE, ANNULEE_AUTO, REFUS}, "rouvrir", DEMANDEUR, ENVOYEE),
    *_each({ENVOYEE, LUE, LISTE}, "relancer", DEMANDEUR, SAME),
    *_each({LUE, COMPLEMENT, LISTE, PROPOSEE}, "avis", RECEVEUR, SAME),
)
_ARROWS = {(arrow.source, arrow.event): arrow for arrow in TRANSITIONS}
EVENTS = tuple(dict.fromkeys(arrow.event for arrow in TRANSITIONS))
WHO = {arrow.event: arrow.who for arrow in TRANSITIONS}
NEEDS_MOTIVE = frozenset(arrow.event for arrow in TRANSITIONS if arrow.motive)
# What each event does, after « peut », in the reasons that refuse it.
VERBS = {
    "envoyer": "envoyée", "lire": "ouverte", "demander_complement": "mise en attente d’un complément",
    "completer": "complétée", "inscrire": "inscrite sur liste d’attente", "proposer": "suivie d’une proposition",
    "retirer_proposition": "privée de sa proposition", "accepter": "acceptée", "decliner": "déclinée",
    "decliner_tout": "déclinée", "expirer": "expirée", "admettre": "close par une entrée",
    "corriger_entree": "corrigée", "refuser": "refusée", "reactiver": "réactivée", "annuler": "annulée",
    "annuler_auto": "annulée", "retablir": "rétablie", "rouvrir": "rouverte", "relancer": "relancée",
    "avis": "suivie d’un avis médical",
}


def transition(etat: str, event: str) -> Transition | None:
    """The arrow that leaves ``etat`` by ``event``; None when there is none."""
    return _ARROWS.get((etat, event))


def target(arrow: Transition, before: str = "") -> str:
    """Where an arrow leads; ``before``: the state that the request had left, for an arrow that gives it back."""
    return before if arrow.target == BEFORE else arrow.target or arrow.source


def events_from(etat: str, who: Collection[str]) -> tuple[str, ...]:
    """What these may do with a request that stands there, in the table's order."""
    return tuple(arrow.event for arrow in TRANSITIONS if arrow.source == etat and arrow.who in who)


def why_impossible(etat: str, event: str) -> str:
    """From where to where and why a step can't be made, as a French sentence."""
    wanted = dict.fromkeys(ETATS[arrow.target].label for arrow in TRANSITIONS
                           if arrow.event == event and arrow.target in ETATS)
    sources = [ETATS[arrow.source].label for arrow in TRANSITIONS if arrow.event == event]
    to = f" pour passer à «\u00a0{next(iter(wanted))}\u00a0»" if wanted else ""
    known = ", ".join(f"«\u00a0{label}\u00a0»" for label in dict.fromkeys(sources))
    return (f"Cette demande est à l’état «\u00a0{ETATS[etat].label}\u00a0»\u00a0: elle ne peut pas être "
            f"{VERBS[event]}{to}. Cela se fait depuis {known}.")


# --- motives: codes of the ANS table TRE_R358 (OID 1.2.250.1.213.3.3.248), with our words


@dataclass(frozen=True)
class Motif:
    """Why a request ends: code of TRE_R358, words, and the events that may give it."""

    code: str
    label: str
    events: frozenset[str]


_REFUSE, _CANCEL, _DECLINE = "refuser", "annuler", "decliner"
MOTIFS = {motif.code: motif for motif in (Motif(code, label, frozenset(events)) for code, label, events in (
    ("84", "Ne remplit pas les conditions d’admission", {_REFUSE}),
    ("86", "Plateau technique ou accompagnement non adapté", {_REFUSE}),
    ("114", "Ressources insuffisantes", {_REFUSE}),
    ("122", "Âge incompatible avec l’établissement", {_REFUSE}),
    ("115", "Non adapté au projet de vie", {_REFUSE, _CANCEL, _DECLINE}),
    ("113", "Éloignement géographique", {_REFUSE, _CANCEL, _DECLINE}),
    ("93", "Aggravation de l’état de santé", {_REFUSE, _CANCEL, _DECLINE}),
    ("148", "Personne injoignable", {_REFUSE}),
    ("121", "Refus du projet par la personne", {_REFUSE, _CANCEL, _DECLINE}),
    ("89", "Volonté de la personne ou de ses proches", {_CANCEL, _DECLINE}),
    ("85", "Volonté du demandeur", {_CANCEL}),
    ("92", "Amélioration de l’état de santé", {_CANCEL, _DECLINE}),
    ("87", "Déménagement", {_CANCEL, _DECLINE}),
    ("157", "Hospitalisation", {_CANCEL, _DECLINE}),
    ("117", "Situation changée", {_REFUSE, _CANCEL, _DECLINE}),
    ("119", "Admission dans un autre établissement", {_REFUSE, _CANCEL, _DECLINE, "annuler_auto"}),
    ("124", "Décès", {_REFUSE, _CANCEL}),
    ("112", "Erreur d’utilisation du logiciel", {_REFUSE, _CANCEL}),
    ("98", "Fin de validité de la demande", {"annuler_auto"}),
    ("95", "Annulation automatique", {"annuler_auto"}),
))}


def motives(event: str) -> tuple[Motif, ...]:
    """The motives that an event may give, in order."""
    known = _DECLINE if event.startswith(_DECLINE) else event
    return tuple(motif for motif in MOTIFS.values() if known in motif.events)


def is_motive(code: str, event: str) -> bool:
    """True when this code may be given as the motive of an event."""
    return any(motif.code == code for motif in motives(event))


# --- what the requests say of their dossier

# The first of these that any request has reached is the dossier's status (codes of dossiers.rules.STATUTS).
_PRIORITY = (
    (ADMIS, "admis"), (ACCEPTEE, "proposition_acceptee"), (PROPOSEE, "admission_proposee"), (LISTE, "liste_attente"),
    (COMPLEMENT, "complement"), (LUE, "consulte"), (ENVOYEE, "demande_envoyee"), (DECLINEE, "proposition_declinee"),
    (EXPIREE, "proposition_declinee"), (REFUS, "refusee"),
)


def statut(etats: Collection[str]) -> str:
    """The status of a Grand Âge dossier whose requests stand there: the farthest one counts.

    Refused only when nothing else is left; requests not sent or cancelled say nothing.
    """
    for etat, code in _PRIORITY:
        if etat in etats:
            return code
    return "non_envoyee"


# --- delays

# How long the asking side waits between two reminders of one request, in days.
RELANCE_DAYS = 3
MODULES = frozenset({"ga"})
"""The modules whose dossiers are sent to establishments."""
