"""Questions about the paper dossiers of one establishment."""

from __future__ import annotations

from dataclasses import dataclass

from portal.db.base import rows
from portal.db.crypto import SealBroken, keys
from portal.espaces.etablissement.papier import rules
from portal.espaces.etablissement.papier.models import Papier
from portal.web.errors import NotFound

TABLE = "papier"
PAGE_SIZE = 25


@dataclass(frozen=True)
class Page:
    """One page of the list, and how many each tab holds."""

    papiers: list[Papier]
    counts: dict[str, int]
    more: bool


def listed(etablissement_id: int, onglet: str, after: int | None) -> Page:
    """The paper dossiers of a tab, the latest noted first, after the one of this row: two statements."""
    wanted = [Papier.etablissement_id == etablissement_id, Papier.etat.in_(rules.STATES[onglet])]
    if after is not None:
        wanted.append(Papier.id < after)
    found = list(Papier.select().where(*wanted).order_by(Papier.id.desc()).limit(PAGE_SIZE + 1))
    by_state = dict(rows("SELECT etat, COUNT(*) FROM papier WHERE etablissement_id = ? GROUP BY etat",
                         etablissement_id))
    counts = {tab: sum(by_state.get(etat, 0) for etat in states) for tab, states in rules.STATES.items()}
    return Page(found[:PAGE_SIZE], counts, len(found) > PAGE_SIZE)


def one(etablissement_id: int, papier_id: int) -> Papier:
    """A paper dossier of this establishment; raises NotFound for another's and an absent one alike."""
    found = Papier.get_or_none(Papier.id == papier_id, Papier.etablissement_id == etablissement_id)
    if found is None:
        raise NotFound()
    return found


def words(papier: Papier, column: str) -> str:
    """« nom », « prenom » or « telephone » in clear, "" for none (or if its seal is broken)."""
    sealed = getattr(papier, column)
    if sealed is None:
        return ""
    try:
        return keys().open(sealed, table=TABLE, row=str(papier.id), column=column)
    except SealBroken:
        return ""


def person(papier: Papier) -> str:
    """« LEROUX JOSETTE »."""
    return f"{words(papier, 'nom')} {words(papier, 'prenom')}".upper()
