"""Answers to a form: what is asked, how each answer is read, shown, counted and compared. Pure functions."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.volets import aggir
from portal.volets.formulaire import Answers, Condition, Definition, Field, Kind, Section, Value

OLDEST = date(1900, 1, 1)
LATEST = date(2100, 12, 31)
YES = "oui"
# Longest input of a field whose definition sets no limit.
LENGTHS = {Kind.LIGNE: 120, Kind.TEXTE: 2000, Kind.COURRIEL: 254, Kind.TELEPHONE: 30, Kind.COMMUNE: 100,
           Kind.DATE: 20, Kind.NOMBRE: 20}
Town = Callable[[str], "str | None"]
Raw = Mapping[str, str]

# Marks that turn the direction of writing: a name could read otherwise than it is stored.
_TURNS = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")
_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\u200b\u2060\ufeff]")
# 05/03/1941, 5.3.1941, 05 03 1941, 05 / 03 / 1941, 05031941
_DATE = re.compile(r"(\d{1,2}) ?[/.\- ] ?(\d{1,2}) ?[/.\- ] ?(\d{4})|(\d{2})(\d{2})(\d{4})", re.ASCII)
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,9}(?:[.,]\d{1,6})?", re.ASCII)
_PHONE = re.compile(r"\+[1-9]\d{5,14}|0\d{5,14}", re.ASCII)
_FRENCH_PHONE = re.compile(r"(?:\+33)?0?([1-9]\d{8})", re.ASCII)
_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", re.ASCII)


class Refused(ValueError):
    """The answer can't be kept; the text is for the person who typed it."""


# --- what is asked

def shown(definition: Definition, answers: Answers) -> frozenset[str]:
    """The ids of the fields that are asked, given these answers.

    A condition on a field that is not asked itself is false. Definitions name only earlier fields in conditions, so
    that one pass in the order of the page is enough.
    """
    asked: set[str] = set()
    for name, field in definition.fields.items():
        if not field.shown_when or _hold(field.shown_when, answers, asked):
            asked.add(name)
    return frozenset(asked)


def required(definition: Definition, answers: Answers) -> tuple[str, ...]:
    """The ids of the fields that need an answer now, in the order of the page."""
    asked = shown(definition, answers)
    return tuple(name for name, field in definition.fields.items() if name in asked and _needed(field, answers, asked))


def _needed(field: Field, answers: Answers, asked: Set[str]) -> bool:
    return field.required or (bool(field.required_when) and _hold(field.required_when, answers, asked))


def _hold(conditions: tuple[Condition, ...], answers: Answers, asked: Set[str]) -> bool:
    return all(condition.field in asked and _matches(condition, answers) for condition in conditions)


def _matches(condition: Condition, answers: Answers) -> bool:
    value = answers.get(condition.field)
    if isinstance(value, list):
        return not condition.values.isdisjoint(value)
    return value in condition.values


@dataclass(frozen=True)
class Completeness:
    """How many of the needed answers are there, and which are not."""

    done: int
    total: int
    missing: tuple[tuple[Section, Field], ...]

    @property
    def complete(self) -> bool:
        return not self.missing


def completeness(definition: Definition, answers: Answers) -> Completeness:
    """What is needed and what of it is missing."""
    needed = required(definition, answers)
    missing = tuple((definition.section_of[name], definition.fields[name]) for name in needed if not answers.get(name))
    return Completeness(len(needed) - len(missing), len(needed), missing)


# --- reading what was typed

def names(field: Field) -> tuple[str, ...]:
    """The names of a field's inputs in a form."""
    if field.kind is Kind.CHOIX_MULTIPLE:
        return tuple(f"{field.id}.{option.code}" for option in field.options)
    if field.kind is Kind.ABC:
        return (field.id, *(f"{field.id}.{adverb}" for adverb in aggir.ADVERBS))
    return (field.id,)


