"""Changes to dossiers: each runs in the caller's transaction, keeps rows and counters true, and is audited."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from portal import clock
from portal.db import audit
from portal.db.audit import Actor
from portal.db.base import db
from portal.dossiers import lignes, numeros, queries, rules, scelles
from portal.dossiers.models import Dossier, Lien
from portal.dossiers.queries import Visible

# The audit's words for the events of the link machine.
AUDIT = {
    "creer": "dossier.cree", "designer": "dossier.designe", "accepter": "dossier.accepte",
    "refuser": "dossier.refuse", "retablir": "dossier.retabli", "retirer": "dossier.sorti",
    "remplacer": "dossier.remplace",
}


SEALED = ("telephone", "telephone2", "courriel", "nir")
IDENTITY = (
    "civilite", "nom_naissance", "nom_usage", "prenoms", "prenom", "naissance", "sexe", "naissance_insee",
    "naissance_lieu", "nir", "ins_statut", "telephone", "telephone2", "courriel", "adresse", "insee", "code_postal",
    "ville",
)
TOUCH_EVERY = timedelta(minutes=1)


class Stale(Exception):
    """The link changed since it was shown; ``now`` is how it stands."""

    def __init__(self, now: Visible) -> None:
        super().__init__("stale")
        self.now = now


class Impossible(Exception):
    """The link machine has no such arrow from the present state."""


@dataclass(frozen=True)
class Nouveau:
    """What a physician writes to open a dossier (checked by ``forms``)."""

    civilite: str
    nom_naissance: str
    nom_usage: str
    prenom: str
    naissance: date
    sexe: str
    telephone: str
    adresse: str
    insee: str
    code_postal: str
    ville: str
    sejours: tuple[str, ...]
    prenoms: str = ""
    naissance_insee: str | None = None
    naissance_lieu: str = ""
    nir: str = ""
    ins_statut: str = "PROV"
    telephone2: str = ""
    courriel: str = ""


def decide(actor: Actor, module: str, numero: int, event: str, version: int) -> Visible:
    """The physician's own answer: « accepter », « refuser », « retablir » or « retirer ».

    ``version`` is that of the link he saw. Raises NotFound (not his), or Stale when another answer
    came first. The same answer sent twice by the same person changes nothing the second time.
    """
    rpps = _physician(actor)
    seen = queries.visible_dossier(rpps, module, numero)
    lien = seen.lien
    arrow = rules.transition(lien.etat, event, "medecin")
    if arrow is None or lien.version != version:
        again = lien.etat in rules.targets(event) and lien.version == version + 1 and lien.decide_par == actor.rpps
        if again:
            return seen
        raise Stale(seen)
    _follow(seen.dossier, lien, arrow, actor)
    return queries.visible_dossier(rpps, module, numero)


def create(actor: Actor, module: str, new: Nouveau) -> Dossier:
    """Open a dossier whose referent is the physician himself; its link is accepted from the start."""
    rpps = _physician(actor)
    name = actor.mandate.name if actor.mandate else actor.name
    dossier = _insert(module, new, {"referent_kind": "medecin", "referent_rpps": rpps, "referent_texte": name})
    attach(actor, dossier, rpps, "creer")
    return dossier


def open_for(actor: Actor, module: str, new: Nouveau, *, structure: tuple[int, str] | None = None) -> Dossier:
    """Open a dossier that no physician leads: the patient himself, or a structure (its row and its label)."""
    referent = ({"referent_kind": "patient", "referent_texte": lignes.PATIENT} if structure is None else
                {"referent_kind": "structure", "referent_structure": structure[0], "referent_texte": structure[1]})
    dossier = _insert(module, new, referent)
    audit.record(actor, AUDIT["creer"], dossier=_label(dossier))
    return dossier


def hand_over(actor: Actor, dossier: Dossier, rpps: int, name: str) -> None:
    """The médecin traitant becomes the referent of a dossier that he has accepted; every row follows."""
    dossier.referent_kind, dossier.referent_rpps, dossier.referent_texte = "medecin", rpps, name
    dossier.referent_structure, dossier.updated = None, clock.now()
    dossier.version += 1
    dossier.save(only=(Dossier.referent_kind, Dossier.referent_rpps, Dossier.referent_texte,
                       Dossier.referent_structure, Dossier.updated, Dossier.version))
    _refresh(dossier)
    audit.record(actor, "dossier.responsabilite", dossier=_label(dossier))


def _insert(module: str, new: Nouveau, referent: Mapping[str, Any]) -> Dossier:
    numero = numeros.suivant(module)
    statut = rules.STATUTS[rules.FIRST_STATUS[module]]
    now = clock.now()
    values: dict[str, Any] = vars(new) | {"sejours": ", ".join(new.sejours)} | _sealed(module, numero, vars(new))
    made: Dossier = Dossier.create(
        module=module, numero=numero, etat=statut.etat, statut=statut.code, created=now, updated=now, **referent,
        **values)
    return made


def identify(actor: Actor, dossier: Dossier, new: Nouveau) -> tuple[str, ...]:
    """Correct a dossier's identity and address; every table that shows it follows in the same transaction.

    Returns the names of the columns that changed, which the audit notes without their contents; nothing is written
    when none did. ``new.sejours`` is not looked at.
    """
    before = {name: scelles.opened(dossier, name) if name in SEALED else getattr(dossier, name) for name in IDENTITY}
    changed = tuple(name for name in IDENTITY if before[name] != getattr(new, name))
    if not changed:
        return ()
    values = {name: getattr(new, name) for name in changed} | {
        name: value for name, value in _sealed(dossier.module, dossier.numero, vars(new)).items() if name in changed}
    values |= {"nir_empreinte": scelles.fingerprint(new.nir)} if "nir" in changed else {}
    values |= {"updated": clock.now(), "version": dossier.version + 1}
    for name, value in values.items():
        setattr(dossier, name, value)
    dossier.save(only=tuple(Dossier._meta.fields[name] for name in values))
    _refresh(dossier)
    audit.record(actor, "dossier.identite", dossier=_label(dossier), detail=", ".join(changed))
    return changed


def designate(actor: Actor, dossier: Dossier, rpps: int) -> None:
    """The referent names a physician: the dossier appears in his table with « ? ». Raises Impossible."""
    lien = Lien.get_or_none(Lien.rpps == rpps, Lien.dossier == dossier)
    if lien is None:
        attach(actor, dossier, rpps, "designer")
        return
    _follow(dossier, lien, _arrow(lien.etat, "designer"), actor)


def attach(actor: Actor, dossier: Dossier, rpps: int, event: str) -> None:
    """Make a physician's first link to a dossier, by « creer » (his own) or « designer »."""
    who = "medecin" if event == "creer" else "referent"
    arrow = rules.transition(None, event, who)
    assert arrow is not None
    decided = {"decide_par": actor.rpps if event == "creer" else None, "decide_le": clock.now()}
    row = lignes.copies(dossier, rpps, arrow.target, queries.linked_for(dossier, rpps))
    Lien.insert(rpps=rpps, dossier=dossier.id, etat=arrow.target, **decided, **row).execute()
    _count(rpps, dossier.module, (), lignes.buckets(arrow.target, row["onglet"]))
    _refresh_mate(dossier, rpps)
    audit.record(actor, AUDIT[event], dossier=_label(dossier))


