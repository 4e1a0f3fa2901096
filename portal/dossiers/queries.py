"""Questions about dossiers. A physician is known by his RPPS number; an account is not needed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from portal import clock
from portal.db.audit import Trace
from portal.db.base import rows, to_millis
from portal.dossiers import bornes, lignes, rules, scelles
from portal.dossiers.identite import BODY, Nir
from portal.dossiers.models import ORDERS, Dossier, Lien
from portal.dossiers.rules import Numero
from portal.web.errors import NotFound

PAGE_SIZE = 25
SEARCH_WINDOW = timedelta(minutes=10)
SEARCH_LIMIT = 30
SEARCH_FAILED = "dossier.recherche_vaine"


class Ligne(NamedTuple):
    """One row of the table, ready to print."""

    numero: int
    patient: str
    code_postal: str
    ville: str
    referent: str
    statut: str
    etat: str
    lie_module: str | None
    lie_numero: int | None


@dataclass(frozen=True)
class Selection:
    """What a table shows. ``tri``: a key of ``ORDERS``, with « - » for the other way (« recent » is newest first).

    ``apres`` / ``avant``: number of the dossier that the page follows or precedes.
    """

    module: str
    onglet: str = "en_cours"
    tri: str = "recent"
    statut: str = ""
    attente: bool = False
    q: str = ""
    apres: int | None = None
    avant: int | None = None

    @property
    def terms(self) -> tuple[str, ...]:
        """The folded words searched for, each as a beginning of a word (at most four)."""
        if not self.q:
            return ()
        numero = rules.parse_numero(self.q)
        return (str(numero.value),) if numero else tuple(rules.fold(self.q).split()[:4])

    @property
    def filtered(self) -> bool:
        return bool(self.statut or self.attente or self.terms)


@dataclass(frozen=True)
class Tableau:
    """One page of a table and the counts of all tabs (under the same filter).

    ``bounded``: the filter did not look at every dossier (see ``bornes``).
    """

    lignes: list[Ligne]
    counts: dict[str, int]
    before: bool
    after: bool
    bounded: bool = False


@dataclass(frozen=True)
class Visible:
    """A dossier that somebody may see: a physician by his link to it, the others by their ``role``.

    ``role`` is a code of ``volets.rules.ROLES`` (patient, aidant, famille, service, receveur, receveur_medical), empty
    for a physician; ``accueil`` the address of the dossier's page in that person's space.
    """

    dossier: Dossier
    own_link: Lien | None
    module: rules.Module
    role: str = ""
    accueil: str = ""

    @property
    def lien(self) -> Lien:
        """The physician's link; raises NotFound for who has none: what rests on it is not his to do."""
        if self.own_link is None:
            raise NotFound()
        return self.own_link

    @property
    def accepted(self) -> bool:
        """True when the whole dossier is open: a physician answers first whether the patient is his."""
        return bool(self.role) or self.lien.etat == "accepte"

    @property
    def label(self) -> str:
        """« ga 43084209 », the key of the audit."""
        return rules.format_numero(self.dossier.module, self.dossier.numero)

    @property
    def referent(self) -> str:
        """Who leads the request, as who sees the dossier reads it."""
        return self.lien.referent if self.own_link else lignes.referent_label(self.dossier, None)

    @property
    def home(self) -> str:
        """The address of the dossier's page."""
        return self.accueil or f"/dossiers/{self.module.slug}/{self.dossier.numero}"


# --- the table

def tableau(rpps: int, selection: Selection) -> Tableau:
    """One page of a physician's table: two statements, three under a filter, whatever the size of the base.

    A cursor that names no row of this tab gives the first page.
    """
    backward = selection.avant is not None and selection.apres is None
    cursor = selection.avant if backward else selection.apres
    whole = counts(rpps, selection.module)
    bounded = selection.filtered and bornes.applies(whole)
    found = _page(rpps, selection, cursor, backward, bounded=bounded)
    if cursor is not None and len(found) < (PAGE_SIZE if backward else 1):
        cursor, backward, found = None, False, _page(rpps, selection, None, False, bounded=bounded)
    more = len(found) > PAGE_SIZE
    lignes = found[:PAGE_SIZE]
    if backward:
        lignes.reverse()
    return Tableau(
        lignes, _counts_of(rpps, selection, bounded) if selection.filtered else whole,
        before=more if backward else cursor is not None, after=True if backward else more, bounded=bounded,
    )


def everything(rpps: int, selection: Selection, limit: int) -> list[Ligne]:
    """All the rows of a selection, in its order, up to ``limit``; its cursor is not looked at."""
    return _page(rpps, selection, None, False, limit)


def _page(rpps: int, selection: Selection, cursor: int | None, backward: bool,
          limit: int = PAGE_SIZE + 1, *, bounded: bool = False) -> list[Ligne]:
    terms = selection.terms
    sql = list_sql(selection.tri, backward, cursor is not None, bool(selection.statut), selection.attente, len(terms),
                   limit, bounded)
    place = (rpps, selection.module, selection.onglet)
    params: list[Any] = [*place]
    if cursor is not None:
        params += [*place, cursor]
    params += [selection.statut] if selection.statut else []
    params += [f" {term}" for term in terms]
    return list(map(Ligne._make, rows(sql, *params)))


