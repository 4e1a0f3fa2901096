"""Questions about requests. Each says for whom it asks: a dossier's asking side, or one establishment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from portal import clock
from portal.db.base import rows
from portal.db.crypto import SealBroken, keys
from portal.demandes import machines, rules
from portal.demandes.models import Demande, Pas
from portal.web import dates
from portal.web.errors import NotFound

SEALED = ("motif_texte", "avis_texte", "complement", "complement_reponse")


@dataclass(frozen=True)
class Vue:
    """A request with the establishment that it is for, as the asking side reads it."""

    demande: Demande
    finess: str
    nom: str
    code_postal: str
    ville: str
    telephone: str
    incomplets: bool
    ferme: bool

    @property
    def etat(self) -> rules.Etat:
        return machines.of(self.demande.module).etats[self.demande.etat]


_WITH_PLACE = ("SELECT d.*, e.finess AS e_finess, e.nom AS e_nom, e.code_postal AS e_code_postal, e.ville AS e_ville, "
               "e.telephone AS e_telephone, e.incomplets AS e_incomplets, e.ferme AS e_ferme "
               "FROM demande d JOIN etablissement e ON e.id = d.etablissement_id WHERE ")


def _vues(where: str, *params: Any) -> list[Vue]:
    return [Vue(row, row.e_finess, row.e_nom, row.e_code_postal, row.e_ville, row.e_telephone,
                bool(row.e_incomplets), bool(row.e_ferme)) for row in Demande.raw(_WITH_PLACE + where, *params)]


# --- the asking side

def of_dossier(dossier_id: int) -> list[Vue]:
    """A dossier's requests, the first chosen first: one statement."""
    return _vues("d.dossier_id = ? ORDER BY d.id", dossier_id)


def of(dossier_id: int, demande_id: int) -> Vue:
    """One request of this dossier; raises NotFound for an absent one and for another dossier's alike."""
    found = _vues("d.id = ? AND d.dossier_id = ?", demande_id, dossier_id)
    if not found:
        raise NotFound()
    return found[0]


def states(dossier_id: int) -> list[str]:
    """Where each request of a dossier stands."""
    return [row[0] for row in rows("SELECT etat FROM demande WHERE dossier_id = ?", dossier_id)]


def chosen(dossier_id: int) -> set[tuple[int, str]]:
    """What was chosen already: establishment and kind of stay."""
    return {(row[0], row[1]) for row in rows(
        "SELECT etablissement_id, sejour FROM demande WHERE dossier_id = ?", dossier_id)}


# --- one establishment

def received(etablissement_id: int, demande_id: int) -> Demande:
    """A request that this establishment has received; raises NotFound for an absent one, one that was never sent, and
    another's alike."""
    found = Demande.get_or_none(Demande.id == demande_id, Demande.etablissement_id == etablissement_id,
                                Demande.envoyee_le.is_null(False))
    if found is None:
        raise NotFound()
    return found


def readable(etablissement_id: int | None, dossier_id: int) -> int | None:
    """A request under which this establishment may read the dossier now (the latest); None when there is none.

    It has to have been opened: reading is an act that the asking side is told of.
    """
    opened = sorted(rules.READABLE - {rules.ENVOYEE})
    found = (Demande.select(Demande.id).where(
        Demande.etablissement_id == etablissement_id, Demande.dossier_id == dossier_id, Demande.etat.in_(opened))
        .order_by(Demande.id.desc()).first())
    return found.id if found else None


# --- one request

def one(demande_id: int) -> Demande:
    """A request by its row, whoever asks: the caller authorises. Raises NotFound."""
    found = Demande.get_or_none(Demande.id == demande_id)
    if found is None:
        raise NotFound()
    return found


def steps(demande_id: int) -> list[Pas]:
    """What happened to a request, the first step first."""
    return list(Pas.select().where(Pas.demande_id == demande_id).order_by(Pas.id))


def words(demande: Demande, column: str) -> str:
    """The free words of a sealed column in clear, "" for none (or if their seal is broken)."""
    sealed = getattr(demande, column)
    if sealed is None:
        return ""
    try:
        return keys().open(sealed, table="demande", row=str(demande.id), column=column)
    except SealBroken:
        return ""


def may_remind_on(demande: Demande) -> timedelta:
    """How long before the establishment may be reminded again; zero or less: now."""
    last = demande.relancee_le or demande.envoyee_le
    if last is None:
        return timedelta()
    return last + timedelta(days=rules.RELANCE_DAYS) - clock.now()


def agreement(one: Demande) -> str:
    """The médecin traitant's word on a care at home; "" where none is asked."""
    if one.sejour not in machines.of(one.module).at_home:
        return ""
    said = {"donne": "Donné", "refuse": "Refusé"}.get(one.accord)
    if said and one.accord_le:
        return f"{said} par {one.accord_par} le {dates.moment(one.accord_le)}"
    return "Attendu" if one.etat in rules.PENDING else ""
