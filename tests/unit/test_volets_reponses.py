"""Answers: how each kind of question reads what people type, what is asked, counted and shown."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from portal.volets import definitions
from portal.volets.formulaire import Condition, Definition, Field, Kind, Option, Section, Value
from portal.volets.reponses import (
    LENGTHS,
    Refused,
    completeness,
    digest,
    names,
    raw_of,
    read,
    required,
    shown,
    summary,
    words,
)

TODAY = date(2026, 11, 22)
OUI_NON = (Option("oui", "Oui"), Option("non", "Non"))
LIGNE = Field("f", Kind.LIGNE, "F", 1, length=20)
TEXTE = Field("f", Kind.TEXTE, "F", 1, length=1000)
CHOIX = Field("f", Kind.CHOIX, "F", 1, options=OUI_NON)
CASES = Field("f", Kind.CHOIX_MULTIPLE, "F", 1, options=(Option("a", "Alpha"), Option("b", "Bêta"), Option("c", "C")))
DATE = Field("f", Kind.DATE, "F", 1)
PASSE, FUTUR = Field("f", Kind.DATE, "F", 1, tense="passe"), Field("f", Kind.DATE, "F", 1, tense="futur")
POIDS = Field("f", Kind.NOMBRE, "F", 1, unit="kg", minimum=Decimal(20), maximum=Decimal(350), decimals=1)
ENTIER = Field("f", Kind.NOMBRE, "F", 1)
TELEPHONE = Field("f", Kind.TELEPHONE, "F", 1)
COURRIEL = Field("f", Kind.COURRIEL, "F", 1)
COMMUNE = Field("f", Kind.COMMUNE, "F", 1)
ABC = Field("f", Kind.ABC, "F", 1)
ONE_INPUT = (LIGNE, TEXTE, CHOIX, DATE, POIDS, ENTIER, TELEPHONE, COURRIEL, COMMUNE)


def town(text: str) -> str | None:
    """A country of one town."""
    return "14000 CAEN" if text.casefold() in ("14000 caen", "caen") else None


def typed(field: Field, text: str) -> Value | None:
    """The answer of a field's one input."""
    return read(field, {"f": text}, TODAY, town)


