"""Mails: queued with the act that causes them, sent once, tried again when the server is away."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from portal import clock
from portal.db import database, outbox
from portal.db.outbox import Courriel
from portal.settings import Settings
from tests.support import courrier
from tests.support.courrier import Boite


@pytest.fixture
def mailbox() -> Iterator[Boite]:
    with courrier.running() as box:
        yield box


def queue(subject: str = "Confirmez votre adresse") -> None:
    with database.writing():
        outbox.send("alice@exemple.fr", subject, "Bonjour,\nouvrez ce lien.")


def deliver(settings: Settings, port: int) -> None:
    asyncio.run(outbox.deliver_due(replace(settings, smtp_url=f"smtp://127.0.0.1:{port}")))


def test_two_portals_at_once_send_a_mail_once(tables: Settings, mailbox: Boite) -> None:
    for number in range(5):
        queue(f"Courriel {number}")
    both = replace(tables, smtp_url=f"smtp://127.0.0.1:{mailbox.port}")

    async def together() -> None:
        await asyncio.gather(outbox.deliver_due(both), outbox.deliver_due(both))

    asyncio.run(together())
    assert sorted(str(one["Subject"]) for one in mailbox.received) == [f"Courriel {number}" for number in range(5)]


def test_a_mail_whose_portal_died_while_it_was_sending_goes_out_later(tables: Settings, mailbox: Boite) -> None:
    queue()
    (waiting,) = outbox._due()
    assert outbox._claim(waiting) and not outbox._claim(waiting)
    deliver(tables, mailbox.port)
    assert not mailbox.received
    with clock.shift(outbox.CLAIM):
        deliver(tables, mailbox.port)
    assert len(mailbox.received) == 1


def test_a_queued_mail_is_sent_once(tables: Settings, mailbox: Boite) -> None:
    queue("Été : confirmez")
    deliver(tables, mailbox.port)
    deliver(tables, mailbox.port)
    (message,) = mailbox.received
    assert message["To"] == "alice@exemple.fr" and message["From"] == tables.mail_from
    assert "ouvrez ce lien" in message.get_payload(decode=True).decode()
    assert Courriel.get().sent is not None


def test_an_act_that_fails_queues_nothing(tables: Settings) -> None:
    with pytest.raises(RuntimeError), database.writing():
        outbox.send("alice@exemple.fr", "sujet", "texte")
        raise RuntimeError
    assert outbox.latest() == []


@pytest.mark.proves("V16.5.2")
def test_without_a_server_the_mail_waits_and_goes_later(
        tables: Settings, mailbox: Boite, midday: datetime) -> None:
    queue()
    closed_port = 9  # discard: nothing listens there
    waits = []
    for _ in range(4):
        with clock.shift(Courriel.get().due - midday):
            deliver(tables, closed_port)
            waits.append(Courriel.get().due - clock.now())
    assert waits == [timedelta(seconds=30) * 2 ** tries for tries in range(4)]
    deliver(tables, mailbox.port)
    assert not mailbox.received  # its time has not come
    with clock.shift(Courriel.get().due - midday):
        deliver(tables, mailbox.port)
    assert len(mailbox.received) == 1 and Courriel.get().tries == 4


def test_the_wait_is_never_longer_than_an_hour(tables: Settings, midday: datetime) -> None:
    queue()
    Courriel.update(tries=40).execute()
    deliver(tables, 9)
    assert Courriel.get().due - midday == timedelta(hours=1)
