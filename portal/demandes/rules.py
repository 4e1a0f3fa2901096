"""The life of a request: states, who acts, arrows, motives. Each module's own table is in ``machines``. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

# --- who acts

DEMANDEUR, DECIDEUR, TRAITANT = "demandeur", "decideur", "traitant"
RECEVEUR, SYSTEME = "receveur", "systeme"
# « demandeur » chooses, sends, chases and cancels; « decideur » answers proposals for the person; « traitant » is her
# physician, without whom nobody is cared for at home.

# --- states: the same code means the same in every module that knows it

NON_ENVOYEE, ENVOYEE, LUE, COMPLEMENT, LISTE = "non_envoyee", "envoyee", "lue", "complement", "liste_attente"
PROPOSEE, ACCEPTEE, DECLINEE, EXPIREE, ADMIS = "proposee", "acceptee", "declinee", "expiree", "admis"
REFUS, ANNULEE, ANNULEE_AUTO = "refus", "annulee", "annulee_auto"
ETUDE, NON_FINALISEE = "etude", "non_finalisee"
PARCOURS, BILANS, SYNTHESE, RENOUVELE = "parcours", "bilans", "synthese", "renouvele"
CLOS, REORIENTEE = "clos", "reorientee"


@dataclass(frozen=True)
class Etat:
    """Where a request stands: its code, its words, its icon, whether an establishment is at stake (bold)."""

    code: str
    label: str
    icon: str
    bold: bool = True


# Sent and not over: the establishment reads the dossier, and an admission elsewhere cancels these.
PENDING = frozenset({ENVOYEE, LUE, ETUDE, COMPLEMENT, LISTE, PROPOSEE, ACCEPTEE, DECLINEE, EXPIREE, PARCOURS, BILANS,
                     SYNTHESE, RENOUVELE})
READABLE = PENDING | {ADMIS, NON_FINALISEE, CLOS}
OVER = frozenset({REFUS, ANNULEE, ANNULEE_AUTO, ADMIS, NON_FINALISEE, CLOS, REORIENTEE})
# Waiting for the establishment's word, whose silence is counted.
SILENT = frozenset({ENVOYEE, LUE, ETUDE})

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


def each(sources: Collection[str], event: str, who: str, target: str, *, motive: bool = False) -> list[Transition]:
    """The same arrow from several states."""
    return [Transition(source, event, who, target, motive) for source in sorted(sources)]


def target(arrow: Transition, before: str = "") -> str:
    """Where an arrow leads; ``before``: the state that the request had left, for an arrow that gives it back."""
    return before if arrow.target == BEFORE else arrow.target or arrow.source


# The step that an event takes back: what it had cancelled elsewhere is given back with it.
UNDOES = {"corriger_entree": "admettre", "retirer_proposition": "accepter"}

# --- motives: codes of the ANS table TRE_R358 (OID 1.2.250.1.213.3.3.248), with our words; those that begin with a
# letter are the portal's own, where the table has none


@dataclass(frozen=True)
class Motif:
    """Why a request ends: its code and its words."""

    code: str
    label: str


MOTIFS = {code: Motif(code, label) for code, label in (
    ("84", "Ne remplit pas les conditions d’admission"),
    ("86", "Plateau technique ou accompagnement non adapté"),
    ("114", "Ressources insuffisantes"),
    ("122", "Âge incompatible avec l’établissement"),
    ("115", "Non adapté au projet de vie"),
    ("S1", "Pas de place disponible"),
    ("S2", "Indication qui ne relève pas de l’unité"),
    ("S3", "Charge en soins trop lourde"),
    ("S4", "État non stabilisé"),
    ("S5", "Dossier incomplet"),
    ("S6", "Projet de sortie non défini"),
    ("S7", "Isolement ou BMR impossible à prendre en charge"),
    ("S8", "Comportement incompatible avec l’unité"),
    ("S9", "Médecin traitant qui ne donne pas son accord"),
    ("T1", "Enfant hors de la tranche d’âge de la plateforme"),
    ("T2", "Enfant hors du territoire de la plateforme"),
    ("T3", "Enfant déjà suivi par une structure"),
    ("T4", "Pas de trouble du neuro-développement suspecté"),
    ("T5", "Accord des titulaires de l’autorité parentale absent"),
    ("T6", "Diagnostic posé"),
    ("T7", "Doute levé"),
    ("T8", "Relais par la MDPH"),
    ("T9", "Relais par une structure (CAMSP, CMPP, CMP)"),
    ("T10", "Fin de la durée du parcours"),
    ("T11", "Orientation vers une autre plateforme"),
    ("T12", "Orientation vers une structure de soins ou médico-sociale"),
    ("113", "Éloignement géographique"),
    ("93", "Aggravation de l’état de santé"),
    ("148", "Personne injoignable"),
    ("121", "Refus du projet par la personne"),
    ("89", "Volonté de la personne ou de ses proches"),
    ("85", "Volonté du demandeur"),
    ("92", "Amélioration de l’état de santé"),
    ("87", "Déménagement"),
    ("157", "Hospitalisation"),
    ("117", "Situation changée"),
    ("119", "Admission dans un autre établissement"),
    ("124", "Décès"),
    ("112", "Erreur d’utilisation du logiciel"),
    ("98", "Fin de validité de la demande"),
    ("95", "Annulation automatique"),
)}

# --- one module's table


@dataclass(frozen=True)
class Machine:
    """How the requests of one module live.

    ``motives``: the codes of ``MOTIFS`` that each event may give, in order. ``statuts``: the first of these states
    that any request has reached gives the dossier's status (codes of dossiers.rules.STATUTS), ``first`` when none.
    ``verbs``: what an event does, after « peut », in the reasons that refuse it. ``ends_others``: the events that
    cancel every other pending request of the dossier; ``alone``: one pending request at a time. ``over``: why nothing
    leaves any more once the dossier came to its end; ``at_home``: the kinds of stay that need the médecin traitant's
    agreement.
    """

    module: str
    etats: Mapping[str, Etat]
    transitions: tuple[Transition, ...]
    motives_of: Mapping[str, tuple[str, ...]]
    statuts: tuple[tuple[str, str], ...]
    first: str
    verbs: Mapping[str, str]
    ends_others: frozenset[str]
    over: str
    alone: bool = False
    at_home: frozenset[str] = frozenset()

    @cached_property
    def _arrows(self) -> dict[tuple[str, str], Transition]:
        return {(arrow.source, arrow.event): arrow for arrow in self.transitions}

    @cached_property
    def events(self) -> tuple[str, ...]:
        """Everything that may happen to a request."""
        return tuple(dict.fromkeys(arrow.event for arrow in self.transitions))

    @cached_property
    def who(self) -> dict[str, str]:
        """Who follows each event's arrows."""
        return {arrow.event: arrow.who for arrow in self.transitions}

    @cached_property
    def needs_motive(self) -> frozenset[str]:
        """The events that are not without a motive."""
        return frozenset(arrow.event for arrow in self.transitions if arrow.motive)

    def transition(self, etat: str, event: str) -> Transition | None:
        """The arrow that leaves ``etat`` by ``event``; None when there is none."""
        return self._arrows.get((etat, event))

    def events_from(self, etat: str, who: Collection[str]) -> tuple[str, ...]:
        """What these may do with a request that stands there, in the table's order."""
        return tuple(arrow.event for arrow in self.transitions if arrow.source == etat and arrow.who in who)

    def why_impossible(self, etat: str, event: str) -> str:
        """From where to where and why a step can't be made, as a French sentence."""
        here = f"Cette demande est à l’état «\u00a0{self.etats[etat].label}\u00a0»\u00a0: elle ne peut pas être "
        arrows = [arrow for arrow in self.transitions if arrow.event == event]
        if not arrows:
            return f"{here}traitée ainsi\u00a0: cela n’existe pas pour ce type de dossier."
        wanted = dict.fromkeys(self.etats[arrow.target].label for arrow in arrows if arrow.target in self.etats)
        to = f" pour passer à «\u00a0{next(iter(wanted))}\u00a0»" if wanted else ""
        known = ", ".join(f"«\u00a0{label}\u00a0»" for label in dict.fromkeys(
            self.etats[arrow.source].label for arrow in arrows))
        return f"{here}{self.verbs[event]}{to}. Cela se fait depuis {known}."

    def motives(self, event: str) -> tuple[Motif, ...]:
        """The motives that an event may give, in order."""
        return tuple(MOTIFS[code] for code in self.motives_of.get(event, ()))

    def is_motive(self, code: str, event: str) -> bool:
        """True when this code may be given as the motive of an event."""
        return code in self.motives_of.get(event, ())

    def statut(self, etats: Collection[str]) -> str:
        """The status of a dossier whose requests stand there: the farthest one counts.

        Refused only when nothing else is left; requests not sent or cancelled say nothing.
        """
        for etat, code in self.statuts:
            if etat in etats:
                return code
        return self.first


# --- delays

# How long the asking side waits between two reminders of one request, in days.
RELANCE_DAYS = 3
