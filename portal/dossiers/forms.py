"""What comes from addresses and forms: the state of the table, and a new dossier."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request

from portal.annuaire.rules import Commune, Lieu
from portal.dossiers import complements, rules, saisie
from portal.dossiers.commands import Nouveau
from portal.dossiers.complements import Complements
from portal.dossiers.models import ORDERS
from portal.dossiers.queries import Selection
from portal.dossiers.rules import Module
from portal.web import forms
from portal.web.forms import Form

MAX_SEARCH = 60
TRIS = frozenset({"recent", *(sign + name for name in ORDERS if name != "recent" for sign in ("", "-"))})


# --- the state of the table, which is its address

def selection(module: Module, query: Mapping[str, str]) -> Selection:
    """The table that an address asks for; whatever is unknown or forged becomes the default."""
    onglet = query.get("onglet", "")
    statut = query.get("statut", "")
    known = {status.code for status in rules.statuses(module.code)}
    tab = onglet if onglet in rules.TABS else "en_cours"
    return Selection(
        module.code, tab, query["tri"] if query.get("tri") in TRIS else "recent",
        statut if statut in known else "", query.get("attente") == "1" and tab == "en_cours",
        forms.clean(query.get("q", ""))[:MAX_SEARCH], _cursor(module, query.get("apres")),
        _cursor(module, query.get("avant")),
    )


def url(chosen: Selection, **changes: Any) -> str:
    """The address of a table; a change of anything but the page itself goes back to the first page."""
    new = replace(chosen, **({"apres": None, "avant": None} | changes))
    start = Selection(new.module)
    shown = {
        name: int(value) if isinstance(value, bool) else value
        for name in ("onglet", "tri", "statut", "attente", "q", "apres", "avant")
        if (value := getattr(new, name)) != getattr(start, name)
    }
    path = f"/dossiers/{rules.MODULES[new.module].slug}"
    return f"{path}?{urlencode(shown)}" if shown else path


def _cursor(module: Module, text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(rf"[1-9]\d{{{module.digits - 1}}}", text, re.ASCII) else None


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
    person = saisie.read(form, module)
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
