"""How establishments answer: what is counted, what is hidden, and that the search shows it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from portal import clock
from portal.annuaire import recherche
from portal.annuaire.models import Etablissement, Reponse
from portal.db import database
from portal.demandes import rules, statistiques
from portal.demandes.models import Demande
from portal.settings import Settings
from tests.support import espaces

NOW = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


@pytest.fixture
def place(app: object) -> Etablissement:
    database.connect()
    return espaces.etablissement()


def answered(there: Etablissement, hours: list[float], *, etat: str = rules.LISTE, motif: str = "",
             sent: datetime = NOW - timedelta(days=30)) -> None:
    """One answered request for each number of hours."""
    with database.writing():
        first = Demande.select().count() + 1
        for rank, wait in enumerate(hours):
            Demande.create(dossier_id=first + rank, etablissement_id=there.id, sejour="permanent", etat=etat,
                           motif=motif, created=sent, updated=sent, envoyee_le=sent,
                           repondue_le=sent + timedelta(hours=wait))


def shown(there: Etablissement, settings: Settings) -> recherche.Reponses:
    with clock.freeze(NOW):
        statistiques.refresh(settings)
    return recherche.by_id(there.id).reponses


@pytest.mark.parametrize(("hours", "median"), [
    ([1, 2, 3, 4, 5], 3), ([1, 1, 1, 1, 100], 1), ([1, 2, 4, 8, 16, 32], 6), ([0.2] * 5, 0), ([48] * 9, 48),
])
def test_the_median_is_of_the_first_answers(place: Etablissement, settings: Settings, hours: list[float],
                                            median: int) -> None:
    answered(place, hours)
    assert shown(place, settings).mediane == median


def test_fewer_than_five_answers_tell_nothing(place: Etablissement, settings: Settings) -> None:
    answered(place, [1, 1, 1, 1], etat=rules.REFUS, motif="114")
    assert shown(place, settings) == recherche.Reponses(4, None, ())
    kept = Reponse.get_by_id(place.id)
    assert (kept.mediane, kept.refus) == (None, "[]")


def test_a_motive_given_fewer_than_five_times_is_not_told(place: Etablissement, settings: Settings) -> None:
    answered(place, [1] * 5, etat=rules.REFUS, motif="114")
    answered(place, [1] * 4, etat=rules.REFUS, motif="84")
    answered(place, [1] * 6, etat=rules.REFUS, motif="86")
    assert shown(place, settings).refus == (
        ("Plateau technique ou accompagnement non adapté", 6), ("Ressources insuffisantes", 5))


def test_a_motive_counts_only_while_the_request_is_refused(place: Etablissement, settings: Settings) -> None:
    answered(place, [1] * 5, etat=rules.ANNULEE, motif="114")
    assert shown(place, settings).refus == ()


def test_answers_of_more_than_a_year_ago_are_forgotten(place: Etablissement, settings: Settings) -> None:
    answered(place, [1] * 5, sent=NOW - timedelta(days=367))
    assert shown(place, settings) == recherche.Reponses(0, None, ())


def test_a_request_that_was_only_read_is_no_answer(place: Etablissement, settings: Settings) -> None:
    answered(place, [1] * 5)
    Demande.update(repondue_le=None, etat=rules.LUE).execute()
    assert shown(place, settings).n == 0


def test_counting_again_replaces_what_was_counted(place: Etablissement, settings: Settings) -> None:
    answered(place, [10] * 5)
    assert shown(place, settings).mediane == 10
    answered(place, [2] * 20)
    assert shown(place, settings).n == 25
    assert shown(place, settings).mediane == 2
    assert Reponse.select().count() == 1