def replace(actor: Actor, dossier: Dossier, rpps: int) -> None:
    """The referent names someone else: the dossier leaves this physician's table. Raises Impossible."""
    lien = Lien.get(Lien.rpps == rpps, Lien.dossier == dossier)
    _follow(dossier, lien, _arrow(lien.etat, "remplacer"), actor)


def set_status(actor: Actor, dossier: Dossier, statut: str) -> None:
    """Move a dossier on in its life; every table that shows it follows in the same transaction."""
    dossier.statut, dossier.etat = statut, rules.STATUTS[statut].etat
    dossier.updated, dossier.alerte_le, dossier.version = clock.now(), None, dossier.version + 1
    dossier.save(only=(Dossier.statut, Dossier.etat, Dossier.updated, Dossier.alerte_le, Dossier.version))
    _refresh(dossier)
    audit.record(actor, "dossier.statut", dossier=_label(dossier), detail=statut)


def link(actor: Actor, one: Dossier, other: Dossier) -> None:
    """Tie two dossiers of the same person; each names the other."""
    for dossier, mate in ((one, other), (other, one)):
        dossier.lie = mate
        dossier.save(only=(Dossier.lie,))
        audit.record(actor, "dossier.lie", dossier=_label(dossier))
    _refresh(one)
    _refresh(other)


def unlink(actor: Actor, one: Dossier) -> None:
    """Untie a dossier from the one it is linked to; nothing when it is linked to none."""
    other = one.lie
    if other is None:
        return
    for dossier in (one, other):
        dossier.lie = None
        dossier.save(only=(Dossier.lie,))
        audit.record(actor, "dossier.delie", dossier=_label(dossier))
    _refresh(one)
    _refresh(other)