@lru_cache(maxsize=512)
def list_sql(tri: str, backward: bool, cursor: bool, statut: bool, attente: bool, terms: int,
             limit: int = PAGE_SIZE + 1, bounded: bool = False) -> str:
    """The text of one shape of the list's statement, built once; ``bounded``: see ``bornes``.

    The cursor is the number of a dossier of this tab: its sort key is read in the same statement, so
    that no name goes into an address, and a forged one finds nothing.
    """
    column = ORDERS[tri.removeprefix("-")]
    key = ", ".join(dict.fromkeys((column, "numero")))
    descending = (tri == "recent" or tri.startswith("-")) != backward
    where = [] if bounded else ["rpps = ?", "module = ?", "onglet = ?"]
    if cursor:
        where.append(f"({key}) {'<' if descending else '>'} (SELECT {key} FROM lien "
                     "INDEXED BY lien_rpps_module_onglet_numero "
                     "WHERE rpps = ? AND module = ? AND onglet = ? AND numero = ?)")
    where += ["statut = ?"] * statut + ["etat = 'attente'"] * attente + ["instr(mots, ?) > 0"] * terms
    order = ", ".join(f"{name} {'DESC' if descending else 'ASC'}" for name in key.split(", "))
    source = bornes.latest(attente) if bounded else "lien"
    return (f"SELECT {', '.join(Ligne._fields)} FROM {source} WHERE {' AND '.join(where)} "
            f"ORDER BY {order} LIMIT {limit}")


def _counts_of(rpps: int, selection: Selection, bounded: bool) -> dict[str, int]:
    terms = selection.terms
    where = ["statut = ?"] * bool(selection.statut) + ["instr(mots, ?) > 0"] * len(terms)
    params = [selection.statut] * bool(selection.statut) + [f" {term}" for term in terms]
    found = dict.fromkeys((*rules.TABS, "a_accepter"), 0)
    if bounded:
        places = [value for onglet in (*rules.TABS, "en_cours") for value in (rpps, selection.module, onglet)]
        sql = bornes.counts_sql(bool(selection.statut), selection.attente, len(terms))
        return found | dict(rows(sql, *places, *params))
    waiting = "COUNT(CASE WHEN etat = 'attente' THEN 1 END)"
    sql = (f"SELECT onglet, {waiting if selection.attente else 'COUNT(*)'}, {waiting} FROM lien WHERE "
           f"{' AND '.join(['rpps = ?', 'module = ?', 'onglet IS NOT NULL', *where])} GROUP BY onglet")
    for onglet, n, asked in rows(sql, rpps, selection.module, *params):
        found[onglet] = n
        if onglet == "en_cours":
            found["a_accepter"] = asked
    return found


# --- counters

def counts(rpps: int, module: str) -> dict[str, int]:
    """How many dossiers each tab of a module holds, and « a_accepter »; all keys are always there."""
    found = dict(rows("SELECT onglet, n FROM compteur WHERE rpps = ? AND module = ?", rpps, module))
    return dict.fromkeys((*rules.TABS, "a_accepter"), 0) | found


# --- one dossier

def visible_dossier(rpps: int, module: str, numero: int) -> Visible:
    """Fetch and authorise in one call: raises NotFound for an absent dossier and for another's alike.

    ``module`` is a code (« ga »). What may be shown still depends on ``accepted``.
    """
    found = _found(rpps, Numero(module, numero))
    if found is None:
        raise NotFound()
    return found


def by_number(module: str, numero: int) -> Dossier | None:
    """The dossier of this number, whoever asks: the caller authorises. ``module`` is a code (« ga »)."""
    known = rules.MODULES.get(module)
    if known is None or len(str(numero)) != known.digits:
        return None
    return next(iter(Dossier.raw("SELECT * FROM dossier WHERE module = ? AND numero = ?", module, numero)), None)


def by_id(dossier_id: int) -> Dossier:
    """A dossier known by its row, whoever asks: the caller authorises."""
    found: Dossier = Dossier.get_by_id(dossier_id)
    return found


def physicians(dossier: Dossier) -> dict[int, str]:
    """The physicians who see a dossier, by RPPS number, with the state of their link (attente, accepte, refuse)."""
    return dict(rows("SELECT rpps, etat FROM lien WHERE dossier_id = ? AND etat <> 'retire' ORDER BY rpps", dossier.id))


def of_number(rpps: int, numero: Numero) -> Visible | None:
    """The dossier of this number if this physician may see it."""
    return _found(rpps, numero) if numero.module else None


# Written by hand: every page of a dossier begins here, and building the statement costs more than running it.
_OWN_LINK = ("SELECT l.* FROM lien l JOIN dossier d ON d.id = l.dossier_id "
             "WHERE l.rpps = ? AND d.module = ? AND d.numero = ? AND l.etat <> 'retire'")


