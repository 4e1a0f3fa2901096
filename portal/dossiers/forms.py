"""What comes from forms: the version of an answer, and a new dossier."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from starlette.requests import Request

from portal.annuaire.rules import Commune, Lieu
from portal.dossiers import complements, saisie
from portal.dossiers.commands import Nouveau
from portal.dossiers.complements import Complements
from portal.dossiers.rules import Module
from portal.web import forms
from portal.web.forms import Form


def version(request: Request) -> int:
    """The version of the link that a decision's form was made from; 0 (never true) if unreadable."""
    text = str(request.state.form.get("version", ""))
    return int(text) if re.fullmatch(r"\d{1,9}", text, re.ASCII) else 0


# --- a new dossier

@dataclass
class NewForm:
    """A form and its outcome: ``new`` is None while something is wrong; places that may have been meant."""

    form: Form
    new: Nouveau | None = None
    communes: list[Commune] = field(default_factory=list)
    lieux: list[Lieu] = field(default_factory=list)
    complements: Complements = field(default_factory=Complements)


def fields(module: Module) -> tuple[str, ...]:
    """The names of the fields of « Créer un dossier »: one a kind of stay, then those of the optional sections."""
    stays = (f"sejour_{rank}" for rank, _ in enumerate(module.stays))
    return (*saisie.FIELDS, *stays, "information", "confirme", *complements.names(module.code))


def empty(module: Module) -> Form:
    """A form with nothing typed: an identity is provisional until a document was seen."""
    return Form(dict.fromkeys(fields(module), "") | {"ins_statut": "PROV"})


def typed(request: Request, module: Module) -> Form:
    """« Créer un dossier » as it was sent, unchecked."""
    values = forms.typed(request, *fields(module))
    return Form(values | {"ins_statut": values["ins_statut"] or "PROV"})


def creation(request: Request, module: Module) -> NewForm:
    """Read and check « Créer un dossier »; errors in the order of the page."""
    form = typed(request, module)
    person = saisie.read(form, module, ages=request.app.state.settings.tnd_age)
    stays = tuple(name for rank, name in enumerate(module.stays) if form.values[f"sejour_{rank}"])
    if not stays:
        form.errors["sejour_0"] = f"{module.stay}\N{NO-BREAK SPACE}: cochez au moins un choix."
    if not form.values["information"]:
        form.errors["information"] = "Informez la personne, ou son représentant, puis cochez cette case."
    more = complements.read(module.code, form.values)
    form.errors |= more.errors
    saisie.in_order(form, fields(module))
    new = replace(person.new, sejours=stays) if person.new and not form.errors else None
    return NewForm(form, new, person.communes, person.lieux, more)


def unchecked(module: Module, form: Form) -> NewForm:
    """A form to be shown as it is typed, before anything is checked."""
    more = complements.read(module.code, form.values)
    more.errors.clear()
    return NewForm(form, complements=more)
