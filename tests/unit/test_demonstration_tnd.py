"""The demonstration's children: each at another point, with answers that a physician could have typed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from portal import clock
from portal.db import audit, crypto, database
from portal.demandes import envoi
from portal.demonstration import tnd as demonstration
from portal.dossiers import queries
from portal.dossiers.models import Dossier
from portal.settings import Settings
from portal.volets import queries as volets
from portal.volets import reperage_vue, reponses
from tests.support.volets import ALICE


@pytest.fixture
def children(settings: Settings) -> Iterator[dict[str, queries.Visible]]:
    """The dossiers by given name, as Dr Alice MARTIN sees them."""
    crypto.load_keys(settings)
    database.open_database(settings)
    database.connect()
    demonstration.ensure()
    yield {one.prenom: queries.visible_dossier(ALICE, "tnd", one.numero) for one in Dossier.select()}
    database.close()


def test_each_child_is_at_another_point_and_a_second_start_changes_nothing(
        children: dict[str, queries.Visible]) -> None:
    stands = {name: [one.etat for one in volets.situations(seen)] for name, seen in children.items()}
    assert stands == {
        "LÉO": ["valide"] * 3, "JADE": ["valide", "valide", "en_cours"], "NINO": ["en_cours", "en_cours", "vide"],
        "MILA": ["vide"] * 3}
    demonstration.ensure()
    assert Dossier.select().count() == 4 and audit.broken_link() is None


def test_only_the_child_whose_parents_agreed_may_be_sent(children: dict[str, queries.Visible]) -> None:
    assert [name for name, seen in children.items() if not envoi.refusal(seen)] == ["LÉO"]
    assert envoi.missing(children["LÉO"], ("administratif", "reperage", "medical")) == []
    assert "n’est pas d’accord" in envoi.refusal(children["JADE"])


def test_their_grids_show_marks_a_corrected_age_and_none(children: dict[str, queries.Visible]) -> None:
    found = {name: reperage_vue.live(seen, volets.opened(seen, "reperage")) for name, seen in children.items()}
    assert [one.domaine for one in found["JADE"].resultats[0].comptes if one.attention] == ["la", "so"]
    assert found["NINO"].age.corrige < found["NINO"].age.mois and not found["NINO"].attention
    assert found["MILA"].resultats == ()


def test_the_answers_are_what_a_form_would_read(children: dict[str, queries.Visible]) -> None:
    for seen in children.values():
        for opened in volets.all_of(seen):
            for name, value in opened.answers.items():
                field = opened.definition.fields[name]
                assert reponses.read(field, reponses.raw_of(field, value), clock.today(), volets.town) == value
