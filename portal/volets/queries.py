"""Questions about volets. Each decrypts only what it is asked for."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from portal import clock
from portal.annuaire import queries as annuaire
from portal.db.crypto import SealBroken
from portal.dossiers import queries as dossiers
from portal.dossiers.queries import Visible
from portal.volets import coffre, copie, definitions, mise_a_jour, rules
from portal.volets.coffre import Ancienne, Contenu
from portal.volets.formulaire import Definition, Value
from portal.volets.models import Evaluation, Signature, Volet
from portal.web.errors import NotFound, PageError

T = TypeVar("T")
log = logging.getLogger("portal.volets")


class Illisible(PageError):
    """A sealed content was altered, moved, or sealed with a key that is gone: nothing of it is shown.

    The log has the row under the reference that the page gives.
    """

    code = "E16"
    status = 503
    title = "Ce volet ne peut pas être lu"
    explanation = ("Le contenu enregistré de ce volet est altéré, ou sa clé de chiffrement manque. "
                   "Rien n’en est affiché, et rien n’a été modifié.")
    aide = "erreurs#volet-illisible"

    def __init__(self, place: str) -> None:
        reference = secrets.token_hex(4).upper()
        log.error("reference %s: the seal of %s is broken", reference, place)
        super().__init__(advice=f"Appelez l’assistance avec la référence {reference}\u00a0: "
                                "elle peut retrouver une sauvegarde.")


@dataclass(frozen=True)
class Ouvert:
    """A volet read whole; printed, it shows none of its words.

    ``etat``: see ``rules.STATES``; « vide » has version 0 and the latest form.
    ``answers`` holds every stored answer, those of questions no longer asked too; ``copies`` the dossier each copied
    answer comes from; ``auteurs`` who wrote each answer; ``anciennes`` what newer versions of the form left aside.
    """

    code: str
    definition: Definition = field(repr=False)
    etat: str
    version: int
    answers: dict[str, Value] = field(default_factory=dict, repr=False)
    copies: dict[str, str] = field(default_factory=dict)
    modifie_par: str = ""
    modifie_le: datetime | None = None
    valide_par: str = ""
    valide_le: datetime | None = None
    auteurs: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    anciennes: tuple[Ancienne, ...] = ()
    id: int | None = None

    @property
    def contenu(self) -> Contenu:
        """What is sealed of it."""
        return Contenu(self.answers, self.copies, self.auteurs, self.anciennes)


@dataclass(frozen=True)
class Situation:
    """Where a volet stands, nothing of it decrypted."""

    code: str
    definition: Definition
    etat: str
    version: int
    modifie_par: str
    modifie_le: datetime | None
    valide_par: str
    valide_le: datetime | None


@dataclass(frozen=True)
class Source:
    """Another dossier of the same person from whose volet ``n`` answers can be taken."""

    dossier: str
    url: str
    when: datetime
    n: int


@dataclass(frozen=True)
class Signe:
    """A volet as it was signed: the questions asked then and the copy marks among them."""

    version: int
    definition: Definition = field(repr=False)
    answers: dict[str, Value] = field(repr=False)
    copies: dict[str, str]
    anciennes: tuple[Ancienne, ...]
    par: str
    le: datetime


@dataclass(frozen=True)
class Evaluee:
    """An AGGIR evaluation kept at a validation (``version`` of the volet autonomie).

    ``lignes``: the answer of each of the seventeen lines, by its field id.
    """

    version: int
    lignes: dict[str, str] = field(repr=False)
    profil: str = field(repr=False)
    gir: int = field(repr=False)
    rang: int = field(repr=False)
    groupe: str = field(repr=False)
    somme: int = field(repr=False)
    par: str
    le: datetime


def has(seen: Visible, code: str) -> bool:
    """True when the dossier's module has this volet."""
    return any(one.volet == code for one in definitions.volets(seen.module.code))


def definition_of(seen: Visible, code: str) -> Definition:
    """The form that a volet of this dossier is begun with; raises NotFound for a volet it has not."""
    for one in definitions.volets(seen.module.code):
        if one.volet == code:
            return one
    raise NotFound()


