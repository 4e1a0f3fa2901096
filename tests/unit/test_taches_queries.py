"""Which tasks are found: from real acts, for whom, up to what number, and by which indexes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from portal import clock
from portal.clock import PARIS
from portal.compte.espace import commands as preferences
from portal.compte.espace.rules import CODES
from portal.db import database
from portal.db.audit import Actor, Mandate
from portal.db.base import db
from portal.delegations.rules import SECRETAIRE, SECRETARY_RIGHTS
from portal.demandes import commands as demandes
from portal.demandes.models import Demande
from portal.demonstration import dossiers as fiction
from portal.dossiers import commands as dossiers
from portal.dossiers.models import Dossier, Lien
from portal.dossiers.rules import MODULES
from portal.echeances import archives
from portal.espaces.models import Structure, Transfert
from portal.settings import Settings
from portal.taches import queries, rules
from portal.taches.queries import MOST
from portal.taches.rules import Tache
from portal.volets.models import Volet
from tests.support import bases, espaces
from tests.support.espaces import ANSWERS, ASKS
from tests.support.people import LEROUX, account

CLIC = Actor(None, "CLIC du Bessin", "interne")
BOB = Actor(10100000022, "Dr Bob DURAND", "cps")
NEAR = date(2026, 11, 27)
pytestmark = pytest.mark.usefixtures("midday")


def days(n: float) -> timedelta:
    return timedelta(days=n)


def acting(kind: str, rights: set[str] | frozenset[str], modules: tuple[str, ...] = ("ga", "s", "tnd")) -> Actor:
    """Somebody who acts for Dr Alice MARTIN."""
    mandate = Mandate(1, ASKS.rpps or 0, ASKS.name, kind, frozenset(modules), frozenset(rights), None)
    return Actor(None, "Sophie LEGRAND", "otp", mandate, "S1")


def found(settings: Settings, actor: Actor = ASKS) -> list[Tache]:
    return queries.liste(queries.regard(actor, MODULES, settings)).taches


def genres(settings: Settings, actor: Actor = ASKS) -> list[str]:
    return [one.genre for one in found(settings, actor)]


@pytest.fixture
def dossier(tables: Settings) -> Dossier:
    """A dossier that Dr Alice MARTIN leads; its volets are validated, so that nothing is to be done."""
    return made()


def made(*, signed: tuple[str, ...] = ("administratif", "medical", "autonomie")) -> Dossier:
    with database.writing():
        dossier = dossiers.create(ASKS, "ga", LEROUX)
        for code in signed:
            volet(dossier, code, "valide")
    return dossier


def volet(dossier: Dossier, code: str, etat: str) -> None:
    Volet.insert(dossier_id=dossier.id, code=code, etat=etat, definition="x", definition_version=1, contenu=b"",
                 modifie_par="", modifie_le=clock.now()).execute()


def test_a_dossier_in_which_nothing_waits_gives_no_task(tables: Settings, dossier: Dossier) -> None:
    assert found(tables) == []


def test_a_designated_physician_has_to_answer(tables: Settings, dossier: Dossier) -> None:
    with clock.shift(days(2)), database.writing():
        dossiers.designate(CLIC, dossier, BOB.rpps or 0)
    with clock.shift(days(5)):
        one, = found(tables, BOB)
        assert (one.genre, one.numero, one.depuis) == (
            rules.ACCEPTATION, dossier.numero, (clock.now() - days(3)).astimezone(PARIS).date())
        assert found(tables) == []
    with database.writing():
        dossiers.decide(BOB, "ga", dossier.numero, "refuser", 1)
    assert found(tables, BOB) == []


@pytest.mark.parametrize(("etats", "detail", "begun"), [
    ({}, "medical autonomie", False), ({"medical": "valide"}, "autonomie", False),
    ({"medical": "en_cours"}, "medical autonomie", True),
    ({"medical": "rouvert", "autonomie": "valide"}, "medical", True),
    ({"autonomie": "en_cours"}, "medical autonomie", False),
    ({"medical": "valide", "autonomie": "valide"}, None, False),
])
def test_the_medical_volets_that_are_not_signed_are_to_be_filled(
        tables: Settings, etats: dict[str, str], detail: str | None, begun: bool) -> None:
    dossier = made(signed=())
    with database.writing():
        for code, etat in etats.items():
            volet(dossier, code, etat)
    assert [(one.detail, one.begun) for one in found(tables)] == ([] if detail is None else [(detail, begun)])


def test_a_sanitaire_dossier_is_filled_by_whoever_leads_it(tables: Settings) -> None:
    """His own asks for three volets; one that a hospital service leads has a physician there."""
    with database.writing():
        dossier = dossiers.create(ASKS, "s", LEROUX)
    assert [(one.module, one.detail) for one in found(tables)] == [("s", "orientation medical soins")]
    espaces.follow(espaces.structure("hospitalier", "CHU", service="Gériatrie"), dossier)
    Lien.update(referent="CHU — Gériatrie").execute()
    assert found(tables) == []


def test_a_child_s_volets_are_asked_like_any_other(tables: Settings) -> None:
    """« Repérage » is medical: the physician's; the administrative one is whoever leads the request's."""
    with database.writing():
        dossiers.create(ASKS, "tnd", replace(LEROUX, naissance=date(2022, 4, 17)))
    assert [(one.module, one.detail) for one in found(tables)] == [("tnd", "reperage medical")]


def test_home_care_waits_for_the_word_of_the_medecin_traitant(tables: Settings) -> None:
    """Asked by a hospital service; a bed asks for no agreement, and a word once given is not asked again."""
    service = Actor(None, "Noé PETIT, CHU", "otp", None, "S00000000077")
    with database.writing():
        dossier = dossiers.create(ASKS, "s", LEROUX)
        for genre, stay in (("had", "domicile"), ("smr", "complet")):
            one = demandes.select(service, dossier, espaces.etablissement(genre, genre=genre).id, stay)
            demandes.send(service, one.id, one.version, ())
    waiting = Demande.get(Demande.sejour == "domicile")
    assert [(one.genre, one.demande) for one in found(tables) if one.genre == rules.ACCORD] == [
        (rules.ACCORD, waiting.id)]
    with database.writing():
        demandes.agree(ASKS, waiting.id, waiting.version, yes=False)
    assert rules.ACCORD not in {one.genre for one in found(tables)}


def test_a_cancelled_dossier_asks_for_nothing(tables: Settings) -> None:
    dossier = made(signed=())
    with database.writing():
        dossiers.set_status(ASKS, dossier, "annule")
    assert found(tables) == []


@pytest.mark.parametrize(("etat", "genre"), [("complement", rules.COMPLEMENT), ("proposee", rules.PROPOSITION)])
def test_what_an_establishment_asks_or_offers_is_to_be_answered(
        tables: Settings, dossier: Dossier, etat: str, genre: str) -> None:
    request = espaces.demande(dossier, espaces.etablissement("EHPAD Les Ormes"), etat)
    one, = found(tables)
    assert (one.genre, one.demande, one.detail) == (genre, request.id, "EHPAD Les Ormes")
    assert one.echeance == (date(2099, 1, 1) if genre == rules.PROPOSITION else None)


def test_a_task_is_found_whatever_else_the_dossier_has_come_to(tables: Settings, dossier: Dossier) -> None:
    """The dossier's status says the farthest request; the tasks of the others are there too."""
    for etat in ("envoyee", "lue", "liste_attente", "complement", "proposee", "refus"):
        espaces.demande(dossier, espaces.etablissement(), etat)
    with clock.shift(days(8)):
        assert sorted(genres(tables)) == [rules.COMPLEMENT, rules.PROPOSITION, rules.SILENCE, rules.SILENCE]


