"""Changes made in « Mon compte » besides those of the contact; each leaves one audit row if anything changed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from portal.annuaire.rules import Commune
from portal.compte.espace import queries
from portal.compte.espace.rules import CODES
from portal.compte.models import Preference
from portal.db import audit
from portal.db.audit import Actor


@dataclass(frozen=True)
class Habits:
    """Where searches begin (None: the account's own town), how far they go, and what letters carry."""

    town: Commune | None
    rayon: int
    mssante: str
    signature: str


def set_habits(actor: Actor, compte_id: int, habits: Habits) -> list[str]:
    """Keep how this physician searches and signs; returns the names of the changed columns."""
    town = habits.town
    return _store(actor, compte_id, "compte.habitudes", {
        "insee": town.insee if town else "", "code_postal": town.code_postal if town else "",
        "ville": town.nom.upper() if town else "", "rayon": habits.rayon, "mssante": habits.mssante,
        "signature": habits.signature,
    })


def set_notices(actor: Actor, compte_id: int, wanted: Collection[str], silence: int | None,
                offered: Collection[str] = CODES) -> list[str]:
    """Keep which mails an account takes; returns the names of the changed columns.

    A kind that was not ``offered`` to it stays as it was, and so does its delay of silence when it is None.
    """
    before = str(queries.preferences(compte_id).sans_avis).split()
    declined = (set(before) - set(offered)) | (set(offered) - set(wanted))
    values: dict[str, object] = {"sans_avis": " ".join(code for code in CODES if code in declined)}
    if silence is not None:
        values["silence_jours"] = silence
    return _store(actor, compte_id, "compte.notifications", values)


def set_mail_hours(actor: Actor, compte_id: int, quotidien: bool, calme: tuple[int, int] | None) -> list[str]:
    """Keep when an account takes its mails (``calme``: quiet from the first hour to the second, None for never);
    returns the names of the changed columns."""
    values: dict[str, object] = {"quotidien": quotidien, "calme_debut": calme[0] if calme else None}
    if calme:
        values["calme_fin"] = calme[1]
    return _store(actor, compte_id, "compte.notifications", values)


def _store(actor: Actor, compte_id: int, event: str, values: dict[str, object]) -> list[str]:
    before = queries.preferences(compte_id)
    changed = [name for name, value in values.items() if getattr(before, name) != value]
    if not changed:
        return []
    Preference.insert(compte_id=compte_id, **values).on_conflict(
        conflict_target=[Preference.compte_id], update=values).execute()
    audit.record(actor, event, detail=", ".join(changed))
    return changed