def touch(dossier: Dossier) -> None:
    """Note that something of the dossier was written, at most once a minute; whoever writes it leaves the audit."""
    now = clock.now()
    if now - dossier.updated < TOUCH_EVERY:
        return
    dossier.updated, dossier.alerte_le = now, None
    dossier.save(only=(Dossier.updated, Dossier.alerte_le))
    Lien.update(maj=now).where(Lien.dossier == dossier.id).execute()


def set_gir(dossier: Dossier, gir: int) -> None:
    """Keep the GIR (1 to 6) of the validated volet autonomie; the validation leaves the audit."""
    dossier.gir = gir
    dossier.save(only=(Dossier.gir,))


def erase(dossier: Dossier) -> None:
    """Remove a dossier and its place in every physician's table and counters, once what hangs from it is gone.

    The caller audits: it knows why.
    """
    for other in Dossier.select().where(Dossier.lie == dossier.id).order_by(Dossier.id):
        other.lie = None
        other.save(only=(Dossier.lie,))
        _refresh(other)
    for lien in Lien.select().where(Lien.dossier == dossier.id).order_by(Lien.rpps):
        _count(lien.rpps, dossier.module, lignes.buckets(lien.etat, lien.onglet), ())
    Lien.delete().where(Lien.dossier == dossier.id).execute()
    Dossier.delete().where(Dossier.id == dossier.id).execute()


def _sealed(module: str, numero: int, texts: Mapping[str, str]) -> dict[str, Any]:
    """The sealed columns of a dossier, from the texts of the same names."""
    found: dict[str, Any] = {name: scelles.seal(module, numero, name, texts[name]) for name in SEALED}
    return found | {"nir_empreinte": scelles.fingerprint(texts["nir"])}


def _physician(actor: Actor) -> int:
    rpps = actor.holder
    if rpps is None:
        raise ValueError("only a physician answers")
    return rpps


def _arrow(state: str, event: str) -> rules.Transition:
    arrow = rules.transition(state, event, "referent")
    if arrow is None:
        raise Impossible(f"{event} from {state}")
    return arrow


def _follow(dossier: Dossier, lien: Lien, arrow: rules.Transition, actor: Actor) -> None:
    """Move one link along one arrow: row, counters, the linked dossier's row, audit."""
    row = lignes.copies(dossier, lien.rpps, arrow.target, queries.linked_for(dossier, lien.rpps))
    changed = Lien.update(
        etat=arrow.target, version=Lien.version + 1, decide_par=actor.rpps, decide_le=clock.now(), **row,
    ).where(Lien.rpps == lien.rpps, Lien.dossier == dossier.id, Lien.version == lien.version).execute()
    assert changed == 1  # read under the same write lock
    _count(lien.rpps, dossier.module, lignes.buckets(lien.etat, lien.onglet),
           lignes.buckets(arrow.target, row["onglet"]))
    _refresh_mate(dossier, lien.rpps)
    audit.record(actor, AUDIT[arrow.event], dossier=_label(dossier))


def _refresh(dossier: Dossier) -> None:
    """Copy a changed dossier into every row that shows it."""
    for lien in Lien.select().where(Lien.dossier == dossier.id).order_by(Lien.rpps):
        _refresh_row(dossier, lien)


def _refresh_mate(dossier: Dossier, rpps: int) -> None:
    """The linked dossier's row names this one only while the physician may see it."""
    lien = Lien.get_or_none(Lien.rpps == rpps, Lien.dossier == dossier.lie_id) if dossier.lie_id else None
    if lien is not None:
        _refresh_row(dossier.lie, lien)


def _refresh_row(dossier: Dossier, lien: Lien) -> None:
    row = lignes.copies(dossier, lien.rpps, lien.etat, queries.linked_for(dossier, lien.rpps))
    Lien.update(**row).where(Lien.rpps == lien.rpps, Lien.dossier == dossier.id).execute()
    _count(lien.rpps, dossier.module, lignes.buckets(lien.etat, lien.onglet),
           lignes.buckets(lien.etat, row["onglet"]))


def _count(rpps: int, module: str, before: tuple[str, ...], after: tuple[str, ...]) -> None:
    """Move one dossier between counters, in the transaction that moves it between tabs."""
    moves = Counter(after)
    moves.subtract(before)
    for onglet, by in moves.items():
        if by:
            db.execute_sql(
                "INSERT INTO compteur (rpps, module, onglet, n) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (rpps, module, onglet) DO UPDATE SET n = compteur.n + excluded.n",
                (rpps, module, onglet, by))


def _label(dossier: Dossier) -> str:
    return rules.format_numero(dossier.module, dossier.numero)