def test_only_who_leads_the_request_decides(tables: Settings, dossier: Dossier) -> None:
    with database.writing():
        dossiers.designate(CLIC, dossier, BOB.rpps or 0)
        dossiers.decide(BOB, "ga", dossier.numero, "accepter", 1)
    espaces.demande(dossier, espaces.etablissement(), "proposee")
    espaces.demande(dossier, espaces.etablissement(), "complement")
    assert genres(tables) == [rules.PROPOSITION, rules.COMPLEMENT] and genres(tables, BOB) == [rules.COMPLEMENT]


def test_a_silence_shows_after_the_days_that_he_chose_and_goes_with_a_reminder(
        tables: Settings, dossier: Dossier) -> None:
    compte = account(ASKS.rpps or 0)
    with database.writing():
        preferences.set_notices(ASKS, compte, set(CODES), 3)
    one = espaces.demande(dossier, espaces.etablissement(), "lue")
    with clock.shift(days(2.9)):
        assert genres(tables) == []
    with clock.shift(days(3.1)):
        assert genres(tables) == [rules.SILENCE]
        with database.writing():
            demandes.remind(ASKS, one.id, one.version)
        assert genres(tables) == []
    with clock.shift(days(7)):
        assert genres(tables) == [rules.SILENCE]


def test_a_dossier_about_to_be_archived_says_until_when(tables: Settings, dossier: Dossier) -> None:
    with clock.shift(days(190)):
        archives.warn(tables)
        told = clock.today()
    with clock.shift(days(200)):
        one, = found(tables)
        assert (one.genre, one.depuis) == (rules.ARCHIVAGE, told)
        assert one.echeance == archives.archived_on(clock.now() - days(10), tables).date()
        with database.writing():
            dossiers.touch(dossier)
        assert found(tables) == []


def test_a_transfer_waits_for_the_physician_to_whom_it_is_offered(tables: Settings, dossier: Dossier) -> None:
    team: Structure = espaces.structure("coordination", "CLIC du Bessin")
    with database.writing():
        Transfert.create(dossier_id=dossier.id, structure=team, rpps=ASKS.rpps, propose_par="x", propose_le=clock.now())
    one, = found(tables)
    assert (one.genre, one.detail) == (rules.TRANSFERT, "CLIC du Bessin")
    assert found(tables, BOB) == []


