"""Forms and answers as FHIR R4B: Questionnaire, QuestionnaireResponse, and a Bundle of both. Plain dictionaries.

No outside terminology is claimed: each question's codes are a list of this portal, under its own address, and units
are words. The patient goes out with her names, birth date and sex, never with her number of the sécurité sociale:
the matricule may be carried by a qualified identity alone, and no identity is qualified here (dossiers.identite).
The ``required_when`` of a question has no equal in R4B unless it repeats ``shown_when``: it is left to the portal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from portal.volets import aggir, reponses
from portal.volets.formulaire import Answers, Condition, Definition, Field, Kind, Value

Resource = dict[str, Any]
# Physicians are known by « 8 » and their RPPS number under this authority (IDNPS, annuaire santé).
IDNPS = "urn:oid:1.2.250.1.71.4.2.1"
EXTENSIONS = "http://hl7.org/fhir/StructureDefinition"
STATUSES = {"en_cours": "in-progress", "rouvert": "in-progress", "valide": "completed"}
GENDERS = {"M": "male", "F": "female"}
TYPES = {
    Kind.LIGNE: "string", Kind.TEXTE: "text", Kind.CHOIX: "choice", Kind.CHOIX_MULTIPLE: "choice", Kind.DATE: "date",
    Kind.TELEPHONE: "string", Kind.COURRIEL: "string", Kind.COMMUNE: "string", Kind.ABC: "choice",
}
YES_NO = {"o": True, "n": False}


@dataclass(frozen=True)
class Personne:
    """The patient as an export names her. ``sexe``: M or F."""

    nom_naissance: str
    nom_usage: str
    prenoms: tuple[str, ...]
    naissance: date
    sexe: str


@dataclass(frozen=True)
class Auteur:
    """Who wrote or signed; ``rpps`` None for who has no number (a secretary)."""

    nom: str
    rpps: int | None


@dataclass(frozen=True)
class Instance:
    """What an export says of a volet besides its answers.

    ``dossier`` is « ga 43009190 »; ``etat`` see ``rules.STATES``; ``signatures``: how often it was validated.
    """

    dossier: str
    etat: str
    version: int
    signatures: int
    le: datetime
    auteur: Auteur
    personne: Personne


# --- the form

def questionnaire(definition: Definition, base: str) -> Resource:
    """The form as a Questionnaire; ``base``: the portal's address, the root of all that it names."""
    return {
        "resourceType": "Questionnaire", "language": "fr", "url": canonical(definition, base),
        "version": str(definition.version),
        "name": "".join(part.capitalize() for part in definition.id.split("-")),
        "title": definition.title, "status": "active", "subjectType": ["Patient"], "description": definition.source,
        "item": [
            {"linkId": f"rubrique.{section.id}", "text": section.title, "type": "group",
             "item": [_question(definition, field, base) for field in section.fields]}
            for section in definition.sections
        ],
    }


def canonical(definition: Definition, base: str) -> str:
    """What names the form, whatever its version."""
    return f"{base}/formulaires/{definition.id}"


def system(definition: Definition, field: str, base: str) -> str:
    """What names the list of a question's codes."""
    return f"{canonical(definition, base)}/codes/{field}"


def _question(definition: Definition, field: Field, base: str) -> Resource:
    item: Resource = {"linkId": field.id, "text": field.label, "type": _type(field)}
    if field.required or (field.required_when and set(field.required_when) <= set(field.shown_when)):
        item["required"] = True
    if field.kind is Kind.CHOIX_MULTIPLE:
        item["repeats"] = True
    if item["type"] in ("string", "text") and reponses.limit_of(field):
        item["maxLength"] = reponses.limit_of(field)
    codes = aggir.LETTERS if field.kind is Kind.ABC else field.labels
    if codes:
        item["answerOption"] = [{"valueCoding": _coding(definition, field, code, base)} for code in codes]
    if extensions := _limits(field):
        item["extension"] = extensions
    if field.kind is Kind.ABC:
        item["item"] = [{"linkId": f"{field.id}.{letter}", "text": word, "type": "boolean"}
                        for letter, word in aggir.ADVERBS.items()]
    return _gated(definition, field, item, base)


def _type(field: Field) -> str:
    if field.kind is not Kind.NOMBRE:
        return TYPES[field.kind]
    return "quantity" if field.unit else "decimal" if field.decimals else "integer"


def _limits(field: Field) -> list[Resource]:
    """Bounds, decimals and unit, which R4B tells by extensions."""
    kind = "valueDecimal" if field.decimals or field.unit else "valueInteger"
    found: list[Resource] = [
        {"url": f"{EXTENSIONS}/{name}", kind: _number(str(bound))}
        for name, bound in (("minValue", field.minimum), ("maxValue", field.maximum)) if bound is not None]
    if field.decimals:
        found.append({"url": f"{EXTENSIONS}/maxDecimalPlaces", "valueInteger": field.decimals})
    if field.unit:
        found.append({"url": f"{EXTENSIONS}/questionnaire-unitOption", "valueCoding": {"display": field.unit}})
    return found


def _gated(definition: Definition, field: Field, item: Resource, base: str) -> Resource:
    """The item under its conditions: all must hold, each by any of its codes.

    R4B joins the tests of one item by « all » or by « any »: where both are needed a group stands around the item
    for each condition but the last.
    """
    *outer, last = _gates(field) or [()]
    if last:
        item |= _enabled(definition, last, base)
    for rank in range(len(outer), 0, -1):
        item = {"linkId": _group(field, rank), "type": "group", **_enabled(definition, outer[rank - 1], base),
                "item": [item]}
    return item


