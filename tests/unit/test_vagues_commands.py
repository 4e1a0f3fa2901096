"""A search in waves: who is asked when, what stops it, and two who act at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from portal import clock
from portal.annuaire.models import Etablissement
from portal.avis.models import Avis
from portal.db import audit, database
from portal.demandes import commands as demandes
from portal.demandes import envoi
from portal.demandes import rules as of_demandes
from portal.demandes.models import Demande, Pas
from portal.dossiers import commands as dossiers
from portal.dossiers.models import Dossier
from portal.echeances.travaux import JOBS
from portal.settings import Settings
from portal.vagues import commands, echeances, queries, rules
from portal.vagues.models import Plan
from portal.vagues.rules import Candidat, Vague
from tests.support import espaces
from tests.support import vagues as support
from tests.support.espaces import ANSWERS, ASKS, TOMORROW
from tests.support.people import LEROUX

# Monday 23 November 2026, noon in Paris.
NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
WHOLE = lambda dossier: ()  # noqa: E731  # a dossier that lacks nothing
LACKING = lambda dossier: ("Volet médical",)  # noqa: E731


@pytest.fixture(autouse=True)
def noon(tables: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(envoi, "lacking", WHOLE)
    with clock.freeze(NOON):
        yield


@pytest.fixture
def dossier() -> Dossier:
    with database.writing():
        return dossiers.create(ASKS, "s", replace(LEROUX, sejours=("SSR",)))


@pytest.fixture
def places() -> list[Etablissement]:
    return [espaces.etablissement(f"SMR {rank}", genre="smr") for rank in range(6)]


def candidate(place: Etablissement) -> Candidat:
    return Candidat(place.id, None, "complet", place.nom, "14000 CAEN", 1.0)


def begun(dossier: Dossier, places: list[Etablissement], sizes: tuple[int, ...] = (2, 3, 1)) -> Plan:
    """A search whose first wave has left; eight office hours between two."""
    left = [candidate(place) for place in places]
    waves = [Vague(rank, tuple(left.pop(0) for _ in range(size))) for rank, size in enumerate(sizes, start=1)]
    with database.writing():
        return commands.begin(ASKS, dossier, waves, rayon=30, rayon_large=60, heures=8, missing=WHOLE)


def ticked(settings: Settings, **after: float) -> int:
    """What the clock does once this much time has passed."""
    with clock.shift(timedelta(**after)):
        return echeances.leave(settings)


def asked(dossier: Dossier) -> int:
    return Demande.select().where(Demande.dossier_id == dossier.id,
                                  Demande.etat != of_demandes.NON_ENVOYEE).count()


def of(place: Etablissement) -> Demande:
    return Demande.get(Demande.etablissement_id == place.id)


def answer(act: Callable[[Demande], object], *at: Etablissement) -> None:
    with database.writing():
        for place in at:
            demandes.read(ANSWERS, of(place).id)
            act(of(place))


def refuse(*at: Etablissement) -> None:
    answer(lambda one: demandes.refuse(ANSWERS, one.id, one.version, "86"), *at)


def accord(at: Etablissement) -> None:
    answer(lambda one: demandes.propose(ANSWERS, one.id, one.version, TOMORROW), at)


def told(code: str) -> int:
    return Avis.select().where(Avis.code == code).count()


# --- in order, by the clock

def test_the_first_wave_leaves_with_who_begins_and_the_next_ones_by_themselves(
        tables: Settings, dossier: Dossier, places: list[Etablissement]) -> None:
    plan = begun(dossier, places)
    assert asked(dossier) == 2
    # Noon on Monday and eight office hours: Tuesday at noon.
    assert ticked(tables, hours=23.9) == 0
    assert ticked(tables, hours=24) == 1
    assert asked(dossier) == 5
    assert ticked(tables, hours=24) == ticked(tables, hours=47.9) == 0
    assert ticked(tables, hours=48) == 1
    assert asked(dossier) == 6
    # Then nobody is left to ask: said once, and the search is over.
    assert ticked(tables, hours=72) == 1
    assert ticked(tables, hours=96) == 0
    assert queries.one(plan.id).etat == rules.EPUISEE
    assert (told("vague"), told("vagues_epuisees")) == (2, 1)


def test_what_the_clock_sends_is_the_systems(tables: Settings, dossier: Dossier, places: list[Etablissement]) -> None:
    begun(dossier, places)
    ticked(tables, hours=24)
    sent = {of(place).etablissement_id: [step.par for step in Pas.select().where(
        Pas.demande_id == of(place).id, Pas.evenement == "envoyer")] for place in places[:5]}
    assert [sent[place.id] for place in places[:5]] == [[ASKS.signature]] * 2 + [["Système"]] * 3
    traces = [(one.event, one.name) for one in audit.timeline(f"s {dossier.numero}", limit=50)
              if one.event.startswith("vagues.")]
    assert traces == [("vagues.partir", "Système"), ("vagues.partir", ASKS.name), ("vagues.commencer", ASKS.name)]


@pytest.mark.parametrize("hours", [30, 40, 24 * 5, 24 * 6], ids=["evening", "night", "saturday", "sunday"])
def test_no_wave_leaves_by_itself_out_of_office_hours(
        tables: Settings, dossier: Dossier, places: list[Etablissement], hours: int) -> None:
    begun(dossier, places)
    assert ticked(tables, hours=hours) == 0
    assert asked(dossier) == 2


def test_a_wave_that_all_refused_is_not_waited_for(
        tables: Settings, dossier: Dossier, places: list[Etablissement]) -> None:
    begun(dossier, places)
    refuse(places[0])
    assert ticked(tables, minutes=5) == 0
    refuse(places[1])
    assert ticked(tables, hours=20) == 0  # eight in the morning
    assert ticked(tables, minutes=5) == 1
    assert asked(dossier) == 5


def test_a_clock_that_stood_still_sends_one_wave_not_all(
        tables: Settings, dossier: Dossier, places: list[Etablissement]) -> None:
    begun(dossier, places)
    assert ticked(tables, days=7) == 1
    assert asked(dossier) == 5


def test_the_clock_knows_the_job() -> None:
    assert echeances.leave in [job.run for job in JOBS]


# --- what stops it

def test_an_accord_stops_it_until_the_accord_falls(
        tables: Settings, dossier: Dossier, places: list[Etablissement]) -> None:
    plan = begun(dossier, places)
    accord(places[0])
    assert ticked(tables, hours=24) == 1
    now = queries.one(plan.id)
    assert (now.etat, asked(dossier)) == (rules.ACCORD, 2)
    for act in (commands.go_on, commands.resume):
        with database.writing(), pytest.raises(commands.Impossible, match="a donné son accord"):
            act(ASKS, plan.id, now.version, WHOLE)
    # The place is taken back: nothing leaves by itself, but the search may go on.
    with database.writing():
        demandes.withdraw(ANSWERS, of(places[0]).id, of(places[0]).version)
    assert ticked(tables, hours=48) == 0
    with database.writing():
        commands.go_on(ASKS, plan.id, now.version, WHOLE)
    assert asked(dossier) == 5


def test_a_place_on_a_waiting_list_stops_nothing(
        tables: Settings, dossier: Dossier, places: list[Etablissement]) -> None:
    begun(dossier, places)
    answer(lambda one: demandes.put_on_list(ANSWERS, one.id, one.version, "admissible"), places[0])
    assert ticked(tables, hours=24) == 1
    assert asked(dossier) == 5


def test_a_volet_that_is_no_longer_valid_suspends_it_and_is_told_once(
        tables: Settings, dossier: Dossier, places: list[Etablissement], monkeypatch: pytest.MonkeyPatch) -> None:
    plan = begun(dossier, places)
    monkeypatch.setattr(envoi, "lacking", LACKING)
    assert ticked(tables, hours=24) == 1
    assert ticked(tables, hours=25) == 0
    now = queries.one(plan.id)
    assert (now.etat, now.cause, asked(dossier), told("vagues_suspendues")) == (rules.PAUSE, rules.VOLETS, 2, 1)
    with database.writing(), pytest.raises(commands.Impossible, match="n’est pas complet"):
        commands.resume(ASKS, plan.id, now.version, LACKING)
    with database.writing():
        commands.resume(ASKS, plan.id, now.version, WHOLE)
    assert queries.one(plan.id).etat == rules.EN_COURS


def test_an_orientation_signed_again_suspends_it_until_somebody_has_looked(
        tables: Settings, dossier: Dossier, places: list[Etablissement]) -> None:
    support.whole(dossier)
    plan = begun(dossier, places)
    with clock.shift(timedelta(hours=2)):
        support.whole(dossier)
    assert ticked(tables, hours=24) == 1
    now = queries.one(plan.id)
    assert (now.etat, now.cause, asked(dossier)) == (rules.PAUSE, rules.ORIENTATION, 2)
    # Resumed by somebody who has read it, it goes on.
    with clock.shift(timedelta(hours=25)), database.writing():
        commands.resume(ASKS, plan.id, now.version, WHOLE)
    assert ticked(tables, hours=49) == 1
    assert asked(dossier) == 5


def test_after_an_arrival_that_was_never_declared_another_search_may_begin(
        dossier: Dossier, places: list[Etablissement]) -> None:
    with database.writing():
        Dossier.update(etat="admis", statut="admis").where(Dossier.id == dossier.id).execute()
    with pytest.raises(commands.Impossible, match="déjà admis"):
        begun(Dossier.get_by_id(dossier.id), places)
    with database.writing():
        Dossier.update(statut="non_finalisee").where(Dossier.id == dossier.id).execute()
    assert begun(Dossier.get_by_id(dossier.id), places).etat == rules.EN_COURS


def test_a_dossier_that_closes_ends_it(tables: Settings, dossier: Dossier, places: list[Etablissement]) -> None:
    plan = begun(dossier, places)
    with database.writing():
        Dossier.update(etat="annule").where(Dossier.id == dossier.id).execute()
    assert ticked(tables, minutes=5) == 1
    assert (queries.one(plan.id).etat, queries.one(plan.id).cause) == (rules.ARRETEE, rules.DOSSIER)


@pytest.mark.parametrize("act", [commands.pause, commands.stop])
def test_a_search_that_was_paused_or_stopped_stays_so(
        tables: Settings, dossier: Dossier, places: list[Etablissement], act: Any) -> None:
    plan = begun(dossier, places)
    with database.writing():
        act(ASKS, plan.id, plan.version)
    assert ticked(tables, days=2) == 0
    assert asked(dossier) == 2


# --- whom it passes over

def test_closed_and_known_ones_are_passed_over_and_the_wave_that_is_left_moves_up(
        tables: Settings, dossier: Dossier, places: list[Etablissement]) -> None:
    plan = begun(dossier, places)
    # Of the second wave, two close and one is asked by hand meanwhile.
    with database.writing():
        Etablissement.update(ferme=True).where(Etablissement.id << [places[2].id, places[3].id]).execute()
    espaces.demande(dossier, places[4])
    assert ticked(tables, hours=24) == 1
    assert [one.etat for one in queries.targets(plan.id)] == [
        "envoyee", "envoyee", "fermee", "fermee", "deja", "envoyee"]
    assert queries.one(plan.id).vague == 3
    assert Demande.select().where(Demande.etablissement_id == places[4].id).count() == 1


def test_one_that_was_chosen_and_not_sent_is_asked_once(dossier: Dossier, places: list[Etablissement]) -> None:
    espaces.demande(dossier, places[0], of_demandes.NON_ENVOYEE)
    begun(dossier, places)
    assert Demande.select().where(Demande.etablissement_id == places[0].id).count() == 1
    assert of(places[0]).etat == of_demandes.ENVOYEE


def test_a_search_that_can_ask_nobody_leaves_nothing_behind(dossier: Dossier, places: list[Etablissement]) -> None:
    waves = [Vague(1, tuple(candidate(place) for place in places))]
    with database.writing():
        Etablissement.update(ferme=True).execute()
        # Caught within the transaction, as the page does.
        with pytest.raises(commands.Impossible, match="ne peut être sollicitée"):
            commands.begin(ASKS, dossier, waves, rayon=30, rayon_large=60, heures=8, missing=WHOLE)
    assert not Plan.select().exists() and not Demande.select().exists()


def test_a_wave_by_hand_that_can_ask_nobody_moves_nothing(dossier: Dossier, places: list[Etablissement]) -> None:
    plan = begun(dossier, places)
    with database.writing():
        Etablissement.update(ferme=True).execute()
        with pytest.raises(commands.Impossible, match="ne peut être sollicitée"):
            commands.go_on(ASKS, plan.id, plan.version, WHOLE)
    assert [one.etat for one in queries.targets(plan.id)].count(rules.ATTENTE) == 4
    assert queries.one(plan.id).version == plan.version


# --- by hand

def test_the_next_wave_may_leave_at_once_at_any_hour(dossier: Dossier, places: list[Etablissement]) -> None:
    plan = begun(dossier, places)
    with clock.shift(timedelta(hours=12)), database.writing():
        again = commands.go_on(ASKS, plan.id, plan.version, WHOLE)
    assert (again.vague, asked(dossier)) == (2, 5)


def test_one_search_at_a_time(dossier: Dossier, places: list[Etablissement]) -> None:
    plan = begun(dossier, places[:2], (1, 1))
    with pytest.raises(commands.Impossible, match="déjà ouverte"):
        begun(dossier, places[2:], (2, 2))
    with database.writing():
        commands.stop(ASKS, plan.id, plan.version)
    assert begun(dossier, places[2:], (2, 2)).id != plan.id


@pytest.mark.parametrize(("missing", "words"), [(WHOLE, ""), (LACKING, "n’est pas complet")])
def test_an_incomplete_dossier_begins_nothing(
        dossier: Dossier, places: list[Etablissement], missing: Any, words: str) -> None:
    waves = [Vague(1, (candidate(places[0]),))]
    with database.writing():
        if words:
            with pytest.raises(commands.Impossible, match=words):
                commands.begin(ASKS, dossier, waves, rayon=30, rayon_large=60, heures=8, missing=missing)
        else:
            commands.begin(ASKS, dossier, waves, rayon=30, rayon_large=60, heures=8, missing=missing)
    assert asked(dossier) == (0 if words else 1)


# --- at the same moment

def together(*acts: Callable[[], Any]) -> list[Any]:
    """Do all of it at once, each in a thread and a transaction of its own; what each gave, or raised."""
    start, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(number: int) -> None:
        database.connect()
        start.wait()
        try:
            with database.writing():
                results[number] = acts[number]()
        except commands.Impossible as error:
            results[number] = error
        finally:
            database.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def test_two_clocks_and_two_clicks_at_once_let_one_wave_leave(
        dossier: Dossier, places: list[Etablissement]) -> None:
    plan = begun(dossier, places)
    with clock.shift(timedelta(hours=24)):
        found = together(lambda: commands.tick(plan.id, WHOLE), lambda: commands.tick(plan.id, WHOLE),
                         lambda: commands.go_on(ASKS, plan.id, plan.version, WHOLE),
                         lambda: commands.go_on(ASKS, plan.id, plan.version, WHOLE))
    assert queries.one(plan.id).vague == 2
    assert asked(dossier) == 5
    # Who came second was told that it had moved, or found nothing to do.
    assert sum(isinstance(one, commands.Stale) or one is False for one in found) == 3
    assert audit.broken_link() is None


def test_stopping_while_the_clock_runs_leaves_one_story(dossier: Dossier, places: list[Etablissement]) -> None:
    plan = begun(dossier, places)
    with clock.shift(timedelta(hours=24)):
        ran, stopped = together(lambda: commands.tick(plan.id, WHOLE),
                                lambda: commands.stop(ASKS, plan.id, plan.version))
    now = queries.one(plan.id)
    if ran:
        assert isinstance(stopped, commands.Stale) and (now.etat, asked(dossier)) == (rules.EN_COURS, 5)
    else:
        assert (now.etat, asked(dossier)) == (rules.ARRETEE, 2)


def test_beginning_twice_at_once_begins_once(dossier: Dossier, places: list[Etablissement]) -> None:
    waves = [Vague(1, tuple(candidate(place) for place in places[:2]))]
    found = together(*[lambda: commands.begin(ASKS, dossier, waves, rayon=30, rayon_large=60, heures=8,
                                              missing=WHOLE)] * 2)
    assert sum(isinstance(one, Plan) for one in found) == 1
    assert (Plan.select().count(), asked(dossier)) == (1, 2)
