"""Small forms made by hand, and dossiers whose volets are filled with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from portal.db import database
from portal.db.audit import Actor
from portal.dossiers import commands as dossiers
from portal.dossiers import queries
from portal.dossiers.queries import Visible
from portal.volets import aggir, commands, definitions, reponses
from portal.volets import queries as volets
from portal.volets.commands import Saved, Sent
from portal.volets.formulaire import Condition, Definition, Field, Kind, Option, Section, Value
from tests.support.people import LEROUX

ALICE = Actor(10100000011, "Dr Alice MARTIN", "cps")
BOB = Actor(10100000022, "Dr Bob DURAND", "cps")
CHLOE = Actor(10100000033, "Dr Chloé PETIT", "cps")
CLIC = Actor(None, "CLIC BESSIN", "interne")
OUI_NON = (Option("oui", "Oui"), Option("non", "Non"))
SOINS = (Option("oxygene", "Oxygénothérapie"), Option("sonde", "Sonde urinaire"), Option("vac", "Pansement VAC"))


def _when(field: str, *codes: str) -> tuple[Condition, ...]:
    return (Condition(field, frozenset(codes)),)


MOTIF = Field("motif", Kind.CHOIX, "Motif de la demande", 1, required=True,
              options=(Option("chute", "Chute"), Option("autre", "Autre")))
MOTIF_AUTRE = Field("motif_autre", Kind.LIGNE, "Quel autre motif", 2, length=80,
                    shown_when=_when("motif", "autre"), required_when=_when("motif", "autre"))
ANTECEDENTS = Field("antecedents", Kind.TEXTE, "Antécédents", 3, required=True, length=2000)
TRAITEMENTS = Field("traitements", Kind.TEXTE, "Traitements en cours", 4, length=2000)
POIDS = Field("poids", Kind.NOMBRE, "Poids", 5, unit="kg", minimum=Decimal(20), maximum=Decimal(300), decimals=1)
SOINS_TECHNIQUES = Field("soins", Kind.CHOIX_MULTIPLE, "Soins techniques", 6, options=SOINS)
PRELEVEMENT = Field("prelevement", Kind.DATE, "Dernier prélèvement", 7, tense="passe")
ENTREE = Field("entree", Kind.DATE, "Entrée souhaitée", 8, tense="futur")
TABAC = Field("tabac", Kind.LIGNE, "Tabac", 9, length=80)
VACCINS = Field("vaccins", Kind.LIGNE, "Vaccins", 10, length=80)

MEDICAL = Definition("ga-medical", 1, "ga", "medical", 2, "Volet médical", "Essai", (
    Section("motif", "Motif", (MOTIF, MOTIF_AUTRE)),
    Section("etat", "État", (ANTECEDENTS, TRAITEMENTS, POIDS, SOINS_TECHNIQUES, PRELEVEMENT, ENTREE, TABAC)),
))
MEDICAL_2 = replace(MEDICAL, version=2, sections=(
    MEDICAL.sections[0],
    Section("etat", "État", (
        ANTECEDENTS, TRAITEMENTS, replace(POIDS, maximum=Decimal(100)),
        replace(SOINS_TECHNIQUES, options=(SOINS[0], SOINS[2])), PRELEVEMENT, ENTREE, VACCINS)),
))
ADMINISTRATIF = Definition("ga-administratif", 1, "ga", "administratif", 1, "Volet administratif", "Essai", (
    Section("sejour", "Séjour", (
        Field("contact", Kind.LIGNE, "Personne à prévenir", 1, required=True, length=80),
        Field("apa", Kind.CHOIX, "APA", 2, options=OUI_NON))),
))
AUTONOMIE = Definition("ga-autonomie", 1, "ga", "autonomie", 3, "Volet autonomie", "Essai", (
    Section("grille", "Grille", tuple(Field(line, Kind.ABC, line, rank, required=True)
                                      for rank, line in enumerate(aggir.LINES))),
))
ALL_C = dict.fromkeys(aggir.LINES, "C")
COMPLETE = {"motif": "chute", "antecedents": "Fracture du col en 2024"}


def use(monkeypatch: pytest.MonkeyPatch, *forms: Definition) -> None:
    """Let these be every form there is."""
    found = {(one.id, one.version): one for one in forms or (ADMINISTRATIF, MEDICAL, AUTONOMIE)}
    monkeypatch.setattr(definitions, "registry", lambda: found)


def dossier(actor: Actor = ALICE, **changes: Any) -> Visible:
    """A new Grand Âge dossier of Mme Leroux, led by the physician who opens it."""
    with database.writing():
        made = dossiers.create(actor, "ga", replace(LEROUX, **changes))
    return seen(actor, made.numero)


def seen(actor: Actor, numero: int) -> Visible:
    """The dossier as this physician sees it now."""
    assert actor.holder is not None
    return queries.visible_dossier(actor.holder, "ga", numero)


def shared(first: Visible, actor: Actor = BOB) -> Visible:
    """The same dossier, accepted by a second physician too."""
    assert actor.holder is not None
    with database.writing():
        dossiers.designate(CLIC, first.dossier, actor.holder)
        dossiers.decide(actor, "ga", first.dossier.numero, "accepter", 1)
    return seen(actor, first.dossier.numero)


def sent(definition: Definition, new: Mapping[str, Value | None], shown: Mapping[str, Value] | None = None,
         key: str = "") -> Sent:
    """What a page sends that showed the answers ``shown``, once ``new`` was typed in it."""
    raw: dict[str, str] = {}
    for name, value in new.items():
        raw |= reponses.raw_of(definition.fields[name], value)
    return Sent(raw, {name: reponses.digest((shown or {}).get(name)) for name in new}, key)


def write(who: Actor, where: Visible, code: str, new: Mapping[str, Value | None],
          shown: Mapping[str, Value] | None = None, key: str = "") -> Saved:
    """Save in a transaction of its own; ``shown``: what stands there now when not said."""
    now = volets.opened(where, code)
    with database.writing():
        return commands.save(who, where, code, sent(now.definition, new, now.answers if shown is None else shown, key))


def validated(who: Actor, where: Visible, code: str) -> volets.Ouvert:
    """Validate what stands there now."""
    with database.writing():
        return commands.validate(who, where, code, volets.opened(where, code).version)
