"""What comes from addresses and forms: the state of the table, and a new dossier."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request

from portal import clock
from portal.annuaire import queries as annuaire
from portal.annuaire.rules import Commune
from portal.compte import rules as compte
from portal.dossiers import rules
from portal.dossiers.commands import Nouveau
from portal.dossiers.models import ORDERS
from portal.dossiers.queries import Selection
from portal.dossiers.rules import Module
from portal.web import dates, forms
from portal.web.forms import Form

MAX_SEARCH = 60
MAX_NAME = 80
MAX_ADDRESS = 200
TRIS = frozenset({"recent", *(sign + name for name in ORDERS if name != "recent" for sign in ("", "-"))})
IDENTITY = ("civilite", "nom_naissance", "nom_usage", "prenom", "naissance", "sexe", "telephone", "adresse", "ville")
SEXES = {"F": "Féminin", "M": "Masculin"}
CIVILITES = {"": "Non précisée", "Mme": "Mme", "M": "M"}
_NAME = re.compile(r"[^\W\d_]+(?:[ '’.\-]+[^\W\d_]+)*\.?")


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
    """A form and its outcome: ``new`` is None while something is wrong; ``communes`` may be meant."""

    form: Form
    new: Nouveau | None = None
    communes: list[Commune] = field(default_factory=list)


def fields(module: Module) -> tuple[str, ...]:
    """The names of the fields of « Créer un dossier »: one a kind of stay."""
    return (*IDENTITY, *(f"sejour_{rank}" for rank, _ in enumerate(module.stays)), "information", "confirme")


def empty(module: Module) -> Form:
    """A form with nothing typed."""
    return Form(dict.fromkeys(fields(module), ""))


def creation(request: Request, module: Module) -> NewForm:
    """Read and check « Créer un dossier »; errors in the order of the page."""
    form = Form(forms.typed(request, *fields(module)))
    names = {name: _name(form, name) for name in ("nom_naissance", "nom_usage", "prenom")}
    birth = _birth(form, module)
    for name, known, message in (
        ("civilite", tuple(CIVILITES), "Choisissez la civilité dans la liste."),
        ("sexe", tuple(SEXES), "Choisissez le sexe."),
    ):
        if form.values[name] not in known:
            form.errors[name] = message
    telephone = _telephone(form)
    adresse = " ".join(form.values["adresse"].split())
    if len(adresse) > MAX_ADDRESS:
        form.errors["adresse"] = f"Raccourcissez l’adresse : {MAX_ADDRESS} caractères maximum."
    town = annuaire.check(form.values["ville"])
    if town.commune is None:
        form.errors["ville"] = town.error
    stays = tuple(name for rank, name in enumerate(module.stays) if form.values[f"sejour_{rank}"])
    if not stays:
        form.errors["sejour_0"] = f"{module.stay} : cochez au moins un choix."
    if not form.values["information"]:
        form.errors["information"] = "Informez la personne, ou son représentant, puis cochez cette case."
    _in_order_of_page(form, module)
    if form.errors or town.commune is None or birth is None:
        return NewForm(form, communes=town.suggestions)
    found = town.commune
    return NewForm(form, Nouveau(
        civilite=form.values["civilite"], **names, naissance=birth, sexe=form.values["sexe"], telephone=telephone,
        adresse=adresse, insee=found.insee, code_postal=found.code_postal, ville=found.nom.upper(), sejours=stays,
    ))


def _name(form: Form, name: str) -> str:
    words = {"nom_naissance": "le nom de naissance", "nom_usage": "le nom d’usage", "prenom": "le prénom"}[name]
    text = " ".join(form.values[name].split())
    if not text and name != "nom_usage":
        form.errors[name] = f"Indiquez {words}."
    elif len(text) > MAX_NAME:
        form.errors[name] = f"Raccourcissez {words} : {MAX_NAME} caractères maximum."
    elif text and not _NAME.fullmatch(text):
        form.errors[name] = f"Écrivez {words} avec des lettres, des espaces, des traits d’union ou des apostrophes."
    return text


def _birth(form: Form, module: Module) -> date | None:
    text, today = form.values["naissance"], clock.today()
    birth = dates.read(text)
    message = None
    if not text:
        message = "Indiquez la date de naissance, par exemple 05/03/1941."
    elif birth is None:
        message = "Cette date n’existe pas : écrivez le jour, le mois et l’année, par exemple 05/03/1941."
    elif birth > today:
        message = "Cette date est dans le futur : vérifiez l’année de naissance."
    elif birth < rules.OLDEST_BIRTH:
        message = "Cette date est antérieure à 1900 : vérifiez l’année de naissance."
    elif module.code == "tnd" and rules.age(birth, today) >= rules.TND_FIRST_REFUSED_AGE:
        last = rules.TND_FIRST_REFUSED_AGE - 1
        message = f"La plateforme TND s’adresse aux enfants de 0 à {last} ans : vérifiez la date de naissance."
    if message:
        form.errors["naissance"] = message
        return None
    return birth


def _telephone(form: Form) -> str:
    try:
        return compte.phone(form.values["telephone"])
    except compte.Invalid as error:
        form.errors["telephone"] = str(error)
        return ""


def _in_order_of_page(form: Form, module: Module) -> None:
    form.errors = {name: form.errors[name] for name in fields(module) if name in form.errors}
