"""Passing a volet from one version of its form to another: what carries over, what does not and is kept aside."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from portal.volets import copie
from portal.volets.copie import Town
from portal.volets.formulaire import Answers, Definition, Field, Kind, Value


@dataclass(frozen=True)
class Plan:
    """What an upgrade does: answers ``kept``, those ``lost`` (whole, as the former question had them, with how much
    of a choice is kept when some options are gone), questions ``added``."""

    source: Definition
    target: Definition
    kept: dict[str, Value]
    lost: dict[str, Value]
    added: tuple[Field, ...]

    @property
    def lost_fields(self) -> list[tuple[Field, Value]]:
        """The former questions whose answers don't carry over, in the order of their page."""
        return [(field, self.lost[name]) for name, field in self.source.fields.items() if name in self.lost]


def plan(source: Definition, target: Definition, answers: Answers, today: date, town: Town) -> Plan:
    """What becomes of ``answers`` (given to ``source``) under ``target``.

    Answers to questions not asked for the moment are carried over too: they stay stored.
    """
    kept: dict[str, Value] = {}
    lost: dict[str, Value] = {}
    for name, value in answers.items():
        field = target.fields.get(name)
        carried = _carried(source.fields[name], field, value, today, town) if field else None
        if carried is not None:
            kept[name] = carried
        if carried != value:
            lost[name] = value
    added = tuple(field for name, field in target.fields.items() if name not in source.fields)
    return Plan(source, target, kept, lost, added)


def _carried(source: Field, target: Field, value: Value, today: date, town: Town) -> Value | None:
    # A wish that was for a day to come when it was written is still what was written.
    lasting = replace(target, tense="")
    if target.kind is Kind.CHOIX_MULTIPLE and source.kind is target.kind and isinstance(value, list):
        value = [code for code in value if code in target.labels]
        if not value:
            return None
    return copie.fitting(source, lasting, value, today, town)