def read(field: Field, raw: Raw, today: date, town: Town) -> Value | None:
    """The canonical answer of a field's inputs; None when they are empty. Raises Refused.

    ``raw``: inputs by name, missing ones count as empty; ``town``: the canonical name of one commune, or None.
    """
    if field.kind is Kind.CHOIX_MULTIPLE:
        return _ticked(field, raw)
    if field.kind is Kind.ABC:
        return _line(field, raw)
    text = clean(raw.get(field.id, ""))
    if field.kind is not Kind.TEXTE:
        text = " ".join(text.split())
    if not any(unicodedata.category(char)[0] in "LNPS" for char in text):
        return None  # nothing that one could see
    limit = limit_of(field)
    if limit and len(text) > limit:
        raise Refused(f"Raccourcissez ce texte\u00a0: {_thousands(limit)} caractères au plus, "
                      f"et il en compte {_thousands(len(text))}.")
    return _READERS[field.kind](field, text, today, town)


def limit_of(field: Field) -> int:
    """How many characters an answer may have; 0 for no limit of its own."""
    return field.length or LENGTHS.get(field.kind, 0)


def clean(text: str) -> str:
    """NFC, one kind of line end, no character that does something unseen, no outer space."""
    kept = _TURNS.sub("", _CONTROLS.sub("", _BREAKS.sub("\n", text)))
    return unicodedata.normalize("NFC", kept).strip()


def _ticked(field: Field, raw: Raw) -> list[str] | None:
    said = {option.code: clean(raw.get(f"{field.id}.{option.code}", "")) for option in field.options}
    if not set(said.values()) <= {"", YES}:
        raise Refused("Cochez ou décochez chacune des réponses proposées.")
    return [code for code, answer in said.items() if answer] or None


def _line(field: Field, raw: Raw) -> str | None:
    inputs = {"": clean(raw.get(field.id, ""))}
    inputs |= {adverb: clean(raw.get(f"{field.id}.{adverb}", "")) for adverb in aggir.ADVERBS}
    try:
        return aggir.read_line(inputs)
    except ValueError as error:
        raise Refused(str(error)) from error


def _text(_field: Field, text: str, _today: date, _town: Town) -> str:
    return text


def _choice(field: Field, text: str, _today: date, _town: Town) -> str:
    if text not in field.labels:
        raise Refused("Choisissez une des réponses proposées.")
    return text


def _day(field: Field, text: str, today: date, _town: Town) -> str:
    found = _DATE.fullmatch(text)
    iso = _ISO.fullmatch(text)
    if found:
        number, month, year = found.groups()[:3] if found[1] else found.groups()[3:]
    elif iso:
        year, month, number = iso.groups()
    else:
        raise Refused("Écrivez le jour, le mois et l’année, par exemple 05/03/2026.")
    try:
        day = date(int(year), int(month), int(number))
    except ValueError:
        raise Refused("Cette date n’existe pas\u00a0: vérifiez le jour et le mois.") from None
    if not OLDEST <= day <= LATEST:
        raise Refused("Cette date est hors des années possibles\u00a0: vérifiez l’année.")
    if field.tense == "passe" and day > today:
        raise Refused("Cette date est dans le futur\u00a0: vérifiez-la.")
    if field.tense == "futur" and day < today:
        raise Refused("Cette date est passée\u00a0: indiquez une date à venir.")
    return day.isoformat()


def _number(field: Field, text: str, _today: date, _town: Town) -> str:
    compact = text.replace(" ", "")
    if field.unit and compact.casefold().endswith(field.unit.casefold()):
        compact = compact[:-len(field.unit)]
    if not _NUMBER.fullmatch(compact):
        raise Refused("Écrivez un nombre, par exemple 12" + (",5." if field.decimals else "."))
    value = Decimal(compact.replace(",", "."))
    if value != round(value, field.decimals):
        raise Refused("Écrivez un nombre entier." if not field.decimals
                      else f"Écrivez au plus {field.decimals} chiffre(s) après la virgule.")
    low, high = field.minimum, field.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        raise Refused(f"Ce nombre est hors des valeurs possibles\u00a0: {_bounds(field)}.")
    return format(value.normalize(), "f") if value else "0"


