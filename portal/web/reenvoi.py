"""One form, one effect: what is sent a second time, after a double click or a lost answer, is answered as the first.

The form carries a key (``cle_envoi`` of ``render``) drawn when its page was made. What is remembered is bound to who
sends, where, the key and all that was typed: the same key with other words is another sending.
"""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta

import peewee
from starlette.requests import Request
from starlette.responses import Response

from portal import clock
from portal.db.base import Model, UtcDateTimeField
from portal.web import render, session

FIELD = "envoi"
KEPT = timedelta(days=1)
AGAIN = "Cet envoi avait déjà été reçu\u00a0: il n’a été enregistré qu’une seule fois."


class Envoi(Model):
    """A sending that was acknowledged: where its sender was led."""

    cle = peewee.CharField(64, primary_key=True)
    adresse = peewee.TextField()
    le = UtcDateTimeField(index=True)


def token(request: Request) -> str | None:
    """What this sending is remembered by; None for a form without a key."""
    form = request.state.form
    if not form.get(FIELD):
        return None
    here = session.visit(request)
    typed = sorted((name, str(value)) for name, value in form.multi_items() if name != "_csrf")
    who = (here.subject or here.key, here.delegation_id, request.url.path)
    return hashlib.sha256(json.dumps([who, typed]).encode()).hexdigest()


def again(request: Request, sent: str | None) -> Response | None:
    """The answer to a sending that was already made (inside its transaction); None for a new one."""
    found = Envoi.get_or_none(Envoi.cle == sent) if sent else None
    return render.redirect(request, found.adresse, message=AGAIN, kind="info") if found else None


def remember(sent: str | None, answer: Response) -> None:
    """Keep for a day where a sending led; one that led nowhere (refused, in error) may be made again."""
    place = answer.headers.get("location") or answer.headers.get("hx-redirect")
    if sent is None or not place:
        return
    now = clock.now()
    Envoi.delete().where(Envoi.le < now - KEPT).execute()
    Envoi.insert(cle=sent, adresse=place, le=now).on_conflict_ignore().execute()
