"""What tests of the volets do the same way: a form's fields, its bases, the words of another physician."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from portal.db import database
from portal.db.audit import Actor
from portal.dossiers import commands as dossiers
from portal.dossiers import queries
from portal.dossiers.models import Dossier
from portal.dossiers.queries import Visible
from portal.volets import commands, definitions, reponses
from portal.volets.commands import Sent
from portal.volets.formulaire import Definition, Field, Kind, Value
from portal.volets.queries import Ouvert, opened
from tests.support.client import Answer
from tests.support.people import LEROUX

ALICE, BOB = 10100000011, 10100000022
ALICE_ACTS, BOB_ACTS = Actor(ALICE, "Dr Alice MARTIN", "cps"), Actor(BOB, "Dr Bob DURAND", "cps")
EMPTY = reponses.digest(None)


def dossier() -> Dossier:
    """Mme LEROUX's dossier, made by Dr Alice MARTIN, who leads it."""
    with database.writing():
        return dossiers.create(ALICE_ACTS, "ga", LEROUX)


def seen(numero: int, rpps: int = ALICE) -> Visible:
    """The dossier as this physician sees it."""
    return queries.visible_dossier(rpps, "ga", numero)


def stored(numero: int, code: str = "medical") -> Ouvert:
    """The volet as it is kept."""
    return opened(seen(numero), code)


def form_of(code: str = "medical") -> Definition:
    """The present form of a grand âge volet."""
    return definitions.latest("ga", code)


def first(kind: Kind, code: str = "medical") -> Field:
    """The first field of this kind, of those asked at once if there is one."""
    return min((field for field in form_of(code).fields.values() if field.kind is kind),
               key=lambda field: bool(field.shown_when))


def sending(base: dict[str, str], raw: dict[str, str], version: int = 0, key: str = "") -> dict[str, Any]:
    """The body of a POST about the fields of ``base``."""
    return {"base": json.dumps(base), "version": str(version)} | ({"cle": key} if key else {}) | raw


def write(actor: Actor, numero: int, answers: dict[str, str], code: str = "medical", rpps: int = ALICE) -> Ouvert:
    """Somebody writes these inputs over whatever is there."""
    here = seen(numero, rpps)
    now = opened(here, code)
    names = {name.partition(".")[0] for name in answers}
    base = {name: reponses.digest(now.answers.get(name)) for name in names}
    with database.writing():
        saved = commands.save(actor, here, code, Sent(dict(answers), base))
    assert not saved.errors and not saved.conflicts, (saved.errors, saved.conflicts)
    return saved.volet


def complete(numero: int, code: str = "medical", actor: Actor = ALICE_ACTS) -> Ouvert:
    """Give an answer to every field that is needed."""
    now = stored(numero, code)
    for _ in range(len(now.definition.fields)):
        missing = reponses.completeness(now.definition, now.answers).missing
        if not missing:
            break
        now = write(actor, numero, reponses.raw_of(missing[0][1], an_answer(missing[0][1])), code)
    return now


def filled(module: str, code: str) -> dict[str, Value]:
    """Answers that a module's volet needs to be validated."""
    form = definitions.latest(module, code)
    found: dict[str, Value] = {}
    while missing := reponses.completeness(form, found).missing:
        found[missing[0][1].id] = an_answer(missing[0][1])
    return found


def an_answer(field: Field) -> Value:
    """Some answer that this field accepts."""
    match field.kind:
        case Kind.CHOIX:
            return field.options[-1].code
        case Kind.CHOIX_MULTIPLE:
            return [field.options[0].code]
        case Kind.DATE:
            return "2027-01-15" if field.tense == "futur" else "2026-01-15"
        case Kind.NOMBRE:
            return str(field.minimum or 1)
        case Kind.TELEPHONE:
            return "02 31 11 22 33"
        case Kind.COURRIEL:
            return "leroux@exemple.fr"
        case Kind.COMMUNE:
            return "14000 CAEN"
        case Kind.ABC:
            return "A"
        case _:
            return "Rien à signaler"


def shown_bases(answer: Answer) -> dict[str, str]:
    """The bases that a page's form carries."""
    found = answer.soup.select_one("form#volet input[name=base]")
    assert found is not None
    bases: dict[str, str] = json.loads(str(found["value"]))
    return bases


def inputs_of(answer: Answer) -> dict[str, str]:
    """What a browser would send of the page's form, untouched."""
    form = answer.soup.select_one("form#volet")
    assert form is not None
    sent: dict[str, str] = {}
    for field in form.select("input[name], textarea[name], select[name]"):
        name = str(field["name"])
        if field.get("type") in ("radio", "checkbox"):
            if field.has_attr("checked"):
                sent[name] = str(field["value"])
        elif field.name == "select":
            chosen = field.select_one("option[selected]")
            sent[name] = str(chosen["value"]) if chosen else ""
        elif field.name == "textarea":
            sent[name] = field.get_text()
        else:
            sent[name] = str(field.get("value", ""))
    del sent["_csrf"]
    return sent


def twin(numero: int) -> Dossier:
    """A newer dossier of the same person, made by Dr Alice MARTIN."""
    old = seen(numero).dossier
    with database.writing():
        return dossiers.create(ALICE_ACTS, "ga", replace(
            LEROUX, nom_naissance=old.nom_naissance, nom_usage=old.nom_usage, prenom=old.prenom, sexe=old.sexe,
            naissance=old.naissance, civilite=old.civilite))


def sign(numero: int, code: str = "medical", actor: Actor = ALICE_ACTS) -> Ouvert:
    """Complete and validate a volet, unless it is."""
    now = complete(numero, code, actor) if stored(numero, code).etat != "valide" else stored(numero, code)
    if now.etat == "valide":
        return now
    with database.writing():
        return commands.validate(actor, seen(numero), code, now.version)
