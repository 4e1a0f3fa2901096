"""Questions about messages: a request's thread, and what a side has not read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from portal.db.base import from_millis, rows
from portal.db.crypto import SealBroken, keys
from portal.messages.models import Message

TABLE, COLUMN = "message", "texte"
BROKEN = "Ce message est abîmé dans la base du portail\u00a0: il ne peut pas être lu. Appelez l’assistance."


@dataclass(frozen=True)
class Compte:
    """How a thread stands for one side: messages, those not read yet, the latest one's time (None: none)."""

    total: int = 0
    non_lus: int = 0
    dernier: datetime | None = None


def place(demande_id: int, subject: str, cle: str) -> str:
    """The row to which a message's seal is bound, known before it is written."""
    return f"{demande_id} {subject} {cle}"


def thread(demande_id: int) -> list[Message]:
    """A request's messages, the first one first; the caller authorises."""
    return list(Message.select().where(Message.demande_id == demande_id).order_by(Message.id))


def words(message: Message) -> str:
    """The text in clear, or a sentence that says that its seal is broken."""
    try:
        return keys().open(message.texte, table=TABLE, row=place(message.demande_id, message.subject, message.cle),
                           column=COLUMN)
    except SealBroken:
        return BROKEN


def sent(demande_id: int, subject: str, cle: str) -> Message | None:
    """The message that this form of this person has made already."""
    return Message.get_or_none(
        Message.demande_id == demande_id, Message.subject == subject, Message.cle == cle)


def counts(demandes: Collection[int], side: str) -> dict[int, Compte]:
    """How each of these requests' threads stands for a side: one statement, without a word of what they say."""
    if not demandes:
        return {}
    marks = ", ".join("?" * len(demandes))
    found = rows(
        "SELECT demande_id, count(*), "  # noqa: S608  # marks only
        "count(CASE WHEN cote <> ? AND lu_le IS NULL THEN 1 END), max(at) FROM message "
        f"WHERE demande_id IN ({marks}) GROUP BY demande_id", side, *demandes)
    return {demande_id: Compte(total, unread, from_millis(last)) for demande_id, total, unread, last in found}


def count(demande_id: int, side: str) -> Compte:
    """``counts`` of one request."""
    return counts([demande_id], side).get(demande_id, Compte())
