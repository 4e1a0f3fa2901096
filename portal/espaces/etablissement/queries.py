"""Questions of one establishment about what it received. No statement here reads another establishment's requests."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from portal.annuaire import etablissements
from portal.annuaire.genres import GENRES
from portal.annuaire.models import Etablissement
from portal.compte import queries as comptes
from portal.db.base import rows
from portal.demandes import queries as demandes
from portal.demandes.models import Demande, Pas
from portal.dossiers import queries as dossiers
from portal.dossiers.models import Dossier
from portal.dossiers.queries import Visible
from portal.dossiers.rules import MODULES
from portal.espaces import queries as espaces
from portal.espaces import rules as roles_of
from portal.espaces.etablissement import rules
from portal.espaces.queries import Member
from portal.web.errors import NotFound

PAGE_SIZE = 25


class Ligne(NamedTuple):
    """One row of the worklist as the database holds it; instants are milliseconds, days are ISO texts."""

    id: int
    etat: str
    niveau: str
    rang: int | None
    sejour: str
    incomplet: int
    avis: str
    envoyee_le: int
    promesse_le: int | None
    repondue_le: int | None
    relances: int
    reponse_avant: str | None
    entree: str | None
    entree_prevue: str | None
    motif: str
    updated: int
    complete: int
    module: str
    numero: int
    civilite: str
    nom_naissance: str
    nom_usage: str
    prenom: str
    naissance: str
    ville: str
    gir: int | None
    accord: str


@dataclass(frozen=True)
class Selection:
    """What the worklist shows. ``gir``: « 1 » to « 6 » or ``rules.NOT_RATED``; ``apres`` / ``avant``: the request
    that the page follows or precedes."""

    onglet: str = rules.A_TRAITER
    sejour: str = ""
    gir: str = ""
    niveau: str = ""
    apres: int | None = None
    avant: int | None = None

    @property
    def filtered(self) -> bool:
        return bool(self.sejour or self.gir or self.niveau)


@dataclass(frozen=True)
class Tableau:
    """One page of one tab, and the counts of all tabs under the same filters."""

    lignes: list[Ligne]
    counts: dict[str, int]
    before: bool
    after: bool


_COLUMNS = ("d.id, d.etat, d.niveau, d.rang, d.sejour, d.incomplet, d.avis, d.envoyee_le, d.promesse_le, "
            "d.repondue_le, d.relances, d.reponse_avant, d.entree, d.entree_prevue, d.motif, d.updated, "
            "d.complement_reponse IS NOT NULL, o.module, o.numero, o.civilite, o.nom_naissance, o.nom_usage, o.prenom, "
            "o.naissance, o.ville, o.gir, d.accord")
_PROMISED = "d.promesse_le IS NOT NULL AND d.repondue_le IS NULL"
# Three sort keys a tab, none of them ever null; the request's row follows, so that no two are equal.
ORDERS = {
    # A promise to call back that ends soonest, then who was chased, then the oldest; what waits for others last.
    rules.A_TRAITER: (f"CASE WHEN d.etat = 'complement' THEN 3 WHEN {_PROMISED} THEN 0 WHEN d.relances > 0 THEN 1 "
                      "ELSE 2 END", f"CASE WHEN {_PROMISED} THEN d.promesse_le ELSE d.envoyee_le END", "0"),
    # The waiting list as it is kept: level, rank, age.
    rules.LISTE: ("CASE d.niveau WHEN 'admis' THEN 0 WHEN 'admissible' THEN 1 ELSE 2 END", "COALESCE(d.rang, 9999)",
                  "d.envoyee_le"),
    # Who accepted is awaited; what was declined or ran out wants a decision; the others answer by their date.
    rules.PROPOSITIONS: ("CASE d.etat WHEN 'acceptee' THEN 0 WHEN 'proposee' THEN 2 ELSE 1 END",
                         "COALESCE(d.reponse_avant, '')", "d.envoyee_le"),
    rules.ADMIS: ("-CAST(REPLACE(COALESCE(d.entree, '0'), '-', '') AS INTEGER)", "-d.updated", "0"),
    rules.CLOSES: ("-d.updated", "0", "0"),
}


def tableau(etablissement_id: int, chosen: Selection) -> Tableau:
    """One page of the worklist: two statements. A cursor that names no row of this tab gives the first page."""
    backward = chosen.avant is not None and chosen.apres is None
    cursor = chosen.avant if backward else chosen.apres
    found = _page(etablissement_id, chosen, cursor, backward)
    if cursor is not None and len(found) < (PAGE_SIZE if backward else 1):
        cursor, backward, found = None, False, _page(etablissement_id, chosen, None, False)
    more = len(found) > PAGE_SIZE
    lignes = found[:PAGE_SIZE]
    if backward:
        lignes.reverse()
    return Tableau(lignes, counts(etablissement_id, chosen), before=more if backward else cursor is not None,
                   after=True if backward else more)


def _page(etablissement_id: int, chosen: Selection, cursor: int | None, backward: bool) -> list[Ligne]:
    wanted, params = _filters(chosen) if chosen.onglet != rules.CLOSES else ("", [])
    place: list[Any] = [etablissement_id]
    if cursor is not None:
        params = [*params, cursor, etablissement_id]
    return [Ligne(*row) for row in rows(page_sql(chosen.onglet, backward, cursor is not None, wanted),
                                        *place, *params)]


@lru_cache(maxsize=256)
def page_sql(onglet: str, backward: bool, cursor: bool, wanted: str) -> str:
    """The text of one shape of the list's statement. The cursor's sort keys are read in the same statement, so that
    no name goes into an address, and a forged one finds nothing."""
    keys = (*ORDERS[onglet], "d.id")
    states = ", ".join(f"'{etat}'" for etat in rules.STATES[onglet])
    where = f"d.etablissement_id = ? AND d.etat IN ({states}) AND d.envoyee_le IS NOT NULL{wanted}"
    if cursor:
        where += (f" AND ({', '.join(keys)}) {'<' if backward else '>'} (SELECT {', '.join(keys)} FROM demande d "  # noqa: S608  # our own words
                  f"WHERE d.id = ? AND d.etablissement_id = ? AND d.etat IN ({states}))")
    order = ", ".join(f"{key} {'DESC' if backward else 'ASC'}" for key in keys if key != "0")
    return (f"SELECT {_COLUMNS} FROM demande d JOIN dossier o ON o.id = d.dossier_id WHERE {where} "  # noqa: S608  # our own words
            f"ORDER BY {order} LIMIT {PAGE_SIZE + 1}")


def _filters(chosen: Selection) -> tuple[str, list[Any]]:
    """The conditions of the filters, with their values."""
    where, params = "", list[Any]()
    if chosen.sejour:
        where, params = where + " AND d.sejour = ?", [*params, chosen.sejour]
    if chosen.niveau:
        where, params = where + " AND d.niveau = ?", [*params, chosen.niveau]
    if chosen.gir == rules.NOT_RATED:
        where += " AND o.gir IS NULL"
    elif chosen.gir:
        where, params = where + " AND o.gir = ?", [*params, int(chosen.gir)]
    return where, params


def counts(etablissement_id: int, chosen: Selection) -> dict[str, int]:
    """How many requests each tab holds under the filters. What is over is counted whole: filtering it by GIR or stay
    would tell what is no longer this establishment's to know."""
    wanted, params = _filters(chosen)
    closed = ", ".join(f"'{etat}'" for etat in rules.STATES[rules.CLOSES])
    sql = ("SELECT d.etat, COUNT(*) FROM demande d JOIN dossier o ON o.id = d.dossier_id "  # noqa: S608  # our own words
           "WHERE d.etablissement_id = ? AND d.envoyee_le IS NOT NULL "
           f"AND (d.etat IN ({closed}) OR (TRUE{wanted})) GROUP BY d.etat")
    found = dict.fromkeys(rules.TABS, 0)
    for etat, count in rows(sql, etablissement_id, *params):
        found[rules.tab_of(etat)] += count
    return found


