"""The FHIR exports: what is asked and answered comes back from the JSON, and fhir.resources accepts all of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.questionnaire import Questionnaire
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.volets import aggir, definitions, fhir, reponses
from portal.volets.fhir import Auteur, Instance, Personne
from portal.volets.formulaire import Condition, Definition, Field, Kind, Option, Section, Value

BASE = "https://portail.exemple.fr"
AT = datetime(2026, 11, 22, 13, 32, tzinfo=UTC)
PERSON = Personne("BERNARD", "LEROUX", ("Jeanne", "Marie"), date(1931, 4, 17), "F")
INSTANCE = Instance("ga 43009190", "valide", 3, 1, AT, Auteur("Dr Alice MARTIN", 10100000011), PERSON)
OPTIONS = (Option("oui", "Oui"), Option("non", "Non"), Option("nsp", "Ne sait pas"))
LETTERS = {True: "o", False: "n"}

# One field of each kind, numbers in their three FHIR types.
FIELDS = {
    "ligne": Field("ligne", Kind.LIGNE, "Ligne", 1, required=True, length=80),
    "texte": Field("texte", Kind.TEXTE, "Texte", 2),
    "choix": Field("choix", Kind.CHOIX, "Choix", 3, options=OPTIONS),
    "plusieurs": Field("plusieurs", Kind.CHOIX_MULTIPLE, "Plusieurs", 4, options=OPTIONS),
    "jour": Field("jour", Kind.DATE, "Jour", 5),
    "entier": Field("entier", Kind.NOMBRE, "Entier", 6, minimum=Decimal(0), maximum=Decimal(30)),
    "decimal": Field("decimal", Kind.NOMBRE, "Décimal", 7, decimals=2, minimum=Decimal("0.5")),
    "poids": Field("poids", Kind.NOMBRE, "Poids", 8, decimals=1, unit="kg"),
    "telephone": Field("telephone", Kind.TELEPHONE, "Téléphone", 9),
    "courriel": Field("courriel", Kind.COURRIEL, "Courriel", 10),
    "commune": Field("commune", Kind.COMMUNE, "Commune", 11),
    "transferts": Field("transferts", Kind.ABC, "Transferts", 12),
}
EACH_KIND = Definition("ga-essai", 2, "ga", "essai", 1, "Essai", "Essai",
                       (Section("tout", "Tout", tuple(FIELDS.values())),))
VALUES: list[tuple[str, Value]] = [
    ("ligne", "Élodie « d’Arc » 😀"), ("texte", "Une ligne\nune autre\tet\u00a0voilà"), ("choix", "nsp"),
    ("plusieurs", ["oui", "nsp"]), ("jour", "2026-11-22"), ("entier", "0"), ("decimal", "1.05"),
    ("decimal", "0.5"), ("poids", "72.5"), ("poids", "72"), ("telephone", "02 31 11 22 33"),
    ("courriel", "a@exemple.fr"), ("commune", "14000 CAEN"), ("transferts", "B"), ("transferts", "B:onon"),
]


def read_back(definition: Definition, response: Mapping[str, Any]) -> dict[str, Value]:
    """The answers of a QuestionnaireResponse, by somebody who knows only FHIR and the field's kinds."""
    found: dict[str, Value] = {}
    for item in leaves(response.get("item", [])):
        field = definition.fields[item["linkId"]]
        if field.kind is Kind.CHOIX_MULTIPLE:
            found[field.id] = [answer["valueCoding"]["code"] for answer in item["answer"]]
        else:
            answer, = item["answer"]
            found[field.id] = one_value(answer)
    return found


def leaves(items: list[Any]) -> Iterator[Any]:
    for item in items:
        if "answer" in item:
            yield item
        else:
            yield from leaves(item["item"])


def one_value(answer: Mapping[str, Any]) -> str:
    if "valueCoding" in answer:
        said = "".join(LETTERS[sub["answer"][0]["valueBoolean"]] for sub in answer.get("item", []))
        return answer["valueCoding"]["code"] + (f":{said}" if said else "")
    value = answer["valueQuantity"]["value"] if "valueQuantity" in answer else next(iter(answer.values()))
    return value if isinstance(value, str) else format(Decimal(str(value)), "f")


def exported(definition: Definition, answers: Mapping[str, Value], **changes: Any) -> dict[str, Any]:
    """What leaves, read again from its bytes and accepted by fhir.resources."""
    text = json.dumps(fhir.questionnaire_response(definition, answers, replace(INSTANCE, **changes), BASE))
    QuestionnaireResponse.model_validate_json(text)
    found: dict[str, Any] = json.loads(text)
    return found


