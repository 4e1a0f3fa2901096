"""Changes to volets: each runs in the caller's transaction, on the volet as it stands under the write lock."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as attribute
from datetime import datetime, timedelta
from typing import Protocol

from portal import clock
from portal.db import audit
from portal.db.audit import Actor, Trace
from portal.dossiers import commands as dossiers
from portal.dossiers import rules as dossiers_rules
from portal.dossiers.queries import Visible
from portal.volets import aggir, coffre, definitions, envois, fusion, queries, reponses, rules
from portal.volets.coffre import Ancienne, Contenu
from portal.volets.formulaire import Answers, Definition, Field, Section, Value
from portal.volets.models import Evaluation, Signature, Volet
from portal.volets.queries import Ouvert
from portal.web.errors import NotFound

# While someone types, the timeline gets one line a quarter of an hour.
AUDIT_EVERY = timedelta(minutes=15)
GONE = ("La question «\u00a0{label}\u00a0» n’existe plus dans la nouvelle version du formulaire. "
        "Vous aviez saisi\u00a0: {words}")


@dataclass(frozen=True)
class Sent:
    """One saving: about the fields of ``base`` (digest of the answer shown) and no other. ``raw``: inputs by name;
    ``key``: chosen by the sender, the same for each try; ``confirmed``: copied answers read and kept as they are."""

    raw: dict[str, str] = attribute(repr=False)
    base: dict[str, str]
    key: str = ""
    confirmed: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Conflict:
    """An answer that someone else (``by``) changed, and that was not replaced."""

    field: str
    mine: Value | None = attribute(repr=False)
    theirs: Value | None = attribute(repr=False)
    by: str
    at: datetime


@dataclass(frozen=True)
class Saved:
    """What came of a saving: the volet now, a message for each field refused (the id of a field that a newer form
    dropped may be among them), the conflicts. What is in neither is stored."""

    volet: Ouvert
    errors: dict[str, str] = attribute(repr=False)
    conflicts: list[Conflict]


class Stale(Exception):
    """The volet changed since it was shown; ``now`` is how it stands."""

    def __init__(self, now: Ouvert) -> None:
        super().__init__("stale")
        self.now = now


class Signed(Stale):
    """The volet is validated: nothing of it changes until it is reopened."""


class Incomplete(Exception):
    """Answers are missing: ``missing`` in the order of the page."""

    def __init__(self, missing: tuple[tuple[Section, Field], ...]) -> None:
        super().__init__("incomplete")
        self.missing = missing


class Place(Protocol):
    """A dossier as a volet needs to know it."""

    id: int
    module: str
    numero: int


# --- filling

def save(actor: Actor, seen: Visible, code: str, sent: Sent) -> Saved:
    """Merge a sending into the volet field by field: see ``fusion``. A sending already made is answered as done.

    Raises NotFound (no such volet), Signed when it is validated and the sending would change something.
    """
    volet = queries.opened(seen, code)
    values, errors = _read(volet.definition, sent)
    edits = fusion.edited(sent.base, values, reponses.digest)
    tokens = envois.tokens(actor, f"{seen.label} {code}", sent.key, sent.base, edits)
    made = envois.made(tokens)
    merged = fusion.merge(volet.answers, sent.base, {name: values[name] for name in values if name not in made},
                          reponses.digest)
    confirmed = {name for name in sent.confirmed if name in volet.copies and name in sent.base
                 and sent.base[name] == reponses.digest(volet.answers.get(name))}
    if volet.etat == rules.VALIDE and (merged.written or merged.conflicts or confirmed or errors):
        raise Signed(volet)
    conflicts = [_conflict(volet, name, values[name]) for name in merged.conflicts]
    if merged.written or confirmed:
        contenu = _changed(actor, volet.contenu, merged.written, confirmed)
        volet = _write(actor, seen.label, seen.dossier, volet, contenu, "ecrire")
        dossiers.touch(seen.dossier)
        _audit_typing(actor, seen.label, code)
    if volet.id is not None:
        envois.remember(volet.id, [token for name, token in tokens.items()
                                   if name not in made and name not in merged.conflicts])
    return Saved(volet, errors, conflicts)


def confirm_copies(actor: Actor, seen: Visible, code: str) -> Ouvert:
    """« Tout est relu »: the copied answers are his own from now on. Raises Signed."""
    volet = queries.opened(seen, code)
    if not volet.copies:
        return volet
    _demand(volet, "ecrire")
    contenu = replace(volet.contenu, copies={})
    volet = _write(actor, seen.label, seen.dossier, volet, contenu, "ecrire")
    dossiers.touch(seen.dossier)
    _audit_typing(actor, seen.label, code)
    return volet


def first(actor: Actor, dossier: Place, code: str, answers: Answers,
          copies: Mapping[str, str] | None = None) -> None:
    """Begin a volet of a new dossier with answers in their canonical form; nothing for no answers.

    ``copies``: the dossier that an answer comes from, by field.
    ValueError for a field that the form has not; NotFound for a volet that the module has not.
    """
    definition = next((one for one in definitions.volets(dossier.module) if one.volet == code), None)
    if definition is None:
        raise NotFound()
    if unknown := answers.keys() - definition.fields.keys():
        raise ValueError(f"no such field: {', '.join(sorted(unknown))}")
    if not answers:
        return
    label = dossiers_rules.format_numero(dossier.module, dossier.numero)
    empty = Ouvert(code, definition, rules.VIDE, 0)
    contenu = replace(_changed(actor, Contenu(), answers, ()), copies=dict(copies or {}))
    _write(actor, label, dossier, empty, contenu, "reprendre" if copies else "ecrire")
    audit.record(actor, "volet.repris" if copies else "volet.modifie", dossier=label, detail=code)


# --- signing

def validate(actor: Actor, seen: Visible, code: str, version: int) -> Ouvert:
    """Sign the volet as this person saw it; for « autonomie » the GIR is computed and kept.

    Raises Stale when it is another version (somebody wrote, validated or reopened), Incomplete when answers miss.
    The same click again, by the same person, changes nothing.
    """
    volet = queries.opened(seen, code)
    if volet.etat == rules.VALIDE and volet.version == version + 1 and volet.valide_par == actor.signature:
        return volet
    if volet.version != version or volet.etat == rules.VALIDE:
        raise Stale(volet)
    missing = reponses.completeness(volet.definition, volet.answers).missing
    if missing or volet.id is None:
        raise Incomplete(missing)
    now = clock.now()
    _advance(volet, etat=_target(volet, "valider"), valide_par=actor.signature, valide_le=now)
    signed = replace(volet, etat=rules.VALIDE, version=volet.version + 1, valide_par=actor.signature, valide_le=now)
    answers, copies = coffre.shown_only(volet.contenu, reponses.shown(volet.definition, volet.answers))
    Signature.insert(
        volet_id=volet.id, version=signed.version, definition_version=volet.definition.version, par=actor.signature,
        le=now, contenu=coffre.seal_signed(seen.label, code, signed.version,
                                           Contenu(dict(answers), copies, former=volet.anciennes)),
    ).execute()
    if code == rules.AUTONOMIE:
        _evaluate(actor, seen, signed, answers)
    dossiers.touch(seen.dossier)
    audit.record(actor, "volet.valide", dossier=seen.label, detail=code)
    return signed


def reopen(actor: Actor, seen: Visible, code: str, version: int) -> Ouvert:
    """Let a validated volet be changed again; its signature and the GIR stay. Raises Stale.

    Reopened meanwhile and not touched since, there is nothing left to do.
    """
    volet = queries.opened(seen, code)
    if volet.etat == rules.ROUVERT and volet.version == version + 1:
        return volet
    if volet.version != version or volet.etat != rules.VALIDE:
        raise Stale(volet)
    etat = _target(volet, "rouvrir")
    _advance(volet, etat=etat)
    dossiers.touch(seen.dossier)
    audit.record(actor, "volet.rouvert", dossier=seen.label, detail=code)
    return replace(volet, etat=etat, version=volet.version + 1)


# --- taking over

def copy_from(actor: Actor, seen: Visible, code: str, source_label: str, version: int | None = None) -> Ouvert:
    """Take into the volet the answers it has not from the same person's dossier ``source_label``, each marked.

    Raises NotFound (no such source), Signed, and Stale when ``version`` is given and no longer the volet's.
    Reading the source is audited there, as its opening.
    """
    volet = queries.opened(seen, code)
    _demand(volet, "reprendre", version)
    modules = actor.mandate.modules if actor.mandate else None
    source = queries.source_of(seen.lien.rpps, seen, code, source_label, modules)
    if source is None:
        raise NotFound()
    answers = queries.taken(volet, source[1])
    if not answers:
        return volet
    contenu = _changed(actor, volet.contenu, answers, ())
    contenu = replace(contenu, copies=contenu.copies | dict.fromkeys(answers, source_label))
    volet = _write(actor, seen.label, seen.dossier, volet, contenu, "reprendre")
    dossiers.touch(seen.dossier)
    audit.record(actor, "volet.ouvert", dossier=source_label, detail=code)
    audit.record(actor, "volet.repris", dossier=seen.label, detail=code)
    return volet


def upgrade(actor: Actor, seen: Visible, code: str, version: int | None = None) -> Ouvert:
    """Pass to the present version of the form; what doesn't carry over is kept aside (``anciennes``), with its
    version. Raises Signed, and Stale when ``version`` is given and no longer the volet's."""
    volet = queries.opened(seen, code)
    plan = queries.upgrade_plan(volet)
    if plan is None:
        return volet
    _demand(volet, "changer_version", version)
    former = (*volet.anciennes, Ancienne(plan.source.version, plan.lost)) if plan.lost else volet.anciennes
    contenu = Contenu(
        plan.kept, {name: source for name, source in volet.copies.items() if name in plan.kept},
        {name: author for name, author in volet.auteurs.items() if name in plan.target.fields}, former)
    volet = _write(actor, seen.label, seen.dossier, replace(volet, definition=plan.target), contenu,
                   "changer_version")
    dossiers.touch(seen.dossier)
    audit.record(actor, "volet.version", dossier=seen.label, detail=code)
    return volet


