"""Questions about a notification: each decrypts what it is asked for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime

from portal.db.crypto import SealBroken, keys
from portal.handicap.models import Notification, Reponse
from portal.web.errors import PageError


class Illisible(PageError):
    """A seal is broken: nothing of the notification is shown."""

    code = "E26"
    status = 503
    title = "Cette notification ne peut pas être lue"
    explanation = "Son contenu enregistré est altéré, ou sa clé de chiffrement manque. Rien n’en est affiché."
    advice = "Appelez l’assistance\u00a0: elle peut retrouver une sauvegarde."
    aide = "erreurs#volet-illisible"


@dataclass(frozen=True)
class Decision:
    """What the CDAPH decided: number, right (code of ``rules.DROITS``), from and until which day, and on which day the
    person agreed that it be followed here."""

    numero: str
    droit: str
    du: date
    au: date
    accord_le: date
    version: int
    par: str
    maj: datetime


@dataclass(frozen=True)
class Etape:
    """What an establishment said: its name, its status (J252), its unit's (J253), the motive (R358), when, by whom it
    was noted."""

    nom: str
    statut: str
    unite: str
    motif: str
    le: date
    par: str
    noted: datetime


def of(dossier_id: int) -> Decision | None:
    """The notification of a dossier; None when none was noted. Raises Illisible."""
    row = Notification.get_or_none(Notification.dossier_id == dossier_id)
    if row is None:
        return None
    kept = _opened(row.contenu, "notification", str(dossier_id))
    return Decision(kept["numero"], kept["droit"], date.fromisoformat(kept["du"]), row.au,
                    date.fromisoformat(kept["accord_le"]), row.version, row.par, row.maj)


def steps(dossier_id: int) -> list[Etape]:
    """What the establishments said, the latest noted first. Raises Illisible."""
    found = []
    for row in Reponse.select().where(Reponse.dossier_id == dossier_id).order_by(Reponse.id.desc()):
        kept = _answer(row)
        found.append(Etape(kept["nom"], kept["statut"], kept["unite"], kept["motif"], date.fromisoformat(kept["le"]),
                           row.par, row.created))
    return found


def place(row: Reponse) -> str:
    """The row to which an answer's seal is bound."""
    return f"{row.dossier_id} {row.id}"


def _answer(row: Reponse) -> dict[str, str]:
    try:
        return _opened(row.contenu, "notification_reponse", place(row))
    except Illisible:
        # Written by a version that named the dossier alone; ``portal rekey`` leaves none of these.
        return _opened(row.contenu, "notification_reponse", str(row.dossier_id))


def _opened(sealed: bytes, table: str, row: str) -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads(keys().open(sealed, table=table, row=row, column="contenu"))
    except SealBroken as error:
        raise Illisible() from error
    return found
