"""Accounts in the database: one row, one audit row, one mail; unique addresses; sealed phone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from portal import clock
from portal.compte import commands, queries
from portal.compte.commands import Contact, Identity
from portal.compte.models import Acceptation, Compte
from portal.compte.rules import CHARTE
from portal.db import audit, database, outbox
from portal.db.audit import Actor, Trace
from portal.settings import Settings

ALICE = Actor(10100000011, "Dr Alice MARTIN", "cps")
CHLOE = Actor(10100000033, "Dr Chloé PETIT", "cps")
IDENTITY = Identity("MARTIN", "Alice", "Médecin", "SM26", "Spécialiste en Médecine Générale (SM)")
CONTACT = Contact("alice.martin@exemple.fr", "02 31 00 00 00", "1 rue Froide", "14118", "14000", "CAEN")
PASSWORD = "Bocage-2031-Pommier"


def created(settings: Settings, actor: Actor = ALICE, contact: Contact = CONTACT) -> Compte:
    with database.writing():
        return commands.create(actor, f"8{actor.rpps}", IDENTITY, contact, PASSWORD, settings)


def events() -> list[str]:
    return [trace.event for trace in Trace.select().order_by(Trace.id)]


def jeton_of(body: str) -> str:
    return body.split("/compte/confirmer/")[1].split()[0]


def test_an_account_is_one_row_one_trace_and_one_mail(tables: Settings) -> None:
    compte = created(tables)
    found = queries.by_subject("810100000011")
    assert found == queries.by_email(" Alice.MARTIN@exemple.fr ") == queries.get(compte.id) == compte
    assert found is not None and found.name == "Dr Alice MARTIN"
    assert queries.password_matches(found, PASSWORD)
    assert not queries.password_matches(found, PASSWORD.lower())
    assert not queries.password_matches(None, PASSWORD)
    assert events() == ["compte.cree"]
    assert audit.broken_link() is None
    assert [mail.to for mail in outbox.latest()] == ["alice.martin@exemple.fr"]


def test_the_phone_is_sealed_and_bound_to_its_account(tables: Settings) -> None:
    alice = created(tables)
    chloe = created(tables, CHLOE, replace(CONTACT, email="chloe.petit@exemple.fr", telephone=""))
    assert b"02 31" not in bytes(alice.telephone)
    assert queries.telephone(queries.get(alice.id)) == "02 31 00 00 00"
    assert queries.telephone(chloe) == ""
    chloe.telephone = alice.telephone
    assert queries.telephone(chloe) == ""


def test_the_unique_columns_decide_who_was_first(tables: Settings) -> None:
    created(tables)
    with pytest.raises(commands.EmailTaken):
        created(tables, CHLOE)
    with pytest.raises(commands.AlreadyRegistered):
        created(tables, ALICE, replace(CONTACT, email="autre@exemple.fr"))
    assert Compte.select().count() == 1
    assert events() == ["compte.cree"]
    assert len(outbox.latest()) == 1


def test_nothing_remains_of_an_account_whose_transaction_failed(tables: Settings) -> None:
    with pytest.raises(ZeroDivisionError), database.writing():
        commands.create(ALICE, "810100000011", IDENTITY, CONTACT, PASSWORD, tables)
        raise ZeroDivisionError
    assert Compte.select().count() == 0 and not events() and not outbox.latest()


def test_an_acceptance_keeps_version_fingerprint_and_time(tables: Settings) -> None:
    compte = created(tables)
    with database.writing():
        commands.accept_charte(ALICE, compte, CHARTE)
        commands.accept_charte(ALICE, compte, CHARTE)
    kept = Acceptation.get()
    assert (kept.version, kept.sha256) == (CHARTE.version, CHARTE.sha256)
    assert abs(clock.now() - kept.at) < timedelta(minutes=1)
    reread = queries.get(compte.id)
    assert reread is not None and reread.charte == CHARTE.version
    assert events() == ["compte.cree", "compte.charte_acceptee"]


def test_the_link_of_the_mail_confirms_the_address_it_was_sent_to(tables: Settings) -> None:
    compte = created(tables)
    jeton = jeton_of(outbox.latest()[0].body)
    assert queries.email_to_confirm(compte.id) == "alice.martin@exemple.fr"
    found = queries.compte_of_link(tables, jeton)
    assert found == compte
    with database.writing():
        commands.confirm_email(compte)
    assert queries.email_to_confirm(compte.id) is None
    with database.writing():
        commands.update_contact(ALICE, compte, replace(CONTACT, email="nouvelle@exemple.fr"), tables)
    assert queries.compte_of_link(tables, jeton) is None
    assert queries.email_to_confirm(compte.id) == "nouvelle@exemple.fr"


@pytest.mark.parametrize(("start", "end", "extra"), [(0, -1, ""), (1, None, ""), (0, 0, ""), (0, 10, "")])
def test_a_forged_link_is_told_from_an_old_one(
    tables: Settings, start: int, end: int | None, extra: str,
) -> None:
    created(tables)
    jeton = jeton_of(outbox.latest()[0].body)
    with pytest.raises(queries.LinkForged):
        queries.compte_of_link(tables, jeton[start:end] + extra)


def test_a_new_address_is_confirmed_again_and_the_old_one_is_told(tables: Settings) -> None:
    compte = created(tables)
    with database.writing():
        commands.confirm_email(compte)
        changed = commands.update_contact(
            ALICE, compte, replace(CONTACT, email="nouvelle@exemple.fr", telephone=""), tables)
    assert changed == ["email", "telephone"]
    assert [mail.to for mail in outbox.latest()][:2] == ["nouvelle@exemple.fr", "alice.martin@exemple.fr"]
    assert "nouvelle" not in outbox.latest()[1].body
    assert Trace.select().order_by(Trace.id.desc()).get().detail == "email, telephone"


def test_saving_without_a_change_leaves_no_trace(tables: Settings) -> None:
    compte = created(tables)
    with database.writing():
        assert commands.update_contact(ALICE, compte, CONTACT, tables) == []
    assert events() == ["compte.cree"]


def test_nobody_takes_the_address_of_another(tables: Settings) -> None:
    created(tables)
    chloe = created(tables, CHLOE, replace(CONTACT, email="chloe.petit@exemple.fr"))
    with pytest.raises(commands.EmailTaken), database.writing():
        commands.update_contact(CHLOE, chloe, CONTACT, tables)
    reread = queries.get(chloe.id)
    assert reread is not None and reread.email == "chloe.petit@exemple.fr"


def test_the_confirmation_is_sent_again_five_times_an_hour(tables: Settings) -> None:
    compte = created(tables)
    for _ in range(commands.RESEND_LIMIT):
        with database.writing():
            commands.resend_confirmation(ALICE, compte, tables)
    with pytest.raises(commands.TooManyMails), database.writing():
        commands.resend_confirmation(ALICE, compte, tables)
    with clock.shift(timedelta(hours=1, minutes=1)), database.writing():
        commands.resend_confirmation(ALICE, compte, tables)
    assert len(outbox.latest()) == 1 + commands.RESEND_LIMIT + 1


def test_mails_hold_no_secret_and_no_health_data(tables: Settings) -> None:
    compte = created(tables)
    with database.writing():
        commands.update_contact(ALICE, compte, replace(CONTACT, email="nouvelle@exemple.fr"), tables)
    for mail in outbox.latest():
        for word in (PASSWORD, "10100000011", "patient", "dossier", "diagnostic", "02 31", "rue Froide"):
            assert word not in mail.subject + mail.body
        assert "\n" not in mail.subject and "{" not in mail.body


def test_the_demonstration_makes_its_accounts_once(tables: Settings) -> None:
    from portal.demonstration import comptes

    comptes.ensure()
    comptes.ensure()
    bob = queries.by_email("bob.durand@exemple.fr")
    assert bob is not None and bob.charte == CHARTE.version and bob.email_confirmed_at
    assert queries.password_matches(bob, comptes.PASSWORD)
    assert (bob.code_postal, bob.ville, Compte.select().count()) == ("14000", "CAEN", 2)
    assert outbox.latest() == []