# --- the row

def _write(actor: Actor, label: str, dossier: Place, volet: Ouvert, contenu: Contenu, event: str) -> Ouvert:
    """Store a new content by ``event``: the row is made at a volet's first words."""
    now = replace(
        volet, etat=_target(volet, event), version=volet.version + 1, answers=contenu.answers,
        copies=contenu.copies, auteurs=contenu.authors, anciennes=contenu.former, modifie_par=actor.signature,
        modifie_le=clock.now())
    values = {
        "etat": now.etat, "definition": now.definition.id, "definition_version": now.definition.version,
        "contenu": coffre.seal(label, volet.code, contenu), "modifie_par": now.modifie_par,
        "modifie_le": now.modifie_le,
    }
    if volet.id is None:
        made = Volet.insert(dossier_id=dossier.id, code=volet.code, version=now.version, **values).execute()
        return replace(now, id=made)
    _advance(volet, **values)
    return now


def _advance(volet: Ouvert, **values: object) -> None:
    changed = Volet.update(version=Volet.version + 1, **values).where(
        Volet.id == volet.id, Volet.version == volet.version).execute()
    assert changed == 1  # read under the same write lock


def _target(volet: Ouvert, event: str) -> str:
    arrow = rules.transition(volet.etat, event)
    assert arrow is not None, f"{event} from {volet.etat}"
    return arrow.target


