"""What is typed in a coordination team's space."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from starlette.requests import Request

from portal.annuaire.rules import Commune, Lieu
from portal.compte import rules as compte
from portal.dossiers import saisie
from portal.dossiers.commands import Nouveau
from portal.dossiers.rules import Module
from portal.web import forms
from portal.web.forms import Form

PHYSICIAN = ("nom", "ville")
MAX_NAME = 80


@dataclass
class Ouverture:
    """« Créer un dossier »: ``new`` is None while something is wrong; places that may have been meant."""

    form: Form
    new: Nouveau | None = None
    communes: list[Commune] = field(default_factory=list)
    lieux: list[Lieu] = field(default_factory=list)


def fields(module: Module) -> tuple[str, ...]:
    """The names of the fields: the person, one a kind of stay, the boxes."""
    return (*saisie.FIELDS, *(f"sejour_{rank}" for rank, _ in enumerate(module.stays)), "information", "confirme")


def blank(module: Module, kept: dict[str, str]) -> Ouverture:
    """The empty form, or what an expired session had kept of it."""
    values = dict.fromkeys(fields(module), "") | {"ins_statut": "PROV"}
    return Ouverture(Form(values | {name: text for name, text in kept.items() if name in values}))


def creation(request: Request, module: Module) -> Ouverture:
    """Read and check « Créer un dossier »; errors in the order of the page."""
    values = forms.typed(request, *fields(module))
    form = Form(values | {"ins_statut": values["ins_statut"] or "PROV"})
    person = saisie.read(form, module)
    stays = tuple(name for rank, name in enumerate(module.stays) if form.values[f"sejour_{rank}"])
    if not stays:
        form.errors["sejour_0"] = f"{module.stay}\u00a0: cochez au moins un choix."
    if not form.values["information"]:
        form.errors["information"] = "Informez la personne, ou son représentant, puis cochez cette case."
    saisie.in_order(form, fields(module))
    new = replace(person.new, sejours=stays) if person.new and not form.errors else None
    return Ouverture(form, new, person.communes, person.lieux)


def physician(request: Request) -> Form:
    """« Chercher un médecin »: a name of two letters at least, and a town perhaps."""
    form = Form({name: text[:MAX_NAME] for name, text in forms.typed(request, *PHYSICIAN).items()})
    if len(compte.folded(form.values["nom"])) < 2:
        form.errors["nom"] = "Écrivez le nom du médecin\u00a0: deux lettres au moins."
    return form


def number(request: Request, name: str) -> int | None:
    """An RPPS number that the page itself wrote; None for anything else."""
    text = str(request.state.form.get(name, ""))
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 11 else None
