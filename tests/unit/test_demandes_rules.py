"""The life of a request as a table: who may do what from where, motives, the dossier's status."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.demandes import machines, rules
from portal.demandes.rules import Machine
from portal.dossiers.rules import EVENTS as WORDS
from portal.dossiers.rules import FIRST_STATUS, STATUTS

# From, event -> to, by whom, with a motive or not: each table as a person reads it, written out once more.
GA = """
non_envoyee  envoyer              envoyee      demandeur
envoyee      lire                 lue          receveur
lue          demander_complement  complement   receveur
liste_attente demander_complement complement   receveur
complement   demander_complement  complement   receveur
complement   completer            envoyee      demandeur
lue          inscrire             liste_attente receveur
liste_attente inscrire            liste_attente receveur
declinee     inscrire             liste_attente receveur
expiree      inscrire             liste_attente receveur
lue          proposer             proposee     receveur
liste_attente proposer            proposee     receveur
expiree      proposer             proposee     receveur
declinee     proposer             proposee     receveur
proposee     retirer_proposition  liste_attente receveur
acceptee     retirer_proposition  liste_attente receveur
proposee     accepter             acceptee     decideur
proposee     decliner             declinee     decideur  motif
proposee     decliner_tout        annulee      decideur  motif
proposee     expirer              expiree      systeme
lue          admettre             admis        receveur
liste_attente admettre            admis        receveur
proposee     admettre             admis        receveur
acceptee     admettre             admis        receveur
admis        corriger_entree      liste_attente receveur
lue          refuser              refus        receveur  motif
complement   refuser              refus        receveur  motif
liste_attente refuser             refus        receveur  motif
declinee     refuser              refus        receveur  motif
expiree      refuser              refus        receveur  motif
refus        reactiver            lue          receveur
annulee      rouvrir              envoyee      demandeur
annulee_auto rouvrir              envoyee      demandeur
refus        rouvrir              envoyee      demandeur
annulee_auto retablir             avant        systeme
"""
SANITAIRE = """
non_envoyee  envoyer              envoyee      demandeur
envoyee      lire                 lue          receveur
lue          etudier              etude        receveur
lue          demander_complement  complement   receveur
etude        demander_complement  complement   receveur
liste_attente demander_complement complement   receveur
complement   demander_complement  complement   receveur
complement   completer            envoyee      demandeur
lue          inscrire             liste_attente receveur
etude        inscrire             liste_attente receveur
liste_attente inscrire            liste_attente receveur
declinee     inscrire             liste_attente receveur
expiree      inscrire             liste_attente receveur
lue          proposer             proposee     receveur
etude        proposer             proposee     receveur
liste_attente proposer            proposee     receveur
expiree      proposer             proposee     receveur
declinee     proposer             proposee     receveur
proposee     retirer_proposition  liste_attente receveur
acceptee     retirer_proposition  liste_attente receveur
proposee     accepter             acceptee     decideur
proposee     decliner             declinee     decideur  motif
proposee     decliner_tout        annulee      decideur  motif
proposee     expirer              expiree      systeme
acceptee     admettre             admis        receveur
non_finalisee admettre            admis        receveur
acceptee     clore                non_finalisee systeme
admis        corriger_entree      acceptee     receveur
lue          refuser              refus        receveur  motif
etude        refuser              refus        receveur  motif
complement   refuser              refus        receveur  motif
liste_attente refuser             refus        receveur  motif
declinee     refuser              refus        receveur  motif
expiree      refuser              refus        receveur  motif
refus        reactiver            lue          receveur
annulee      rouvrir              envoyee      demandeur
annulee_auto rouvrir              envoyee      demandeur
refus        rouvrir              envoyee      demandeur
non_finalisee rouvrir             envoyee      demandeur
annulee_auto retablir             avant        systeme
"""
TND = """
non_envoyee  envoyer              envoyee      demandeur
envoyee      lire                 lue          receveur
lue          demander_complement  complement   receveur
complement   demander_complement  complement   receveur
complement   completer            envoyee      demandeur
lue          valider              parcours     receveur
parcours     commencer            bilans       receveur
bilans       synthese             synthese     receveur
renouvele    synthese             synthese     receveur
bilans       renouveler           renouvele    receveur
synthese     renouveler           renouvele    receveur
parcours     clore_parcours       clos         receveur  motif
bilans       clore_parcours       clos         receveur  motif
synthese     clore_parcours       clos         receveur  motif
renouvele    clore_parcours       clos         receveur  motif
lue          reorienter           reorientee   receveur  motif
complement   reorienter           reorientee   receveur  motif
parcours     reorienter           reorientee   receveur  motif
bilans       reorienter           reorientee   receveur  motif
synthese     reorienter           reorientee   receveur  motif
renouvele    reorienter           reorientee   receveur  motif
lue          refuser              refus        receveur  motif
complement   refuser              refus        receveur  motif
refus        reactiver            lue          receveur
annulee      rouvrir              envoyee      demandeur
annulee_auto rouvrir              envoyee      demandeur
refus        rouvrir              envoyee      demandeur
reorientee   rouvrir              envoyee      demandeur
annulee_auto retablir             avant        systeme
"""
ASKED = ("envoyee", "lue", "complement")
PLACES = ("liste_attente", "proposee", "acceptee", "declinee", "expiree")
PATH = ("parcours", "bilans", "synthese", "renouvele")
# What holds for many states at once: (events, states) by module.
PENDING = {"ga": (*ASKED, *PLACES), "s": (*ASKED, "etude", *PLACES), "tnd": (*ASKED, *PATH)}
REMINDED = {"ga": ("envoyee", "lue", "liste_attente"), "s": ("envoyee", "lue", "etude", "liste_attente"),
            "tnd": ("envoyee", "lue")}
OPINION = {"ga": ("lue", "complement", "liste_attente", "proposee"),
           "s": ("lue", "etude", "complement", "liste_attente", "proposee"), "tnd": ("lue", "complement", *PATH)}
AGREEMENT = ("envoyee", "lue", "etude", "complement", "liste_attente", "proposee")


def _rows(module: str, table: str) -> dict[tuple[str, ...], list[str]]:
    found = {tuple(line.split()[:2]): line.split()[2:] for line in table.strip().splitlines()}
    for state in PENDING[module]:
        found[state, "annuler"] = ["annulee", "demandeur", "motif"]
        found[state, "annuler_auto"] = ["annulee_auto", "systeme", "motif"]
    for state in REMINDED[module]:
        found[state, "relancer"] = [state, "demandeur"]
    for state in OPINION[module]:
        found[state, "avis"] = [state, "receveur"]
    for state in AGREEMENT if module == "s" else ():
        found[state, "donner_accord"] = found[state, "refuser_accord"] = [state, "traitant"]
    return found


ROWS = {module: _rows(module, table) for module, table in (("ga", GA), ("s", SANITAIRE), ("tnd", TND))}
MACHINES = list(machines.MACHINES.values())
by_module = pytest.mark.parametrize("machine", MACHINES, ids=[one.module for one in MACHINES])
STEPS = [(machine, state, event) for machine in MACHINES
         for state, event in itertools.product(machine.etats, machine.events)]
PEOPLE = (rules.DEMANDEUR, rules.DECIDEUR, rules.TRAITANT, rules.RECEVEUR, rules.SYSTEME)


def _names(value: object) -> str:
    return value.module if isinstance(value, Machine) else str(value)


@pytest.mark.proves("V2.3.1")
@pytest.mark.parametrize(("machine", "state", "event"), STEPS, ids=_names)
def test_each_arrow_is_the_one_of_the_table(machine: Machine, state: str, event: str) -> None:
    arrow, row = machine.transition(state, event), ROWS[machine.module].get((state, event))
    if row is None:
        assert arrow is None
        return
    assert arrow is not None
    assert rules.target(arrow, "avant") == row[0]
    assert arrow.who == row[1]
    assert arrow.motive == (row[2:] == ["motif"])


@by_module
def test_the_table_names_no_unknown_event(machine: Machine) -> None:
    assert {event for _, event in ROWS[machine.module]} == set(machine.events)
    assert set(machine.events) <= set(machines.EVENTS)


@pytest.mark.parametrize(("machine", "state", "event"),
                         [step for step in STEPS if (step[1], step[2]) not in ROWS[step[0].module]], ids=_names)
def test_what_can_t_be_done_says_from_where_to_where_and_why(machine: Machine, state: str, event: str) -> None:
    words = machine.why_impossible(state, event)
    assert f"«\u00a0{machine.etats[state].label}\u00a0»" in words
    assert machine.verbs[event] in words
    for source in (pair[0] for pair in ROWS[machine.module] if pair[1] == event):
        assert machine.etats[source].label in words


@by_module
def test_what_another_module_does_is_said_not_to_exist_here(machine: Machine) -> None:
    for event in set(machines.EVENTS) - set(machine.events):
        assert machine.transition(rules.LUE, event) is None
        assert "n’existe pas pour ce type de dossier" in machine.why_impossible(rules.LUE, event)


@by_module
def test_nothing_leads_out_of_the_states(machine: Machine) -> None:
    reached = {rules.target(arrow) for arrow in machine.transitions if arrow.target != rules.BEFORE}
    states = set(machine.etats)
    assert reached <= states
    assert rules.PENDING & states | rules.OVER & states | {rules.NON_ENVOYEE} == states
    assert not rules.PENDING & rules.OVER


@by_module
def test_every_pending_request_can_be_cancelled_by_its_side_and_by_the_system(machine: Machine) -> None:
    for state in rules.PENDING & set(machine.etats):
        assert "annuler" in machine.events_from(state, {rules.DEMANDEUR})
        assert "annuler_auto" in machine.events_from(state, {rules.SYSTEME})


@by_module
@pytest.mark.parametrize("who", PEOPLE)
def test_nobody_does_what_is_another_s(machine: Machine, who: str) -> None:
    for state in machine.etats:
        others = set(PEOPLE) - {who}
        assert not set(machine.events_from(state, {who})) & set(machine.events_from(state, others))


@by_module
def test_an_event_that_needs_a_motive_has_some_and_takes_no_other(machine: Machine) -> None:
    for event in machine.needs_motive:
        own = {motif.code for motif in machine.motives(event)}
        assert own
        assert own == {code for code in rules.MOTIFS if machine.is_motive(code, event)}
        assert not machine.is_motive("", event)
        assert not machine.is_motive("90", event), "« 90 Décès » is deprecated in TRE_R358: 124 takes its place"


@by_module
def test_a_deadline_is_98_and_an_admission_elsewhere_119(machine: Machine) -> None:
    assert machine.is_motive("98", "annuler_auto")
    assert machine.is_motive("119", "annuler_auto") == bool(machine.ends_others)


def test_every_motive_is_given_somewhere() -> None:
    given = {code for machine in MACHINES for codes in machine.motives_of.values() for code in codes}
    assert given == set(rules.MOTIFS)


@by_module
def test_every_step_has_its_words_in_the_history(machine: Machine) -> None:
    assert {f"demande.{event}" for event in machine.events} <= WORDS.keys()


@pytest.mark.parametrize(("module", "etats", "statut"), [
    ("ga", [], "non_envoyee"), ("ga", ["non_envoyee"], "non_envoyee"),
    ("ga", ["annulee", "annulee_auto"], "non_envoyee"), ("ga", ["envoyee", "refus"], "demande_envoyee"),
    ("ga", ["lue", "envoyee"], "consulte"), ("ga", ["complement", "lue"], "complement"),
    ("ga", ["liste_attente", "complement"], "liste_attente"),
    ("ga", ["proposee", "liste_attente"], "admission_proposee"),
    ("ga", ["acceptee", "proposee"], "proposition_acceptee"), ("ga", ["admis", "annulee_auto"], "admis"),
    ("ga", ["refus", "refus"], "refusee"), ("ga", ["refus", "annulee"], "refusee"),
    ("ga", ["declinee"], "proposition_declinee"), ("ga", ["expiree", "refus"], "proposition_declinee"),
    ("s", [], "en_redaction"), ("s", ["envoyee", "refus"], "attente_reponse"), ("s", ["lue", "envoyee"], "consulte"),
    ("s", ["etude", "lue"], "etude"), ("s", ["liste_attente", "etude"], "liste_attente"),
    ("s", ["proposee", "liste_attente"], "accord_recu"), ("s", ["acceptee", "annulee_auto"], "accord_confirme"),
    ("s", ["non_finalisee", "annulee_auto"], "non_finalisee"), ("s", ["admis", "annulee_auto"], "admis"),
    ("s", ["expiree"], "accord_decline"), ("s", ["refus"], "refusee"),
    ("tnd", [], "en_redaction"), ("tnd", ["envoyee"], "transmise"), ("tnd", ["lue"], "consulte"),
    ("tnd", ["parcours"], "parcours_valide"), ("tnd", ["bilans"], "bilans_en_cours"),
    ("tnd", ["synthese"], "synthese_recue"), ("tnd", ["renouvele"], "parcours_renouvele"),
    ("tnd", ["clos"], "parcours_clos"), ("tnd", ["reorientee"], "reorientee"),
    ("tnd", ["reorientee", "envoyee"], "transmise"), ("tnd", ["refus"], "demande_refusee"),
])
def test_the_dossier_s_status_is_the_farthest_request_s(module: str, etats: list[str], statut: str) -> None:
    assert machines.of(module).statut(etats) == statut


@given(st.data())
def test_one_more_request_never_takes_a_dossier_back(data: st.DataObject) -> None:
    machine = data.draw(st.sampled_from(MACHINES))
    etats, more = data.draw(st.lists(st.sampled_from(list(machine.etats)))), data.draw(st.sampled_from(
        list(machine.etats)))
    order = [code for _, code in machine.statuts]
    place = {code: rank for rank, code in enumerate(dict.fromkeys([*order, machine.first]))}
    assert place[machine.statut([*etats, more])] <= place[machine.statut(etats)]


@by_module
def test_every_state_has_a_status_that_the_module_knows(machine: Machine) -> None:
    for etat in machine.etats:
        assert machine.module in STATUTS[machine.statut([etat])].modules
    said = {code for _, code in machine.statuts} | {machine.first}
    assert machine.first == FIRST_STATUS[machine.module]
    assert all(STATUTS[code].bold == any(machine.etats[etat].bold for etat, known in machine.statuts if known == code)
               for code in said - {machine.first})
