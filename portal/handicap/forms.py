"""What comes from the two forms of a notification, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from starlette.requests import Request

from portal import clock
from portal.handicap import rules
from portal.handicap.queries import Decision
from portal.web import dates
from portal.web.forms import Form, typed

DECISION = ("numero", "droit", "du", "au", "accord", "accord_le")
REPONSE = ("nom", "statut", "unite", "motif", "statut_le")
NUMBER, NAME = 40, 160
NO_DATE = "Donnez une date qui existe, par exemple 24/12/2026."
_VERSION = re.compile(r"\d{1,9}", re.ASCII)


@dataclass
class Filled:
    """A form, and the values of its command once nothing is wrong."""

    form: Form
    values: dict[str, Any] = field(default_factory=dict)


def version(request: Request) -> int:
    """The version that the form was made from; -1 (never true) if unreadable."""
    text = str(request.state.form.get("version", ""))
    return int(text) if _VERSION.fullmatch(text) else -1


def blank(now: Decision | None, kept: Mapping[str, str]) -> Form:
    """The decision's form, as it stands or as an expired session had kept it."""
    known = {
        "numero": now.numero, "droit": now.droit, "du": dates.day(now.du), "au": dates.day(now.au), "accord": "oui",
        "accord_le": dates.day(now.accord_le)} if now else {}
    return Form({name: kept.get(name, known.get(name, "")) for name in DECISION})


def empty(kept: Mapping[str, str]) -> Form:
    """The form of an answer."""
    return Form({name: kept.get(name, "") for name in REPONSE})


def decision(request: Request) -> Filled:
    """What was typed of the decision."""
    form, today = Form(typed(request, *DECISION)), clock.today()
    if len(form.values["numero"]) > NUMBER:
        form.errors["numero"] = f"{NUMBER} caractères au plus."
    if form.values["droit"] not in rules.DROITS:
        form.errors["droit"] = "Choisissez un droit dans la liste."
    du, au = _day(form, "du"), _day(form, "au")
    if du and au and (why := rules.why_wrong_span(du, au, today)):
        form.errors["au"] = why
    if not form.values["accord"]:
        form.errors["accord"] = "Sans l’accord de la personne, sa notification n’est pas suivie ici."
    agreed = _day(form, "accord_le")
    if agreed and agreed > today:
        form.errors["accord_le"] = "Cette date est à venir."
    return Filled(form, {"numero": form.values["numero"], "droit": form.values["droit"], "du": du, "au": au,
                         "accord_le": agreed})


def answer(request: Request) -> Filled:
    """What was typed of an establishment's answer."""
    form = Form(typed(request, *REPONSE))
    nom = " ".join(form.values["nom"].split())
    if not 2 <= len(nom) <= NAME:
        form.errors["nom"] = f"Indiquez le nom de l’établissement, {NAME} caractères au plus."
    day = _day(form, "statut_le")
    form.errors |= rules.why_no_status(form.values["statut"], form.values["motif"], day, clock.today())
    if form.values["unite"] and form.values["unite"] not in rules.UNITES:
        form.errors["unite"] = "Choisissez un statut d’unité dans la liste."
    form.errors = {name: form.errors[name] for name in REPONSE if name in form.errors}
    return Filled(form, {"nom": nom, "statut": form.values["statut"], "unite": form.values["unite"],
                         "motif": form.values["motif"], "le": day})


def _day(form: Form, name: str) -> date | None:
    found = dates.read(form.values[name])
    if found is None:
        form.errors[name] = NO_DATE
    return found
