"""What the helper's form sends."""

from __future__ import annotations

from collections.abc import Mapping

from portal.had import rules
from portal.had.rules import Grille
from portal.web.forms import Form, clean

UNKNOWN = "Cette réponse n’existe pas\u00a0: choisissez dans la liste."
MISSING = "Répondez à cette question\u00a0: sans elle, aucun conseil ne peut être donné."


def blank(grille: Grille, kept: Mapping[str, str]) -> Form:
    """The empty form, or what an expired session had kept of it."""
    return Form({one.id: kept.get(one.id, "") for one in grille.criteres})


def filled(grille: Grille, sent: Mapping[str, object]) -> Form:
    """The answers, read and checked: known ones alone, and those that the advice needs."""
    form = Form({one.id: clean(sent.get(one.id))[:40] for one in grille.criteres})
    answers = {name: value for name, value in form.values.items() if value}
    lacking = {one.id for one in rules.needed(grille, answers)}
    for one in grille.criteres:
        if one.id in answers and one.option(answers[one.id]) is None:
            form.errors[one.id] = UNKNOWN
        elif one.id in lacking:
            form.errors[one.id] = MISSING
    return form
