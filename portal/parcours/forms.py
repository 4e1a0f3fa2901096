"""What comes from the forms of a path, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from starlette.requests import Request

from portal import clock
from portal.demandes import machines
from portal.parcours import rules
from portal.web import dates, forms
from portal.web.forms import Form

PROFESSIONNEL, BILAN = "professionnel", "bilan"
POINTS = tuple(f"point-{code}" for code in rules.CONFORMITE)
FIELDS = {
    "valider": ("debut", *POINTS), "commencer": (), "synthese": ("texte",), "renouveler": (),
    "clore": ("motif", "texte"), "reorienter": ("motif", "texte"),
    PROFESSIONNEL: ("nom", "mode", "bilan_le"), BILAN: ("etat", "bilan_le"),
}
"""The fields of each form, by the code of its act."""
# Marks that turn the reading order round: a name must print as it was typed.
_BIDI = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
_FAR = timedelta(days=800)


@dataclass
class Filled:
    """A form and its outcome: what the command takes, once nothing is wrong."""

    form: Form
    args: tuple[Any, ...] = ()


def number(text: str) -> int:
    """A row's number or a version as a form sends it; 0 (never true) if unreadable."""
    return int(text) if re.fullmatch(r"\d{1,15}", text, re.ASCII) else 0


def version(request: Request) -> int:
    """The version that the form was made from."""
    return number(str(request.state.form.get("version", "")))


def read(request: Request, code: str) -> Filled:
    """What was typed in an act's form."""
    filled = Filled(Form(forms.typed(request, *FIELDS[code])))
    reader = _READERS.get(code)
    if reader:
        reader(filled)
    return filled


def _validated(filled: Filled) -> None:
    form, start = filled.form, _day(filled.form, "debut", "Début du parcours")
    if start and (why := rules.why_not_begun(start, clock.today())):
        form.errors["debut"] = why
    for name in POINTS:
        if form.values[name] != "oui":
            form.errors[name] = ("Vérifiez ce point et cochez-le\u202f; s’il n’est pas rempli, demandez un complément, "
                                 "réorientez ou refusez.")
    filled.args = start, tuple(rules.CONFORMITE)


def _concluded(filled: Filled) -> None:
    filled.args = (_text(filled.form, "texte", rules.LONGEST_SYNTHESIS,
                         needed="Écrivez la synthèse\u00a0: le médecin qui a adressé l’enfant la lira."),)


def _ended(event: str, needed: str = "") -> Callable[[Filled], None]:
    def reader(filled: Filled) -> None:
        form = filled.form
        if not machines.of(rules.MODULE).is_motive(form.values["motif"], event):
            form.errors["motif"] = "Choisissez un motif dans la liste\u00a0: le médecin le lira."
        filled.args = event, form.values["motif"], _text(form, "texte", rules.LONGEST_TEXT, needed=needed)
    return reader


def _added(filled: Filled) -> None:
    form = filled.form
    form.values["nom"] = " ".join(form.values["nom"].translate(_BIDI).split())
    nom = _text(form, "nom", rules.LONGEST_NAME, needed="Écrivez le nom du professionnel.")
    if form.values["mode"] not in rules.modes(clock.today()):
        form.errors["mode"] = "Choisissez dans la liste la profession et ce qui la paie."
    filled.args = nom, form.values["mode"], _optional(form)


def _dated(filled: Filled) -> None:
    form, day = filled.form, _optional(filled.form)
    if form.values["etat"] not in rules.BILANS:
        form.errors["etat"] = "Choisissez où en est le bilan."
    elif form.values["etat"] == rules.FAIT and "bilan_le" not in form.errors:
        if day is None:
            form.errors["bilan_le"] = "Donnez la date du bilan qui a été fait."
        elif day > clock.today():
            form.errors["bilan_le"] = "Cette date est à venir\u00a0: un bilan fait a eu lieu."
    filled.args = form.values["etat"], day


_READERS: dict[str, Callable[[Filled], None]] = {
    "valider": _validated, "synthese": _concluded, "clore": _ended("clore_parcours"),
    "reorienter": _ended("reorienter", "Dites vers qui l’enfant est réorienté."), PROFESSIONNEL: _added,
    BILAN: _dated,
}


def _text(form: Form, name: str, longest: int, *, needed: str = "") -> str:
    text = form.values[name]
    if needed and not text:
        form.errors[name] = needed
    elif len(text) > longest:
        form.errors[name] = f"Ce texte a {len(text)} caractères\u00a0: raccourcissez-le à {longest} au plus."
    return text


def _day(form: Form, name: str, label: str) -> date | None:
    found = dates.read(form.values[name])
    if found is None:
        form.errors[name] = f"{label}\u00a0: donnez une date qui existe, par exemple 24/12/2026."
    return found


def _optional(form: Form) -> date | None:
    if not form.values["bilan_le"]:
        return None
    day = _day(form, "bilan_le", "Date du bilan")
    if day and abs(day - clock.today()) > _FAR:
        form.errors["bilan_le"] = "Cette date est trop éloignée pour un bilan de ce parcours\u00a0: vérifiez l’année."
    return day