READ = [
    (LIGNE, "  Mme  Leroux ", "Mme Leroux"), (LIGNE, "deux\nlignes\ttab", "deux lignes tab"),
    (LIGNE, "e\u0301te\u0301", "été"), (LIGNE, "e\x00\u0301", "é"), (LIGNE, "a\u2028b\u2029c\x85d", "a b c d"),
    (LIGNE, "\u202eabc\u202c\u2066d\u2069", "abcd"), (LIGNE, "\ufeffa\u200bb\u2060", "ab"), (LIGNE, "a\ud800b", "ab"),
    (LIGNE, "👩\u200d⚕️", "👩\u200d⚕️"), (LIGNE, "<b>&amp;", "<b>&amp;"), (LIGNE, "é" * 20, "é" * 20),
    (LIGNE, "e\u0301" * 20, "é" * 20), (LIGNE, "…", "…"), (LIGNE, "0", "0"),
    (TEXTE, " un\r\ndeux\rtrois\n\n", "un\ndeux\ntrois"), (TEXTE, "a\x0bb\x0cc\u2028d", "a\nb\nc\nd"),
    (TEXTE, "a\tb  c", "a\tb  c"), (TEXTE, "\x1b[31mrouge\x07", "[31mrouge"), (TEXTE, "مرحبا", "مرحبا"),
    (CHOIX, "oui", "oui"), (CHOIX, " non ", "non"),
    (DATE, "05/03/1941", "1941-03-05"), (DATE, "5/3/1941", "1941-03-05"), (DATE, "5.3.1941", "1941-03-05"),
    (DATE, "05-03-1941", "1941-03-05"), (DATE, "05 03 1941", "1941-03-05"), (DATE, "05 / 03 / 1941", "1941-03-05"),
    (DATE, "05031941", "1941-03-05"), (DATE, "1941-03-05", "1941-03-05"), (DATE, "29/02/2024", "2024-02-29"),
    (DATE, "01/01/1900", "1900-01-01"), (DATE, "31/12/2100", "2100-12-31"),
    (DATE, "\u202a05/03/1941\u202c", "1941-03-05"),
    (PASSE, "22/11/2026", "2026-11-22"), (FUTUR, "22/11/2026", "2026-11-22"), (FUTUR, "01/01/2030", "2030-01-01"),
    (POIDS, "72", "72"), (POIDS, "72,5", "72.5"), (POIDS, "72.50", "72.5"), (POIDS, "72,0", "72"), (POIDS, "072", "72"),
    (POIDS, "72 kg", "72"), (POIDS, "72,5KG", "72.5"), (POIDS, "100", "100"), (POIDS, "20", "20"),
    (POIDS, "350", "350"),
    (ENTIER, "1 234", "1234"), (ENTIER, "1\u202f234\u00a0567", "1234567"), (ENTIER, "0", "0"), (ENTIER, "-0", "0"),
    (ENTIER, "+7", "7"), (ENTIER, "-7", "-7"), (ENTIER, "999999999", "999999999"), (ENTIER, "3,000", "3"),
    (TELEPHONE, "0231112233", "02 31 11 22 33"), (TELEPHONE, "02.31.11.22.33", "02 31 11 22 33"),
    (TELEPHONE, "+33 2 31 11 22 33", "02 31 11 22 33"), (TELEPHONE, "+33 (0)2 31 11 22 33", "02 31 11 22 33"),
    (TELEPHONE, "0033231112233", "02 31 11 22 33"), (TELEPHONE, "+32 2 555 12 12", "+3225551212"),
    (TELEPHONE, "00 32 2 555 12 12", "+3225551212"), (TELEPHONE, "(02) 31-11-22-33", "02 31 11 22 33"),
    (COURRIEL, " a.b+c@ehpad.example.fr ", "a.b+c@ehpad.example.fr"), (COURRIEL, "a@b.fr", "a@b.fr"),
    (COMMUNE, "caen", "14000 CAEN"), (COMMUNE, "14000 CAEN", "14000 CAEN"),
]


@pytest.mark.parametrize(("field", "text", "answer"), READ)
def test_what_is_typed_is_kept_in_one_form(field: Field, text: str, answer: str) -> None:
    assert typed(field, text) == answer