def _found(rpps: int, numero: Numero) -> Visible | None:
    module = rules.MODULES.get(numero.module or "")
    if module is None or len(str(numero.value)) != module.digits:
        return None
    lien = next(iter(Lien.raw(_OWN_LINK, rpps, module.code, numero.value)), None)
    if lien is None:
        return None
    dossier = next(iter(Dossier.raw("SELECT * FROM dossier WHERE id = ?", lien.dossier_id)))
    return Visible(dossier, lien, module)


def accesses(rpps: int, *, numero: Numero | None = None, before: int | None = None, since: datetime | None = None,
             limit: int) -> list[Trace]:
    """The acts on a physician's dossiers, newest first, before the act of this id and since then, if given.

    Of a dossier that he has accepted: everybody's; of one that he has not: his own and those done in his place,
    for others' acts would tell who else was asked.
    """
    where = ["l.rpps = ?", "l.etat <> 'retire'", "t.event <> ?",
             "(l.etat = 'accepte' OR t.rpps = ? OR t.on_behalf_of = ?)"]
    params: list[Any] = [rpps, SEARCH_FAILED, rpps, rpps]
    if numero:
        where.append("l.module = ? AND l.numero = ?")
        params += [numero.module or "", numero.value]
    if before:
        where.append("t.id < ?")
        params.append(before)
    if since:
        where.append("t.at >= ?")
        params.append(to_millis(since))
    # His links first, then the acts of each by their index: the audit itself is never read through.
    sql = (f"SELECT t.id FROM lien l CROSS JOIN trace t WHERE t.dossier = l.module || ' ' || l.numero "
           f"AND {' AND '.join(where)} ORDER BY t.id DESC LIMIT {int(limit)}")
    found = [row[0] for row in rows(sql, *params)]
    return list(Trace.select().where(Trace.id.in_(found)).order_by(Trace.id.desc()))


def linked_for(dossier: Dossier, rpps: int) -> tuple[str, int] | None:
    """Module and number of the linked dossier, if this physician may see it."""
    if dossier.lie_id is None:
        return None
    found = rows("SELECT module, numero FROM lien WHERE rpps = ? AND dossier_id = ? AND etat <> 'retire'",
                 rpps, dossier.lie_id)
    return (found[0][0], found[0][1]) if found else None


def same_person(rpps: int, dossier: Dossier) -> list[Visible]:
    """This physician's other dossiers of the same person, by number: the linked one, those with the same number of
    the sécurité sociale, or with the same surname of birth, first name, birth date and sex (accents and case apart).

    Two different numbers of the sécurité sociale are two people, whatever the names say.
    """
    near = rows("SELECT dossier_id FROM lien WHERE rpps = ? AND naissance = ? UNION SELECT ?",
                rpps, dossier.naissance.isoformat(), dossier.lie_id)
    numbers = scelles.same_number(dossier)
    for number in numbers:
        near += rows("SELECT id FROM dossier WHERE nir_empreinte = ?", number)
    others = {found[0] for found in near} - {None, dossier.id}
    if not others:
        return []
    own = (Lien.select(Lien, Dossier).join(Dossier)
           .where(Lien.rpps == rpps, Lien.etat != "retire", Dossier.id.in_(sorted(others)))
           .order_by(Dossier.module, Dossier.numero))
    return [Visible(lien.dossier, lien, rules.MODULES[lien.module]) for lien in own
            if _same(lien.dossier, dossier, numbers)]


def _same(one: Dossier, other: Dossier, numbers: Collection[str]) -> bool:
    """``numbers``: the fingerprints of the other's number."""
    if one.nir_empreinte and numbers:
        return one.nir_empreinte in numbers
    if one.id == other.lie_id:
        return True
    return _traits(one) == _traits(other)


def _traits(one: Dossier) -> tuple[str, str, date, str]:
    return rules.fold(one.nom_naissance), rules.fold(one.prenom), one.naissance, one.sexe


def sealed(dossier: Dossier, column: str) -> str:
    """« telephone », « telephone2 », « courriel » or « nir » (15 characters) in clear, "" for none."""
    return scelles.opened(dossier, column)


def nir(dossier: Dossier) -> Nir | None:
    """The number of the sécurité sociale, or None."""
    kept = sealed(dossier, "nir")
    return Nir(kept[:BODY], kept[BODY:]) if kept else None


def telephone(dossier: Dossier) -> str:
    """The patient's phone number in clear, "" for none (or if its seal is broken)."""
    return sealed(dossier, "telephone")


def too_many_searches(rpps: int) -> bool:
    """True when this physician's searches failed too often within ten minutes (numbers can be guessed)."""
    sql = ("SELECT COUNT(*) FROM (SELECT event, at FROM trace WHERE rpps = ? ORDER BY id DESC LIMIT 300) latest "
           "WHERE event = ? AND at >= ?")
    since = to_millis(clock.now() - SEARCH_WINDOW)
    return int(rows(sql, rpps, SEARCH_FAILED, since)[0][0]) >= SEARCH_LIMIT
