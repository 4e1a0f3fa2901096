"""What each job does when its time has come, that it does it once, and what stops it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from portal import clock
from portal.annuaire.models import Etablissement
from portal.avis import commands as avis
from portal.avis.models import Avis
from portal.compte.espace import commands as preferences
from portal.compte.espace.rules import CODES
from portal.db import audit, database
from portal.db.outbox import Courriel
from portal.delegations.models import Delegation
from portal.demandes import commands as demandes
from portal.demandes import envoi, rules
from portal.demandes import queries as of_demandes
from portal.demandes.models import Demande
from portal.dossiers import archivage
from portal.dossiers import commands as dossiers
from portal.dossiers import queries as of_dossiers
from portal.dossiers.models import Dossier
from portal.echeances import archives, delegations, menage, relances
from portal.echeances.models import Fait
from portal.settings import Settings
from tests.support import delegues, espaces
from tests.support.espaces import ANSWERS, ASKS
from tests.support.people import LEROUX, account

Job = Callable[[Settings], int]
MIDDAY = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
ALICE = "medecin:10100000011"
pytestmark = pytest.mark.usefixtures("midday")


def days(n: float) -> timedelta:
    return timedelta(days=n)


@pytest.fixture
def dossier(tables: Settings) -> Dossier:
    with database.writing():
        return dossiers.create(ASKS, "ga", LEROUX)


def there(**values: object) -> int:
    """An establishment that works with the portal; its row."""
    made = espaces.etablissement(**values)
    espaces.structure(etablissement_id=made.id)
    return int(made.id)


def sent(dossier: Dossier, etablissement_id: int, *, read: bool = False) -> Demande:
    with database.writing():
        one = demandes.select(ASKS, dossier, etablissement_id, "permanent")
        one = demandes.send(ASKS, one.id, one.version, ())
        return demandes.read(ANSWERS, one.id) if read else one


def told(code: str, to: str | None = None) -> int:
    found = Avis.select().where(Avis.code == code)
    return int((found.where(Avis.destinataire == to) if to else found).count())


def again(job: Job, settings: Settings) -> int:
    """What two more runs do: nothing, if the job is what it should be."""
    return job(settings) + job(settings)


# --- reminders

@pytest.mark.parametrize("read", [False, True], ids=["sent", "read"])
def test_an_establishment_is_reminded_after_each_delay_once(tables: Settings, dossier: Dossier, read: bool) -> None:
    one = sent(dossier, there(), read=read)
    for after, done in ((6, 0), (7.1, 1), (13, 0), (14.1, 1), (30.1, 1), (40, 0)):
        with clock.shift(days(after)):
            assert relances.remind(tables) == done and again(relances.remind, tables) == 0
    assert told("relance") == 3
    steps = [(step.evenement, step.par) for step in of_demandes.steps(one.id)]
    assert steps[-3:] == [("relancer", "Système")] * 3
    assert of_demandes.one(one.id).version == one.version  # a form that is open meanwhile stays good


def test_an_answer_ends_the_reminders(tables: Settings, dossier: Dossier) -> None:
    one = sent(dossier, there(), read=True)
    with database.writing():
        demandes.put_on_list(ANSWERS, one.id, one.version, "analyse")
    with clock.shift(days(15)):
        assert relances.remind(tables) == 0 and relances.tell(tables) == 0


def test_a_reminder_by_hand_starts_the_delay_again(tables: Settings, dossier: Dossier) -> None:
    one = sent(dossier, there())
    with clock.shift(days(6)), database.writing():
        demandes.remind(ASKS, one.id, one.version)
    with clock.shift(days(8)):
        assert relances.remind(tables) == 0
    with clock.shift(days(13.1)):
        assert relances.remind(tables) == 1


def test_nobody_is_told_of_a_silence_of_last_year(tables: Settings, dossier: Dossier) -> None:
    sent(dossier, there())
    with clock.shift(days(400)):
        assert relances.remind(tables) == 0 and relances.tell(tables) == 0


def test_the_delays_are_a_setting(tables: Settings, dossier: Dossier) -> None:
    sent(dossier, there())
    with clock.shift(days(3)):
        assert relances.remind(replace(tables, reminder_days="2")) == 1
        assert relances.remind(replace(tables, reminder_days="")) == 0


def test_the_referent_is_told_after_the_delay_that_he_chose(tables: Settings, dossier: Dossier) -> None:
    compte = account(ASKS.rpps or 0)
    with database.writing():
        preferences.set_notices(ASKS, compte, set(CODES), 14)
    sent(dossier, there())
    for after, done in ((8, 0), (13.9, 0), (14.1, 1)):
        with clock.shift(days(after)):
            assert relances.tell(tables) == done and again(relances.tell, tables) == 0
    assert told("silence", ALICE) == 1


def test_without_a_choice_he_is_told_after_a_week(tables: Settings, dossier: Dossier) -> None:
    sent(dossier, there())
    with clock.shift(days(7.1)):
        assert relances.tell(tables) == 1
    assert told("silence", ALICE) == 1


# --- proposals

def test_a_proposal_expires_the_day_after_its_last_one(tables: Settings, dossier: Dossier) -> None:
    one = sent(dossier, there(), read=True)
    with database.writing():
        place = demandes.Proposition(date(2026, 12, 1), date(2026, 11, 25))
        one = demandes.propose(ANSWERS, one.id, one.version, place)
    with clock.freeze(datetime(2026, 11, 25, 22, 30, tzinfo=UTC)):  # 23:30 in Paris
        assert relances.expire(tables) == 0
    with clock.freeze(datetime(2026, 11, 25, 23, 30, tzinfo=UTC)):
        assert relances.expire(tables) == 1 and again(relances.expire, tables) == 0
    assert of_demandes.one(one.id).etat == rules.EXPIREE and told("expiration") == 1


# --- promises to call back

def test_a_promise_that_was_not_kept_is_told_and_the_next_establishment_is_asked(
        tables: Settings, dossier: Dossier, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(envoi, "lacking", lambda _dossier: [])
    first, second = there(rappel_heures=2), there()
    with clock.freeze(MIDDAY):
        one = sent(dossier, first)
        with database.writing():
            other = demandes.select(ASKS, dossier, second, "permanent")
    with clock.freeze(MIDDAY + timedelta(hours=1, minutes=59)):
        assert relances.escalate(tables) == 0
    with clock.freeze(MIDDAY + timedelta(hours=2)):
        assert relances.escalate(tables) == 1 and again(relances.escalate, tables) == 0
    assert told("escalade", ALICE) == 1
    assert (of_demandes.one(one.id).etat, of_demandes.one(other.id).etat) == (rules.ENVOYEE, rules.ENVOYEE)
    assert [step.par for step in of_demandes.steps(other.id)] == [ASKS.name, "Système"]


@pytest.mark.parametrize("incomplets", [False, True])
def test_an_incomplete_dossier_leaves_by_itself_for_nobody(
        tables: Settings, dossier: Dossier, incomplets: bool) -> None:
    """Its volets are empty: it is told, not sent."""
    first, second = there(rappel_heures=2), there(incomplets=incomplets)
    sent(dossier, first)
    with database.writing():
        other = demandes.select(ASKS, dossier, second, "permanent")
    with clock.shift(days(3)):
        assert relances.escalate(tables) == 1
    assert of_demandes.one(other.id).etat == rules.NON_ENVOYEE and told("escalade") == 1


def test_an_establishment_that_left_the_directory_is_passed_over(
        tables: Settings, dossier: Dossier, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(envoi, "lacking", lambda _dossier: [])
    sent(dossier, there(rappel_heures=2))
    with database.writing():
        closed, other = (demandes.select(ASKS, dossier, there(ferme=ferme), "permanent") for ferme in (True, False))
    with clock.shift(days(3)):
        assert relances.escalate(tables) == 1
    assert [of_demandes.one(one.id).etat for one in (closed, other)] == [rules.NON_ENVOYEE, rules.ENVOYEE]


def test_escalation_may_be_turned_off(tables: Settings, dossier: Dossier, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(envoi, "lacking", lambda _dossier: [])
    sent(dossier, there(rappel_heures=2))
    with database.writing():
        other = demandes.select(ASKS, dossier, there(), "permanent")
    with clock.shift(days(3)):
        assert relances.escalate(replace(tables, escalation=False)) == 1
    assert of_demandes.one(other.id).etat == rules.NON_ENVOYEE


def test_an_answer_in_time_keeps_the_promise(tables: Settings, dossier: Dossier) -> None:
    one = sent(dossier, there(rappel_heures=2), read=True)
    with database.writing():
        demandes.ask(ANSWERS, one.id, one.version, "Quel traitement ?")
    with clock.shift(days(3)):
        assert relances.escalate(tables) == 0


# --- archiving

def test_a_dossier_left_alone_is_announced_then_archived(tables: Settings, dossier: Dossier) -> None:
    one = sent(dossier, there())
    for day, warned, archived in (
            ("2027-05-22", 0, 0), ("2027-05-23", 1, 0), ("2027-07-22", 0, 0), ("2027-07-23", 0, 1)):
        with clock.freeze(datetime.fromisoformat(f"{day}T12:00:00+00:00")):
            assert (archives.warn(tables), archives.archive(tables)) == (warned, archived), day
            assert again(archives.warn, tables) + again(archives.archive, tables) == 0
    now = of_dossiers.by_id(dossier.id)
    assert (now.etat, now.statut, now.alerte_le) == ("historise", "historise", None)
    assert told("archivage", ALICE) == 1
    assert (of_demandes.one(one.id).etat, of_demandes.one(one.id).motif) == (rules.ANNULEE_AUTO, "98")


@pytest.mark.parametrize(("change", "left"), [
    (lambda one: dossiers.touch(one), 0),
    (lambda one: dossiers.identify(ASKS, one, replace(LEROUX, ville="BAYEUX")), 1),
], ids=["a volet", "the address"])
def test_a_dossier_that_changes_after_the_announcement_stays(
        tables: Settings, dossier: Dossier, change: Callable[[Dossier], object], left: int) -> None:
    with clock.shift(days(190)):
        assert archives.warn(tables) == 1
    with clock.shift(days(200)), database.writing():
        change(of_dossiers.by_id(dossier.id))
    with clock.shift(days(300)):
        assert archives.archive(tables) == 0
        assert archives.withdraw(tables) == left and again(archives.withdraw, tables) == 0
    assert of_dossiers.by_id(dossier.id).alerte_le is None
    with clock.shift(days(400)):
        assert archives.warn(tables) == 1


def test_a_dossier_kept_by_hand_has_its_months_again(tables: Settings, dossier: Dossier) -> None:
    with clock.shift(days(190)):
        archives.warn(tables)
    with clock.shift(days(195)), database.writing():
        assert archivage.keep(ASKS, of_dossiers.by_id(dossier.id))
        assert not archivage.keep(ASKS, of_dossiers.by_id(dossier.id))
    with clock.shift(days(300)):
        assert archives.warn(tables) == 0 and archives.archive(tables) == 0


def test_an_archived_dossier_is_brought_back_where_its_requests_say(tables: Settings, dossier: Dossier) -> None:
    place = there()
    one = sent(dossier, place)
    with clock.shift(days(190)):
        archives.warn(tables)
    with clock.shift(days(260)):
        assert archives.archive(tables) == 1
        with database.writing():
            assert archives.reactivate(ASKS, of_dossiers.by_id(dossier.id))
            assert not archives.reactivate(ASKS, of_dossiers.by_id(dossier.id))
        now = of_dossiers.by_id(dossier.id)
        assert (now.etat, now.statut) == ("redaction", "non_envoyee")
        with database.writing():
            closed = of_demandes.one(one.id)
            demandes.reopen(ASKS, closed.id, closed.version, ())
        assert of_dossiers.by_id(dossier.id).statut == "demande_envoyee"


@pytest.mark.parametrize("module", ["s", "tnd"])
def test_the_other_modules_are_left_alone(tables: Settings, module: str) -> None:
    with database.writing():
        dossiers.create(ASKS, module, replace(LEROUX, naissance=date(2022, 4, 17)))
    with clock.shift(days(900)):
        assert archives.warn(tables) == 0


def test_the_months_are_settings(tables: Settings, dossier: Dossier) -> None:
    short = replace(tables, archive_alert_months=1, archive_months=1)
    with clock.shift(days(40)):
        assert archives.warn(short) == 1
    with clock.shift(days(80)):
        assert archives.archive(short) == 1


# --- delegations

def ends(delegation: Delegation, day: date) -> None:
    Delegation.update(ends=day).where(Delegation.id == delegation.id).execute()


def mails() -> list[str]:
    return [one.to for one in Courriel.select().where(Courriel.subject.startswith("Une délégation se termine"))
            .order_by(Courriel.id)]


def on(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T12:00:00+00:00")


def test_both_are_told_a_week_before_a_delegation_ends_and_on_its_last_day(tables: Settings) -> None:
    lent = delegues.lent(tables)  # from 22/11/2026 to 31/12/2026
    for day, done in (("2026-12-23", 0), ("2026-12-24", 1), ("2026-12-30", 0), ("2026-12-31", 1), ("2027-01-01", 0)):
        with clock.freeze(on(day)):
            assert delegations.announce(tables) == done and again(delegations.announce, tables) == 0, day
    both = ["10100000011@exemple.fr", "10100000033@exemple.fr"]
    assert mails() == both * 2 and lent.id
    last = Courriel.select().order_by(Courriel.id.desc()).get()
    assert "se termine ce soir" in last.subject and "LEROUX" not in last.body


def test_a_new_last_day_is_told_again(tables: Settings) -> None:
    lent = delegues.lent(tables)
    with clock.freeze(on("2026-12-24")):
        assert delegations.announce(tables) == 1
        ends(lent, date(2027, 1, 31))
    with clock.freeze(on("2027-01-24")):
        assert delegations.announce(tables) == 1


def test_a_short_delegation_is_told_on_its_last_day_only(tables: Settings) -> None:
    lent = delegues.lent(tables)
    ends(lent, date(2026, 11, 25))
    with clock.freeze(on("2026-11-23")):
        assert delegations.announce(tables) == 0
    with clock.freeze(on("2026-11-25")):
        assert delegations.announce(tables) == 1


def test_a_revoked_delegation_and_a_secretary_s_are_not_told(tables: Settings) -> None:
    lent = delegues.lent(tables)
    Delegation.update(revoked_at=clock.now()).where(Delegation.id == lent.id).execute()
    delegues.secretary(tables)
    with clock.freeze(on("2026-12-31")):
        assert delegations.announce(tables) == 0


# --- what is kept too long

def test_old_notices_and_old_memories_go(tables: Settings) -> None:
    with database.writing():
        avis.tell([ALICE], "silence", dossier="ga 43009190")
        Fait.insert(travail="essai", cle="1", at=clock.now()).execute()
    with clock.shift(days(399)):
        assert menage.notices(tables) == 0 and menage.memories(tables) == 0
    with clock.shift(days(401)):
        assert menage.notices(tables) == 1 and menage.memories(tables) == 1
    assert not Avis.select().exists() and not Fait.select().exists()


def test_what_the_clocks_do_is_audited_as_the_system_s(tables: Settings, dossier: Dossier) -> None:
    sent(dossier, there())
    with clock.shift(days(190)):
        relances.remind(tables)
        archives.warn(tables)
    label = f"ga {dossier.numero}"
    assert ("dossier.alerte", "Système") in [(one.event, one.name) for one in audit.timeline(label)]
    assert audit.broken_link() is None


# --- arrivals that nobody declares

def test_a_unit_that_never_says_whether_its_patient_came_is_asked_then_the_request_closes(
        tables: Settings, midday: datetime) -> None:
    with database.writing():
        patient = dossiers.create(ASKS, "s", LEROUX)
    one = espaces.demande(patient, espaces.etablissement("SMR Un", genre="smr"), "acceptee")
    espaces.structure(nom="SMR Un", etablissement_id=one.etablissement_id)
    Demande.update(entree_prevue=clock.today()).where(Demande.id == one.id).execute()
    with clock.shift(days(1)):
        assert relances.ask_for_arrivals(tables) == 0
    with clock.shift(days(2)):
        assert (relances.ask_for_arrivals(tables), relances.ask_for_arrivals(tables)) == (1, 0)
        assert relances.close_unfinished(tables) == 0
    assert sorted(row.destinataire.partition(":")[0] for row in Avis.select().where(
        Avis.code == "arrivee_a_declarer")) == ["medecin", "structure"]
    with clock.shift(days(8.9)):
        assert relances.close_unfinished(tables) == 0
    with clock.shift(days(9)):
        assert (relances.close_unfinished(tables), relances.close_unfinished(tables)) == (1, 0)
    assert of_demandes.one(one.id).etat == "non_finalisee"
    assert of_dossiers.by_id(patient.id).statut == "non_finalisee"


def test_an_arrival_declared_in_time_stops_the_clock(tables: Settings, midday: datetime) -> None:
    with database.writing():
        patient = dossiers.create(ASKS, "s", LEROUX)
    one = espaces.demande(patient, espaces.etablissement("SMR Un", genre="smr"), "acceptee")
    Demande.update(entree_prevue=clock.today()).where(Demande.id == one.id).execute()
    with clock.shift(days(3)):
        relances.ask_for_arrivals(tables)
        with database.writing():
            demandes.admit(ANSWERS, one.id, one.version, clock.today())
    with clock.shift(days(30)):
        assert relances.close_unfinished(tables) == 0
    assert of_dossiers.by_id(patient.id).statut == "admis"


def test_a_grand_age_entry_is_not_closed_by_the_clock(tables: Settings, dossier: Dossier) -> None:
    one = espaces.demande(dossier, espaces.etablissement(), "acceptee")
    Demande.update(entree_prevue=clock.today()).where(Demande.id == one.id).execute()
    with clock.shift(days(60)):
        assert relances.ask_for_arrivals(tables) == 0


# --- units that close while they are asked

def test_who_waits_for_a_unit_that_left_the_directory_is_told_once(tables: Settings, dossier: Dossier) -> None:
    waits = espaces.demande(dossier, espaces.etablissement("EHPAD Un"), "lue")
    over = espaces.demande(dossier, espaces.etablissement("EHPAD Deux"), "refus")
    open_still = espaces.demande(dossier, espaces.etablissement("EHPAD Trois"), "lue")
    with database.writing():
        Etablissement.update(ferme=True).where(
            Etablissement.id.in_([waits.etablissement_id, over.etablissement_id])).execute()
    assert (relances.tell_of_closures(tables), relances.tell_of_closures(tables)) == (1, 0)
    assert [row.demande_id for row in Avis.select().where(Avis.code == "fermeture")] == [waits.id]
    assert of_demandes.one(waits.id).etat == "lue" and of_demandes.one(open_still.id).etat == "lue"
