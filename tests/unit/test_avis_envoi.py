"""Notices become mails: to whom, grouped how, once, without a name."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from portal import clock
from portal.avis import commands, envoi
from portal.avis.models import Avis, AvisEnvoi
from portal.avis.rules import CODES
from portal.compte.espace import commands as preferences
from portal.compte.espace import rules as kinds
from portal.compte.models import Compte
from portal.db import database
from portal.db.audit import Actor
from portal.db.outbox import Courriel
from portal.dossiers import commands as dossiers
from portal.dossiers.models import Dossier
from portal.espaces.models import Usager
from portal.settings import Settings
from tests.support import espaces
from tests.support.delegues import ALICE, physician
from tests.support.people import LEROUX

ALICE_ACTS = Actor(ALICE, "Dr Alice MARTIN", "cps")
TEN, LATER = datetime(2026, 11, 23, 9, tzinfo=UTC), timedelta(minutes=6)
DOSSIER = "ga 43009190"


@pytest.fixture
def alice(tables: Settings) -> Iterator[Compte]:
    with clock.freeze(TEN):
        yield physician(ALICE)


def tell(*codes: str, to: str = f"medecin:{ALICE}", dossier: str = DOSSIER) -> None:
    with database.writing():
        for code in codes:
            commands.tell([to], code, dossier=dossier)


def mails() -> list[Courriel]:
    return list(Courriel.select().where(Courriel.subject.contains("attend")).order_by(Courriel.id))


def after(settings: Settings, wait: timedelta = LATER) -> int:
    with clock.shift(wait):
        return envoi.dispatch(settings)


def test_what_happens_within_minutes_makes_one_mail(alice: Compte, tables: Settings) -> None:
    tell("lecture", "proposition")
    assert envoi.dispatch(tables) == 0
    with clock.shift(timedelta(minutes=2)):
        tell("message", dossier="ga 43009191")
        assert envoi.dispatch(tables) == 0
    assert after(tables) == 1
    (mail,) = mails()
    assert mail.to == alice.email and mail.subject.endswith("3 choses vous attendent")
    for code, dossier in (("lecture", DOSSIER), ("proposition", DOSSIER), ("message", "ga 43009191")):
        assert f"Dossier {dossier}\u00a0: {CODES[code].sentence}" in mail.body
    assert f"{tables.origin}/avis" in mail.body


def test_mailed_once_however_often_it_runs(alice: Compte, tables: Settings) -> None:
    tell("refus")
    assert [after(tables), after(tables), after(tables, timedelta(hours=1))] == [1, 0, 0]
    assert len(mails()) == 1 and not AvisEnvoi.select().exists()


def test_two_processes_at_once_mail_once(alice: Compte, tables: Settings) -> None:
    tell("refus", "message")
    with clock.shift(LATER):
        def run() -> None:
            envoi.dispatch(tables)
            database.close()

        threads = [threading.Thread(target=run) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(mails()) == 1


def test_one_that_dies_between_the_two_steps_loses_nothing(
        alice: Compte, tables: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    tell("refus")
    with monkeypatch.context() as broken:
        broken.setattr(envoi.outbox, "send", lambda *_args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            after(tables)
    assert not mails()
    assert after(tables) == 1 and len(mails()) == 1


@pytest.mark.parametrize("code", CODES)
def test_each_kind_can_be_switched_off(code: str, alice: Compte, tables: Settings) -> None:
    with database.writing():
        preferences.set_notices(ALICE_ACTS, alice.id, set(kinds.CODES) - {CODES[code].notice}, 7)
    tell(code)
    assert after(tables) == 0 and not mails()


def test_every_notice_is_of_a_kind_that_somebody_can_switch_off() -> None:
    assert {code.notice for code in CODES.values()} == set(kinds.CODES)


def test_switched_off_while_it_waited(alice: Compte, tables: Settings) -> None:
    tell("refus")
    envoi.dispatch(tables)
    with database.writing():
        preferences.set_notices(ALICE_ACTS, alice.id, set(), 7)
    assert after(tables) == 0 and not mails()


def test_read_in_the_portal_meanwhile(alice: Compte, tables: Settings) -> None:
    tell("refus", "message")
    envoi.dispatch(tables)
    with database.writing():
        commands.seen(f"medecin:{ALICE}", Avis.select().order_by(Avis.id).first().id)
    after(tables)
    (mail,) = mails()
    assert CODES["message"].sentence in mail.body and CODES["refus"].sentence not in mail.body


def test_quiet_hours_hold_the_mail_until_their_end(alice: Compte, tables: Settings) -> None:
    with clock.freeze(datetime(2026, 11, 23, 21, tzinfo=UTC)):  # 22 h in Paris
        tell("refus")
        assert after(tables, timedelta(hours=1)) == 0
        assert after(tables, timedelta(hours=9, minutes=59)) == 0
        assert after(tables, timedelta(hours=10, minutes=1)) == 1


def test_a_run_that_comes_too_late_waits_for_the_morning(alice: Compte, tables: Settings) -> None:
    tell("refus")
    assert after(tables, timedelta(hours=12)) == 0
    assert after(tables, timedelta(hours=22, minutes=1)) == 1


def test_one_mail_a_day(alice: Compte, tables: Settings) -> None:
    with database.writing():
        preferences.set_mail_hours(ALICE_ACTS, alice.id, True, (20, 8))
    tell("refus")
    with clock.shift(timedelta(hours=3)):
        tell("proposition")
    assert after(tables, timedelta(hours=4)) == 0
    assert after(tables, timedelta(hours=21, minutes=59)) == 0
    assert after(tables, timedelta(hours=22)) == 1
    assert mails()[0].subject.endswith("2 choses vous attendent")


def test_a_structures_people_whose_work_it_is(tables: Settings) -> None:
    database.connect()
    there = espaces.structure(etablissement_id=espaces.etablissement().id)
    admissions, medical, referent = (espaces.account(there, role) for role in ("admissions", "medical", "referent"))
    with clock.freeze(TEN):
        with database.writing():
            preferences.set_notices(espaces.ANSWERS, medical.id, set(), None, ("message", "demande"))
        tell("demande", to=f"structure:{there.id}")
        assert after(tables) == 1
    assert [mail.to for mail in mails()] == [admissions.email] and referent.email


def test_the_patients_side_by_its_own_switch(alice: Compte, tables: Settings) -> None:
    with database.writing():
        dossier: Dossier = dossiers.create(ALICE_ACTS, "ga", LEROUX)
    taken, off, unconfirmed = (espaces.relative(dossier), espaces.relative(dossier),
                               espaces.relative(dossier, confirmed=False))
    with database.writing():
        commands.take_mails(Actor(None, off.name, "lien", None, off.subject), off, wanted=False)
    for one in (taken, off, unconfirmed):
        tell("lecture", to=f"usager:{one.id}")
    assert after(tables) == 1
    (mail,) = mails()
    assert mail.to.startswith("proche") and "/espaces/usager" in mail.body and "/compte/" not in mail.body
    assert Usager.get_by_id(off.id).avis is False


@pytest.mark.parametrize("to", ["medecin:10199999999", "structure:999", "usager:999"])
def test_an_addressee_who_is_not_here_stops_no_other(to: str, alice: Compte, tables: Settings) -> None:
    tell("refus", to=to)
    tell("refus")
    assert after(tables) == 1


def test_a_blocked_account_is_mailed_nothing(alice: Compte, tables: Settings) -> None:
    with database.writing():
        Compte.update(blocked_at=clock.now()).where(Compte.id == alice.id).execute()
    tell("refus")
    assert after(tables) == 0


def test_old_news_is_not_mailed_after_a_long_stop(alice: Compte, tables: Settings) -> None:
    tell("refus")
    assert after(tables, timedelta(days=10)) == 0
    assert Avis.get().poste_le is not None


def test_a_mail_names_nobody(alice: Compte, tables: Settings) -> None:
    with database.writing():
        dossier = dossiers.create(ALICE_ACTS, "ga", LEROUX)
    tell(*CODES, dossier=f"ga {dossier.numero}")
    after(tables)
    (mail,) = mails()
    for word in ("LEROUX", LEROUX.prenom if hasattr(LEROUX, "prenom") else "Jeanne", "1931"):
        assert word not in mail.subject + mail.body


def test_many_lines_are_counted_not_listed(alice: Compte, tables: Settings) -> None:
    for number in range(30):
        tell("refus", dossier=f"ga 430{number:05d}")
    after(tables)
    (mail,) = mails()
    assert mail.body.count("- Dossier") == 20 and "- et 10 autres" in mail.body
