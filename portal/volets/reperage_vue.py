"""The volet « repérage » as pages and papers show it: counts by domain, and the range of the child's age first."""

from __future__ import annotations

from dataclasses import replace

from portal import clock
from portal.dossiers.queries import Visible
from portal.tnd import reperage
from portal.tnd.reperage import Bilan
from portal.volets import rules
from portal.volets.formulaire import Value
from portal.volets.presenters import Rubrique
from portal.volets.queries import Ouvert, Signe


def live(seen: Visible, shown: Ouvert | Signe) -> Bilan | None:
    """What the grid comes to, as it is stored or was signed; None for another volet."""
    form = shown.definition
    if form.volet != rules.REPERAGE:
        return None
    return reperage.bilan(form.version, form.fields, shown.answers, seen.dossier.naissance, clock.today())


def proposed(seen: Visible, opened: Ouvert) -> dict[str, Value]:
    """The range to begin an untouched grid with: once anything is written, the physician has chosen."""
    if opened.code != rules.REPERAGE or opened.etat != rules.VIDE:
        return {}
    found = reperage.propose(opened.definition.version, opened.answers, seen.dossier.naissance, clock.today())
    return {reperage.TRANCHES: list(found)} if found else {}


def asked_first(rubriques: list[Rubrique], opened: Ouvert) -> list[Rubrique]:
    """The sections of the grid with the indicators of the ranges that are examined before those of the others."""
    if opened.code != rules.REPERAGE:
        return rubriques
    ranges = {one.code for one in reperage.of(opened.definition.version).tranches}
    return [replace(one, questions=sorted(one.questions, key=lambda asked: not asked.shown))
            if one.questions and one.questions[0].id.split("_")[0] in ranges else one for one in rubriques]