def opened(seen: Visible, code: str) -> Ouvert:
    """One volet decrypted: one statement. Raises NotFound (no such volet), Illisible."""
    latest = definition_of(seen, code)
    found = _rows(Volet.raw("SELECT * FROM volet WHERE dossier_id = ? AND code = ?", seen.dossier.id, code))
    return _open(seen.label, latest, found[0] if found else None)


def all_of(seen: Visible, only: Collection[str] | None = None) -> list[Ouvert]:
    """The volets by rank, one statement; ``only`` those that may be read, when not all (see ``acces.readable``)."""
    wanted = [one for one in definitions.volets(seen.module.code) if only is None or one.volet in only]
    if not wanted:
        return []
    found = {row["code"]: row
             for row in _rows(Volet.raw("SELECT * FROM volet WHERE dossier_id = ?", seen.dossier.id))}
    return [_open(seen.label, one, found.get(one.volet)) for one in wanted]


def situations(seen: Visible) -> list[Situation]:
    """Where each volet stands, by rank: decrypts nothing, for who may not read them all."""
    columns = (Volet.code, Volet.definition, Volet.definition_version, *_CLEAR)
    found = {row["code"]: row for row in _rows(Volet.select(*columns).where(Volet.dossier_id == seen.dossier.id))}
    return [_situation(one, found.get(one.volet)) for one in definitions.volets(seen.module.code)]


def newer(volet: Ouvert) -> Definition | None:
    """The present form, when this volet was answered with an older one."""
    latest = definitions.latest(volet.definition.module, volet.code)
    return latest if latest.version > volet.definition.version and volet.etat != rules.VIDE else None


def upgrade_plan(volet: Ouvert) -> mise_a_jour.Plan | None:
    """What passing to the present form would keep, change and leave aside; None when there is nothing newer."""
    latest = newer(volet)
    return mise_a_jour.plan(volet.definition, latest, volet.answers, clock.today(), town) if latest else None


def sources(rpps: int, seen: Visible, code: str, modules: Collection[str] | None = None) -> list[Source]:
    """The same person's other dossiers that this physician accepted, whose volet has answers to offer, latest first.

    ``modules``: codes of the modules that may be looked into (a mandate's), all when None.
    """
    target = opened(seen, code)
    found = []
    for other in dossiers.same_person(rpps, seen.dossier):
        source = _source(other, code) if _open_to(other, modules) else None
        answers = taken(target, source) if source else {}
        if source and source.modifie_le and answers:
            url = f"/dossiers/{other.module.slug}/{other.dossier.numero}/volets/{source.code}"
            found.append(Source(other.label, url, source.valide_le or source.modifie_le, len(answers)))
    return sorted(found, key=lambda one: one.when, reverse=True)


def source_of(rpps: int, seen: Visible, code: str, label: str,
              modules: Collection[str] | None = None) -> tuple[Visible, Ouvert] | None:
    """The dossier ``label`` and its volet, None when it is no source for this one (another person's, not accepted)."""
    for other in dossiers.same_person(rpps, seen.dossier):
        if other.label == label and _open_to(other, modules):
            source = _source(other, code)
            return (other, source) if source else None
    return None


def preview(rpps: int, seen: Visible, code: str, label: str,
            modules: Collection[str] | None = None) -> dict[str, Value] | None:
    """The answers that would be taken from the dossier ``label``, by field in the order of the page; None when it is
    no source for this volet."""
    found = source_of(rpps, seen, code, label, modules)
    return taken(opened(seen, code), found[1]) if found else None


def taken(target: Ouvert, source: Ouvert) -> dict[str, Value]:
    """The answers of ``source`` that ``target`` has not and can take: see ``copie.plan``."""
    return copie.plan(target.definition, target.answers, source.definition, source.answers, clock.today(), town)