LONG = "x" * 100_000
REFUSED = [
    (LIGNE, "x" * 21, "20 caractères au plus, et il en compte 21"), (LIGNE, LONG, "et il en compte 100\u202f000"),
    (TEXTE, LONG, "1\u202f000 caractères au plus"), (CHOIX, "peut_etre", "réponses proposées"),
    (CHOIX, "OUI", "proposées"), (CHOIX, LONG, "proposées"),
    (DATE, "31/02/2026", "n’existe pas"), (DATE, "29/02/2023", "n’existe pas"), (DATE, "00/01/2000", "n’existe pas"),
    (DATE, "01/13/2000", "n’existe pas"), (DATE, "2026-02-31", "n’existe pas"), (DATE, "01/01/0000", "n’existe pas"),
    (DATE, "31/12/1899", "vérifiez l’année"), (DATE, "01/01/9999", "vérifiez l’année"),
    (DATE, "01/01/2101", "vérifiez l’année"), (DATE, "05/03/41", "jour, le mois et l’année"),
    (DATE, "٠٥/٠٣/١٩٤١", "jour, le mois et l’année"), (DATE, "０５/０３/１９４１", "jour, le mois"),
    (DATE, "hier", "par exemple"), (DATE, "05/03/19411", "par exemple"),
    (DATE, "1/1/1/2000", "par exemple"), (DATE, LONG, "Raccourcissez"),
    (PASSE, "23/11/2026", "dans le futur"), (FUTUR, "21/11/2026", "est passée"),
    (POIDS, "19,9", "de 20 à 350"), (POIDS, "351", "de 20 à 350"), (POIDS, "-72", "de 20 à 350"),
    (POIDS, "72,55", "au plus 1 chiffre"), (ENTIER, "1,5", "nombre entier"),
    (ENTIER, "1234567890", "Écrivez un nombre"),
    (ENTIER, "1e5", "Écrivez un nombre"), (ENTIER, "NaN", "Écrivez un nombre"), (ENTIER, "inf", "Écrivez un nombre"),
    (ENTIER, "٧", "Écrivez un nombre"), (ENTIER, "½", "Écrivez un nombre"), (ENTIER, "1.234,5", "Écrivez un nombre"),
    (ENTIER, "kg", "Écrivez un nombre"), (POIDS, "kg", "Écrivez un nombre"), (POIDS, "72 lb", "Écrivez un nombre"),
    (ENTIER, "9" * 100_000, "Raccourcissez"), (ENTIER, "12 kg", "Écrivez un nombre"),
    (TELEPHONE, "02 31 11 22", "dix chiffres"), (TELEPHONE, "02 31 11 22 33 4", "dix chiffres"),
    (TELEPHONE, "+33 31 11 22", "dix chiffres"), (TELEPHONE, "0000000000", "numéro de téléphone"),
    (TELEPHONE, "12345", "numéro de téléphone"), (TELEPHONE, "poste 12", "numéro de téléphone"),
    (TELEPHONE, "٠٢٣١١١٢٢٣٣", "numéro de téléphone"), (TELEPHONE, "+3" * 20, "Raccourcissez"),
    (COURRIEL, "a@b", "adresse électronique"), (COURRIEL, "a b@c.fr", "adresse électronique"),
    (COURRIEL, "a@b.fr, c@d.fr", "adresse électronique"), (COURRIEL, "é@exemple.fr", "adresse électronique"),
    (COURRIEL, "a@@b.fr", "adresse électronique"), (COURRIEL, "a@" + "b." * 130 + "fr", "Raccourcissez"),
    (COMMUNE, "Atlantis", "introuvable"), (COMMUNE, LONG, "Raccourcissez"),
]