def _gates(field: Field) -> list[tuple[Condition, ...]]:
    """The conditions as R4B can join them: together, unless one has several codes among several conditions."""
    conditions = field.shown_when
    if len(conditions) < 2 or all(len(one.values) == 1 for one in conditions):
        return [conditions] if conditions else []
    return [(one,) for one in conditions]


def _group(field: Field, rank: int) -> str:
    return f"{field.id}.si{rank}"


def _enabled(definition: Definition, conditions: tuple[Condition, ...], base: str) -> Resource:
    tests = [{"question": one.field, "operator": "=",
              "answerCoding": {"system": system(definition, one.field, base), "code": code}}
             for one in conditions for code in sorted(one.values)]
    if len(tests) == 1:
        return {"enableWhen": tests}
    return {"enableWhen": tests, "enableBehavior": "all" if len(conditions) > 1 else "any"}


def _coding(definition: Definition, field: Field, code: str, base: str) -> Resource:
    label = aggir.LETTERS[code] if field.kind is Kind.ABC else field.labels.get(code, code)
    return {"system": system(definition, field.id, base), "code": code, "display": label}


# --- the answers

def questionnaire_response(definition: Definition, answers: Answers, instance: Instance, base: str) -> Resource:
    """The answers to the questions that are asked; those kept of questions no longer asked stay here."""
    asked = reponses.shown(definition, answers)
    sections = [
        (section, [_answered(definition, field, answers[field.id], base) for field in section.fields
                   if field.id in asked and answers.get(field.id)])
        for section in definition.sections]
    found: Resource = {
        "resourceType": "QuestionnaireResponse", "language": "fr", "contained": [_patient(instance.personne)],
        "identifier": {"system": f"{base}/dossiers",
                       "value": f"{instance.dossier} {definition.volet} {instance.version}"},
        "questionnaire": f"{canonical(definition, base)}|{definition.version}", "status": _status(instance),
        "subject": {"reference": "#patient"}, "authored": instance.le.isoformat(timespec="seconds"),
        "author": _author(instance.auteur),
    }
    items = [{"linkId": f"rubrique.{section.id}", "text": section.title, "item": lines}
             for section, lines in sections if lines]
    return found | ({"item": items} if items else {})


def _status(instance: Instance) -> str:
    if instance.etat == "valide" and instance.signatures > 1:
        return "amended"
    return STATUSES[instance.etat]


def _patient(person: Personne) -> Resource:
    given = {"given": list(person.prenoms)} if person.prenoms else {}
    names = [{"use": "official", "family": person.nom_naissance, **given}]
    if person.nom_usage and person.nom_usage != person.nom_naissance:
        names.append({"use": "usual", "family": person.nom_usage, **given})
    return {"resourceType": "Patient", "id": "patient", "name": names,
            "gender": GENDERS.get(person.sexe, "unknown"), "birthDate": person.naissance.isoformat()}


def _author(author: Auteur) -> Resource:
    if author.rpps is None:
        return {"display": author.nom}
    return {"type": "Practitioner", "identifier": {"system": IDNPS, "value": f"8{author.rpps}"},
            "display": author.nom}


def _answered(definition: Definition, field: Field, value: Value, base: str) -> Resource:
    item: Resource = {"linkId": field.id, "text": field.label, "answer": _answers(definition, field, value, base)}
    for rank in range(len(_gates(field)) - 1, 0, -1):
        item = {"linkId": _group(field, rank), "item": [item]}
    return item


def _answers(definition: Definition, field: Field, value: Value, base: str) -> list[Resource]:
    if isinstance(value, list):
        return [{"valueCoding": _coding(definition, field, code, base)} for code in value]
    match _type(field):
        case "choice" if field.kind is Kind.ABC:
            return [_line(definition, field, value, base)]
        case "choice":
            return [{"valueCoding": _coding(definition, field, value, base)}]
        case "date":
            return [{"valueDate": value}]
        case "quantity":
            return [{"valueQuantity": {"value": _number(value), "unit": field.unit}}]
        case "decimal":
            return [{"valueDecimal": _number(value)}]
        case "integer":
            return [{"valueInteger": int(value)}]
        case _:
            return [{"valueString": value}]


def _line(definition: Definition, field: Field, value: str, base: str) -> Resource:
    """One line of AGGIR: its letter, and under it the four adverbs when they gave it."""
    letter, _, adverbs = value.partition(":")
    answer: Resource = {"valueCoding": _coding(definition, field, letter, base)}
    if adverbs:
        answer["item"] = [
            {"linkId": f"{field.id}.{name}", "text": word, "answer": [{"valueBoolean": YES_NO[said]}]}
            for (name, word), said in zip(aggir.ADVERBS.items(), adverbs, strict=True)]
    return answer


def _number(text: str) -> int | float:
    """A canonical number for JSON: at most fifteen digits, which a float holds whole."""
    return float(text) if "." in text else int(text)


# --- several at once

def bundle(resources: Iterable[Mapping[str, Any]], at: datetime) -> Resource:
    """A collection of forms and answers, each under a name that is always the same."""
    return {
        "resourceType": "Bundle", "type": "collection", "timestamp": at.isoformat(timespec="seconds"),
        "entry": [{"fullUrl": f"urn:uuid:{uuid5(NAMESPACE_URL, _name(one))}", "resource": dict(one)}
                  for one in resources],
    }


def _name(one: Mapping[str, Any]) -> str:
    if one["resourceType"] == "Questionnaire":
        return f"{one['url']}|{one['version']}"
    return f"{one['identifier']['system']}/{one['identifier']['value']}"
