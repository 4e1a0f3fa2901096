"""Changes made in « Mon compte » besides those of the contact; each leaves one audit row if anything changed."""

from __future__ import annotations

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


def set_notices(actor: Actor, compte_id: int, wanted: set[str], silence: int) -> list[str]:
    """Keep which mails an account takes; returns the names of the changed columns."""
    declined = " ".join(code for code in CODES if code not in wanted)
    return _store(actor, compte_id, "compte.notifications", {"sans_avis": declined, "silence_jours": silence})


def _store(actor: Actor, compte_id: int, event: str, values: dict[str, object]) -> list[str]:
    before = queries.preferences(compte_id)
    changed = [name for name, value in values.items() if getattr(before, name) != value]
    if not changed:
        return []
    Preference.insert(compte_id=compte_id, **values).on_conflict(
        conflict_target=[Preference.compte_id], update=values).execute()
    audit.record(actor, event, detail=", ".join(changed))
    return changed
