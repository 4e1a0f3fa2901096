"""The demonstration's sanitaire volets: every state, answers that a physician could type, scores to look at."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from portal import clock
from portal.db import audit, crypto, database
from portal.demonstration import volets_sanitaire as demonstration
from portal.dossiers import queries
from portal.settings import Settings
from portal.volets import calculs, definitions, reponses, rules
from portal.volets import queries as volets
from portal.volets.models import Volet
from tests.support.volets import ALICE


@pytest.fixture
def filled(furnished_settings: Settings) -> Iterator[Settings]:
    """The furnished demonstration, its sanitaire volets filled."""
    crypto.load_keys(furnished_settings)
    database.open_database(furnished_settings)
    database.connect()
    demonstration.ensure()
    yield furnished_settings
    database.close()


def test_every_state_is_there_and_a_second_start_changes_nothing(filled: Settings) -> None:
    states = {row.etat for row in Volet.select(Volet.etat)}
    assert states | {rules.VIDE} == set(rules.STATES)
    count = Volet.select().count()
    demonstration.ensure()
    assert Volet.select().count() == count and audit.broken_link() is None


def test_the_answers_are_what_a_form_would_read(filled: Settings) -> None:
    seen = queries.visible_dossier(ALICE, "s", 2034705)
    for code, sets in demonstration._answers().items():
        form = definitions.latest("s", code)
        for name in sets:
            said = demonstration.answers(seen, code, name)
            assert set(said) <= reponses.shown(form, said)
            for field, value in said.items():
                raw = reponses.raw_of(form.fields[field], value)
                assert reponses.read(form.fields[field], raw, clock.today(), volets.town) == value


def test_the_dossier_led_by_a_service_is_whole_and_signed_by_both(filled: Settings) -> None:
    seen = queries.visible_dossier(ALICE, "s", 2033969)
    found = {one.code: one for one in volets.situations(seen)}
    assert {one.etat for one in found.values()} == {rules.VALIDE} and len(found) == 5
    assert found["orientation"].valide_par == seen.referent
    assert found["medical"].valide_par == "Dr Alice MARTIN"


def test_each_score_is_there_to_look_at(filled: Settings) -> None:
    shown = set()
    for row in Volet.select(Volet.dossier_id).distinct():
        mine = queries.by_id(row.dossier_id)
        for one in volets.all_of(queries.visible_dossier(ALICE, mine.module, mine.numero)):
            shown |= {score.code for score in calculs.scores(one.definition, one.answers)}
    assert shown == {"avq", "karnofsky", "pallia", "imc"}
