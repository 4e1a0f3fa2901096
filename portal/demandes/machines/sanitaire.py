"""Sanitaire (SMR, HAD, USP): from a request to a unit to the arrival of the patient.

An accord confirmed by the asking side ends the other requests; nobody is cared for at home without the agreement of
his médecin traitant, who stays the pivot of a HAD; a unit that never says whether the patient came keeps nothing open
for ever.
"""

from __future__ import annotations

from portal.demandes.rules import (
    ACCEPTEE,
    ADMIS,
    ANNULEE,
    ANNULEE_AUTO,
    BEFORE,
    COMPLEMENT,
    DECIDEUR,
    DECLINEE,
    DEMANDEUR,
    ENVOYEE,
    ETUDE,
    EXPIREE,
    LISTE,
    LUE,
    NON_ENVOYEE,
    NON_FINALISEE,
    PROPOSEE,
    RECEVEUR,
    REFUS,
    SAME,
    SYSTEME,
    TRAITANT,
    Etat,
    Machine,
    Transition,
    each,
)

_PENDING = {ENVOYEE, LUE, ETUDE, COMPLEMENT, LISTE, PROPOSEE, ACCEPTEE, DECLINEE, EXPIREE}
_LOOKED_AT = {LUE, ETUDE, LISTE, DECLINEE, EXPIREE}

MACHINE = Machine(
    module="s",
    etats={etat.code: etat for etat in (
        Etat(NON_ENVOYEE, "Non envoyée", "crayon", bold=False),
        Etat(ENVOYEE, "Non lue", "envoi"),
        Etat(LUE, "Lue", "oeil"),
        Etat(ETUDE, "À l’étude", "attente"),
        Etat(COMPLEMENT, "Complément demandé", "question"),
        Etat(LISTE, "Accord sans place (liste d’attente)", "attente"),
        Etat(PROPOSEE, "Accord, date proposée", "valide"),
        Etat(ACCEPTEE, "Accord confirmé", "valide"),
        Etat(DECLINEE, "Accord non retenu", "refus"),
        Etat(EXPIREE, "Accord expiré", "attente"),
        Etat(NON_FINALISEE, "Arrivée non confirmée", "attente", bold=False),
        Etat(ADMIS, "Admis", "valide", bold=False),
        Etat(REFUS, "Refusée", "refus"),
        Etat(ANNULEE, "Demande annulée", "refus", bold=False),
        Etat(ANNULEE_AUTO, "Demande annulée automatiquement", "refus", bold=False),
    )},
    transitions=(
        Transition(NON_ENVOYEE, "envoyer", DEMANDEUR, ENVOYEE),
        Transition(ENVOYEE, "lire", RECEVEUR, LUE),
        Transition(LUE, "etudier", RECEVEUR, ETUDE),
        *each({LUE, ETUDE, LISTE, COMPLEMENT}, "demander_complement", RECEVEUR, COMPLEMENT),
        Transition(COMPLEMENT, "completer", DEMANDEUR, ENVOYEE),
        *each(_LOOKED_AT, "inscrire", RECEVEUR, LISTE),
        *each(_LOOKED_AT, "proposer", RECEVEUR, PROPOSEE),
        *each({PROPOSEE, ACCEPTEE}, "retirer_proposition", RECEVEUR, LISTE),
        Transition(PROPOSEE, "accepter", DECIDEUR, ACCEPTEE),
        Transition(PROPOSEE, "decliner", DECIDEUR, DECLINEE, motive=True),
        Transition(PROPOSEE, "decliner_tout", DECIDEUR, ANNULEE, motive=True),
        Transition(PROPOSEE, "expirer", SYSTEME, EXPIREE),
        *each({ENVOYEE, LUE, ETUDE, COMPLEMENT, LISTE, PROPOSEE}, "donner_accord", TRAITANT, SAME),
        *each({ENVOYEE, LUE, ETUDE, COMPLEMENT, LISTE, PROPOSEE}, "refuser_accord", TRAITANT, SAME),
        *each({ACCEPTEE, NON_FINALISEE}, "admettre", RECEVEUR, ADMIS),
        Transition(ACCEPTEE, "clore", SYSTEME, NON_FINALISEE),
        Transition(ADMIS, "corriger_entree", RECEVEUR, ACCEPTEE),
        *each({LUE, ETUDE, COMPLEMENT, LISTE, DECLINEE, EXPIREE}, "refuser", RECEVEUR, REFUS, motive=True),
        Transition(REFUS, "reactiver", RECEVEUR, LUE),
        *each(_PENDING, "annuler", DEMANDEUR, ANNULEE, motive=True),
        *each(_PENDING, "annuler_auto", SYSTEME, ANNULEE_AUTO, motive=True),
        # An accord withdrawn after it was confirmed gives the others back what it took from them.
        Transition(ANNULEE_AUTO, "retablir", SYSTEME, BEFORE),
        *each({ANNULEE, ANNULEE_AUTO, REFUS, NON_FINALISEE}, "rouvrir", DEMANDEUR, ENVOYEE),
        *each({ENVOYEE, LUE, ETUDE, LISTE}, "relancer", DEMANDEUR, SAME),
        *each({LUE, ETUDE, COMPLEMENT, LISTE, PROPOSEE}, "avis", RECEVEUR, SAME),
    ),
    motives_of={
        "refuser": ("S1", "S2", "86", "S3", "S4", "S5", "S6", "113", "S7", "S8", "S9", "148", "121", "119", "124",
                    "117", "112"),
        "annuler": ("113", "93", "121", "89", "85", "92", "87", "117", "119", "124", "112"),
        **dict.fromkeys(("decliner", "decliner_tout"), ("113", "93", "121", "89", "92", "117", "119")),
        "annuler_auto": ("119", "98", "95"),
    },
    statuts=(
        (ADMIS, "admis"), (NON_FINALISEE, "non_finalisee"), (ACCEPTEE, "accord_confirme"), (PROPOSEE, "accord_recu"),
        (LISTE, "liste_attente"), (COMPLEMENT, "complement"), (ETUDE, "etude"), (LUE, "consulte"),
        (ENVOYEE, "attente_reponse"), (DECLINEE, "accord_decline"), (EXPIREE, "accord_decline"), (REFUS, "refusee"),
    ),
    first="en_redaction",
    verbs={
        "envoyer": "envoyée", "lire": "ouverte", "etudier": "mise à l’étude",
        "demander_complement": "mise en attente d’un complément", "completer": "complétée",
        "inscrire": "suivie d’un accord sans place", "proposer": "suivie d’un accord avec une date",
        "retirer_proposition": "privée de son accord", "accepter": "confirmée", "decliner": "écartée",
        "decliner_tout": "écartée", "expirer": "expirée", "donner_accord": "suivie de l’accord du médecin traitant",
        "refuser_accord": "suivie du désaccord du médecin traitant", "admettre": "close par une arrivée",
        "clore": "close sans arrivée déclarée", "corriger_entree": "corrigée", "refuser": "refusée",
        "reactiver": "réactivée", "annuler": "annulée", "annuler_auto": "annulée", "retablir": "rétablie",
        "rouvrir": "rouverte", "relancer": "relancée", "avis": "suivie d’un avis médical",
    },
    ends_others=frozenset({"accepter", "admettre"}),
    over="Le patient est déjà arrivé dans une unité\u00a0: aucune demande ne peut partir.",
    at_home=frozenset({"domicile"}),
)