def _demand(volet: Ouvert, event: str, version: int | None = None) -> None:
    if rules.transition(volet.etat, event) is None:
        raise Signed(volet)
    if version is not None and version != volet.version:
        raise Stale(volet)


def _changed(actor: Actor, contenu: Contenu, written: Mapping[str, Value | None],
             confirmed: Collection[str]) -> Contenu:
    """The content once these fields are written; a copy mark goes with the answer it stood by."""
    answers, authors, now = dict(contenu.answers), dict(contenu.authors), clock.now()
    for name, value in written.items():
        if value is None:
            answers.pop(name, None)
        else:
            answers[name] = value
        authors[name] = (actor.signature, now)
    copies = {name: source for name, source in contenu.copies.items() if name not in written and name not in confirmed}
    return Contenu(answers, copies, authors, contenu.former)


# --- parts of the acts

def _read(definition: Definition, sent: Sent) -> tuple[dict[str, Value | None], dict[str, str]]:
    """What was sent, field by field, and what can't be accepted of it."""
    values: dict[str, Value | None] = {}
    errors: dict[str, str] = {}
    for name in sent.base:
        field = definition.fields.get(name)
        try:
            if field is not None:
                values[name] = _value(field, sent)
            elif gone := _gone(definition, name, sent):
                errors[name] = gone
        except reponses.Refused as refused:
            if field is None or not _sent_back(field, sent):
                errors[name] = str(refused)
    return values, errors


