"""Answers to a form: what is asked, how each answer is read, shown, counted and compared. Pure functions."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

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
_DATE = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})", re.ASCII)
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,9}(?:[.,]\d{1,6})?", re.ASCII)
_PHONE = re.compile(r"\+?\d{6,15}", re.ASCII)
_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", re.ASCII)


class Refused(ValueError):
    """The answer can't be kept; the text is for the person who typed it."""


# --- what is asked

def shown(definition: Definition, answers: Answers) -> frozenset[str]:
    """The ids of the fields that are asked, given these answers.

    A condition on a field that is not asked itself is false. Definitions have no cycle, so this ends.
    """
    known: dict[str, bool] = {}

    def asked(name: str) -> bool:
        if name not in known:
            known[name] = all(holds(condition) for condition in definition.fields[name].shown_when)
        return known[name]

    def holds(condition: Condition) -> bool:
        return asked(condition.field) and _matches(condition, answers)

    return frozenset(name for name in definition.fields if asked(name))


def required(definition: Definition, answers: Answers) -> tuple[str, ...]:
    """The ids of the fields that need an answer now, in the order of the page."""
    asked = shown(definition, answers)
    return tuple(name for name, field in definition.fields.items() if name in asked and _needed(field, answers, asked))


def _needed(field: Field, answers: Answers, asked: frozenset[str]) -> bool:
    if field.required:
        return True
    return bool(field.required_when) and all(
        condition.field in asked and _matches(condition, answers) for condition in field.required_when)


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
    def percent(self) -> int:
        """Rounded down: 100 only when nothing misses."""
        return 100 * self.done // self.total if self.total else 100

    @property
    def complete(self) -> bool:
        return not self.missing


def completeness(definition: Definition, answers: Answers) -> Completeness:
    """What is needed and what of it is missing."""
    needed = required(definition, answers)
    sections = _sections(definition)
    missing = tuple((sections[name], definition.fields[name]) for name in needed if not answers.get(name))
    return Completeness(len(needed) - len(missing), len(needed), missing)


def _sections(definition: Definition) -> dict[str, Section]:
    return {field.id: section for section in definition.sections for field in section.fields}


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
        return [option.code for option in field.options if clean(raw.get(f"{field.id}.{option.code}", ""))] or None
    if field.kind is Kind.ABC:
        return _line(field, raw)
    text = clean(raw.get(field.id, ""))
    if field.kind is not Kind.TEXTE:
        text = " ".join(text.split())
    if not text:
        return None
    limit = limit_of(field)
    if limit and len(text) > limit:
        raise Refused(f"Raccourcissez ce texte\u00a0: {_thousands(limit)} caractères au plus, "
                      f"et il en compte {_thousands(len(text))}.")
    return _READERS[field.kind](field, text, today, town)


def limit_of(field: Field) -> int:
    """How many characters an answer may have; 0 for no limit of its own."""
    return field.length or LENGTHS.get(field.kind, 0)


def clean(text: str) -> str:
    """NFC, one kind of line end, no control character, no mark that turns the writing, no outer space."""
    flat = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    kept = "".join(char for char in flat if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs"))
    return _TURNS.sub("", kept).strip()


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
    parts = (found.group(3), found.group(2), found.group(1)) if found else iso.groups() if iso else None
    if parts is None:
        raise Refused("Écrivez le jour, le mois et l’année, par exemple 05/03/2026.")
    try:
        day = date(*map(int, parts))
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
    compact = text.replace(" ", "").replace("\u202f", "").replace("\u00a0", "")
    if field.unit:
        compact = compact.removesuffix(field.unit)
    if not _NUMBER.fullmatch(compact):
        raise Refused("Écrivez un nombre, par exemple 12" + (",5." if field.decimals else "."))
    try:
        value = Decimal(compact.replace(",", "."))
    except InvalidOperation:
        raise Refused("Écrivez un nombre.") from None
    if value != round(value, field.decimals):
        raise Refused("Écrivez un nombre entier." if not field.decimals
                      else f"Écrivez au plus {field.decimals} chiffre(s) après la virgule.")
    low, high = field.minimum, field.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        raise Refused(f"Ce nombre est hors des valeurs possibles\u00a0: {_bounds(field)}.")
    plain = format(value, "f")
    return (plain.rstrip("0").rstrip(".") if "." in plain else plain).replace("+", "") or "0"


def _bounds(field: Field) -> str:
    low = _decimal(str(field.minimum)) if field.minimum is not None else ""
    high = _decimal(str(field.maximum)) if field.maximum is not None else ""
    if low and high:
        return f"de {low} à {high}"
    return f"{low} au moins" if low else f"{high} au plus"


def _phone(_field: Field, text: str, _today: date, _town: Town) -> str:
    compact = re.sub(r"[\s.\-()]", "", text)
    if not _PHONE.fullmatch(compact):
        raise Refused("Écrivez un numéro de téléphone, par exemple 02 31 11 22 33.")
    if re.fullmatch(r"0\d{9}", compact):
        return " ".join(compact[place:place + 2] for place in range(0, 10, 2))
    if not compact.startswith("+"):
        raise Refused("Ce numéro n’a pas dix chiffres\u00a0: complétez-le, ou commencez par + et le code du pays.")
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
