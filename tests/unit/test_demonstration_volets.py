"""The demonstration shows volets in every state, and its dossiers stay those of the practical guide."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from portal.db import audit, crypto, database
from portal.demonstration import volets as demonstration
from portal.dossiers import identite, queries
from portal.dossiers.models import Dossier, Lien
from portal.settings import Settings
from portal.volets import definitions, reponses, rules
from portal.volets import queries as volets
from portal.volets.models import Volet
from tests.support.volets import ALICE


@pytest.fixture
def filled(furnished_settings: Settings) -> Iterator[Settings]:
    """The furnished demonstration, its volets filled."""
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
    """Each canonical answer reads back as itself: nothing in the demonstration that a physician could not type."""
    for code, sets in demonstration.answers_by_volet().items():
        form = definitions.latest("ga", code)
        for answers in sets.values():
            for name, value in answers.items():
                field = form.fields[name]
                assert reponses.read(field, reponses.raw_of(field, value), date(2026, 11, 22), volets.town) == value


def test_the_table_keeps_the_order_of_the_guide(filled: Settings) -> None:
    shown = [line.numero for line in queries.tableau(ALICE, queries.Selection("ga")).lignes]
    printed = [43009190, 43851209, 43693205, 43084209, 43836205, 43914215, 43349204, 42016195]
    assert shown[:8] == printed


def test_a_patient_who_leads_his_dossier_has_written_in_it(filled: Settings) -> None:
    led = Dossier.select().join(Lien).where(Lien.rpps == ALICE, Lien.referent == "Le patient")
    written = list(Volet.select().where(Volet.dossier_id.in_([one.id for one in led]), Volet.code == "administratif"))
    assert {row.modifie_par for row in written} == {"Le patient"} and len(written) == 2


def test_the_guide_s_patients_have_a_number_that_agrees_with_them(filled: Settings) -> None:
    known = [one for one in Dossier.select() if one.nir_empreinte]
    assert len(known) == len({one.nir_empreinte for one in known}) == 9
    for one in known:
        nir = identite.read_nir(str(queries.nir(one)))
        assert (nir.sexe, nir.lieu) == (one.sexe, one.naissance_insee)
        assert nir.corps[1:5] == f"{one.naissance:%y%m}"


def test_an_earlier_dossier_of_the_same_patient_offers_its_answers(filled: Settings) -> None:
    seen = queries.visible_dossier(ALICE, "ga", 43693205)
    assert volets.sources(ALICE, seen, "medical")[0].n > 5
