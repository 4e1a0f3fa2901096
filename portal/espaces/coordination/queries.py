"""Questions of a coordination team or a hospital service about the dossiers that it follows."""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple

from portal.db.base import from_millis, rows, to_millis
from portal.dossiers import doublons
from portal.dossiers import rules as dossier_rules
from portal.dossiers.doublons import Traits
from portal.dossiers.models import Dossier
from portal.espaces import rules as espaces
from portal.espaces.models import Suivi, Transfert

PAGE_SIZE = 25
# The states of a dossier that may be handed over.
ALIVE = frozenset({"redaction", "actif"})
MAX_WORDS = 4
# The rows of a tab that a search by words looks at.
MOST = 5_000


class Ligne(NamedTuple):
    """One dossier of the list, ready to print; ``mine``: the structure leads the request."""

    id: int
    module: str
    numero: int
    nom_naissance: str
    nom_usage: str
    prenom: str
    civilite: str
    code_postal: str
    ville: str
    statut: str
    suivi: str
    maj: int

    @property
    def patient(self) -> str:
        return dossier_rules.patient_label(self.nom_naissance, self.nom_usage, self.prenom, self.civilite)

    @property
    def mots(self) -> str:
        return f" {dossier_rules.fold(f'{self.patient} {self.code_postal} {self.ville}')}"

    @property
    def quand(self) -> datetime:
        return from_millis(self.maj)


_STATES = {
    "en_cours": ("redaction", "actif"), "admis": ("admis",), "annules": ("annule",), "historises": ("historise",),
}
ONGLETS = {
    "en_cours": "Dossiers en cours", "admis": "Admis", "annules": "Annulés", "historises": "Dossiers historisés",
}


def page(structure_id: int, onglet: str, words: str, after: tuple[int, int] | None) -> tuple[list[Ligne], bool]:
    """One page of a tab, the latest changed first, and whether there are more; ``after``: time and row of the last
    line of the page before. ``words``: a number, or the beginnings of names and of a town."""
    numero = dossier_rules.parse_numero(words)
    terms = [] if numero else [f" {word}" for word in dossier_rules.fold(words).split()[:MAX_WORDS]]
    # A team follows hundreds of dossiers: accents and case are folded here, over those of its tab.
    found = _rows(structure_id, onglet, numero.value if numero else None, after, MOST if terms else PAGE_SIZE + 1)
    shown = [one for one in found if all(term in one.mots for term in terms)]
    return shown[:PAGE_SIZE], len(shown) > PAGE_SIZE


def _rows(structure_id: int, onglet: str, numero: int | None, after: tuple[int, int] | None, limit: int) -> list[Ligne]:
    states = _STATES[onglet]
    where = [f"d.etat IN ({', '.join('?' * len(states))})"]
    params: list[object] = [structure_id, *states]
    if numero is not None:
        where.append("d.numero = ?")
        params.append(numero)
    if after:
        where.append("(d.updated, d.id) < (?, ?)")
        params += after
    sql = (f"{_LIST} AND {' AND '.join(where)} ORDER BY d.updated DESC, d.id DESC LIMIT {int(limit)}")  # our own words
    return [Ligne(*row) for row in rows(sql, *params)]


_LIST = ("SELECT d.id, d.module, d.numero, d.nom_naissance, d.nom_usage, d.prenom, d.civilite, d.code_postal, d.ville, "
         "d.statut, s.etat, d.updated FROM suivi s JOIN dossier d ON d.id = s.dossier_id "
         "WHERE s.structure_id = ? AND s.etat IN ('referent', 'suit')")


def counts(structure_id: int) -> dict[str, int]:
    """How many dossiers each tab holds."""
    by_state = dict(rows("SELECT d.etat, COUNT(*) FROM suivi s JOIN dossier d ON d.id = s.dossier_id "
                         "WHERE s.structure_id = ? AND s.etat IN ('referent', 'suit') GROUP BY d.etat", structure_id))
    return {code: sum(by_state.get(state, 0) for state in states) for code, states in _STATES.items()}


def alike(structure_id: int, typed: Traits) -> list[Dossier]:
    """The dossiers that this structure follows and that are very likely about the same person."""
    if typed.naissance is None:
        return []
    near = Dossier.select().join(Suivi, on=(Suivi.dossier_id == Dossier.id)).where(
        Suivi.structure == structure_id, Suivi.etat.in_(sorted(espaces.OPEN_LINKS)),
        Dossier.naissance.in_(sorted(doublons.near_dates(typed.naissance))),
    ).order_by(Dossier.id)
    return [one for one in near if doublons.score(typed, _traits(one)) >= doublons.LIKELY]


def _traits(one: Dossier) -> Traits:
    return Traits((one.nom_naissance, one.nom_usage), one.prenom, one.prenoms, one.naissance, one.sexe,
                  one.nir_empreinte)


def transfer(dossier: Dossier) -> Transfert | None:
    """The offer to hand a dossier over that waits for the physician, None for none.

    It is void once the dossier is closed, and once the physician has answered again about his patient since.
    """
    offered = Transfert.get_or_none(Transfert.dossier_id == dossier.id)
    if offered is None or dossier.etat not in ALIVE:
        return None
    standing = rows("SELECT 1 FROM lien WHERE rpps = ? AND dossier_id = ? AND etat = 'accepte' "
                    "AND COALESCE(decide_le, 0) <= ?", offered.rpps, dossier.id, to_millis(offered.propose_le))
    return offered if standing else None


def cursor(text: str) -> tuple[int, int] | None:
    """Where a page begins, from its address (« 1763895600000.12 »); None for the first page or a forged one."""
    found = re.fullmatch(r"(\d{1,15})\.(\d{1,15})", text, re.ASCII)
    return (int(found[1]), int(found[2])) if found else None