# --- for whom

def test_a_secretary_sees_what_she_may_do_and_nothing_else(tables: Settings) -> None:
    dossier = made(signed=())
    espaces.demande(dossier, espaces.etablissement(), "complement")
    espaces.demande(dossier, espaces.etablissement(), "envoyee")
    with clock.shift(days(8)):
        tasks = found(tables, acting(SECRETAIRE, SECRETARY_RIGHTS))
    assert [(one.genre, one.detail) for one in tasks] == [
        (rules.VOLET, "administratif"), (rules.SILENCE, "EHPAD Les Tilleuls")]


def test_a_secretary_fills_no_administrative_volet_that_somebody_else_leads(tables: Settings) -> None:
    dossier = made(signed=())
    with database.writing():
        dossiers.designate(CLIC, dossier, BOB.rpps or 0)
        dossiers.decide(BOB, "ga", dossier.numero, "accepter", 1)
    his = Mandate(1, BOB.rpps or 0, BOB.name, SECRETAIRE, frozenset(MODULES), SECRETARY_RIGHTS, None)
    assert genres(tables, BOB) == [rules.VOLET]
    assert found(tables, Actor(None, "x", "otp", his, "S1")) == []


def test_a_mandate_bounds_modules_and_rights(tables: Settings) -> None:
    dossier = made(signed=())
    espaces.demande(dossier, espaces.etablissement(), "proposee")
    assert genres(tables, acting("medecin", {"consulter", "lire", "repondre"})) == [rules.PROPOSITION]
    assert genres(tables, acting("medecin", {"consulter", "lire", "repondre"}, ("s", "tnd"))) == []
    assert genres(tables, acting("medecin", {"consulter", "lire", "repondre"}, ())) == []
    assert genres(tables, acting("medecin", {"consulter", "lire"})) == []


# --- bounds

def test_no_more_than_a_hundred_of_a_kind_are_counted_the_oldest_listed(tables: Settings) -> None:
    fiction.generate([ASKS.rpps or 0], 600, mix=(1, 0, 0))
    liste = queries.liste(queries.regard(ASKS, MODULES, tables))
    assert liste.counts[rules.VOLET] == MOST + 1 and liste.more and liste.total <= MOST * len(rules.GENRES)
    assert len(liste.taches) == MOST
    of_volets = queries.liste(queries.regard(ASKS, MODULES, tables), rules.VOLET).taches
    oldest = db.execute_sql("SELECT numero FROM lien WHERE etat = 'accepte' AND onglet = 'en_cours' AND module = 'ga' "
                            "ORDER BY decide_le LIMIT 101").fetchall()
    assert {one.numero for one in of_volets if one.module == "ga"} < {numero for numero, in oldest}


def test_the_tasks_of_one_kind_are_as_urgent_alone_as_among_the_others(tables: Settings, dossier: Dossier) -> None:
    for etat in ("complement", "proposee"):
        espaces.demande(dossier, espaces.etablissement(), etat)
    look = queries.regard(ASKS, MODULES, tables)
    whole = queries.liste(look)
    asked = [one for one in whole.taches if one.genre == rules.COMPLEMENT]
    assert asked and asked == queries.liste(look, rules.COMPLEMENT).taches
    assert queries.liste(look, limit=1).taches == whole.taches[:1] and queries.liste(look, limit=1).total == 2


def test_no_statement_reads_a_table_through(tables: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve statements at most (one a module for its volets), each from his rows by an index."""
    asked: list[tuple[str, tuple[object, ...]]] = []
    run = queries.rows
    monkeypatch.setattr(queries, "rows", lambda sql, *params: asked.append((sql, params)) or run(sql, *params))
    found(tables)
    assert 0 < len(asked) <= 12
    for sql, params in asked:
        steps = bases.plan(sql, *params)
        assert not [step for step in steps if step.startswith("SCAN") and step not in ("SCAN f",)], steps
        assert not [step for step in steps if "Seq Scan" in step], steps


def test_a_request_of_a_dossier_that_is_no_longer_his_is_not_his_to_answer(tables: Settings, dossier: Dossier) -> None:
    espaces.demande(dossier, espaces.etablissement(), "complement")
    with database.writing():
        dossiers.decide(ASKS, "ga", dossier.numero, "retirer", 1)
    assert found(tables) == [] and Demande.select().exists()


def test_a_proposal_near_its_date_comes_before_everything(tables: Settings) -> None:
    with clock.shift(-days(60)):
        made(signed=())
    dossier = made()
    one = espaces.demande(dossier, espaces.etablissement(), "lue")
    with database.writing():
        demandes.propose(ANSWERS, one.id, one.version, demandes.Proposition(NEAR, NEAR))
    assert genres(tables) == [rules.PROPOSITION, rules.VOLET]
