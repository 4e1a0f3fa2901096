"""Steps of requests in the database: what each writes, whom it tells, what it refuses."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest

from portal import clock
from portal.annuaire.models import Etablissement
from portal.avis.models import Avis
from portal.db import audit, database
from portal.db.base import rows
from portal.demandes import commands, queries, rules
from portal.demandes.models import Demande, Pas
from portal.dossiers import commands as dossiers
from portal.dossiers import queries as of_dossiers
from portal.dossiers.models import Dossier
from portal.settings import Settings
from tests.support import bases, espaces
from tests.support.espaces import ANSWERS, ASKS, TOMORROW
from tests.support.people import LEROUX

WORDS = "Antécédent de phlébite en mars"


@dataclass(frozen=True)
class Scene:
    """A dossier and two establishments with people of their own, three requests away."""

    dossier: Dossier
    here: Etablissement
    there: Etablissement

    def statut(self) -> str:
        return of_dossiers.by_id(self.dossier.id).statut


@pytest.fixture
def scene(tables: Settings, midday: datetime) -> Iterator[Scene]:
    with database.writing():
        dossier = dossiers.create(ASKS, "ga", LEROUX)
    places = [espaces.etablissement(name) for name in ("EHPAD Ici", "EHPAD Là")]
    for place in places:
        espaces.structure(nom=place.nom, etablissement_id=place.id)
    yield Scene(dossier, *places)


def told(code: str) -> list[str]:
    return [row[0].partition(":")[0] for row in rows("SELECT destinataire FROM avis WHERE code = ? ORDER BY id", code)]


def test_choosing_twice_is_choosing_once_and_sends_nothing(scene: Scene) -> None:
    with database.writing():
        one = commands.select(ASKS, scene.dossier, scene.here.id, "permanent")
        again = commands.select(ASKS, scene.dossier, scene.here.id, "permanent")
        other = commands.select(ASKS, scene.dossier, scene.here.id, "temporaire")
    assert one.id == again.id != other.id
    assert queries.states(scene.dossier.id) == ["non_envoyee", "non_envoyee"]
    assert scene.statut() == "non_envoyee"
    assert not Avis.select().exists()


def test_sending_tells_the_establishment_and_moves_the_dossier_and_its_row(scene: Scene) -> None:
    espaces.demande(scene.dossier, scene.here)
    assert scene.statut() == "demande_envoyee"
    assert rows("SELECT statut, onglet FROM lien WHERE rpps = ?", ASKS.rpps) == [("demande_envoyee", "en_cours")]
    assert told("demande") == ["structure"]
    assert [step.evenement for step in queries.steps(Demande.get().id)] == ["selectionner", "envoyer"]


def test_an_incomplete_dossier_leaves_only_for_who_reads_incomplete_ones(scene: Scene) -> None:
    Etablissement.update(incomplets=True).where(Etablissement.id == scene.there.id).execute()
    with database.writing():
        strict = commands.select(ASKS, scene.dossier, scene.here.id, "permanent")
        easy = commands.select(ASKS, scene.dossier, scene.there.id, "permanent")
        with pytest.raises(commands.Incomplete):
            commands.send(ASKS, strict.id, strict.version, ["Volet médical"])
        sent = commands.send(ASKS, easy.id, easy.version, ["Volet médical"])
    assert sent.incomplet
    assert queries.one(strict.id).etat == "non_envoyee"


def test_a_closed_establishment_receives_nothing(scene: Scene) -> None:
    Etablissement.update(ferme=True).where(Etablissement.id == scene.here.id).execute()
    with pytest.raises(commands.Impossible, match="annuaire"):
        espaces.demande(scene.dossier, scene.here)


@pytest.mark.parametrize("statut", ["annule", "historise"])
def test_a_closed_dossier_sends_nothing(scene: Scene, statut: str) -> None:
    with database.writing():
        dossiers.set_status(ASKS, scene.dossier, statut)
        with pytest.raises(commands.Impossible, match="aucune demande ne peut partir"):
            commands.select(ASKS, scene.dossier, scene.here.id, "permanent")


def test_reading_is_noted_once_and_told(scene: Scene) -> None:
    one = espaces.demande(scene.dossier, scene.here)
    with database.writing():
        first = commands.read(ANSWERS, one.id)
        again = commands.read(ANSWERS, one.id)
    assert (first.etat, again.version) == ("lue", first.version)
    assert told("lecture") == ["medecin"]


def test_words_are_sealed_and_read_back(scene: Scene, settings: Settings) -> None:
    one = espaces.demande(scene.dossier, scene.here, rules.LUE)
    with database.writing():
        asked = commands.ask(ANSWERS, one.id, one.version, WORDS)
        answered = commands.complete(ASKS, asked.id, asked.version, WORDS + " 2024")
        read = commands.read(ANSWERS, answered.id)
        refused = commands.refuse(ANSWERS, read.id, read.version, "86", WORDS)
    assert queries.words(refused, "motif_texte") == WORDS
    assert queries.words(refused, "complement_reponse") == WORDS + " 2024"
    database.close()
    kept = bases.kept(settings.data)
    database.connect()
    assert WORDS.encode() not in kept
    assert not rows("SELECT id FROM trace WHERE detail LIKE '%phl%'")


def test_a_complement_given_comes_back_as_sent_and_the_answer_counts_from_the_first(scene: Scene) -> None:
    one = espaces.demande(scene.dossier, scene.here, rules.COMPLEMENT)
    first = one.repondue_le
    with clock.shift(timedelta(days=2)), database.writing():
        sent = commands.complete(ASKS, one.id, one.version, "Voici.")
        read = commands.read(ANSWERS, sent.id)
        listed = commands.put_on_list(ANSWERS, read.id, read.version, "analyse")
    assert sent.etat == "envoyee"
    assert listed.repondue_le == first
    assert told("reponse") == ["structure"]


def test_an_entry_cancels_every_other_request_with_motive_119(scene: Scene) -> None:
    mine = espaces.demande(scene.dossier, scene.here, rules.ACCEPTEE)
    others = [espaces.demande(scene.dossier, scene.there, state, sejour=sejour)
              for state, sejour in ((rules.LISTE, "permanent"), (rules.ENVOYEE, "jour"), (rules.REFUS, "nuit"),
                                    (rules.NON_ENVOYEE, "temporaire"))]
    with database.writing():
        commands.admit(ANSWERS, mine.id, mine.version, date(2026, 11, 22))
    assert [queries.one(one.id).etat for one in others] == ["annulee_auto", "annulee_auto", "refus", "non_envoyee"]
    assert queries.one(others[0].id).motif == "119"
    assert scene.statut() == "admis"
    assert rows("SELECT onglet FROM lien WHERE rpps = ?", ASKS.rpps) == [("admis",)]


def test_an_entry_declared_by_mistake_gives_the_others_back_where_they_stood(scene: Scene) -> None:
    mine = espaces.demande(scene.dossier, scene.here, rules.LUE)
    listed = espaces.demande(scene.dossier, scene.there, rules.LISTE)
    gone = espaces.demande(scene.dossier, scene.there, rules.ANNULEE, sejour="jour")
    with database.writing():
        admitted = commands.admit(ANSWERS, mine.id, mine.version, date(2026, 11, 22))
        commands.undo_admission(ANSWERS, admitted.id, admitted.version)
    back = queries.one(listed.id)
    assert (back.etat, back.niveau, back.rang, back.motif) == ("liste_attente", "admissible", 3, "")
    assert queries.one(gone.id).etat == "annulee"
    assert scene.statut() == "liste_attente"


def test_a_proposal_is_decided_before_its_date_or_expires(scene: Scene) -> None:
    one = espaces.demande(scene.dossier, scene.here, rules.LUE)
    place = commands.Proposition(clock.today(), clock.today(), "12", 6200)
    with database.writing():
        offered = commands.propose(ANSWERS, one.id, one.version, place)
        assert not commands.expire(offered.id), "its last day counts whole"
    with clock.shift(timedelta(days=1)), database.writing():
        with pytest.raises(commands.Impossible, match="22/11/2026"):
            commands.accept(ASKS, offered.id, offered.version)
        assert commands.expire(offered.id)
        assert not commands.expire(offered.id)
    assert queries.one(one.id).etat == "expiree"
    assert told("expiration") == ["medecin"]


def test_a_reminder_waits_three_days(scene: Scene) -> None:
    one = espaces.demande(scene.dossier, scene.here)
    with clock.shift(timedelta(days=3, seconds=-1)), database.writing(), pytest.raises(commands.TooSoon):
        commands.remind(ASKS, one.id, one.version)
    with clock.shift(timedelta(days=3)), database.writing():
        again = commands.remind(ASKS, one.id, one.version)
        with pytest.raises(commands.TooSoon):
            commands.remind(ASKS, again.id, again.version)
    assert (again.etat, again.relances) == ("envoyee", 1)


@pytest.mark.parametrize("motif", ["", "114", "zzz", "90"])
def test_a_motive_of_another_event_is_none(scene: Scene, motif: str) -> None:
    one = espaces.demande(scene.dossier, scene.here)
    with database.writing(), pytest.raises(commands.Impossible, match="motif"):
        commands.cancel(ASKS, one.id, one.version, motif)
    assert queries.one(one.id).etat == "envoyee"


def test_a_step_seen_too_late_is_told_who_came_first(scene: Scene) -> None:
    one = espaces.demande(scene.dossier, scene.here, rules.PROPOSEE)
    with database.writing():
        commands.withdraw(ANSWERS, one.id, one.version)
        with pytest.raises(commands.Stale) as caught:
            commands.accept(ASKS, one.id, one.version)
    assert caught.value.now.etat == "liste_attente"
    assert (caught.value.last.evenement, caught.value.last.par) == ("retirer_proposition", ANSWERS.name)


RACES: list[tuple[str, str, Callable[[int, int], object], Callable[[int, int], object]]] = [
    ("the family accepts while the establishment withdraws", rules.PROPOSEE,
     lambda one, version: commands.accept(ASKS, one, version),
     lambda one, version: commands.withdraw(ANSWERS, one, version)),
    ("the physician cancels while the establishment answers", rules.LUE,
     lambda one, version: commands.cancel(ASKS, one, version, "85"),
     lambda one, version: commands.put_on_list(ANSWERS, one, version, "analyse")),
    ("two people of the establishment answer", rules.LUE,
     lambda one, version: commands.refuse(ANSWERS, one, version, "114"),
     lambda one, version: commands.propose(ANSWERS, one, version, TOMORROW)),
]


@pytest.mark.parametrize(("state", "first", "second"), [race[1:] for race in RACES], ids=[race[0] for race in RACES])
def test_of_two_at_once_one_wins_and_the_other_is_told(
        scene: Scene, state: str, first: Callable[[int, int], object], second: Callable[[int, int], object]) -> None:
    one = espaces.demande(scene.dossier, scene.here, state)
    outcomes = _at_once([lambda: first(one.id, one.version), lambda: second(one.id, one.version)])
    assert sorted(outcomes) == ["Stale", "done"]
    assert queries.one(one.id).version == one.version + 1


def test_two_establishments_admit_at_once(scene: Scene) -> None:
    mine = espaces.demande(scene.dossier, scene.here, rules.LUE)
    theirs = espaces.demande(scene.dossier, scene.there, rules.LUE)
    outcomes = _at_once([
        lambda: commands.admit(ANSWERS, mine.id, mine.version, date(2026, 11, 22)),
        lambda: commands.admit(ANSWERS, theirs.id, theirs.version, date(2026, 11, 22))])
    assert sorted(outcomes) == ["Stale", "done"]
    assert sorted(queries.states(scene.dossier.id)) == ["admis", "annulee_auto"]


def test_a_cancelled_reading_opens_nothing(scene: Scene) -> None:
    """The physician cancels between the list and the opening: the establishment reads nothing."""
    one = espaces.demande(scene.dossier, scene.here)
    with database.writing():
        commands.cancel(ASKS, one.id, one.version, "112")
        found = commands.read(ANSWERS, one.id)
    assert found.etat == "annulee"
    assert queries.readable(scene.here.id, scene.dossier.id) is None


def test_the_audit_holds_after_a_whole_life(scene: Scene) -> None:
    espaces.demande(scene.dossier, scene.here, rules.REFUS)
    espaces.demande(scene.dossier, scene.there, rules.ADMIS)
    assert audit.broken_link() is None
    events = [row.event for row in audit.timeline("ga " + str(scene.dossier.numero), 200)]
    assert {"demande.envoyer", "demande.lire", "demande.refuser", "demande.admettre"} <= set(events)


def test_withdrawing_a_selection_leaves_no_step_behind(scene: Scene) -> None:
    one = espaces.demande(scene.dossier, scene.here, rules.NON_ENVOYEE)
    with database.writing():
        commands.remove(ASKS, one.id, one.version)
    assert not Demande.select().exists()
    assert not Pas.select().exists()


def _at_once(acts: list[Callable[[], object]]) -> list[str]:
    """What came of acts that start together, each in its own thread and connection."""
    outcomes: list[str] = []
    gate = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> None:
        gate.wait()
        try:
            with database.writing():
                act()
        except (commands.Stale, commands.Impossible) as refused:
            outcomes.append(type(refused).__name__)
        else:
            outcomes.append("done")
        finally:
            database.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
