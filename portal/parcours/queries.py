"""Questions about paths. The caller has authorised: what a platform or a dossier's people may read is theirs to ask."""

from __future__ import annotations

from dataclasses import dataclass

from portal.db.crypto import SealBroken, keys
from portal.demandes import queries as demandes
from portal.demandes import rules as of_demandes
from portal.demandes.queries import Vue
from portal.parcours import rules
from portal.parcours.models import Parcours, Professionnel
from portal.web.errors import NotFound


@dataclass(frozen=True)
class Intervenant:
    """A professional of a path, his name in clear."""

    row: Professionnel
    nom: str


def of_demande(demande_id: int) -> Parcours | None:
    """The path that a request opened; None before."""
    found: Parcours | None = Parcours.get_or_none(Parcours.demande_id == demande_id)
    return found


def professionals(path: Parcours) -> list[Intervenant]:
    """Who takes part, the first added first."""
    return [_clear(row) for row in
            Professionnel.select().where(Professionnel.parcours_id == path.id).order_by(Professionnel.id)]


def professional(path: Parcours, professional_id: int) -> Intervenant:
    """One of them; raises NotFound for another path's and an absent one alike."""
    row = Professionnel.get_or_none(Professionnel.id == professional_id, Professionnel.parcours_id == path.id)
    if row is None:
        raise NotFound()
    return _clear(row)


def synthesis(path: Parcours) -> str:
    """The synthesis in clear, "" for none (or if the seal is broken)."""
    return _open(path.synthese, "parcours", path.id, "synthese")


def latest(dossier_id: int) -> Vue | None:
    """The dossier's request that leads its path, or whose path ended last; None when no platform opened one."""
    vues = [vue for vue in demandes.of_dossier(dossier_id) if of_demande(vue.demande.id)]
    return max(vues, key=lambda vue: (vue.demande.etat in rules.OPEN, vue.demande.updated), default=None)


def pending(dossier_id: int) -> Vue | None:
    """The request that a platform follows now; None when another may be asked."""
    return next((vue for vue in demandes.of_dossier(dossier_id) if vue.demande.etat in of_demandes.PENDING), None)


def _clear(row: Professionnel) -> Intervenant:
    return Intervenant(row, _open(row.nom, "parcours_professionnel", row.id, "nom"))


def _open(sealed: bytes | None, table: str, row: int, column: str) -> str:
    if sealed is None:
        return ""
    try:
        return keys().open(sealed, table=table, row=str(row), column=column)
    except SealBroken:
        return ""