@pytest.mark.parametrize(("name", "value"), VALUES, ids=lambda value: str(value)[:12])
def test_a_value_of_each_kind_comes_back(name: str, value: Value) -> None:
    assert read_back(EACH_KIND, exported(EACH_KIND, {name: value})) == {name: value}


def test_each_kind_is_covered() -> None:
    assert {FIELDS[name].kind for name, _ in VALUES} == set(Kind)


@pytest.mark.parametrize("definition", [*definitions.registry().values(), EACH_KIND], ids=lambda one: one.id)
def test_every_form_is_a_questionnaire(definition: Definition) -> None:
    made = fhir.questionnaire(definition, BASE)
    Questionnaire.model_validate_json(json.dumps(made))
    links = [item["linkId"] for item in everything(made["item"])]
    assert len(links) == len(set(links))
    assert set(definition.fields) <= set(links)


def everything(items: list[Any]) -> Iterator[Any]:
    for item in items:
        yield item
        yield from everything(item.get("item", []))


def item_of(definition: Definition, link: str) -> dict[str, Any]:
    made = fhir.questionnaire(definition, BASE)
    return next(item for item in everything(made["item"]) if item["linkId"] == link)


@pytest.mark.parametrize(("name", "kind", "more"), [
    ("ligne", "string", {"required": True, "maxLength": 80}), ("texte", "text", {"maxLength": 2000}),
    ("choix", "choice", {}), ("plusieurs", "choice", {"repeats": True}), ("jour", "date", {}),
    ("entier", "integer", {}), ("decimal", "decimal", {}), ("poids", "quantity", {}), ("transferts", "choice", {}),
])
def test_a_question_has_its_type_and_limits(name: str, kind: str, more: dict[str, Any]) -> None:
    item = item_of(EACH_KIND, name)
    assert item["type"] == kind
    assert item | more == item
    assert ("maxLength" in item) == ("maxLength" in more) and ("repeats" in item) == ("repeats" in more)


def test_bounds_decimals_and_unit_are_extensions() -> None:
    found = {one["url"].rpartition("/")[2]: one for name in ("decimal", "poids", "entier")
             for one in item_of(EACH_KIND, name)["extension"]}
    assert found["minValue"]["valueInteger"] == 0 and found["maxValue"]["valueInteger"] == 30
    assert found["questionnaire-unitOption"]["valueCoding"] == {"display": "kg"}
    assert found["maxDecimalPlaces"]["valueInteger"] == 1


def gated(*conditions: Condition, required_when: tuple[Condition, ...] = ()) -> Definition:
    last = Field("suite", Kind.LIGNE, "Suite", 9, shown_when=conditions, required_when=required_when)
    return replace(EACH_KIND, sections=(Section("tout", "Tout", (FIELDS["choix"], FIELDS["plusieurs"], last)),))


ONE, OTHER = Condition("choix", frozenset({"oui"})), Condition("plusieurs", frozenset({"non"}))
ANY = Condition("choix", frozenset({"oui", "nsp"}))


@pytest.mark.parametrize(("conditions", "behavior", "tests"), [
    ((ONE,), None, 1), ((ANY,), "any", 2), ((ONE, OTHER), "all", 2),
])
def test_conditions_enable_a_question(conditions: tuple[Condition, ...], behavior: str | None, tests: int) -> None:
    item = item_of(gated(*conditions), "suite")
    assert item.get("enableBehavior") == behavior and len(item["enableWhen"]) == tests
    assert item["enableWhen"][0]["answerCoding"] == {
        "system": f"{BASE}/formulaires/ga-essai/codes/choix", "code": "nsp" if behavior == "any" else "oui"}


def test_conditions_of_several_codes_stand_one_in_the_other() -> None:
    form = gated(ANY, OTHER)
    outer, inner = item_of(form, "suite.si1"), item_of(form, "suite")
    assert outer["enableBehavior"] == "any" and [one["code"] for one in codes(outer)] == ["nsp", "oui"]
    assert [one["code"] for one in codes(inner)] == ["non"] and outer["item"] == [inner]
    Questionnaire.model_validate(fhir.questionnaire(form, BASE))
    answers: dict[str, Value] = {"choix": "nsp", "plusieurs": ["non"], "suite": "Texte"}
    assert read_back(form, exported(form, answers)) == answers


def codes(item: Mapping[str, Any]) -> list[Any]:
    return [one["answerCoding"] for one in item["enableWhen"]]