def _bounds(field: Field) -> str:
    low = _decimal(str(field.minimum)) if field.minimum is not None else ""
    high = _decimal(str(field.maximum)) if field.maximum is not None else ""
    if low and high:
        return f"de {low} à {high}"
    return f"{low} au moins" if low else f"{high} au plus"


def _phone(_field: Field, text: str, _today: date, _town: Town) -> str:
    compact = re.sub(r"[ .\-()]", "", text)
    if compact.startswith("00"):
        compact = "+" + compact[2:]
    if not _PHONE.fullmatch(compact):
        raise Refused("Écrivez un numéro de téléphone, par exemple 02 31 11 22 33.")
    if compact.startswith(("0", "+33")):
        french = _FRENCH_PHONE.fullmatch(compact)
        if french is None:
            raise Refused("Ce numéro n’a pas dix chiffres\u00a0: complétez-le, ou commencez par + et le code du pays.")
        compact = "0" + french[1]
        return " ".join(compact[place:place + 2] for place in range(0, 10, 2))
    return compact


def _mail(_field: Field, text: str, _today: date, _town: Town) -> str:
    if not _MAIL.fullmatch(text):
        raise Refused("Écrivez une adresse électronique, par exemple nom@exemple.fr.")
    return text


def _commune(_field: Field, text: str, _today: date, town: Town) -> str:
    found = town(text)
    if found is None:
        raise Refused("Cette commune est introuvable. Vérifiez le code postal et le nom, "
                      "par exemple\u00a0: 14000 Caen.")
    return found


_READERS: dict[Kind, Callable[[Field, str, date, Town], str]] = {
    Kind.LIGNE: _text, Kind.TEXTE: _text, Kind.CHOIX: _choice, Kind.DATE: _day, Kind.NOMBRE: _number,
    Kind.TELEPHONE: _phone, Kind.COURRIEL: _mail, Kind.COMMUNE: _commune,
}


# --- showing an answer

def raw_of(field: Field, value: Value | None) -> dict[str, str]:
    """The inputs that show an answer: what ``read`` would read again."""
    if field.kind is Kind.CHOIX_MULTIPLE:
        ticked = value or ()
        return {f"{field.id}.{option.code}": YES if option.code in ticked else "" for option in field.options}
    text = value if isinstance(value, str) else ""
    if field.kind is Kind.ABC:
        return {field.id + (f".{adverb}" if adverb else ""): shown_value
                for adverb, shown_value in aggir.show_line(text or None).items()}
    if text and field.kind is Kind.DATE:
        text = _french(text)
    elif text and field.kind is Kind.NOMBRE:
        text = _decimal(text)
    return {field.id: text}


def words(field: Field, value: Value) -> str:
    """An answer as people read it."""
    if isinstance(value, list):
        return ", ".join(field.labels.get(code, code) for code in value)
    if field.kind is Kind.CHOIX:
        return field.labels.get(value, value)
    if field.kind is Kind.DATE:
        return _french(value)
    if field.kind is Kind.NOMBRE:
        return f"{_decimal(value)}\u00a0{field.unit}" if field.unit else _decimal(value)
    return aggir.words(value) if field.kind is Kind.ABC else value


def summary(definition: Definition, answers: Answers) -> list[tuple[Section, list[tuple[Field, str]]]]:
    """What was answered to what is asked, section by section; sections without an answer are left out."""
    asked = shown(definition, answers)
    found = [(section, [(field, words(field, answers[field.id])) for field in section.fields
                        if field.id in asked and answers.get(field.id)]) for section in definition.sections]
    return [(section, lines) for section, lines in found if lines]


def digest(value: Value | None) -> str:
    """A short print of an answer, to tell whether two are the same: 16 hexadecimal digits of SHA-256."""
    content = json.dumps(value or None, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _french(iso: str) -> str:
    year, month, day = iso.split("-")
    return f"{day}/{month}/{year}"


def _decimal(text: str) -> str:
    return text.replace(".", ",")


def _thousands(number: int) -> str:
    return f"{number:,}".replace(",", "\u202f")
