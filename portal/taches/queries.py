"""What waits for a physician: one bounded statement a kind, whatever the size of his table."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from portal import clock
from portal.clock import PARIS
from portal.compte.espace.rules import DEFAULT_SILENCE
from portal.db.audit import Actor
from portal.db.base import from_millis, rows, to_millis
from portal.demandes import machines
from portal.demandes import rules as demandes
from portal.demandes.attente import SILENCE
from portal.dossiers.lignes import YOU
from portal.dossiers.rules import RANKS
from portal.echeances.rules import months_later
from portal.settings import Settings
from portal.taches import rules
from portal.taches.rules import Tache
from portal.volets import definitions
from portal.volets.rules import ADMINISTRATIF, VALIDE, nature

MOST = 100
"""Of each kind, no more are counted or listed: « plus de 100 » says it."""

# Where whoever leads the request fills the volets: a hospital service has physicians of its own.
LED_MODULES = frozenset({"s"})


@dataclass(frozen=True)
class Regard:
    """Who looks: at whose tasks (``rpps``), of which modules, of which kinds; ``secretary``: as his secretary."""

    rpps: int
    modules: tuple[str, ...]
    genres: tuple[str, ...]
    secretary: bool
    alert_months: int
    archive_months: int


@dataclass(frozen=True)
class Liste:
    """The worklist: the tasks asked for, the most urgent first, and how many of each kind (at most ``MOST`` + 1)."""

    taches: list[Tache]
    counts: dict[str, int]
    at: datetime

    @property
    def today(self) -> date:
        """The day, in Paris, on which it was looked at."""
        return self.at.astimezone(PARIS).date()

    @property
    def total(self) -> int:
        return sum(min(n, MOST) for n in self.counts.values())

    @property
    def more(self) -> bool:
        """True when there are more than were counted."""
        return any(n > MOST for n in self.counts.values())


def regard(actor: Actor, modules: Collection[str], settings: Settings) -> Regard:
    """How someone looks at the worklist of the physician he is, or acts for."""
    assert actor.holder is not None  # the routes ask for a physician, or someone who acts for one
    mandate = actor.mandate
    lent = [code for code in modules if mandate is None or code in mandate.modules]
    genres = rules.allowed(mandate.kind if mandate else None, mandate.rights if mandate else ())
    return Regard(actor.holder, tuple(sorted(lent)), tuple(genre.code for genre in genres),
                  mandate is not None and mandate.kind == rules.SECRETAIRE, settings.archive_alert_months,
                  settings.archive_months)


def liste(look: Regard, genre: str = "", limit: int = MOST) -> Liste:
    """The worklist, of one kind if ``genre`` names one that he may do; ``limit`` bounds what is listed."""
    today = clock.today()
    found = {code: _FINDERS[code](look) for code in look.genres} if look.modules else {}
    shown = found[genre] if genre in found else [task for tasks in found.values() for task in tasks]
    return Liste(rules.ordered(shown, today)[:limit], {code: len(tasks) for code, tasks in found.items()},
                 clock.now())


# --- one kind each. All start from his own rows (the table is clustered by physician), find the tasks in indexes
# alone, stop at MOST + 1, and only then read what is printed.

_OWN = "l.rpps = ? AND l.etat = '{etat}' AND l.onglet = 'en_cours' AND l.module IN ({modules})"
_FIRST = "ORDER BY l.decide_le, l.module, l.rang, l.dossier_id LIMIT ?"


def _marks(values: Collection[object]) -> str:
    return ", ".join("?" * len(values))


def _acceptations(look: Regard) -> list[Tache]:
    own = _OWN.format(etat="attente", modules=_marks(look.modules))
    sql = (f"SELECT module, numero, patient, COALESCE(decide_le, maj) FROM lien l INDEXED BY lien_taches "
           f"WHERE {own} {_FIRST}")
    return [Tache(rules.ACCEPTATION, module, numero, patient, _day(since))
            for module, numero, patient, since in rows(sql, look.rpps, *look.modules, MOST + 1)]


def _volets(look: Regard) -> list[Tache]:
    found = [task for module in look.modules for task in _volets_of(look, module)]
    return sorted(found, key=lambda one: one.depuis)[:MOST + 1]


def _volets_of(look: Regard, module: str) -> list[Tache]:
    """A physician fills what is medical; his secretary the administrative volets of the dossiers that he leads."""
    wanted = tuple(one.volet for one in definitions.volets(module)
                   if (nature(one.volet) == ADMINISTRATIF) is look.secretary)
    if not wanted:
        return []
    led = look.secretary or module in LED_MODULES
    own = _OWN.format(etat="accepte", modules="?") + (" AND l.referent = ?" if led else "")
    sql = (f"SELECT o.module, o.numero, o.patient, COALESCE(o.decide_le, o.maj), "
           f"(SELECT group_concat(v.code || ' ' || v.etat) FROM volet v WHERE v.dossier_id = o.dossier_id) "
           f"FROM (SELECT l.rpps, l.dossier_id FROM lien l INDEXED BY lien_taches WHERE {own} AND "
           f"(SELECT COUNT(*) FROM volet v INDEXED BY volet_valide WHERE v.dossier_id = l.dossier_id "
           f"AND v.etat = 'valide' AND v.code IN ({_marks(wanted)})) < ? {_FIRST}) f "
           "CROSS JOIN lien o ON o.rpps = f.rpps AND o.dossier_id = f.dossier_id")
    leads = (YOU,) if led else ()
    return [_volet(code, numero, patient, since, wanted, written or "") for code, numero, patient, since, written
            in rows(sql, look.rpps, module, *leads, *wanted, len(wanted), MOST + 1)]


def _volet(module: str, numero: int, patient: str, since: int, wanted: tuple[str, ...], written: str) -> Tache:
    etats = dict(one.split() for one in written.split(",") if one)
    missing = [code for code in wanted if etats.get(code) != VALIDE]
    return Tache(rules.VOLET, module, numero, patient, _day(since), detail=" ".join(missing),
                 begun=missing[0] in etats)


@lru_cache(maxsize=16)
def _ranks(etats: frozenset[str]) -> tuple[int, ...]:
    """The ranks of the dossiers' statuses under which a request in one of these states may stand: the farthest
    request of a dossier gives its status."""
    return tuple(sorted({RANKS[machine.statut({etat, other})] for machine in machines.MACHINES.values()
                         for etat in etats & machine.etats.keys() for other in machine.etats}))


_DEMANDES = (
    "SELECT o.module, o.numero, o.patient, f.since, f.until, f.id, e.nom FROM (SELECT l.rpps, l.dossier_id, d.id, "
    "d.etablissement_id, {since} AS since, {until} AS until FROM lien l INDEXED BY lien_taches "
    "CROSS JOIN demande d ON d.dossier_id = l.dossier_id AND d.etat IN ({etats}) "
    "WHERE {own} AND l.rang IN ({ranks}) {more} ORDER BY {order}, d.id LIMIT ?) f "
    "CROSS JOIN lien o ON o.rpps = f.rpps AND o.dossier_id = f.dossier_id "
    "CROSS JOIN etablissement e ON e.id = f.etablissement_id")


def _demandes(look: Regard, genre: str, etats: frozenset[str], since: str, *, until: str = "NULL", more: str = "",
              last: tuple[object, ...] = ()) -> list[Tache]:
    ranks = _ranks(etats)
    sql = _DEMANDES.format(
        since=since, until=until, etats=", ".join(f"'{etat}'" for etat in sorted(etats)), ranks=_marks(ranks),
        own=_OWN.format(etat="accepte", modules=_marks(look.modules)), more=more,
        order="since" if until == "NULL" else "until")
    return [Tache(genre, module, numero, patient, _day(at), _iso(end), demande_id, nom)
            for module, numero, patient, at, end, demande_id, nom
            in rows(sql, look.rpps, *look.modules, *ranks, *last, MOST + 1)]


def _propositions(look: Regard) -> list[Tache]:
    """Only who leads the request decides in the person's place; his row is read last, for it is in no index."""
    return _demandes(look, rules.PROPOSITION, frozenset({demandes.PROPOSEE}), "d.proposee_le",
                     until="d.reponse_avant", more="AND (SELECT o.referent FROM lien o WHERE o.rpps = l.rpps "
                     "AND o.dossier_id = d.dossier_id) = ?", last=(YOU,))


