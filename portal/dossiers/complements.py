"""What « Créer un dossier » may already say of the volet administratif: relatives, legal protection, trusted person.

Nothing of it is needed to create a dossier: what is typed begins the volet, with the kinds of stay asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from portal import clock
from portal.db.audit import Actor
from portal.dossiers import rules
from portal.dossiers.models import Dossier
from portal.volets import commands, definitions, presenters, queries, reponses
from portal.volets.formulaire import Definition, Value
from portal.volets.presenters import Rubrique
from portal.volets.queries import Ouvert
from portal.volets.rules import VIDE

VOLET = "administratif"
SECTIONS = ("contacts", "protection", "confiance")
STAYS = "sejours"


@dataclass
class Complements:
    """What was typed in the optional sections: answers that are right, inputs as typed, messages by field."""

    definition: Definition | None = None
    answers: dict[str, Value] = field(default_factory=dict)
    raw: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def rubriques(self) -> list[Rubrique]:
        """The sections as the volets' templates print them; none for a module without this volet."""
        if self.definition is None:
            return []
        fields = self.definition.fields.values()
        typed = {one.id: {name: self.raw[name] for name in reponses.names(one) if name in self.raw} for one in fields}
        opened = Ouvert(VOLET, self.definition, VIDE, 0, self.answers)
        return presenters.rubriques(opened, typed=typed, erreurs=self.errors)


def names(module: str) -> tuple[str, ...]:
    """The inputs of the optional sections."""
    optional = _optional(module)
    return tuple(name for one in optional.fields.values() for name in reponses.names(one)) if optional else ()


def read(module: str, typed: Mapping[str, str]) -> Complements:
    """Read the optional sections; a field that is wrong keeps what was typed and has its message."""
    found = Complements(_optional(module), raw={name: typed.get(name, "") for name in names(module)})
    for one in found.definition.fields.values() if found.definition else ():
        try:
            value = reponses.read(one, found.raw, clock.today(), queries.town)
        except reponses.Refused as refused:
            found.errors[one.id] = str(refused)
        else:
            if value is not None:
                found.answers[one.id] = value
    return found


def begin(actor: Actor, dossier: Dossier, sejours: tuple[str, ...], found: Complements) -> None:
    """Begin the new dossier's volet with these answers and its kinds of stay."""
    if found.definition is None:
        return
    whole = definitions.latest(dossier.module, VOLET)
    asked = {rules.fold(name) for name in sejours}
    options = whole.fields[STAYS].options if STAYS in whole.fields else ()
    stays = [option.code for option in options if option.code in asked]
    commands.first(actor, dossier, VOLET, found.answers | ({STAYS: stays} if stays else {}))


def has(module: str) -> bool:
    """True when this module's dossiers have the volet."""
    return any(one.volet == VOLET for one in definitions.volets(module))


def _optional(module: str) -> Definition | None:
    """The volet's form, cut down to the optional sections: folded, and nothing in them required."""
    if not has(module):
        return None
    whole = definitions.latest(module, VOLET)
    return replace(whole, sections=tuple(
        replace(section, folded=True, fields=tuple(
            replace(one, required=False, required_when=()) for one in section.fields))
        for section in whole.sections if section.id in SECTIONS))