def signatures(seen: Visible, code: str) -> list[Signe]:
    """Every signed version of a volet, the latest first. Raises Illisible."""
    found = (Signature.select(Signature, Volet.definition).join(Volet, on=(Signature.volet_id == Volet.id))
             .where(Volet.dossier_id == seen.dossier.id, Volet.code == code).order_by(Signature.version.desc()))
    return [_signed(seen.label, code, row) for row in _rows(found)]


def signed(seen: Visible, code: str, version: int) -> Ouvert:
    """A volet as it was signed, as if it stood so; raises NotFound for a version that was not signed, Illisible."""
    for one in signatures(seen, code):
        if one.version == version:
            return Ouvert(code, one.definition, rules.VALIDE, version, one.answers, one.copies, one.par, one.le,
                          one.par, one.le, anciennes=one.anciennes)
    raise NotFound()


def evaluations(seen: Visible) -> list[Evaluee]:
    """The AGGIR evaluations of the dossier, the latest first. Raises Illisible."""
    found = Evaluation.select().where(Evaluation.dossier_id == seen.dossier.id).order_by(Evaluation.id.desc())
    return [_evaluated(seen.label, row) for row in _rows(found)]


def town(text: str) -> str | None:
    """« 14000 CAEN » of what people type in a field « commune », None when it names no single one."""
    found = annuaire.parse(text)
    return found.label if found else None


# --- reading rows

_CLEAR = (Volet.etat, Volet.version, Volet.modifie_par, Volet.modifie_le, Volet.valide_par, Volet.valide_le)


def _rows(query: Any) -> list[dict[str, Any]]:
    """The rows of a statement as dictionaries (peewee types them as models)."""
    return list(query.dicts())


def _open(label: str, latest: Definition, row: dict[str, Any] | None) -> Ouvert:
    if row is None:
        return Ouvert(latest.volet, latest, rules.VIDE, 0)
    contenu = _legible(coffre.unseal, label, row["code"], row["contenu"])
    return Ouvert(
        row["code"], definitions.of(row["definition"], row["definition_version"]), row["etat"], row["version"],
        contenu.answers, contenu.copies, row["modifie_par"], row["modifie_le"], row["valide_par"] or "",
        row["valide_le"], contenu.authors, contenu.former, row["id"])


def _situation(latest: Definition, row: dict[str, Any] | None) -> Situation:
    if row is None:
        return Situation(latest.volet, latest, rules.VIDE, 0, "", None, "", None)
    return Situation(
        row["code"], definitions.of(row["definition"], row["definition_version"]), row["etat"], row["version"],
        row["modifie_par"], row["modifie_le"], row["valide_par"] or "", row["valide_le"])


def _open_to(other: Visible, modules: Collection[str] | None) -> bool:
    return other.accepted and (modules is None or other.module.code in modules)


def _source(other: Visible, code: str) -> Ouvert | None:
    """The first volet of another dossier that this one may take from and that somebody has begun."""
    for taken_from in rules.TAKES_FROM.get(code, (code,)):
        if has(other, taken_from):
            found = opened(other, taken_from)
            if found.etat != rules.VIDE:
                return found
    return None


def _signed(label: str, code: str, row: dict[str, Any]) -> Signe:
    contenu = _legible(coffre.unseal_signed, label, code, row["version"], row["contenu"])
    return Signe(row["version"], definitions.of(row["definition"], row["definition_version"]), contenu.answers,
                 contenu.copies, contenu.former, row["par"], row["le"])


def _evaluated(label: str, row: dict[str, Any]) -> Evaluee:
    found = _legible(coffre.unseal_result, label, row["version"], row["resultat"])
    return Evaluee(row["version"], found["lignes"], found["profil"], found["gir"], found["rang"], found["groupe"],
                   found["somme"], row["par"], row["le"])


def _legible(unseal: Callable[..., T], *place: Any) -> T:
    """What is sealed for this place, the sealed content being the last part."""
    try:
        return unseal(*place)
    except SealBroken as error:
        raise Illisible(f"a content of {' '.join(str(part) for part in place[:-1])}") from error