@pytest.mark.proves("V2.2.1")
@pytest.mark.parametrize(("field", "text", "reason"), REFUSED)
def test_what_cannot_be_kept_is_refused_with_its_reason(field: Field, text: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        typed(field, text)


@pytest.mark.parametrize("field", ONE_INPUT, ids=lambda field: str(field.kind))
@pytest.mark.parametrize("text", [
    "", "   ", "\n\t\r\n", "\x00", "\u202e", "\u200b\u200d", "\u00a0\u202f\u3000", "\u0301"])
def test_what_shows_nothing_is_no_answer(field: Field, text: str) -> None:
    """A question that is needed is not answered by a mark that nobody sees."""
    assert typed(field, text) is None
    assert read(field, {}, TODAY, town) is None


@pytest.mark.proves("V1.3.3")
@pytest.mark.parametrize("field", [LIGNE, TEXTE, DATE, POIDS, TELEPHONE, COURRIEL, COMMUNE], ids=lambda f: str(f.kind))
def test_every_text_has_a_limit(field: Field) -> None:
    """Of its own, or its kind's."""
    limit = field.length or LENGTHS[field.kind]
    with pytest.raises(Refused, match="Raccourcissez"):
        typed(field, "1" * (limit + 1))


@pytest.mark.parametrize(("raw", "answer"), [
    ({}, None), ({"f.a": "", "f.b": " "}, None), ({"f.b": "oui"}, ["b"]), ({"f.c": "oui", "f.a": "oui"}, ["a", "c"]),
    ({"f.z": "oui"}, None), ({"f": "oui"}, None),
])
def test_ticked_boxes_are_codes_in_their_order(raw: dict[str, str], answer: Value | None) -> None:
    """What no box is named is not looked at."""
    assert read(CASES, raw, TODAY, town) == answer


@pytest.mark.parametrize("said", ["non", "on", "1", "OUI", LONG])
def test_a_box_says_yes_or_nothing(said: str) -> None:
    """« non » in a box's input is no tick."""
    with pytest.raises(Refused, match="Cochez ou décochez"):
        read(CASES, {"f.a": said}, TODAY, town)


@pytest.mark.parametrize(("raw", "answer"), [
    ({}, None), ({"f": "B"}, "B"), ({"f.s": "oui", "f.t": "non", "f.h": "oui", "f.c": "non"}, "B:onon"),
    ({"f": "A", "f.s": "oui", "f.t": "oui", "f.h": "oui", "f.c": "oui"}, "A:oooo"),
])
def test_a_line_of_aggir_is_a_letter_with_or_without_its_adverbs(raw: dict[str, str], answer: str | None) -> None:
    assert read(ABC, raw, TODAY, town) == answer


@pytest.mark.parametrize("raw", [
    {"f": "D"}, {"f": "a"}, {"f.s": "oui"}, {"f": LONG}, {"f": "B", "f.s": "peut-être"},
    {"f": "C", "f.s": "oui", "f.t": "oui", "f.h": "oui", "f.c": "oui"},
])
def test_a_line_of_aggir_refuses_what_it_does_not_know(raw: dict[str, str]) -> None:
    with pytest.raises(Refused):
        read(ABC, raw, TODAY, town)


@pytest.mark.parametrize(("field", "answer", "read_as"), [
    (LIGNE, "Mme Leroux", "Mme Leroux"), (CHOIX, "oui", "Oui"), (CHOIX, "parti", "parti"),
    (CASES, ["a", "b"], "Alpha, Bêta"),
    (CASES, ["a", "parti"], "Alpha, parti"), (DATE, "1941-03-05", "05/03/1941"), (POIDS, "72.5", "72,5\u00a0kg"),
    (ENTIER, "3", "3"), (TELEPHONE, "02 31 11 22 33", "02 31 11 22 33"), (COMMUNE, "14000 CAEN", "14000 CAEN"),
])
def test_an_answer_has_the_words_people_read(field: Field, answer: Value, read_as: str) -> None:
    """A code that the form has lost is shown as it is: better than nothing in an old dossier."""
    assert words(field, answer) == read_as


def test_each_kind_names_its_inputs() -> None:
    """And shows its answers in them: the page's inputs are those that are read."""
    assert [names(field) for field in ONE_INPUT] == [("f",)] * len(ONE_INPUT)
    assert names(CASES) == ("f.a", "f.b", "f.c")
    assert names(ABC) == ("f", "f.s", "f.t", "f.h", "f.c")
    for field in (*ONE_INPUT, CASES, ABC):
        assert tuple(raw_of(field, None)) == names(field)
        assert set(raw_of(field, None).values()) == {""}
    assert raw_of(DATE, "1941-03-05") == {"f": "05/03/1941"}
    assert raw_of(POIDS, "72.5") == {"f": "72,5"}
    assert raw_of(CASES, ["b"]) == {"f.a": "", "f.b": "oui", "f.c": ""}


# --- what is asked, counted and shown

def _when(field: str, *codes: str) -> tuple[Condition, ...]:
    return (Condition(field, frozenset(codes)),)


FORM = Definition("ga-essai", 1, "ga", "essai", 1, "Essai", "Essai", (
    Section("un", "Une", (
        Field("fume", Kind.CHOIX, "Fume", 1, required=True, options=OUI_NON),
        Field("quoi", Kind.CHOIX_MULTIPLE, "Quoi", 2, options=(Option("pipe", "Pipe"), Option("autre", "Autre")),
              shown_when=_when("fume", "oui")),
        Field("lequel", Kind.LIGNE, "Lequel", 3, shown_when=_when("quoi", "autre"),
              required_when=_when("quoi", "autre")),
    )),
    Section("deux", "Deux", (
        Field("poids", Kind.NOMBRE, "Poids", 4, unit="kg"),
        Field("note", Kind.TEXTE, "Note", 5, required_when=(*_when("fume", "oui"), *_when("quoi", "autre", "pipe"))),
    )),
))


@pytest.mark.parametrize(("answers", "hidden", "needed", "missing"), [
    ({}, {"quoi", "lequel"}, ["fume"], ["fume"]),
    ({"fume": "non"}, {"quoi", "lequel"}, ["fume"], []),
    ({"fume": "oui"}, {"lequel"}, ["fume"], []),
    ({"fume": "oui", "quoi": ["pipe"]}, {"lequel"}, ["fume", "note"], ["note"]),
    ({"fume": "oui", "quoi": ["pipe", "autre"], "note": "x"}, set(), ["fume", "lequel", "note"], ["lequel"]),
    ({"fume": "non", "quoi": ["autre"], "lequel": "cigare"}, {"quoi", "lequel"}, ["fume"], []),
    ({"quoi": ["autre"]}, {"quoi", "lequel"}, ["fume"], ["fume"]),
    ({"fume": "parti", "poids": "72"}, {"quoi", "lequel"}, ["fume"], []),
])
def test_conditions_decide_what_is_asked_and_needed(
        answers: dict[str, Value], hidden: set[str], needed: list[str], missing: list[str]) -> None:
    """An answer to what is not asked any more decides nothing."""
    assert set(FORM.fields) - shown(FORM, answers) == hidden
    assert list(required(FORM, answers)) == needed
    found = completeness(FORM, answers)
    assert [field.id for _, field in found.missing] == missing
    assert (found.done, found.total, found.complete) == (len(needed) - len(missing), len(needed), not missing)


def test_completeness_names_sections_and_never_rounds_up() -> None:
    found = completeness(FORM, {"fume": "oui", "quoi": ["autre"], "lequel": "x"})
    assert [(section.title, field.label) for section, field in found.missing] == [("Deux", "Note")]
    assert completeness(Definition("x-y", 1, "x", "y", 1, "Y", "Y", ()), {}).complete


def test_a_summary_shows_answers_to_what_is_asked() -> None:
    """Section by section; what is not asked any more stays out, and so do sections with nothing to say."""
    answers: dict[str, Value] = {"fume": "non", "quoi": ["autre"], "lequel": "cigare", "note": ""}
    assert [(section.id, [(field.id, said) for field, said in lines]) for section, lines in summary(FORM, answers)] == [
        ("un", [("fume", "Non")])]
    assert summary(FORM, {}) == []
    assert [section.id for section, _ in summary(FORM, {"fume": "oui", "poids": "72"})] == ["un", "deux"]


def test_digests_tell_answers_apart() -> None:
    """And nothing is one thing: absent, emptied, no box ticked. Pages that are open keep these values."""
    assert digest(None) == digest("") == digest([]) == "74234e98afe7498f"
    values: list[Value | None] = [None, "a", "A", "a ", ["a"], ["a", "b"], ["b", "a"], '["a"]', "null", "😀", "\ud800"]
    found = {digest(value) for value in values}
    assert len(found) == len(values)
    assert all(len(one) == 16 and set(one) <= set("0123456789abcdef") for one in found)


@pytest.mark.parametrize("volet", ["administratif", "medical", "autonomie"])
def test_each_packaged_volet_can_be_completed(volet: str) -> None:
    """Answering what is missing, and what that makes needed, ends: no question can't be answered."""
    form = definitions.latest("ga", volet)
    samples: dict[Kind, str] = {
        Kind.LIGNE: "x", Kind.TEXTE: "x", Kind.DATE: "22/11/2026", Kind.TELEPHONE: "0231112233",
        Kind.COURRIEL: "a@b.fr", Kind.COMMUNE: "caen", Kind.ABC: "B"}
    answers: dict[str, Value] = {}
    for _ in range(10):
        for _section, field in completeness(form, answers).missing:
            last = field.options[-1] if field.options else None
            raw = {f"{field.id}.{last.code}" if last and field.kind is Kind.CHOIX_MULTIPLE else field.id:
                   "oui" if field.kind is Kind.CHOIX_MULTIPLE else last.code if last else samples[field.kind]}
            value = read(field, raw, TODAY, town)
            assert value is not None
            answers[field.id] = value
    assert completeness(form, answers).complete
    assert {field.id for _, lines in summary(form, answers) for field, _ in lines} == set(answers)