def _accords(look: Regard) -> list[Tache]:
    """Home care that waits for the médecin traitant's word."""
    etats = demandes.PENDING - {demandes.ACCEPTEE, demandes.DECLINEE, demandes.EXPIREE}
    return _demandes(look, rules.ACCORD, etats & set(machines.of("s").etats), "d.envoyee_le",
                     more="AND d.sejour = 'domicile' AND d.accord = ''")


def _complements(look: Regard) -> list[Tache]:
    return _demandes(look, rules.COMPLEMENT, frozenset({demandes.COMPLEMENT}), "d.complement_le")


def _silences(look: Regard) -> list[Tache]:
    before = to_millis(clock.now() - timedelta(days=_silence_days(look.rpps)))
    return _demandes(look, rules.SILENCE, demandes.SILENT, SILENCE, more=f"AND {SILENCE} <= ?", last=(before,))


def _archivages(look: Regard) -> list[Tache]:
    # A dossier is announced once it has not changed for so many months: his oldest rows, and no further.
    sql = (f"SELECT l.module, l.numero, l.patient, d.alerte_le FROM lien l "
           f"INDEXED BY lien_rpps_module_onglet_maj_numero CROSS JOIN dossier d ON d.id = l.dossier_id "
           f"WHERE l.rpps = ? AND l.module IN ({_marks(look.modules)}) AND l.onglet = 'en_cours' AND l.maj < ? "
           "AND l.etat = 'accepte' AND d.alerte_le IS NOT NULL AND d.updated <= d.alerte_le "
           "ORDER BY d.alerte_le, d.id LIMIT ?")
    last = to_millis(datetime.combine(months_later(clock.today(), -look.alert_months), time(23, 59), PARIS))
    return [Tache(rules.ARCHIVAGE, module, numero, patient, _day(told),
                  months_later(_day(told), look.archive_months))
            for module, numero, patient, told in rows(sql, look.rpps, *look.modules, last, MOST + 1)]


