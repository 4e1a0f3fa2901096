"""Mails: written in the transaction that causes them, sent afterwards, so that none is lost.

No health data in a mail, ever: it says that something waits in the portal, and where.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import aiosmtplib
import peewee
from anyio import sleep, to_thread

from portal import clock
from portal.db import database
from portal.db.base import Model, UtcDateTimeField
from portal.settings import Settings

log = logging.getLogger("portal.courriel")

PAUSE_SECONDS = 5
LONGEST_WAIT = timedelta(hours=1)
# Longer than a server takes to accept a mail: past it, whoever had it has died before saying that it went.
CLAIM = timedelta(minutes=10)


class Courriel(Model):
    """A mail to send; ``sent`` is empty while it waits, ``tries`` and ``due`` space the attempts."""

    id = peewee.AutoField()
    to = peewee.TextField()
    subject = peewee.TextField()
    body = peewee.TextField()
    created = UtcDateTimeField()
    due = UtcDateTimeField()
    sent = UtcDateTimeField(null=True)
    tries = peewee.IntegerField(default=0)

    class Meta:
        indexes = ((("sent", "due"), False),)


def send(to: str, subject: str, body: str) -> None:
    """Queue a mail in the current transaction."""
    now = clock.now()
    Courriel.insert(to=to, subject=subject, body=body, created=now, due=now).execute()


def latest(limit: int = 50) -> list[Courriel]:
    """The latest mails, newest first (the demonstration shows them instead of sending)."""
    return list(Courriel.select().order_by(Courriel.id.desc()).limit(limit))


def overdue(age: timedelta) -> int:
    """How many mails have waited for their sending longer than that."""
    return Courriel.select().where(Courriel.sent.is_null(), Courriel.created < clock.now() - age).count()


async def deliver_forever(settings: Settings) -> None:
    """Send what waits, every few seconds, as long as the portal runs."""
    while True:
        await deliver_due(settings)
        await sleep(PAUSE_SECONDS)


async def deliver_due(settings: Settings) -> None:
    """Try every mail whose time has come; one that fails waits longer each time, up to an hour."""
    for courriel in await to_thread.run_sync(_due):
        if await to_thread.run_sync(_claim, courriel):
            await _deliver(settings, courriel)


def _due() -> list[Courriel]:
    with database.reading():
        return list(Courriel.select().where(Courriel.sent.is_null(), Courriel.due <= clock.now())
                    .order_by(Courriel.due, Courriel.id).limit(20))


def _claim(courriel: Courriel) -> bool:
    """Put a mail aside while it is being sent, so that no other process sends it too; False when one has it."""
    now = clock.now()
    with database.writing():
        mine = Courriel.update(due=now + CLAIM).where(
            Courriel.id == courriel.id, Courriel.sent.is_null(), Courriel.due <= now).execute()
    return bool(mine)


async def _deliver(settings: Settings, courriel: Courriel) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = settings.mail_from, courriel.to, courriel.subject
    message.set_content(courriel.body)
    server = urlsplit(settings.smtp_url)
    try:
        await aiosmtplib.send(
            message, hostname=server.hostname, port=server.port, use_tls=server.scheme == "smtps",
            username=unquote(server.username) if server.username else None,
            password=unquote(server.password) if server.password else None,
        )
    except (aiosmtplib.SMTPException, OSError) as error:
        log.warning("mail %s not sent (%s), will be tried again", courriel.id, type(error).__name__)
        await to_thread.run_sync(_postpone, courriel)
    else:
        await to_thread.run_sync(_mark_sent, courriel)


def _mark_sent(courriel: Courriel) -> None:
    with database.writing():
        # What was written is not needed any more: codes and links do not stay in the table.
        Courriel.update(sent=clock.now(), body="").where(Courriel.id == courriel.id).execute()


def _postpone(courriel: Courriel) -> None:
    wait = min(LONGEST_WAIT, timedelta(seconds=30) * 2 ** min(courriel.tries, 10))
    with database.writing():
        Courriel.update(tries=Courriel.tries + 1, due=clock.now() + wait).where(Courriel.id == courriel.id).execute()
