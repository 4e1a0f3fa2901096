"""Sending a message and noting that it was read: in the caller's transaction, audited without a word of it."""

from __future__ import annotations

import secrets

from portal import clock
from portal.avis import commands as avis
from portal.avis import queries as addressees
from portal.db import audit
from portal.db.audit import Actor
from portal.db.crypto import keys
from portal.demandes.models import Demande
from portal.dossiers import rules as dossiers
from portal.dossiers.models import Dossier
from portal.messages import queries, rules
from portal.messages.models import Message


class Closed(Exception):
    """Nobody writes under this request now; the message is a French sentence that says why."""


def send(actor: Actor, dossier: Dossier, demande: Demande, side: str, text: str, cle: str) -> bool:
    """Add a message and tell the other side; False when this very form has sent these very words already.

    The form's ``cle`` with other words (« back », then something else) is another message. Raises Closed.
    """
    subject = actor.subject or ""
    twin = queries.sent(demande.id, subject, cle)
    if twin is not None:
        if queries.words(twin) == text:
            return False
        cle = secrets.token_hex(16)
    why = rules.why_closed(demande.module, demande.etat, side)
    if why:
        raise Closed(why)
    sealed = keys().seal(text, table=queries.TABLE, row=queries.place(demande.id, subject, cle), column=queries.COLUMN)
    Message.insert(demande_id=demande.id, cote=side, par=actor.signature, subject=subject, cle=cle, texte=sealed,
                   at=clock.now()).execute()
    label = dossiers.format_numero(dossier.module, dossier.numero)
    audit.record(actor, "message.envoye", dossier=label, detail=str(demande.id))
    avis.tell(_across(dossier, demande, side), "message", dossier=label, demande_id=demande.id)
    return True


def read(actor: Actor, dossier: Dossier, demande: Demande, side: str, until: int) -> int:
    """Note that a side has read what the other wrote, up to the message ``until``; returns how many were new to it.

    The first who reads is the one who is named.
    """
    done = (Message.update(lu_le=clock.now(), lu_par=actor.signature)
            .where(Message.demande_id == demande.id, Message.cote == rules.other(side), Message.id <= until,
                   Message.lu_le.is_null()).execute())
    if done:
        audit.record(actor, "message.lu", dossier=dossiers.format_numero(dossier.module, dossier.numero),
                     detail=str(demande.id))
    return int(done)


def _across(dossier: Dossier, demande: Demande, side: str) -> list[str]:
    """Who is told: the patient's side never is, which does not read these messages."""
    if side == rules.RECEVEUR:
        return addressees.professionals(dossier)
    return addressees.of_establishment(demande.etablissement_id)