def _transferts(look: Regard) -> list[Tache]:
    sql = (f"SELECT l.module, l.numero, l.patient, t.propose_le, s.nom FROM transfert t "
           f"CROSS JOIN lien l ON l.rpps = t.rpps AND l.dossier_id = t.dossier_id JOIN structure s "
           f"ON s.id = t.structure_id WHERE t.rpps = ? AND l.etat = 'accepte' AND l.onglet = 'en_cours' "
           f"AND COALESCE(l.decide_le, 0) <= t.propose_le "
           f"AND l.module IN ({_marks(look.modules)}) ORDER BY t.propose_le, t.dossier_id LIMIT ?")
    return [Tache(rules.TRANSFERT, module, numero, patient, _day(since), detail=nom)
            for module, numero, patient, since, nom in rows(sql, look.rpps, *look.modules, MOST + 1)]


def _silence_days(rpps: int) -> int:
    """After how many days of silence this physician wants to be told, whoever looks in his place."""
    found = rows("SELECT p.silence_jours FROM compte c JOIN preference p ON p.compte_id = c.id WHERE c.rpps = ?", rpps)
    return int(found[0][0]) if found else DEFAULT_SILENCE


def _day(millis: int) -> date:
    return from_millis(millis).astimezone(PARIS).date()


def _iso(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


_FINDERS: dict[str, Callable[[Regard], list[Tache]]] = {
    rules.PROPOSITION: _propositions, rules.ACCORD: _accords, rules.COMPLEMENT: _complements,
    rules.TRANSFERT: _transferts,
    rules.ACCEPTATION: _acceptations, rules.VOLET: _volets, rules.ARCHIVAGE: _archivages, rules.SILENCE: _silences,
}