def _sent_back(field: Field, sent: Sent) -> bool:
    """True for the answer that was on the page: a wish for a day that has gone by since then is nobody's mistake."""
    try:
        return reponses.digest(_value(replace(field, tense=""), sent)) == sent.base[field.id]
    except reponses.Refused:
        return False


def _value(field: Field, sent: Sent) -> Value | None:
    raw = {name: sent.raw.get(name, "") for name in reponses.names(field)}
    return reponses.read(field, raw, clock.today(), queries.town)


def _gone(definition: Definition, name: str, sent: Sent) -> str:
    """What to say of an edit to a question that a newer form dropped; "" when it was not touched."""
    for version in range(definition.version - 1, 0, -1):
        former = definitions.registry().get((definition.id, version))
        field = former.fields.get(name) if former else None
        if field is None:
            continue
        try:
            value = _value(field, sent)
        except reponses.Refused:
            return GONE.format(label=field.label, words=sent.raw.get(name, ""))
        if reponses.digest(value) == sent.base[name]:
            return ""
        return GONE.format(label=field.label, words=reponses.words(field, value) if value else "rien")
    return ""


def _conflict(volet: Ouvert, name: str, mine: Value | None) -> Conflict:
    assert volet.modifie_le is not None or volet.etat == rules.VIDE
    by, at = volet.auteurs.get(name, (volet.modifie_par, volet.modifie_le or clock.now()))
    return Conflict(name, mine, volet.answers.get(name), by, at)


def _audit_typing(actor: Actor, label: str, code: str) -> None:
    """One line a quarter of an hour for each person, volet and physician acted for."""
    mine = Trace.select(Trace.id).where(
        Trace.dossier == label, Trace.event == "volet.modifie", Trace.detail == code,
        Trace.at > clock.now() - AUDIT_EVERY, Trace.name == actor.written, Trace.rpps == actor.rpps,
        Trace.subject == (None if actor.rpps else actor.subject))
    if not mine.exists():
        audit.record(actor, "volet.modifie", dossier=label, detail=code)


def _evaluate(actor: Actor, seen: Visible, signed: Ouvert, answers: Answers) -> None:
    kept = aggir.record(answers)
    sealed = coffre.seal_result(seen.label, signed.version, kept)
    Evaluation.insert(dossier_id=seen.dossier.id, version=signed.version, resultat=sealed, par=actor.signature,
                      le=signed.valide_le).execute()
    dossiers.set_gir(seen.dossier, kept["gir"])
