"""The life of a request as a table: who may do what from where, motives, the dossier's status."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.demandes import rules
from portal.dossiers.rules import EVENTS as WORDS
from portal.dossiers.rules import STATUTS

STATES = tuple(rules.ETATS)
# From, event -> to, by whom, with a motive or not: the table as a person reads it, written out once more.
TABLE = """
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
ROWS = {tuple(line.split()[:2]): line.split()[2:] for line in TABLE.strip().splitlines()}
PENDING = ("envoyee", "lue", "complement", "liste_attente", "proposee", "acceptee", "declinee", "expiree")
for _state in PENDING:
    ROWS[_state, "annuler"] = ["annulee", "demandeur", "motif"]
    ROWS[_state, "annuler_auto"] = ["annulee_auto", "systeme", "motif"]
for _state in ("envoyee", "lue", "liste_attente"):
    ROWS[_state, "relancer"] = [_state, "demandeur"]
for _state in ("lue", "complement", "liste_attente", "proposee"):
    ROWS[_state, "avis"] = [_state, "receveur"]


@pytest.mark.parametrize(("state", "event"), [*itertools.product(STATES, rules.EVENTS)])
def test_each_arrow_is_the_one_of_the_table(state: str, event: str) -> None:
    arrow, row = rules.transition(state, event), ROWS.get((state, event))
    if row is None:
        assert arrow is None
        return
    assert arrow is not None
    assert rules.target(arrow, "avant") == row[0]
    assert arrow.who == row[1]
    assert arrow.motive == (row[2:] == ["motif"])


def test_the_table_names_no_unknown_event() -> None:
    assert {event for _, event in ROWS} == set(rules.EVENTS)


@pytest.mark.parametrize(("state", "event"), [pair for pair in itertools.product(STATES, rules.EVENTS)
                                              if pair not in ROWS])
def test_what_can_t_be_done_says_from_where_to_where_and_why(state: str, event: str) -> None:
    words = rules.why_impossible(state, event)
    assert f"«\u00a0{rules.ETATS[state].label}\u00a0»" in words
    assert rules.VERBS[event] in words
    for source in (pair[0] for pair in ROWS if pair[1] == event):
        assert rules.ETATS[source].label in words


def test_nothing_leads_out_of_the_states() -> None:
    reached = {rules.target(arrow) for arrow in rules.TRANSITIONS if arrow.target != rules.BEFORE}
    assert reached <= set(STATES)
    assert rules.PENDING | rules.OVER | {rules.NON_ENVOYEE} == set(STATES)
    assert not rules.PENDING & rules.OVER


@pytest.mark.parametrize("state", sorted(rules.PENDING))
def test_every_pending_request_can_be_cancelled_by_its_side_and_by_an_entry_elsewhere(state: str) -> None:
    assert "annuler" in rules.events_from(state, {rules.DEMANDEUR})
    assert "annuler_auto" in rules.events_from(state, {rules.SYSTEME})


@pytest.mark.parametrize("state", STATES)
def test_nobody_does_what_is_another_s(state: str) -> None:
    for who in (rules.DEMANDEUR, rules.DECIDEUR, rules.RECEVEUR, rules.SYSTEME):
        others = {rules.DEMANDEUR, rules.DECIDEUR, rules.RECEVEUR, rules.SYSTEME} - {who}
        assert not set(rules.events_from(state, {who})) & set(rules.events_from(state, others))


@pytest.mark.parametrize("event", sorted(rules.NEEDS_MOTIVE))
def test_an_event_that_needs_a_motive_has_some_and_takes_no_other(event: str) -> None:
    own = {motif.code for motif in rules.motives(event)}
    assert own
    for code in rules.MOTIFS:
        assert rules.is_motive(code, event) == (code in own)
    assert not rules.is_motive("", event)
    assert not rules.is_motive("90", event), "« 90 Décès » is deprecated in TRE_R358: 124 takes its place"


def test_an_admission_elsewhere_is_119_and_a_deadline_98() -> None:
    assert rules.is_motive("119", "annuler_auto")
    assert rules.is_motive("98", "annuler_auto")


def test_every_step_has_its_words_in_the_history() -> None:
    assert {f"demande.{event}" for event in rules.EVENTS} <= WORDS.keys()


@pytest.mark.parametrize(("etats", "statut"), [
    ([], "non_envoyee"), (["non_envoyee"], "non_envoyee"), (["annulee", "annulee_auto"], "non_envoyee"),
    (["envoyee", "refus"], "demande_envoyee"), (["lue", "envoyee"], "consulte"), (["complement", "lue"], "complement"),
    (["liste_attente", "complement"], "liste_attente"), (["proposee", "liste_attente"], "admission_proposee"),
    (["acceptee", "proposee"], "proposition_acceptee"), (["admis", "annulee_auto"], "admis"),
    (["refus", "refus"], "refusee"), (["refus", "annulee"], "refusee"), (["declinee"], "proposition_declinee"),
    (["expiree", "refus"], "proposition_declinee"),
])
def test_the_dossier_s_status_is_the_farthest_request_s(etats: list[str], statut: str) -> None:
    assert rules.statut(etats) == statut


@given(st.lists(st.sampled_from(STATES)), st.sampled_from(STATES))
def test_one_more_request_never_takes_a_dossier_back(etats: list[str], more: str) -> None:
    order = [code for _, code in rules._PRIORITY]
    place = {code: rank for rank, code in enumerate(dict.fromkeys([*order, "non_envoyee"]))}
    assert place[rules.statut([*etats, more])] <= place[rules.statut(etats)]
    assert rules.statut(etats) in STATUTS
    assert "ga" in STATUTS[rules.statut(etats)].modules
