"""« Reprendre du dernier dossier »: which answers of a person's other dossier can be taken into this one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from portal.volets import reponses
from portal.volets.formulaire import Answers, Definition, Field, Kind, Value

Town = Callable[[str], str | None]


def plan(definition: Definition, answers: Answers, source: Definition, offered: Answers,
         today: date, town: Town) -> dict[str, Value]:
    """The answers to take, by field, in the order of the page.

    Only what is asked there counts, only what is not answered here is filled, and only by an answer that its
    question here would accept; what would not be asked here, all told, is left out.
    """
    asked = reponses.shown(source, offered)
    taken: dict[str, Value] = {}
    for name, field in definition.fields.items():
        if name in answers or name not in asked or name not in offered:
            continue
        value = fitting(source.fields[name], field, offered[name], today, town)
        if value is not None:
            taken[name] = value
    shown = reponses.shown(definition, {**answers, **taken})
    return {name: value for name, value in taken.items() if name in shown}


def fitting(source: Field, target: Field, value: Value, today: date, town: Town) -> Value | None:
    """The answer to ``source`` as ``target`` takes it: the same kind of question (a line may become a text), whose
    options and bounds it fits; None when it does not."""
    if source.kind is not target.kind and (source.kind, target.kind) != (Kind.LIGNE, Kind.TEXTE):
        return None
    chosen = {value} if isinstance(value, str) else set(value)
    if target.options and not chosen <= target.labels.keys():
        return None
    try:
        return reponses.read(target, reponses.raw_of(target, value), today, town)
    except (reponses.Refused, ValueError):
        return None
