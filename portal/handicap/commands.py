"""Changes to what is followed of a notification, in the caller's transaction."""

from __future__ import annotations

import json
from datetime import date

from portal import clock
from portal.db import audit
from portal.db.audit import Actor
from portal.db.crypto import keys
from portal.dossiers import commands as dossiers
from portal.dossiers import rules as dossier_rules
from portal.dossiers.models import Dossier
from portal.handicap import queries
from portal.handicap.models import Notification, Reponse
from portal.handicap.queries import Decision


class Stale(Exception):
    """The notification changed since it was shown; ``now`` is what is kept."""

    def __init__(self, now: Decision | None) -> None:
        super().__init__("stale")
        self.now = now


def declare(actor: Actor, dossier: Dossier, version: int, *, numero: str, droit: str, du: date, au: date,
            accord_le: date) -> None:
    """Note the decision, or correct it; ``version``: the one that was shown, 0 for none. Raises Stale."""
    now = queries.of(dossier.id)
    if (now.version if now else 0) != version:
        raise Stale(now)
    kept = {"numero": numero, "droit": droit, "du": du.isoformat(), "accord_le": accord_le.isoformat()}
    values = {"contenu": _sealed(kept, "notification", str(dossier.id)), "au": au, "version": version + 1,
              "par": actor.signature, "maj": clock.now()}
    if now:
        Notification.update(**values).where(Notification.dossier_id == dossier.id).execute()
    else:
        Notification.insert(dossier_id=dossier.id, **values).execute()
    _written(actor, dossier, "notification.decision")


def add(actor: Actor, dossier: Dossier, *, nom: str, statut: str, unite: str, motif: str, le: date) -> None:
    """Note what an establishment said; what it had said before stays."""
    kept = {"nom": nom, "statut": statut, "unite": unite, "motif": motif, "le": le.isoformat()}
    made = Reponse.create(dossier_id=dossier.id, contenu=b"", par=actor.signature, created=clock.now())
    made.contenu = _sealed(kept, "notification_reponse", queries.place(made))
    made.save(only=(Reponse.contenu,))
    _written(actor, dossier, "notification.reponse")


def _sealed(kept: dict[str, str], table: str, row: str) -> bytes:
    return keys().seal(json.dumps(kept), table=table, row=row, column="contenu")


def _written(actor: Actor, dossier: Dossier, event: str) -> None:
    audit.record(actor, event, dossier=dossier_rules.format_numero(dossier.module, dossier.numero))
    dossiers.touch(dossier)