@pytest.mark.parametrize(("needed", "said"), [((ONE,), True), ((OTHER,), False), ((), False)])
def test_what_is_needed_whenever_it_is_asked_is_required(needed: tuple[Condition, ...], said: bool) -> None:
    assert item_of(gated(ONE, required_when=needed), "suite").get("required", False) is said


def test_an_answer_no_longer_asked_does_not_leave() -> None:
    form = gated(ONE)
    assert read_back(form, exported(form, {"choix": "non", "suite": "Secret"})) == {"choix": "non"}
    assert "Secret" not in json.dumps(exported(form, {"choix": "non", "suite": "Secret"}))


@pytest.mark.parametrize(("etat", "signatures", "status"), [
    ("en_cours", 0, "in-progress"), ("valide", 1, "completed"), ("valide", 2, "amended"), ("rouvert", 1, "in-progress"),
])
def test_the_state_is_the_response_s(etat: str, signatures: int, status: str) -> None:
    assert exported(EACH_KIND, {}, etat=etat, signatures=signatures)["status"] == status


def test_who_wrote_and_about_whom() -> None:
    made = exported(EACH_KIND, {"ligne": "x"})
    assert made["author"]["identifier"] == {"system": "urn:oid:1.2.250.1.71.4.2.1", "value": "810100000011"}
    assert made["authored"] == "2026-11-22T13:32:00+00:00"
    assert made["questionnaire"] == f"{BASE}/formulaires/ga-essai|2"
    patient, = made["contained"]
    assert patient["birthDate"] == "1931-04-17" and patient["gender"] == "female"
    assert [(name["use"], name["family"]) for name in patient["name"]] == [("official", "BERNARD"), ("usual", "LEROUX")]
    assert "identifier" not in patient  # no number of the sécurité sociale, whatever the dossier holds


def test_an_author_without_number_is_named() -> None:
    assert exported(EACH_KIND, {}, auteur=Auteur("Sophie LEGRAND", None))["author"] == {"display": "Sophie LEGRAND"}


def test_a_bundle_holds_forms_and_answers_under_steady_names() -> None:
    parts = [fhir.questionnaire(EACH_KIND, BASE),
             fhir.questionnaire_response(EACH_KIND, {"ligne": "x"}, INSTANCE, BASE)]
    made = fhir.bundle(parts, AT)
    Bundle.model_validate_json(json.dumps(made))
    names = [entry["fullUrl"] for entry in made["entry"]]
    assert len(set(names)) == 2 and names == [entry["fullUrl"] for entry in fhir.bundle(parts, AT)["entry"]]


# --- any answers at all

def values(field: Field) -> st.SearchStrategy[Any]:
    """Answers that ``reponses.read`` may give for a field."""
    match field.kind:
        case Kind.CHOIX:
            return st.sampled_from([option.code for option in field.options])
        case Kind.CHOIX_MULTIPLE:
            kept = st.sets(st.sampled_from([option.code for option in field.options]), min_size=1)
            return kept.map(lambda ticked: [one.code for one in field.options if one.code in ticked])
        case Kind.DATE:
            return st.dates(date(1900, 1, 1), date(2100, 12, 31)).map(date.isoformat)
        case Kind.NOMBRE:
            low, high = int(field.minimum or 0), int(field.maximum or 999_999_999)
            return st.decimals(low, high, places=field.decimals).map(canonical)
        case Kind.ABC:
            adverbs = st.text("on", min_size=4, max_size=4).map(lambda said: f"{aggir.rate(said)}:{said}")
            return st.sampled_from("ABC") | adverbs
        case _:
            # What a reader keeps: no control character, no outer space, never empty.
            return st.text(max_size=60).map(reponses.clean).filter(bool)


def canonical(number: Decimal) -> str:
    plain = format(number, "f")
    return (plain.rstrip("0").rstrip(".") if "." in plain else plain).replace("-0", "0") or "0"


def answers_to(definition: Definition) -> st.SearchStrategy[dict[str, Value]]:
    return st.fixed_dictionaries({}, optional={name: values(field) for name, field in definition.fields.items()})


FORMS = [*definitions.registry().values(), EACH_KIND]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(FORMS).flatmap(lambda form: st.tuples(st.just(form), answers_to(form))))
def test_any_answers_leave_whole_and_valid(drawn: tuple[Definition, dict[str, Value]]) -> None:
    form, answers = drawn
    asked = reponses.shown(form, answers)
    assert read_back(form, exported(form, answers)) == {name: answers[name] for name in answers if name in asked}
