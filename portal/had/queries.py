"""Questions about the evaluations of a dossier. The caller authorises."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from portal.db.crypto import SealBroken, keys
from portal.dossiers.queries import Visible
from portal.had import definitions, rules
from portal.had.models import Evaluation
from portal.had.rules import Grille, Resultat
from portal.web.errors import NotFound


@dataclass(frozen=True)
class Faite:
    """An evaluation, opened: the questions as they were then, the answers, the advice."""

    id: str
    grille: Grille
    answers: dict[str, str]
    resultat: Resultat
    par: str
    le: datetime


def place(label: str, evaluation_id: str) -> str:
    """The row that a seal is bound to."""
    return f"{label} {evaluation_id}"


def listed(seen: Visible) -> list[Faite]:
    """The evaluations of a dossier, the latest first; those whose seal is broken are left out."""
    found = Evaluation.select().where(Evaluation.dossier_id == seen.dossier.id).order_by(
        Evaluation.le.desc(), Evaluation.id)
    return [opened for opened in (_opened(seen, one) for one in found) if opened]


def of(seen: Visible, evaluation_id: str) -> Faite:
    """One evaluation of this dossier; raises NotFound for an absent one and for another dossier's alike."""
    row = Evaluation.get_or_none(Evaluation.id == evaluation_id, Evaluation.dossier_id == seen.dossier.id)
    found = _opened(seen, row) if row else None
    if found is None:
        raise NotFound()
    return found


def _opened(seen: Visible, row: Evaluation) -> Faite | None:
    try:
        text = keys().open(row.contenu, table="had_evaluation", row=place(seen.label, row.id), column="contenu")
    except SealBroken:
        return None
    grille = definitions.of(row.version)
    answers: dict[str, str] = json.loads(text)
    return Faite(row.id, grille, answers, rules.evaluate(grille, answers), row.par, row.le)