# --- one request

@dataclass(frozen=True)
class Recue:
    """A request as its establishment sees it: the row, its dossier, its steps since it was sent."""

    demande: Demande
    dossier: Dossier
    pas: list[Pas]

    @property
    def closed(self) -> bool:
        return rules.closed(self.demande.etat)


def received(member: Member, demande_id: int) -> Recue:
    """A request that this member's establishment received; raises NotFound for another's and an absent one alike."""
    if member.structure.etablissement_id is None:
        raise NotFound()
    found = demandes.received(member.structure.etablissement_id, demande_id)
    steps = [step for step in demandes.steps(found.id) if step.evenement in rules.STEPS]
    return Recue(found, dossiers.by_id(found.dossier_id), steps)


def seen_by(member: Member, one: Recue) -> Visible:
    """The dossier of a received request, as this member's role shows it."""
    role = "receveur_medical" if roles_of.MEDICAL in member.roles else "receveur"
    return Visible(one.dossier, None, MODULES[one.dossier.module], role,
                   f"/espaces/etablissement/demandes/{one.demande.id}")


@dataclass(frozen=True)
class Contact:
    """Somebody to call: what he is to the dossier, his name, his telephone ("" for none known)."""

    quoi: str
    nom: str
    telephone: str


def contacts(dossier: Dossier) -> list[Contact]:
    """Who leads the request and which physicians accepted the dossier, with their telephones."""
    found = [_physician(rpps, dossier) for rpps, etat in dossiers.physicians(dossier).items() if etat == "accepte"]
    if dossier.referent_kind == "patient":
        return [Contact("Référent du dossier", "La personne ou ses proches", dossiers.telephone(dossier)), *found]
    if dossier.referent_kind == "structure":
        team = espaces.structure(dossier.referent_structure) if dossier.referent_structure else None
        return [Contact("Référent du dossier", dossier.referent_texte, team.telephone if team else ""), *found]
    return sorted(found, key=lambda one: one.quoi, reverse=True)


def _physician(rpps: int, dossier: Dossier) -> Contact:
    leads = dossier.referent_kind == "medecin" and dossier.referent_rpps == rpps
    compte = comptes.by_rpps(rpps)
    name = compte.name if compte else (dossier.referent_texte if leads else "")
    return Contact("Référent et médecin traitant" if leads else "Médecin traitant", name or "Médecin sans compte ici",
                   comptes.telephone(compte) if compte else "")


def unit(demande: Demande) -> str:
    """« EHPAD, Les Roses » of the unit that a request names; "" for none."""
    found = [one for one in etablissements.units(demande.etablissement_id) if one.id == demande.unite_id]
    return ", ".join(words for one in found for words in (GENRES[one.genre].label, one.nom) if words)


# --- the establishment

def modules(etablissement_id: int) -> tuple[str, ...]:
    """The modules whose dossiers its units read, in the order of the directory's kinds; ga where nothing is known."""
    kinds = {one.genre for one in etablissements.units(etablissement_id)}
    found = dict.fromkeys(genre.module for code, genre in GENRES.items() if code in kinds)
    return tuple(found) or ("ga",)


def own(member: Member) -> Etablissement:
    """The establishment for which this member answers, as the directory has it; raises NotFound."""
    if member.structure.kind != roles_of.ETABLISSEMENT or member.structure.etablissement_id is None:
        raise NotFound()
    return etablissements.establishment(member.structure.etablissement_id)
