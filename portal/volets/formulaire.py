"""What a form is made of, once its definition was read: the renderer, the validator, the print view and the
FHIR export all work from these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

# What a form holds: for each field its answer, a text in the field's own canonical form, or the codes ticked.
# A field without an answer is absent.
Value = str | list[str]
Answers = Mapping[str, Value]


class Kind(StrEnum):
    """How a field is asked. Canonical answers: see each."""

    LIGNE = "ligne"  # one line of text
    TEXTE = "texte"  # several lines
    CHOIX = "choix"  # the code of one option
    CHOIX_MULTIPLE = "choix_multiple"  # a list of codes, in the options' order
    DATE = "date"  # ISO: 2026-11-22
    NOMBRE = "nombre"  # decimal point: 1.5
    TELEPHONE = "telephone"  # « 02 31 11 22 33 », « +3225551212 »
    COURRIEL = "courriel"
    COMMUNE = "commune"  # « 14000 CAEN »
    ABC = "abc"  # one line of AGGIR: « B », or « B:onon » with the four adverbs (oui, non), see aggir


@dataclass(frozen=True)
class Condition:
    """True when the other field is asked and its answer is, or holds, one of these codes."""

    field: str
    values: frozenset[str]


@dataclass(frozen=True)
class Option:
    """A possible answer: the code that is kept and exported, the words that are read."""

    code: str
    label: str
    help: str = ""


@dataclass(frozen=True)
class Field:
    """One question. ``line`` is where its definition stands in the file.

    Conditions name choices that stand before it. It is asked when every condition of ``shown_when`` holds; an answer
    is needed when it is ``required``, or has conditions in ``required_when`` that all hold. ``length`` is in
    characters; ``minimum`` and ``maximum`` bound a number; ``tense`` is « passe » or « futur » for a date that must
    not be in the future or in the past.
    """

    id: str
    kind: Kind
    label: str
    line: int
    help: str = ""
    required: bool = False
    shown_when: tuple[Condition, ...] = ()
    required_when: tuple[Condition, ...] = ()
    options: tuple[Option, ...] = ()
    length: int = 0
    unit: str = ""
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    decimals: int = 0
    tense: str = ""

    @cached_property
    def labels(self) -> dict[str, str]:
        """The words of each option by its code."""
        return {option.code: option.label for option in self.options}


@dataclass(frozen=True)
class Section:
    """A group of questions; ``folded``: shown closed until it holds an answer or misses one."""

    id: str
    title: str
    fields: tuple[Field, ...]
    help: str = ""
    folded: bool = False


@dataclass(frozen=True)
class Definition:
    """One version of a form: the volet ``volet`` of the dossiers of ``module``. ``rank`` orders a module's volets."""

    id: str
    version: int
    module: str
    volet: str
    rank: int
    title: str
    source: str
    sections: tuple[Section, ...]

    @cached_property
    def fields(self) -> dict[str, Field]:
        """Every field by its id, in the order of the page."""
        return {field.id: field for section in self.sections for field in section.fields}

    @cached_property
    def section_of(self) -> dict[str, Section]:
        """The section of each field, by the field's id."""
        return {field.id: section for section in self.sections for field in section.fields}
