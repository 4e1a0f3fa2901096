"""The demonstration shows every state of a search and every advice, and a second start changes nothing."""

from __future__ import annotations

from dataclasses import replace

from portal.db import database
from portal.demandes import rules as demandes
from portal.demonstration import recherches
from portal.dossiers import commands as dossiers
from portal.dossiers import queries
from portal.had import queries as had
from portal.had import rules as advices
from portal.had.models import Evaluation
from portal.settings import Settings
from portal.vagues import rules
from portal.vagues.models import Cible, Plan
from tests.support import espaces, vagues
from tests.support.espaces import ASKS
from tests.support.people import LEROUX

REQUESTS = (demandes.ENVOYEE, demandes.LUE, demandes.COMPLEMENT, demandes.PROPOSEE, demandes.REFUS, demandes.ADMIS)


def test_each_state_of_a_search_and_each_advice_is_there_once(tables: Settings) -> None:
    # given a dossier for each status, and units around
    places = vagues.units(8)
    for etat in REQUESTS:
        with database.writing():
            one = dossiers.create(ASKS, "s", replace(LEROUX, sejours=("SSR", "HAD")))
        espaces.demande(one, places[0], etat)
    # when the demonstration prepares itself, twice
    recherches.ensure()
    counted = Plan.select().count(), Cible.select().count(), Evaluation.select().count()
    recherches.ensure()
    assert (Plan.select().count(), Cible.select().count(), Evaluation.select().count()) == counted
    # then every state is there, and the open ones have somebody left to ask
    assert {plan.etat for plan in Plan.select()} == set(rules.ETATS)
    for plan in Plan.select():
        states = [cible.etat for cible in Cible.select().where(Cible.plan_id == plan.id)]
        assert states[0] == rules.ENVOYEE
        assert (rules.ATTENTE in states) == (plan.etat in rules.OPEN)
    found = [had.listed(queries.visible_dossier(ASKS.rpps or 0, "s", queries.by_id(row.dossier_id).numero))[0]
             for row in Evaluation.select()]
    assert {one.resultat.conclusion.code for one in found} == set(advices.CONCLUSIONS)
